"""Many environments side by side: none touches what is another's, and where one would, it is said."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from platformc.check.across_environments import check_together
from platformc.diagnostics import Finding, Severity
from platformc.pipeline import Compilation, compile_environment
from rendered_platform import ROOT, sources_of

pytestmark = pytest.mark.slow  # compiles all of specs/ for several environments

CLUSTERS = ("blue", "green", "red")
ADDONS = ("sealed-secrets", "external-secrets", "crossplane")
COUNT = 10


def environment_of(number: int, **changes: Any) -> dict[str, Any]:
    """A document for an environment: with the first ones each on its own cluster, the others beside them.

    What is there once a cluster (the charts, Crossplane's key, the claim API) comes with its first environment.
    """
    name = f"env-{number}"
    overrides: list[dict[str, Any]] = []
    if number >= len(CLUSTERS):
        spaces = {"discord-bot": f"{name}-bot", "stoat": f"{name}-bot", "registry": f"{name}-images"}
        overrides = [
            {"kind": "Platform", "spec": {"crossplane": {"managementPolicy": "Observe"}, "aws": {"credentials": None}}},
            {"kind": "Secret", "metadata": {"name": "aws-provider"}, "disabled": True},
            *({"kind": "Addon", "metadata": {"name": addon}, "disabled": True} for addon in ADDONS),
            *(
                {"kind": "Application", "metadata": {"name": application}, "spec": {"namespace": {"name": space}}}
                for application, space in spaces.items()
            ),
            {
                "kind": "Platform",
                "spec": {"imagePullSecrets": {"ecr-registry": {"sourceNamespace": spaces["registry"]}}},
            },
            {"kind": "Workload", "metadata": {"name": "dev-sandbox"}, "spec": {"rbac": [_sandbox(name)]}},
        ]
    spec = {
        "destination": {"name": CLUSTERS[number % len(CLUSTERS)]},
        "argocd": {"namePrefix": f"{name}-"},
        "aws": {"namePrefix": f"{name}-"},
        "values": {
            "domain": f"{name}.example.com",
            "discordBotID": f"13314743982967275{number:02}",
            "discordGuildID": f"10073816993463010{number:02}",
            "botUsername": name,
            "otherBotUsername": f"{name}-other",
            "s3ArtifactBucket": f"{name}-artifacts",
        },
        "overrides": overrides,
    }
    return {
        "apiVersion": "platformc.dev/v1alpha1",
        "kind": "Environment",
        "metadata": {"name": name},
        "spec": {**spec, **changes},
    }


def _sandbox(name: str) -> dict[str, Any]:
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    return {
        "scope": "Cluster",
        "roleName": f"{name}-sandbox-reader",
        "bindingName": f"{name}-sandbox-reader-binding",
        "rules": rules,
    }


def compiled(root: Path, environments: list[dict[str, Any]]) -> list[Compilation]:
    """Every environment, compiled, each with a copy of production's sealed values."""
    for folder in ("specs", "crossplane"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.rmtree(root / "specs/environments")
    (root / "specs/environments").mkdir()
    for one in environments:
        _write(root / "specs", one)
    shutil.rmtree(root / "specs/sealed/production")
    shutil.rmtree(root / "specs/sealed/staging")
    sources = sources_of(root)
    return [compile_environment(sources, name) for name in sources.environments]


def _write(specs: Path, environment: dict[str, Any]) -> None:
    name, is_first = environment["metadata"]["name"], len(environment["spec"]["overrides"]) == 0
    (specs / f"environments/{name}.yaml").write_text(yaml.safe_dump(environment), encoding="utf-8")
    for path in (specs / "sealed/production").iterdir():
        namespace, _, secret = path.name.partition(".")
        if not is_first and namespace == "crossplane-system":
            continue
        space = namespace if is_first else f"{name}-bot"
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        document["metadata"].update(namespace=space, environment=name)
        target = specs / f"sealed/{name}/{space}.{secret}"
        target.parent.mkdir(exist_ok=True)
        target.write_text(yaml.safe_dump(document), encoding="utf-8")


def findings_of(compilations: list[Compilation]) -> list[Finding]:
    """What the environments share by mistake."""
    return list(check_together([one.footprint for one in compilations if one.footprint is not None]))


@cache
def two_production_like(*changes: tuple[str, str]) -> tuple[Finding, ...]:
    """Findings for two environments that differ in all that can meet, but for what `changes` takes away."""
    first, second = environment_of(0), environment_of(1)
    for part, value in changes:
        target = second["spec"]
        *above, last = part.split(".")
        for step in above:
            target = target[step]
        target[last] = value
    with TemporaryDirectory() as folder:
        return tuple(findings_of(compiled(Path(folder), [first, second])))


def test_ten_environments_over_three_clusters(tmp_path: Path) -> None:
    """Each with a prefix of its own in Argo CD and AWS, and its own namespaces where a cluster is shared.

    The claim API and Crossplane's key are there once a cluster: who shares one must not bring them again.
    """
    made = compiled(tmp_path, [environment_of(number) for number in range(COUNT)])
    assert len(made) == COUNT
    for one in made:
        assert one.footprint is not None
        assert [finding for finding in one.findings if finding.severity is Severity.ERROR] == []
    names = {(managed.kind, managed.name) for one in made if one.footprint for managed in one.footprint.managed}
    assert len(names) == sum(len(one.footprint.managed) for one in made if one.footprint) > 100
    assert {placed.cluster for one in made if one.footprint for placed in one.footprint.placed} == {
        "the cluster of the Argo CD default",
        *(f"the cluster {name}" for name in CLUSTERS),
    }
    assert [finding.message for finding in findings_of(made)] == []
    spaces = [{placed.id.namespace for placed in one.footprint.placed} for one in made if one.footprint]
    assert "discord-bot" in spaces[0]
    assert spaces[COUNT - 1] == {"", "argocd", "env-9-bot", "env-9-images"}


def test_two_that_share_nothing() -> None:
    """The ground that the collisions below stand on."""
    assert two_production_like() == ()


class TestCollisions:
    """Each is an error, in the later environment, that names both and the thing."""

    def test_one_name_in_aws(self) -> None:
        """Crossplane would adopt the first one's table, and deleting one environment would delete it."""
        (found,) = two_production_like(("aws.namePrefix", "env-0-"))
        assert (found.rule, found.severity) == ("aws-name-shared", Severity.ERROR)
        assert found.message.startswith(
            "the environments env-0 and env-1 both manage the Identity env-0-discord-bot and 11 more in AWS"
        )
        assert found.at.path == "specs/environments/env-1.yaml"

    def test_one_name_in_another_region_is_none(self) -> None:
        """Tables and queues belong to a region; users do not."""
        found = two_production_like(("aws.namePrefix", "env-0-"), ("aws.region", "eu-central-1"))
        assert found
        assert all("Identity" in finding.message for finding in found)

    def test_one_cluster(self) -> None:
        """Namespaces and cluster-wide roles would belong to both."""
        (found,) = two_production_like(("destination.name", "blue"))
        assert (found.rule, found.severity) == ("object-shared", Severity.ERROR)
        assert found.message.startswith("the environments env-0 and env-1 both have the ")
        assert found.message.endswith(" on the cluster blue")
        assert found.at.path == "specs/environments/env-1.yaml"

    def test_one_application(self) -> None:
        """Two Applications of one name: Argo CD would point it to and fro."""
        (found,) = two_production_like(("argocd.namePrefix", "env-0-"))
        assert (found.rule, found.severity) == ("object-shared", Severity.ERROR)
        assert "AppProject argocd/env-0-addons" in found.message
        assert found.message.endswith(" on the cluster of the Argo CD default")

    def test_one_cluster_wide_object(self, tmp_path: Path) -> None:
        """Where a cluster is shared, a role of the first environment's name is one object too much."""
        fourth = environment_of(len(CLUSTERS))
        fourth["spec"]["overrides"] = [one for one in fourth["spec"]["overrides"] if one["kind"] != "Workload"]
        found = findings_of(compiled(tmp_path, [environment_of(0), fourth]))
        assert [finding.message for finding in found] == [
            "the environments env-0 and env-3 both have the ClusterRole sandbox-reader and 1 more on the cluster blue"
        ]

    def test_one_chart(self, tmp_path: Path) -> None:
        """Two Applications with names of their own, for one Helm release on one cluster."""
        fourth = environment_of(len(CLUSTERS))
        kept = [one for one in fourth["spec"]["overrides"] if one.get("metadata", {}).get("name") != "crossplane"]
        fourth["spec"]["overrides"] = kept
        (found,) = findings_of(compiled(tmp_path, [environment_of(0), fourth]))
        assert found.message == (
            "the environments env-0 and env-3 both have the Helm release crossplane-system/crossplane"
            " on the cluster blue"
        )
        assert found.at.path == "specs/addons.yaml"

    def test_another_argo_cd_is_another_cluster(self) -> None:
        """The same names, in an instance of its own."""
        found = two_production_like(("argocd.namePrefix", "env-0-"), ("argocd.instance", "second"))
        assert found == ()
