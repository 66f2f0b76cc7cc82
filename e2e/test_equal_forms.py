"""What a diff calls the same is stored alike by a real API server: equal quantities, defaults, empty lists and maps.

Both forms of everything are applied as a dry run, and what would be stored is compared.
"""

from __future__ import annotations

import copy
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from platformc.check import SchemaStore
from platformc.check.schemas.kubernetes import definitions_in, source_of
from platformc.snapshot import ABSENT, ListKeys, Same, list_keys
from platformc.snapshot.field_changes import field_changes
from platformc.snapshot.field_type import LIST_KEYS, LIST_TYPE, MERGE_KEY, FieldType
from platformc.snapshot.kubernetes_defaults import (
    ALWAYS,
    FREE_ORDER,
    SOMETIMES,
    UNORDERED,
    default_field,
    default_fields,
)
from platformc.snapshot.quantity import canonical_quantity

from e2e.default_examples import CONTAINER, Example, at, autoscaler, deployment, examples
from e2e.definitions import install
from e2e.kubernetes_api import KubernetesAPI, RefusedError, eventually

JSON = Any

KUBERNETES = "1.34"
"""The minor version that e2e/binaries.py builds."""

EXAMPLES = tuple(examples())
ROWS = [
    (example, field)
    for example in EXAMPLES
    for field in default_fields(example.definition)
    if field not in example.owner and default_field(example.definition, field, example.owner) is not ABSENT
]

ASSIGNED = ("clusterIP", "clusterIPs", "healthCheckNodePort")
"""What the API server chooses itself for each Service, another one with each try."""

QUANTITIES: tuple[JSON, ...] = (
    0, "0", "0m", "0Ki", 1, "1", "1000m", "1.0", "0.5", "500m", ".5", "5e-1", "1e3", "1E3", "1k", "1000",
    "1Ki", "1024", "0.5Ki", "512", "1.5Ki", "1536", "1Mi", "1024Ki", "1048576", "1Gi", "1024Mi", "1.5Gi", "1536Mi",
    "1G", "1000M", "1000Mi", "1E", "1000P", "2Ei", "-1", "+1", "100u", "0.0001", "1e-3", "1m", "0.001", "1e0", "1M", "-0", "01", "1.", "1.500", "1500m", "1.25",
)  # fmt: skip

TOYS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "equalforms.example.org"},
    "spec": {
        "group": "example.org",
        "scope": "Namespaced",
        "names": {"kind": "EqualForm", "plural": "equalforms"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {
                                    "mode": {"type": "string", "default": "fast"},
                                    "memory": {
                                        "anyOf": [{"type": "integer"}, {"type": "string"}],
                                        "x-kubernetes-int-or-string": True,
                                    },
                                    "list": {"type": "array", "items": {"type": "string"}},
                                    "inner": {
                                        "type": "object",
                                        "default": {},
                                        "properties": {"size": {"type": "integer", "default": 3}},
                                    },
                                },
                            }
                        },
                    }
                },
            }
        ],
    },
}


@pytest.fixture(scope="module")
def keys(workspace: Path) -> ListKeys:
    """What the compiler knows of the API server's kinds, and of one CRD."""
    cache = workspace / "equal-forms"
    return list_keys(cache, SchemaStore(cache / "schemas"), KUBERNETES, [TOYS])


def stored(api: KubernetesAPI, thing: JSON) -> JSON:
    """What the API server would store, without what differs with each try."""
    kept = copy.deepcopy(api.apply(thing, dry_run=True).object)
    kept["metadata"] = {key: kept["metadata"].get(key) for key in ("labels", "annotations")}
    if kept["kind"] == "Service":
        kept["spec"] = {key: value for key, value in kept["spec"].items() if key not in ASSIGNED}
        for port in kept["spec"]["ports"]:
            port.pop("nodePort", None)
    if kept["kind"] == "Job":  # labels that hold its uid
        kept.pop("metadata")
        kept["spec"].pop("selector")
        kept["spec"]["template"].pop("metadata")
    return kept


