"""Policy: a rule about objects, with the function that yields Problems for it.

Rules of the language and of tools are in `platformc.rules`; earlier stages report them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import Any

from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest
from platformc.rules import Page, Rule


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem that a policy rule reports, with its place in an object."""

    manifest: Manifest
    path: KeyPath
    """The place in the object; for a missing field, the place where it should be."""
    message: str
    hint: str = ""


Check = Callable[[Program, Sequence[Manifest]], Iterator[Problem]]


ObjectCheck = Callable[[Sequence[Manifest]], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule about objects, with the function that checks it."""

    rule: Rule
    check: Check
    of_objects: ObjectCheck | None = None
    """The same function if it needs no graph: then it can judge objects of which nothing else is known."""

    def __call__(self, program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
        """Yield the problems in an environment's objects."""
        yield from self.check(program, manifests)


def policy(identity: str, severity: Severity, family: str) -> Callable[[Check], Policy]:
    """Make a policy from a function; its docstring is the rule's page, and the page's first line the summary."""

    def made(check: Check) -> Policy:
        text = inspect.cleandoc(check.__doc__ or "")
        page = Page((severity,), text.partition("\n")[0].rstrip("."), text)
        return Policy(Rule(identity, family, lambda: page, allowable=True), check)

    return made


def object_policy(identity: str, severity: Severity, family: str) -> Callable[[ObjectCheck], Policy]:
    """The same for a function that looks at nothing but objects."""

    def made(check: ObjectCheck) -> Policy:
        @wraps(check)
        def of_program(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
            return check(manifests)

        return replace(policy(identity, severity, family)(of_program), of_objects=check)

    return made


@dataclass(frozen=True, slots=True)
class Pod:
    """The pods of one manifest: the path of their spec, and the spec."""

    manifest: Manifest
    path: KeyPath
    spec: dict[str, Any]


POD_PATHS: dict[str, KeyPath] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "ReplicaSet": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
}


class Lowered(tuple[Manifest, ...]):  # noqa: SLOT001 - cached_property needs __dict__
    """The manifests of an environment; dozens of rules ask for their pods, which are collected once."""

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods of all manifests that have any."""
        return tuple(_pods(self))


def pods(manifests: Sequence[Manifest]) -> Iterable[Pod]:
    """Return the pods of all manifests that have any."""
    return manifests.pods if isinstance(manifests, Lowered) else _pods(manifests)


def _pods(manifests: Sequence[Manifest]) -> Iterator[Pod]:
    for manifest in manifests:
        path = POD_PATHS.get(manifest.object["kind"])
        if path is None:
            continue
        found: Any = manifest.object
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield Pod(manifest, path, found)
