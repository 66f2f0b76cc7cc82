"""aws_documents: JSON that AWS reads: policies, and the rules of lifecycles.

In      a JSON value.
Out     the same with one form for what AWS reads alike, and what identifies the items of its lists.
Never   changes a value that is no such document.

Sources: AWS docs, "IAM JSON policy elements reference" (order and a single item in place of a list mean nothing);
"Lifecycle policy parameters in Amazon ECR" (`rulePriority` is unique); S3, "Lifecycle configuration elements" (`ID`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.snapshot.field_type import LIST_KEYS, LIST_TYPE, UNDESCRIBED, FieldType

ELEMENTS = ("Action", "NotAction", "NotResource", "Resource")
PRINCIPALS = ("NotPrincipal", "Principal")

SET: Mapping[str, Any] = {LIST_TYPE: "set", "items": {}}
SETS: Mapping[str, Any] = {"additionalProperties": SET}
STATEMENT: Mapping[str, Any] = {
    "properties": {
        **dict.fromkeys(ELEMENTS, SET),
        **dict.fromkeys(PRINCIPALS, SETS),
        "Condition": {"additionalProperties": SETS},
    }
}
POLICY = FieldType({"properties": {"Statement": {LIST_TYPE: "set", LIST_KEYS: ["Sid"], "items": STATEMENT}}})


def _rules(field: str, key: str) -> FieldType:
    listed = {LIST_TYPE: "map", LIST_KEYS: [key], "items": {}}
    return FieldType({"properties": {field: listed}})


LIFECYCLE_OF_IMAGES = _rules("rules", "rulePriority")
LIFECYCLE_OF_OBJECTS = _rules("Rules", "ID")


def as_aws_document(value: Any) -> tuple[Any, FieldType]:
    """Return a JSON value with its type: UNDESCRIBED for what AWS does not read."""
    if not isinstance(value, dict):
        return value, UNDESCRIBED
    statements = value.get("Statement")
    if isinstance(statements, dict | list):
        listed = statements if isinstance(statements, list) else [statements]
        return {**value, "Statement": [_statement(each) for each in listed]}, POLICY
    for field, described in (("rules", LIFECYCLE_OF_IMAGES), ("Rules", LIFECYCLE_OF_OBJECTS)):
        if isinstance(value.get(field), list):
            return value, described
    return value, UNDESCRIBED


def _statement(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _element(key, item) for key, item in value.items()}


def _element(key: str, value: Any) -> Any:
    if key in ELEMENTS:
        return _as_list(value)
    if key in PRINCIPALS and isinstance(value, dict):
        return {kind: _as_list(names) for kind, names in value.items()}
    if key == "Condition" and isinstance(value, dict):
        return {
            operator: {name: _as_list(values) for name, values in tests.items()} if isinstance(tests, dict) else tests
            for operator, tests in value.items()
        }
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | float) else value
