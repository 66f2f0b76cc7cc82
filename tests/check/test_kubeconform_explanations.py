"""What is wrong with a document that kubeconform refused, by its schema."""

from __future__ import annotations

import copy
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.explanations import explain
from platformc.check.kubeconform.process import Document, Validator, ask, results
from platformc.check.schemas.conversion import schema_path
from platformc.check.schemas.kubernetes import prepare
from platformc.check.schemas.store import own_schemas

ROOT = Path(__file__).parents[2]
JSON = Any
A: JSON = {"type": "integer"}


def at(*pointers: str, words: str = "got string, want integer") -> str:
    """A text of kubeconform's that refuses these places."""
    return "jsonschema validation failed with 'x'" + "".join(f" - at '{pointer}': {words}" for pointer in pointers)


def said(value: JSON, schema: JSON, *pointers: str) -> list[tuple[tuple[str, ...], str]]:
    """Pointer and sentence of each mistake that kubeconform names."""
    return [(entry.pointer, entry.message) for entry in explain(at(*pointers), value, schema)]


class TestOneMistake:
    """One broken keyword."""

    @pytest.mark.parametrize(
        ("value", "schema", "message"),
        [
            ("x", {"type": "integer"}, "must be a whole number, not text"),
            ([], {"type": ["null", "integer", "string"]}, "must be a whole number or text, not a list"),
            (1.5, {"type": ["null", "object"]}, "must be a map, not a number"),
            ("x", {"type": "null"}, "must be empty, not text"),
            (None, {"type": "boolean"}, "must be true or false, not empty"),
            (True, {"type": "integer"}, "must be a whole number, not true or false"),
            ("v2", {"enum": ["v1"]}, "must be v1"),
            ("v2", {"const": "v1"}, "must be v1"),
            ("x", {"enum": ["Always", "", 3]}, "must be one of Always, '', 3"),
            ("s3cret value", {"pattern": "^[a-z]+$"}, "does not match the pattern ^[a-z]+$"),
            ("x", {"format": "date-time"}, "is not a valid date-time"),
            ("x", {"minLength": 2}, "is 1 characters long; the minimum is 2"),
            ("ü" * 64, {"maxLength": 63}, "is 64 characters long; the limit is 63"),
            ([], {"minItems": 1}, "has too few items: 0; the minimum is 1"),
            ([1, 2], {"maxItems": 1}, "has too many items: 2; the limit is 1"),
            ({}, {"minProperties": 1}, "has too few fields: 0; the minimum is 1"),
            ({"a": 1, "b": 2}, {"maxProperties": 1}, "has too many fields: 2; the limit is 1"),
            (70000, {"maximum": 65535}, "is 70000; the maximum is 65535"),
            (99999999, {"maximum": 43200.0}, "is 99999999; the maximum is 43200"),
            (-0.0015, {"minimum": 0}, "is -0.0015; the minimum is 0"),
            (1, {"exclusiveMinimum": 1}, "is 1; it must be greater than 1"),
            (1, {"exclusiveMaximum": 1}, "is 1; it must be less than 1"),
            (4, {"multipleOf": 3}, "is 4; it must be a multiple of 3"),
            ([1, 2, 1], {"uniqueItems": True}, "items 0 and 2 are the same"),
            (1, {"oneOf": [{"type": "integer"}, {"minimum": 0}]}, "matches more than one of several forms that exclude each other"),
            (1, {"not": {"type": "integer"}}, "has a form that is not allowed here"),
            (1, False, "is not allowed here"),
        ],
    )  # fmt: skip
    def test_sentence(self, value: JSON, schema: JSON, message: str) -> None:
        """Plain words, the value left out."""
        document, wanted = {"spec": {"a": value}}, {"properties": {"spec": {"properties": {"a": schema}}}}
        assert said(document, wanted, "/spec/a") == [(("spec", "a"), message)]

    def test_several_fields_are_several_mistakes(self) -> None:
        """An unknown field is pointed at itself, a missing one at its parent; sorted."""
        forms: tuple[JSON, ...] = ({}, {"properties": {"c": {}}})
        for properties in forms:
            closed: JSON = {"properties": {"spec": {**properties, "additionalProperties": False}}}
            assert said({"spec": {"b": 1, "a": 1}}, closed, "/spec") == [
                (("spec", "a"), "unknown field a"),
                (("spec", "b"), "unknown field b"),
            ]
        required = {"properties": {"spec": {"required": ["x", "y"]}}}
        assert said({"spec": {}}, required, "/spec") == [
            (("spec",), "missing field x"),
            (("spec",), "missing field y"),
        ]
        assert [entry.absent for entry in explain(at("/spec"), {"spec": {}}, required)] == ["x", "y"]

    def test_of_a_wrong_type_nothing_else_is_told(self) -> None:
        """That it is none of the values that would do goes without saying."""
        schema = {"properties": {"a": {"type": "string", "enum": ["x"]}}}
        assert said({"a": 1}, schema, "/a") == [(("a",), "must be text, not a number")]

    def test_raw_words_are_kept(self) -> None:
        """For reports to kubeconform itself."""
        (entry,) = explain(at("/a"), {"a": "x"}, {"properties": {"a": A}})
        assert entry.raw == "got string, want integer"


