"""The definitions in crossplane/ are what a person wants of an API: described, bounded, explicit about what cannot change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from aws_kinds import CLAIMS, MANAGED
from aws_kinds import Claim as ClaimFacts
from composition_mutations import COMPOSITION, DEFINITION, FACTS, FOLDER, KINDS, SCHEMA, SCOPES, Claim, keys, without
from platformc.check.claim_api import check_compositions, source_objects
from platformc.check.claim_api.field_path import steps_of
from platformc.check.schemas.store import SchemaStore
from platformc.check.schemas.yaml_documents import yaml_documents
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.nodes import KeyPath, at, plain

JSON = Any

BOUNDS = {"maxLength", "maxItems", "maxProperties"}


def facts(kind: str) -> ClaimFacts:
    """What the tests know of the kind of claims in this folder of crossplane/."""
    (found,) = [claim for claim in CLAIMS.values() if claim.kind.lower() == kind]
    return found


@cache
def definition(kind: str) -> JSON:
    """The XRD of one kind, as plain data."""
    return plain(Claim.of(kind, "Namespaced").definition)


def schema(kind: str) -> JSON:
    """Its openAPIV3Schema."""
    return definition(kind)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


def declared(part: JSON, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], JSON]]:
    """Every declared field with its path, those of list items too."""
    for name, below in part.get("properties", {}).items():
        yield (*path, name), below
        yield from declared(below, (*path, name))
    if "items" in part:
        yield from declared(part["items"], path)


def values(part: JSON) -> Iterator[JSON]:
    """Every schema of a value, those of items and free keys too."""
    yield part
    for below in (*part.get("properties", {}).values(), part.get("items"), part.get("additionalProperties")):
        if isinstance(below, dict):
            yield from values(below)


def spec_fields(kind: str) -> dict[str, JSON]:
    """The fields of the claim's spec."""
    found: dict[str, JSON] = schema(kind)["properties"]["spec"]["properties"]
    return found


