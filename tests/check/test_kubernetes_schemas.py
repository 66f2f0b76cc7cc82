from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from platformc.check.schemas.kubernetes import kubernetes_versions, prepare
from platformc.diagnostics import ToolError


def schema(cache: Path, api_version: str, kind: str, file: str) -> Any:
    """The prepared schema of one kind, read back."""
    return json.loads((prepare(cache, "1.34", [(api_version, kind)]).folder / file).read_bytes())


def test_kinds_of_many_groups_are_prepared(shared_cache: Path) -> None:
    """Only what was asked for, each where kubeconform looks for it, closed and without references."""
    kinds = [("apps/v1", "Deployment"), ("v1", "Service"), ("networking.k8s.io/v1", "NetworkPolicy")]
    folder = prepare(shared_cache, "1.34", kinds).folder
    for file in ("apps/deployment_v1.json", "v1/service_v1.json", "networking.k8s.io/networkpolicy_v1.json"):
        text = (folder / file).read_text(encoding="utf-8")
        assert "$ref" not in text
        assert json.loads(text)["additionalProperties"] is False


def test_a_definition_that_holds_itself_stays_resolvable(shared_cache: Path) -> None:
    """JSONSchemaProps is recursive; any depth of it is checked."""
    made = schema(
        shared_cache,
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "apiextensions.k8s.io/customresourcedefinition_v1.json",
    )
    inner: Any = {"type": "object", "properties": {"a": {"properties": {"b": {"wrong": 1}}}}}
    definition = {
        "spec": {
            "group": "example.org",
            "names": {"kind": "A", "plural": "as"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": inner}}],
        }
    }
    validator = jsonschema_rs.validator_for(made)
    assert not validator.is_valid(definition)
    del inner["properties"]["a"]["properties"]["b"]["wrong"]
    assert validator.is_valid(definition)


def test_quantities_and_ports_take_both_types_and_null(shared_cache: Path) -> None:
    """Upstream's two alternatives both take null, so that null fitted too often."""
    made = schema(shared_cache, "v1", "ResourceQuota", "v1/resourcequota_v1.json")
    validator = jsonschema_rs.validator_for(made)
    for value, accepted in (("1Gi", True), (5, True), (None, True), (True, False)):
        assert validator.is_valid({"spec": {"hard": {"pods": value}}}) is accepted


def test_kinds_that_are_not_there_are_not_prepared(shared_cache: Path) -> None:
    """Neither other people's kinds nor versions that are gone."""
    asked = [("apps/v1beta1", "Deployment"), ("argoproj.io/v1alpha1", "Application")]
    schemas = prepare(shared_cache, "1.34", asked)
    assert not schemas.kinds & set(asked)
    assert ("apps/v1", "Deployment") in schemas.kinds
    assert not (schemas.folder / "argoproj.io").exists()


@pytest.mark.parametrize(
    ("api_version", "owned"),
    [
        ("v1", True),
        ("apps/v9", True),
        ("networking.k8s.io/v1", True),
        ("gateway.networking.k8s.io/v1", False),
        ("argoproj.io/v1alpha1", False),
    ],
)
def test_groups_of_kubernetes_itself(shared_cache: Path, api_version: str, owned: bool) -> None:  # noqa: FBT001
    """k8s.io in a name does not make a group built in."""
    assert prepare(shared_cache, "1.34", []).owns(api_version) is owned


def test_a_second_call_leaves_files_alone(tmp_path: Path) -> None:
    """What is prepared is read again, not made again."""
    kinds = [("v1", "Service")]
    folder = prepare(tmp_path, "1.34", kinds).folder
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert prepare(tmp_path, "1.34.3", kinds).folder == folder
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_two_processes_at_once(tmp_path: Path) -> None:
    """Both succeed, and no unfinished file is left."""
    code = (
        "import sys; from pathlib import Path; from platformc.check.schemas.kubernetes import prepare;"
        "prepare(Path(sys.argv[1]), '1.34', [('apps/v1', 'Deployment'), ('v1', 'Service'), ('batch/v1', 'Job')])"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [process.wait() for process in running] == [0, 0]
    names = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert names == ["deployment_v1.json", "index.json", "job_v1.json", "service_v1.json"]


def test_the_package_is_never_imported(tmp_path: Path) -> None:
    """Its import costs more than the preparation."""
    code = (
        "import sys; from pathlib import Path; from platformc.check.schemas.kubernetes import prepare;"
        "prepare(Path(sys.argv[1]), '1.34', [('v1', 'Service')]); assert 'kubernetes_validate' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


def test_versions() -> None:
    """The oldest and newest are named when another one is asked for."""
    versions = kubernetes_versions()
    assert {"1.33", "1.34"} <= set(versions)
    for version in ("1.2", "2.0", "../1.34", ""):
        with pytest.raises(ToolError) as caught:
            prepare(Path("unused"), version, [])
        assert versions[0] in caught.value.hint
        assert versions[-1] in caught.value.hint