class TestForms:
    """Several forms are allowed, and none of them fits."""

    @pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
    def test_types_of_all_forms_are_one_sentence(self, keyword: str) -> None:
        """Neither form has the type."""
        schema = {"properties": {"p": {keyword: [{"type": "integer"}, {"type": ["null", "string"]}]}}}
        assert said({"p": True}, schema, "/p") == [(("p",), "must be a whole number or text, not true or false")]

    def test_the_form_that_was_meant_is_the_one_with_the_right_type(self) -> None:
        """The other one's type mismatch is noise."""
        schema = {"properties": {"p": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]}}}
        assert said({"p": {}}, schema, "/p") == [(("p",), "missing field a")]

    def test_several_possible_forms_are_named_together(self) -> None:
        """Nothing tells which one was meant."""
        schema = {"properties": {"p": {"anyOf": [{"required": ["a"]}, {"properties": {"c": {"maxLength": 1}}}]}}}
        assert said({"p": {"c": "xx"}}, schema, "/p", "/p/c") == [
            (("p",), "fits none of the allowed forms: missing field a, or c is 2 characters long; the limit is 1")
        ]


class TestVerdict:
    """It is kubeconform's; the schema only says why."""

    def test_a_place_that_it_does_not_name_is_not_told(self) -> None:
        """Two validators differ about a number that no computer has, or a pattern: that is no mistake of the spec."""
        schema = {"properties": {"a": A, "b": A}}
        assert said({"a": "x", "b": "y"}, schema, "/b") == [(("b",), "must be a whole number, not text")]

    @pytest.mark.parametrize("schema", [{}, {"type": "nonsense"}, {"$ref": "https://example.com/other.json"}, 7])
    def test_its_words_stay_where_the_schema_shows_nothing(self, schema: JSON) -> None:
        """At their place, and without the value; so they do where the schema is none, or would be fetched."""
        text = at("/spec/a", words="'s3cret' does not match pattern '^x$'")
        (entry,) = explain(text, {"spec": {"a": "s3cret"}}, schema)
        assert (entry.pointer, entry.message) == (("spec", "a"), "… does not match pattern …")
        assert entry.raw == "'s3cret' does not match pattern '^x$'"

    def test_a_type_that_only_go_sees(self) -> None:
        """A plain `y` is a text for PyYAML and true for Go."""
        text = at("/a", words="got boolean, want null or string")
        schema = {"properties": {"a": {"type": ["string", "null"]}}}
        assert [(one.pointer, one.message) for one in explain(text, {"a": "y"}, schema)] == [
            (("a",), "must be text, not true or false")
        ]

    def test_a_keyword_that_nothing_is_known_of(self) -> None:
        """Its words stay as well."""
        schema = {"properties": {"a": {"contains": {"type": "string"}}}}
        text = at("/a", words="no items match contains schema")
        assert [entry.message for entry in explain(text, {"a": []}, schema)] == ["no items match contains schema"]

    def test_a_document_that_it_could_not_read(self) -> None:
        """The schema tells what its words do not: they are Go's, about a field of a struct."""
        text = (
            "error while parsing: json: cannot unmarshal array into Go struct field .Metadata.Namespace of type string"
        )
        schema = {"properties": {"metadata": {"properties": {"namespace": {"type": "string"}}}}}
        assert [(one.pointer, one.message) for one in explain(text, {"metadata": {"namespace": []}}, schema)] == [
            (("metadata", "namespace"), "must be text, not a list")
        ]

    @pytest.mark.parametrize(
        ("raw", "message"),
        [
            ("error while parsing: missing 'kind' key", "missing field kind"),
            ("error unmarshalling resource: other", "other"),
        ],
    )
    def test_a_document_that_is_none(self, raw: str, message: str) -> None:
        """There is no pointer: no schema was asked."""
        assert [(entry.pointer, entry.message, entry.raw) for entry in explain(raw, None, {})] == [((), message, raw)]