def reasons(before: JSON, after: JSON, keys: ListKeys) -> list[str]:
    """Why a diff calls each difference the same; empty where it does not."""
    return [change.same for change in field_changes(before, after, keys)]


class TestDefaults:
    """An absent field, and the same field as the API server sets it."""

    def test_each_one_has_an_example(self) -> None:
        """A line of the table that nothing proves could be wrong."""
        known = {(definition, field) for definition in (*ALWAYS, *SOMETIMES) for field in default_fields(definition)}
        assert {(example.definition, field) for example, field in ROWS} == known

    @pytest.mark.parametrize(("example", "field"), ROWS, ids=[f"{example} {field}" for example, field in ROWS])
    def test_it_is_stored_alike(self, example: Example, field: str, api: KubernetesAPI, keys: ListKeys) -> None:
        """And a diff says so."""
        explicit = example.with_field(field, default_field(example.definition, field, example.owner))
        assert stored(api, example.object) == stored(api, explicit)
        assert set(reasons(example.object, explicit, keys)) <= {Same.DEFAULT, Same.EMPTY}
        assert reasons(example.object, explicit, keys)

    def test_everything_that_is_set_in_a_deployment_is_known(self, api: KubernetesAPI, keys: ListKeys) -> None:
        """What the API server stores of the shortest Deployment differs from it in nothing that means something."""
        short = deployment()
        long = stored(api, short)
        long["metadata"] = short["metadata"]
        long.pop("status", None)
        changes = field_changes(short, long, keys)
        assert [change.shown for change in changes if change.same is not Same.DEFAULT] == []
        assert len(changes) > 8


class TestEmpty:
    """An empty list or map, and none."""

    @pytest.mark.parametrize("example", EXAMPLES, ids=[f"{number} {one}" for number, one in enumerate(EXAMPLES)])
    def test_it_is_stored_alike(self, example: Example, api: KubernetesAPI, keys: ListKeys) -> None:
        """Wherever the schema has a list or a map; where the API server refuses both, there is nothing to compare."""
        owner = type_at(keys, example)
        fields = [field for field in owner.declared_fields if owner.field(field).is_dropped_if_empty]
        before = stored(api, example.object)
        for field in fields:
            if field in example.owner:
                continue
            explicit = example.with_field(field, {} if owner.field(field).is_map else [])
            assert stored(api, explicit) == before, field
            assert reasons(example.object, explicit, keys)[0] in {Same.EMPTY, Same.DEFAULT}

    def test_it_is_something_else_for_an_autoscaler(self, api: KubernetesAPI, keys: ListKeys) -> None:
        """The one list of which an empty one is refused, and an absent one is filled."""
        empty = autoscaler(policies=[])
        assert stored(api, autoscaler())["spec"]["behavior"]["scaleUp"]["policies"]
        with pytest.raises(RefusedError, match="must specify at least one Policy"):
            stored(api, empty)
        assert reasons(autoscaler(), empty, keys) == [""]


class TestQuantities:
    """One amount, written in several ways."""

    def test_they_are_equal_where_they_are_stored_alike(self, api: KubernetesAPI) -> None:
        """And nowhere else."""
        found = {}
        for quantity in QUANTITIES:
            made = deployment({"resources": {"limits": {"memory": quantity}}})
            try:
                found[repr(quantity)] = at(stored(api, made), (*CONTAINER, "resources", "limits", "memory"))
            except RefusedError as error:
                assert "must be greater than or equal to 0" in error.message  # noqa: PT017 - some are refused
        assert len(found) > 35
        tried = [quantity for quantity in QUANTITIES if repr(quantity) in found]
        # Of memory and its like, parts finer than a thousandth are rounded up; nothing is called equal to these.
        known = [one for one in tried if one not in {"100u", "0.0001"} and canonical_quantity(one) is not None]
        assert len(known) > 30
        for one, other in combinations(known, 2):
            alike = found[repr(one)] == found[repr(other)]
            assert (canonical_quantity(one) == canonical_quantity(other)) == alike, (one, other)
        assert [found[repr(quantity)] for quantity in known] == [canonical_quantity(quantity) for quantity in known]

    def test_a_diff_says_so(self, keys: ListKeys) -> None:
        """In fields that are quantities, and in no other."""
        half, other = ({"resources": {"limits": {"cpu": cpu}}, "args": [cpu]} for cpu in ("500m", "0.5"))
        assert sorted(reasons(deployment(half), deployment(other), keys)) == ["", Same.QUANTITIES]


