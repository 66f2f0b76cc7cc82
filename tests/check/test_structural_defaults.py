"""Defaults are filled in as Kubernetes' own documentation shows it."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.check.schemas.structural_defaults import schema_of, with_defaults

FIELDS = {
    "foo": {"type": "string", "nullable": False, "default": "default"},
    "bar": {"type": "string", "nullable": True},
    "baz": {"type": "string"},
}


def fields(**properties: Any) -> Any:
    """An object with these."""
    return {"type": "object", "properties": properties}


def test_nulls() -> None:
    """The example of "Defaulting and Nullable": replaced, kept, pruned."""
    assert with_defaults(fields(**FIELDS), {"foo": None, "bar": None, "baz": None}) == {"foo": "default", "bar": None}


@pytest.mark.parametrize(
    ("schema", "value", "made"),
    [
        (fields(a={"default": 1}), {}, {"a": 1}),
        (fields(a={"default": 1}), {"a": 2}, {"a": 2}),
        (fields(a=fields(b={"default": 1})), {}, {}),
        (fields(a={**fields(b={"default": 1}), "default": {}}), {}, {"a": {"b": 1}}),
        (fields(a={"items": fields(b={"default": 1})}), {"a": [{}, {"b": 2}, None]}, {"a": [{"b": 1}, {"b": 2}, None]}),
        ({"additionalProperties": fields(b={"default": 1})}, {"x": {}, "y": None}, {"x": {"b": 1}}),
        ({}, {"x": None}, {"x": None}),
        (fields(a="nonsense"), {"a": {}}, {"a": {}}),
        ({"properties": [], "additionalProperties": True, "items": 1}, {"a": [None]}, {"a": [None]}),
        (None, [{}], [{}]),
    ],
)
def test_they_are_filled_in(schema: Any, value: Any, made: Any) -> None:
    """At any depth, where there is an object for them; a schema of any shape is taken."""
    assert with_defaults(schema, value) == made


def test_the_input_stays_as_it_is() -> None:
    """What is filled in is a copy of the default."""
    schema = fields(a={"default": {"b": []}})
    value: dict[str, Any] = {"c": {"d": []}}
    made = with_defaults(schema, value)
    made["a"]["b"].append(1)
    made["c"]["d"].append(1)
    assert (schema, value) == (fields(a={"default": {"b": []}}), {"c": {"d": []}})


@pytest.mark.parametrize("definition", [{}, {"spec": {"versions": [{"name": "v2"}, {"name": "v1", "schema": {}}, 1]}}])
def test_a_version_that_is_not_there(definition: Any) -> None:
    """Of a definition of any shape."""
    with pytest.raises(KeyError, match="no version v1"):
        schema_of(definition, "v1")