VALUES: tuple[JSON, ...] = (
    "text", "", 7, -1, 1.5, 10**9, 10**19, True, None, [], {}, {"a": "b"}, ["x"], ["x", "x"], "a" * 300, "Not OK!", 3.0,
)  # fmt: skip
"""What is put into documents in the place of what belongs there."""


def _paths(value: JSON, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _paths(item, (*path, position))


def _damaged(document: JSON, chance: random.Random) -> JSON:
    """A copy with a few mistakes; what names it stays."""
    made = copy.deepcopy(document)
    for _ in range(chance.choice([1, 1, 2, 3])):
        safe = {("apiVersion",), ("kind",), ("metadata",), ("metadata", "name"), ("metadata", "namespace")}
        *above, last = chance.choice([path for path in _paths(made) if path not in safe])
        parent = made
        for step in above:
            parent = parent[step]
        match chance.randrange(4):
            case 0:
                parent.pop(last)
            case 1 if isinstance(parent, dict):
                parent[f"unknown{last}"] = chance.choice(VALUES)
            case 2 if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[0]))
            case _:
                parent[last] = copy.deepcopy(chance.choice(VALUES))
    return made


@pytest.mark.slow
def test_every_refusal_is_explained(kubeconform: Path) -> None:
    """Rendered objects, damaged in a thousand ways: whatever the real kubeconform refuses, the schema says why."""
    chance = random.Random(7)  # noqa: S311 - the same damage each time
    cache = cache_folder(os.environ)
    rendered = [yaml.safe_load(path.read_bytes()) for path in sorted((ROOT / "rendered").rglob("*.yaml"))]
    claim_api = [yaml.safe_load(path.read_bytes()) for path in sorted(ROOT.glob("crossplane/*/definition.yaml"))]
    kubernetes = prepare(cache, "1.34", {(one["apiVersion"], one["kind"]) for one in rendered})
    folders = (kubernetes.folder.absolute(), own_schemas(cache, claim_api)[0].absolute())

    def schema_of(one: JSON) -> JSON:
        files = (folder / schema_path(one["apiVersion"], one["kind"]) for folder in folders)
        return next((json.loads(file.read_bytes()) for file in files if file.is_file()), None)

    known = [one for one in rendered if schema_of(one) is not None]
    assert len({one["kind"] for one in known}) > 15
    damaged = [_damaged(chance.choice(known), chance) for _ in range(1000)]
    documents = [
        Document(
            "e", f"{number}.yaml", one["apiVersion"], one["kind"], one["metadata"]["name"], json.dumps(one).encode()
        )
        for number, one in enumerate(damaged)
    ]
    refused = 0
    for document, result in results(ask(documents, Validator(kubeconform, kubernetes.version, folders))):
        if result["status"] != "statusInvalid":
            continue
        refused += 1
        one = damaged[documents.index(document)]
        for entry in explain(result["msg"], one, schema_of(one)):
            assert entry.message not in {entry.raw, ""}
            assert "…" not in entry.message, "kubeconform's own words"
    assert refused > 500