class TestOrder:
    """The order of items."""

    def test_of_names_it_is_stored(self, api: KubernetesAPI, keys: ListKeys) -> None:
        """So a template in another order is another template, and pods are replaced."""
        variables = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
        one, other = (deployment({"env": env}) for env in (variables, variables[::-1]))
        assert stored(api, one) != stored(api, other)
        (change,) = field_changes(one, other, keys)
        assert change.same is Same.ORDER_OF_NAMED
        assert not change.is_stored_alike

    def test_lists_without_order_exist(self) -> None:
        """Each name in the tables is one of a list of the API server's."""
        definitions = definitions_in(source_of(KUBERNETES)[0])
        for definition, field in sorted(FREE_ORDER | UNORDERED):
            assert "items" in definitions[definition]["properties"][field], (definition, field)
        for definition, field in FREE_ORDER:
            assert definitions[definition]["properties"][field][LIST_TYPE] == "map", (definition, field)


class TestSchemas:
    """What identifies items."""

    def test_lists_are_those_of_the_api_server(self, api: KubernetesAPI) -> None:
        """The package's schemas say the same as its own OpenAPI, for every list of every kind that it serves."""
        known = definitions_in(source_of(KUBERNETES)[0])
        compared = 0
        for path in api.client.get("/openapi/v3").json()["paths"].values():
            served = api.client.get(path["serverRelativeURL"]).json()
            for name, schema in served.get("components", {}).get("schemas", {}).items():
                for field, described in schema.get("properties", {}).items():
                    if described.get("type") != "array" or name not in known:
                        continue
                    own = known[name]["properties"][field]
                    for word in (LIST_TYPE, LIST_KEYS, MERGE_KEY):
                        assert own.get(word) == described.get(word), (name, field)
                    compared += 1
        assert compared > 400


class TestCustomResources:
    """Kinds that a CRD defines."""

    def test_defaults_are_set_and_nothing_else_is_changed(self, api: KubernetesAPI, keys: ListKeys) -> None:
        """Quantities are kept as they are written, and so is an empty list."""
        install(api, [TOYS])
        eventually("EqualForm is served", lambda: ("example.org/v1", "EqualForm") in api.kinds("example.org"))
        head = {"apiVersion": "example.org/v1", "kind": "EqualForm"}
        head["metadata"] = {"name": "equal-forms", "namespace": "default"}  # type: ignore[assignment]
        whole = {"mode": "fast", "inner": {"size": 3}}
        cases: tuple[tuple[JSON, JSON, bool], ...] = (
            ({}, {"mode": "fast"}, True),
            ({}, {"inner": {"size": 3}}, True),
            ({}, {"inner": {}}, True),
            ({}, {"mode": "slow"}, False),
            ({**whole, "list": []}, whole, False),
            ({**whole, "memory": "1Gi"}, {**whole, "memory": "1024Mi"}, False),
            ({**whole, "memory": "1"}, {**whole, "memory": 1}, False),
        )
        for one, other, alike in cases:
            before, after = {**head, "spec": one}, {**head, "spec": other}
            assert (stored(api, before) == stored(api, after)) == alike, (one, other)
            assert all(reasons(before, after, keys)) == alike, (one, other)


def type_at(keys: ListKeys, example: Example) -> FieldType:
    """The type of an example's part."""
    found = keys.of(example.object["apiVersion"], example.object["kind"])
    for step in example.path:
        found = found.items if isinstance(step, int) else found.field(step)
    return found
