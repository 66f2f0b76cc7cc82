from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from platformc.check import SchemaStore
from platformc.check.schemas.kubernetes import kubernetes_versions
from platformc.diagnostics import ToolError
from platformc.snapshot import ListKeys, list_keys
from platformc.snapshot.field_type import UNDESCRIBED
from platformc.snapshot.quantity import canonical_quantity

JSON = Any

XRD = {
    "apiVersion": "apiextensions.crossplane.io/v2",
    "kind": "CompositeResourceDefinition",
    "metadata": {"name": "tables.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"kind": "Table", "plural": "tables"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "schema": {
                    "openAPIV3Schema": {
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "indexes": {
                                        "type": "array",
                                        "x-kubernetes-list-type": "map",
                                        "x-kubernetes-list-map-keys": ["name"],
                                        "items": {"type": "object", "properties": {"name": {"type": "string"}}},
                                    },
                                    "mode": {"type": "string", "default": "on-demand"},
                                },
                            }
                        }
                    }
                },
            }
        ],
    },
}


class TestListKeys:
    """Types come from schemas: of Kubernetes' own kinds, of stored CRDs, of the claim API."""

    def test_nothing_is_read_before_an_object_differs(self, tmp_path: Path) -> None:
        """Then, only its kind is."""
        keys = list_keys(tmp_path, SchemaStore(tmp_path / "schemas"), "1.34", [XRD])
        assert list(tmp_path.iterdir()) == []
        assert keys.of("v1", "Service").is_described
        (folder,) = (tmp_path / "kubernetes").iterdir()
        assert [path.name for path in folder.rglob("*.json")] == ["service_v1.json"]

    def test_a_kind_is_made_once(self, tmp_path: Path) -> None:
        """What is in the cache is what is read."""
        made = list_keys(tmp_path, SchemaStore(tmp_path), "1.34", ())
        before = made.of("v1", "Service")
        (path,) = tmp_path.rglob("service_v1.json")
        written = path.read_bytes()
        again = list_keys(tmp_path, SchemaStore(tmp_path), "1.34", ())
        assert again.of("v1", "Service") == before
        path.write_bytes(b"not JSON")
        damaged = list_keys(tmp_path, SchemaStore(tmp_path), "1.34", ())
        assert damaged.of("v1", "Service") == before
        assert path.read_bytes() == written

    def test_keys_are_those_of_the_api_server(self, keys: ListKeys) -> None:
        """Also of lists in lists."""
        container = keys.of("apps/v1", "StatefulSet").field("spec").field("template").field("spec").field("containers")
        assert container.keys == ("name",)
        assert container.items.field("ports").keys == ("containerPort", "protocol")
        assert container.items.field("env").keys == ("name",)
        assert container.items.field("args").keys == ()
        assert container.items.field("resources").field("limits").field("example.org/gpu").is_quantity
        assert keys.of("v1", "Secret").field("metadata").field("finalizers").is_set

    @pytest.mark.parametrize("version", kubernetes_versions())
    def test_each_version_has_keys(self, version: str, tmp_path: Path) -> None:
        """Older ones name only one key of several."""
        service = list_keys(tmp_path, SchemaStore(tmp_path), version, ()).of("v1", "Service")
        assert service.field("spec").field("ports").keys[:1] == ("port",)

    def test_claims_have_those_of_their_definition(self, tmp_path: Path) -> None:
        """No store has them."""
        broken = {**XRD, "spec": {"group": 1}}
        table = list_keys(tmp_path, SchemaStore(tmp_path), "1.34", [XRD, broken, {"kind": "Composition"}])
        spec = table.of("example.org/v1", "Table").field("spec")
        assert spec.field("indexes").keys == ("name",)
        assert spec.declared_default("mode") == "on-demand"

    @pytest.mark.parametrize(
        ("api_version", "kind"), [("example.org/v1", "Nothing"), ("../..", "Table"), ("v1", "../x"), ("", "")]
    )
    def test_an_unknown_kind_has_no_type(self, api_version: str, kind: str, keys: ListKeys) -> None:
        """Nor has one that no API server would take."""
        assert keys.of(api_version, kind) == UNDESCRIBED

    def test_an_unknown_version_is_an_error(self, tmp_path: Path) -> None:
        """Callers choose one that is known."""
        with pytest.raises(ToolError, match=r"no schemas of Kubernetes 1\.2"):
            list_keys(tmp_path, SchemaStore(tmp_path), "1.2", ())


class TestQuantities:
    """Canonical forms, as the API server stores them; e2e/ asks a real one."""

    @pytest.mark.parametrize(
        ("written", "stored"),
        [
            ("0.5", "500m"), (0.5, "500m"), (1, "1"), ("1000m", "1"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"),
            ("0.5Ki", "512"), ("1536", "1536"), ("1.5Ki", "1536"), ("1000", "1k"), ("5e-1", "500e-3"), ("-1", "-1"),
            ("0Ki", "0"), ("1E", "1E"),
        ],
    )  # fmt: skip
    def test_are_equal_for_equal_amounts(self, written: JSON, stored: str) -> None:
        """Decimal and binary units stay apart."""
        assert canonical_quantity(written) == stored

    @pytest.mark.parametrize(
        "written",
        ["", "a", "1 Gi", "1gi", "+1", "01", "1.", "1.500", "1E3", "1e0", "-0", "0.0000000001", "1.0001Ki", "9" * 200,
         "1e99", "99999999999E", True, None, [], {}, float("nan"), 1e300],
    )  # fmt: skip
    def test_are_unknown_for_anything_odd(self, written: JSON) -> None:
        """Nothing is equal to what the API server keeps as it is written, rounds or refuses."""
        assert canonical_quantity(written) is None
