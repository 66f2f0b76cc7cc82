"""Argo CD's settings, held against the real Argo CD: its program, and the manifests of its release."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from platformc.bootstrap.settings import settings
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api

from e2e.binaries import build, module_folder

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "argocd"))

from kustomize_binary import kustomize  # noqa: E402 - beside the test that builds the same with a small release
from recorded_statuses import Recorded, recorded  # noqa: E402 - beside the tests of the same checks with Lua alone

ARGOCD = "github.com/argoproj/argo-cd/v3"


def once(statuses: list[Recorded]) -> list[Recorded]:
    """Every status for one kind, and every kind with one status: the program takes half a second for each."""
    kinds: set[str] = set()
    names: set[tuple[str, str]] = set()
    chosen = []
    for one in statuses:
        if one.key not in kinds or (one.check, one.name) not in names:
            chosen.append(one)
        kinds.add(one.key)
        names.add((one.check, one.name))
    return chosen


@pytest.fixture(scope="module")
def config_maps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The settings as files, by the names of their ConfigMaps."""
    folder = tmp_path_factory.mktemp("settings")
    claim_api = load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane").objects
    found = {}
    for one in settings(ROOT / "argocd", "argocd", claim_api, "argocd"):
        path = folder / f"{one['metadata']['name']}.yaml"
        path.write_text(yaml.safe_dump(one), encoding="utf-8")
        found[one["metadata"]["name"]] = path
    return found


def argocd(*words: str) -> str:
    """What the program says to an offline question."""
    ran = subprocess.run(  # noqa: S603 - an argument list
        [str(build("argocd")), "admin", "settings", *words], capture_output=True, text=True, check=True
    )
    return ran.stdout


def test_it_reads_the_settings(config_maps: dict[str, Path]) -> None:
    """As its own validation says."""
    said = argocd("validate", "--argocd-cm-path", str(config_maps["argocd-cm"]))
    assert "❌" not in said
    assert re.search(r"^\d+ resource overrides$", said, re.MULTILINE)


@pytest.mark.parametrize("one", once(recorded()), ids=str)
def test_health(one: Recorded, config_maps: dict[str, Path], tmp_path: Path) -> None:
    """The program comes to the health that the same check gives with Lua alone."""
    instance = tmp_path / "object.yaml"
    instance.write_text(yaml.safe_dump(one.object), encoding="utf-8")
    said = argocd("resource-overrides", "health", str(instance), "--argocd-cm-path", str(config_maps["argocd-cm"]))
    expected = "Pending deletion" if one.name == "deleting" else one.message  # it does not ask the check then
    assert said == f"STATUS: {one.health}\nMESSAGE: {expected}\n"


@pytest.fixture(scope="module")
def release() -> list[dict[str, Any]]:
    """Every object of the release."""
    text = (module_folder("argocd", ARGOCD) / "manifests" / "install.yaml").read_text(encoding="utf-8")
    return [one for one in yaml.safe_load_all(text) if one]


def test_its_own_exclusions_are_part_of_ours(config_maps: dict[str, Path], release: list[dict[str, Any]]) -> None:
    """Ours take the place of its own."""
    (upstream,) = [one for one in release if one["kind"] == "ConfigMap" and one["metadata"]["name"] == "argocd-cm"]
    its = yaml.safe_load(upstream["data"]["resource.exclusions"])
    ours = yaml.safe_load(yaml.safe_load(config_maps["argocd-cm"].read_text())["data"]["resource.exclusions"])
    assert its == ours[: len(its)]


def test_its_programs_read_each_parameter(config_maps: dict[str, Path], release: list[dict[str, Any]]) -> None:
    """A parameter that nobody reads would be a setting that is none."""
    read = {
        variable["valueFrom"]["configMapKeyRef"]["key"]
        for one in release
        if one["kind"] in {"Deployment", "StatefulSet"}
        for container in one["spec"]["template"]["spec"]["containers"]
        for variable in container.get("env", ())
        if variable.get("valueFrom", {}).get("configMapKeyRef", {}).get("name") == "argocd-cmd-params-cm"
    }
    assert "controller.sync.timeout.seconds" in read
    assert set(yaml.safe_load(config_maps["argocd-cmd-params-cm"].read_text())["data"]) <= read


def test_kustomize_builds_the_installation(config_maps: dict[str, Path], tmp_path: Path) -> None:
    """The whole release from the module's manifests in place of GitHub's, in one namespace, with our settings."""
    shutil.copytree(ROOT / "argocd" / "install", tmp_path / "install")
    shutil.copytree(module_folder("argocd", ARGOCD) / "manifests", tmp_path / "install" / "manifests")
    upstream = tmp_path / "install" / "upstream" / "kustomization.yaml"
    text, count = re.subn(r"- https://\S+", "- ../manifests/cluster-install", upstream.read_text(encoding="utf-8"))
    assert count == 1
    upstream.write_text(text, encoding="utf-8")
    ran = subprocess.run(  # noqa: S603 - an argument list
        [str(kustomize()), "build", str(tmp_path / "install")], capture_output=True, text=True, check=True
    )
    built = {(one["kind"], one["metadata"]["name"]): one for one in yaml.safe_load_all(ran.stdout)}
    assert ("StatefulSet", "argocd-application-controller") in built
    assert {one["metadata"]["namespace"] for one in built.values() if "namespace" in one["metadata"]} == {"argocd"}
    for name, path in config_maps.items():
        ours = yaml.safe_load(path.read_text(encoding="utf-8"))["data"]
        assert ours.items() <= built["ConfigMap", name]["data"].items()
    its_own = "resource.customizations.ignoreResourceUpdates.all"
    assert its_own in built["ConfigMap", "argocd-cm"]["data"], "keys of the release stay"