@pytest.mark.parametrize("kind", KINDS)
class TestEveryDefinition:
    """What holds for each."""

    def test_each_field_is_described(self, kind: str) -> None:
        """`kubectl explain` is where people look first."""
        found = dict(declared(schema(kind)))
        assert len(found) > 6
        assert [path for path, part in found.items() if not part.get("description", "").endswith(".")] == []

    def test_whatever_a_person_writes_is_bounded(self, kind: str) -> None:
        """A claim is small; and only what has a bound can be read by a CEL rule one day."""
        wanted = {"string": {"maxLength", "enum"}, "array": {"maxItems"}}
        loose = [
            part
            for part in values(schema(kind)["properties"]["spec"])
            if part["type"] in wanted and not wanted[part["type"]] & part.keys()
        ]
        assert loose == []

    def test_free_keys_are_limited_in_number(self, kind: str) -> None:
        """Tags are the only map whose keys anybody chooses."""
        free = [part for part in values(schema(kind)["properties"]["spec"]) if "additionalProperties" in part]
        assert [part["maxProperties"] for part in free] == [50] * len(free)

    def test_what_is_not_said_has_a_value_that_can_be_read(self, kind: str) -> None:
        """A switch or a choice is required, or has a default."""
        required = schema(kind)["properties"]["spec"]["required"]
        silent = {
            name
            for name, part in spec_fields(kind).items()
            if (part["type"] == "boolean" or "enum" in part) and name not in required and "default" not in part
        }
        assert silent == set(facts(kind).without_default)

    def test_defaults_are_values_of_their_fields(self, kind: str) -> None:
        """An API server refuses a definition with another one."""
        types = {"string": str, "boolean": bool}
        for name, part in spec_fields(kind).items():
            if "default" in part:
                assert isinstance(part["default"], types[part["type"]]), name
                assert part["default"] in part.get("enum", [part["default"]]), name

    def test_what_names_the_resource_can_never_change(self, kind: str) -> None:
        """Another name is another resource, and the provider replaces none."""
        named = {
            steps_of(patch["fromFieldPath"])[1]
            for _at, _resource, patch in Claim.of(kind, "Namespaced").patches()
            if patch["toFieldPath"].endswith(
                (".name", "external-name]", ".region", ".hashKey", ".rangeKey", ".repository")
            )
            and not patch["toFieldPath"].startswith(("spec.providerConfigRef.", "status."))
        }
        assert named
        immutable = {
            name
            for name, part in spec_fields(kind).items()
            if any(rule["rule"] == "self == oldSelf" for rule in part.get("x-kubernetes-validations", ()))
        }
        assert named - immutable == set(facts(kind).changeable)

    def test_each_rule_has_a_message(self, kind: str) -> None:
        """Nobody reads CEL in a refusal."""
        rules = [rule for part in values(schema(kind)) for rule in part.get("x-kubernetes-validations", ())]
        assert rules
        assert [rule["rule"] for rule in rules if not rule.get("message")] == []

    def test_columns_show_the_name_in_aws_and_exist(self, kind: str) -> None:
        """Crossplane itself adds SYNCED, READY and AGE, and a column of each would be shown twice."""
        columns = definition(kind)["spec"]["versions"][0]["additionalPrinterColumns"]
        assert columns[0]["name"] == "AWS-NAME"
        assert {column["name"] for column in columns} & {"SYNCED", "READY", "AGE"} == set()
        paths = {f".{'.'.join(path)}": part for path, part in declared(schema(kind))}
        assert {column["jsonPath"]: column["type"] for column in columns} == {
            column["jsonPath"]: paths[column["jsonPath"]]["type"] for column in columns
        }

    def test_each_bound_of_what_a_rule_reads_is_needed(self, kind: str) -> None:
        """Taken away, it is missed: at the field, by a finding that names the rule."""
        nothing = SchemaStore(Path("nowhere"))
        claim = Claim.of(kind, "Namespaced")
        for path in keys(at(claim.definition, SCHEMA) or claim.definition, SCHEMA):
            if path[-1] not in BOUNDS or "status" in path or not _is_read(claim, path[:-1]):
                continue
            found = replace(claim, definition=without(claim.definition, path)).checked(nothing).findings
            assert [(finding.rule, len(finding.related)) for finding in found] == [("claim-rule-unbounded", 1)], path


def _is_read(claim: Claim, path: KeyPath) -> bool:
    """Whether a rule stands on the very value: those are read for certain."""
    node = at(claim.definition, path)
    return node is not None and "x-kubernetes-validations" in plain(node)


def test_short_names_are_ours_alone(upstream_crds: Path) -> None:
    """`kubectl get` with one of them means one kind, whatever else is installed."""
    taken: set[str] = set()
    for path in sorted(upstream_crds.glob("*/*.yaml")):
        for document in yaml_documents(path.read_bytes()):
            names = document["spec"]["names"]
            taken |= {names["plural"], names.get("singular", ""), names["kind"].lower(), *names.get("shortNames", ())}
    assert "tables" in taken
    ours = [name for kind in KINDS for name in definition(kind)["spec"]["names"]["shortNames"]]
    assert len(set(ours)) == len(ours) == len(KINDS)
    assert set(ours) & taken == set()


@pytest.mark.parametrize("scope", SCOPES)
def test_all_kinds_together_are_sound(scope: str) -> None:
    """Without the provider's schemas, too; then each composed resource is told as not checked."""
    objects = source_objects(load_claim_api(DiskFolder(FOLDER), "crossplane"), scope)
    assert {written.data["kind"] for written in objects} >= {COMPOSITION, DEFINITION}
    checked = check_compositions(objects, SchemaStore(Path("nowhere")), FACTS)
    assert checked.findings == ()
    assert len(checked.unchecked) == len(MANAGED)
