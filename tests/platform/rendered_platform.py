"""The platform of this repository, compiled once per environment and test process.

In      specs/ and crossplane/ of the repository, or a copy of them.
Out     the graph, the objects and the files of an environment.
Never   reads a file under rendered/; validates against schemas (other tests do).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from platformc.diagnostics import Finding
from platformc.language.resolution import resolve
from platformc.language.sources import Sources
from platformc.link import link
from platformc.link.program import Program
from platformc.lower import lower
from platformc.lower.manifest import Manifest
from platformc.pipeline import Request, load_sources
from platformc.tree import Tree, build

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ("production", "staging")
CONTROLLERS = ("Deployment", "StatefulSet", "Job", "CronJob")


@dataclass(frozen=True, eq=False)
class Rendered:
    """One environment as it is rendered."""

    program: Program
    manifests: tuple[Manifest, ...]
    findings: tuple[Finding, ...]

    @property
    def objects(self) -> list[dict[str, Any]]:
        """All objects, in their order."""
        return [manifest.object for manifest in self.manifests]

    def of_kind(self, kind: str) -> dict[str, dict[str, Any]]:
        """The objects of a kind by name; AssertionError where a name is there twice."""
        found = [one for one in self.objects if one["kind"] == kind]
        named = {one["metadata"]["name"]: one for one in found}
        assert len(named) == len(found), f"two {kind} have one name"
        return named

    def one(self, kind: str, name: str) -> dict[str, Any]:
        """One object."""
        return self.of_kind(kind)[name]

    def application_of(self, kind: str, name: str) -> str:
        """The folder, so the Argo CD Application, that an object belongs to."""
        (found,) = [
            manifest.application
            for manifest in self.manifests
            if (manifest.object["kind"], manifest.object["metadata"]["name"]) == (kind, name)
        ]
        return found

    def pods(self) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        """Every object that makes pods, and its pod template."""
        for one in self.objects:
            if one["kind"] in CONTROLLERS:
                yield one, pod_template(one)

    def tree(self) -> Tree:
        """The files."""
        return build(self.program.platform.environment, self.manifests)


def pod_template(controller: Mapping[str, Any]) -> dict[str, Any]:
    """The pod template of a Deployment, StatefulSet, Job or CronJob."""
    spec = controller["spec"]
    template: dict[str, Any] = (spec["jobTemplate"]["spec"] if controller["kind"] == "CronJob" else spec)["template"]
    return template


def containers(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All containers of a pod template, the init containers first."""
    return [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]


def environment_of(container: Mapping[str, Any]) -> dict[str, Any]:
    """A container's variables: the text, or `(Secret, key)`."""
    made: dict[str, Any] = {}
    for variable in container.get("env", []):
        if "value" in variable:
            made[variable["name"]] = variable["value"]
        else:
            reference = variable["valueFrom"]["secretKeyRef"]
            made[variable["name"]] = (reference["name"], reference["key"])
    return made


def sources_of(root: Path) -> Sources:
    """The documents of a repository."""
    return load_sources(Request(root, root / "specs", root / "rendered"))


def render(sources: Sources, environment: str) -> Rendered:
    """Compile one environment, as far as the objects; nothing is judged."""
    program = link(resolve(sources, environment))
    manifests, findings = lower(program)
    return Rendered(program, manifests, (*program.platform.findings, *program.findings, *findings))


@cache
def rendered(environment: str) -> Rendered:
    """One environment of this repository."""
    return render(_own_sources(), environment)


@cache
def _own_sources() -> Sources:
    return sources_of(ROOT)
