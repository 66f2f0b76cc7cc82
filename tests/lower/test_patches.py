from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.canonical_yaml import emit
from platformc.diagnostics import Finding
from platformc.kinds import KINDS
from platformc.language.document import DocumentId
from platformc.language.models.config import ConfigSpec
from platformc.language.models.metadata import Metadata
from platformc.language.nodes import Mapping
from platformc.language.platform import Resource
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile
from platformc.lower.manifest import Manifest
from platformc.lower.patches import patched

OBJECT = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": "c", "namespace": "n", "labels": {"a/b": "x", "m~n": "y"}},
    "data": {"k": "v", "": "empty"},
    "items": [1, {"a": [2]}, "three"],
}
OWNER = DocumentId("Config", "app", "c")


def _patched(*patches: dict[str, Any]) -> tuple[Any, list[Finding]]:
    """The object after patches, and the findings; the object that went in is not touched."""
    text = emit({"metadata": {"name": "c"}, "spec": {"files": {}, "patches": list(patches)}})
    (document,), _, _ = read_documents(SourceFile("specs/a.yaml", text))
    assert isinstance(document.root, Mapping)
    spec = ConfigSpec.model_validate({"files": {}, "patches": list(patches)})
    resource = Resource(OWNER, KINDS["Config"], Metadata(name="c"), spec, document.root, "n")
    manifest = Manifest(copy.deepcopy(OBJECT), OWNER, "app")
    (made,), findings = patched(resource, [manifest])
    assert manifest.object == OBJECT
    lines = text.split("\n")
    assert all(finding.at.line <= len(lines) and finding.at.path == "specs/a.yaml" for finding in findings)
    return made.object, list(findings)


def _steps(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"target": {"kind": "ConfigMap"}, "jsonPatch": list(operations)}


@pytest.mark.parametrize(
    ("operation", "path", "made"),
    [
        ({"op": "add", "path": "/data/n", "value": 1}, ("data", "n"), 1),
        ({"op": "add", "path": "/items/0", "value": 0}, ("items",), [0, 1, {"a": [2]}, "three"]),
        ({"op": "add", "path": "/items/-", "value": 0}, ("items",), [1, {"a": [2]}, "three", 0]),
        ({"op": "add", "path": "/items/3", "value": 0}, ("items",), [1, {"a": [2]}, "three", 0]),
        ({"op": "remove", "path": "/items/1"}, ("items",), [1, "three"]),
        ({"op": "replace", "path": "/items/1/a/0", "value": None}, ("items", 1, "a"), [None]),
        ({"op": "replace", "path": "/metadata/labels/a~1b", "value": "z"}, ("metadata", "labels", "a/b"), "z"),
        ({"op": "replace", "path": "/metadata/labels/m~0n", "value": "z"}, ("metadata", "labels", "m~n"), "z"),
        ({"op": "replace", "path": "/data/", "value": "z"}, ("data", ""), "z"),
        ({"op": "move", "from": "/data/k", "path": "/data/m"}, ("data",), {"": "empty", "m": "v"}),
        ({"op": "copy", "from": "/items/1", "path": "/data/m"}, ("data", "m"), {"a": [2]}),
        ({"op": "test", "path": "/data/k", "value": "v"}, ("data", "k"), "v"),
    ],
)
def test_steps(operation: dict[str, Any], path: tuple[str | int, ...], made: Any) -> None:
    """RFC 6902, operation by operation."""
    found, findings = _patched(_steps(operation))
    assert findings == []
    for step in path:
        found = found[step]
    assert found == made


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "items/0", "value": 0},
        {"op": "add", "path": "", "value": 0},
        {"op": "add", "path": "/items/4", "value": 0},
        {"op": "add", "path": "/items/+1", "value": 0},
        {"op": "add", "path": "/items/01", "value": 0},
        {"op": "add", "path": "/items/1_0", "value": 0},
        {"op": "add", "path": "/items/-1", "value": 0},
        {"op": "add", "path": "/items/\u0661", "value": 0},
        {"op": "add", "path": "/items/" + "9" * 5000, "value": 0},
        {"op": "add", "path": "/nothing/x", "value": 0},
        {"op": "add", "path": "/kind/x", "value": 0},
        {"op": "remove", "path": "/items/-"},
        {"op": "remove", "path": "/nothing"},
        {"op": "replace", "path": "/nothing", "value": 0},
        {"op": "move", "from": "/items", "path": "/items/0"},
        {"op": "move", "path": "/data/x"},
        {"op": "copy", "from": "/nothing", "path": "/data/x"},
        {"op": "test", "path": "/data/k", "value": "w"},
        {"op": "remove", "path": "/kind"},
        {"op": "remove", "path": "/metadata"},
        {"op": "replace", "path": "/metadata", "value": []},
        {"op": "replace", "path": "/metadata/name", "value": "d"},
        {"op": "merge", "path": "/data"},
    ],
)
def test_steps_that_cannot_be(operation: dict[str, Any]) -> None:
    """One finding, and the object as it was."""
    made, findings = _patched(_steps(operation))
    assert made == OBJECT
    assert [finding.rule for finding in findings] == ["patch-refused"]


def test_copies_cannot_fill_the_memory() -> None:
    """Each of sixty steps doubles the object."""
    double = {"op": "copy", "from": "/data", "path": "/data/x"}
    twice = {"op": "copy", "from": "/data", "path": "/data/y"}
    made, findings = _patched(_steps(*[double, twice] * 30))
    assert made == OBJECT
    assert [finding.rule for finding in findings] == ["patch-refused"]


def test_objects_cannot_be_nested_without_end() -> None:
    """No reader of YAML would take them."""
    steps = [{"op": "add", "path": "/data" + "/x" * depth, "value": {}} for depth in range(1, 200)]
    made, findings = _patched(_steps(*steps))
    assert made == OBJECT
    assert [finding.rule for finding in findings] == ["patch-refused"]


values = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x"]),
    lambda below: (
        st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(["k", "a", "metadata"]), below, max_size=2)
    ),
    max_leaves=4,
)
pointers = st.lists(
    st.sampled_from(["data", "items", "metadata", "labels", "a~1b", "0", "1", "-", "", "k", "name", "kind", "~2"]),
    max_size=3,
).map(lambda steps: "".join(f"/{step}" for step in steps))
operations = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "x"]), "path": pointers},
    optional={"value": values, "from": pointers},
)
patches = st.fixed_dictionaries(
    {"target": st.sampled_from([{"kind": "ConfigMap"}, {"kind": "ConfigMap", "name": "c"}, {"kind": "Secret"}])},
    optional={
        "jsonPatch": st.lists(operations, max_size=4),
        "merge": st.dictionaries(st.sampled_from(["data", "items", "kind", "metadata"]), values),
    },
)


@given(st.lists(patches, min_size=1, max_size=3))
def test_any_patch_is_applied_or_refused(found: list[dict[str, Any]]) -> None:
    """Never an exception; what comes out is the same object, and can be written."""
    made, findings = _patched(*found)
    assert (made["apiVersion"], made["kind"]) == ("v1", "ConfigMap")
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("c", "n")
    assert {finding.rule for finding in findings} <= {"patch-refused", "patch-finds-nothing"}
    assert json.loads(json.dumps(made)) == made
    emit(made)


@given(values)
def test_merge_patches(value: Any) -> None:
    """RFC 7386: maps merge, null removes, everything else replaces."""
    made, findings = _patched({"target": {"kind": "ConfigMap"}, "merge": {"data": value, "extra": {"a": None, "b": 1}}})
    assert findings == []
    assert made["extra"] == {"b": 1}
    if value is None:
        assert "data" not in made
    elif isinstance(value, dict):
        assert {key for key, one in value.items() if one is None}.isdisjoint(made["data"])
        assert made["data"].get("", "empty") == "empty"
    else:
        assert made["data"] == value
