"""values: a claim's values as CEL sees them, by the types of their schema.

In      a value with its defaults, the part of an XRD's schema that it fits.
Out     the same in cel-python's types; a field's name as written in a rule, and back.
Never   passes to a rule what an API server would not: fields that are not declared.
Source  Kubernetes docs, "Extend the Kubernetes API with CustomResourceDefinitions": "Validation rules", its tables of
        types and of names that are escaped.

Lists are compared in order, even if `x-kubernetes-list-type` is set or map.
"""

from __future__ import annotations

import re
from typing import Any

from platformc.check.policies.object_fields import mapping
from platformc.check.schemas.conversion import EMBEDDED

JSON = Any

SIGNS = {".": "dot", "-": "dash", "/": "slash", "__": "underscores"}
RESERVED = frozenset(
    [
        *("as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let"),
        *("loop", "namespace", "null", "package", "return", "true", "var", "void", "while"),
    ]
)
"""Names that CEL reserves; in Kubernetes, a rule writes them between underscores."""
SIGN = re.compile(r"__|[.\-/]")
ESCAPED = re.compile(f"__({'|'.join([*SIGNS.values(), *sorted(RESERVED)])})__")

OF_OBJECTS: JSON = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object", "properties": {"name": {"type": "string"}, "generateName": {"type": "string"}}},
}
"""What rules can read of an object besides its own fields."""

FORMATS = frozenset(["byte", "date", "date-time", "duration"])
"""Formats that are not text for an API server: bytes, times and durations."""


def rule_name(field: str) -> str:
    """Return a field's name as written in a rule.

    >>> rule_name("dry-run"), rule_name("namespace"), rule_name("a__b"), rule_name("name")
    ('dry__dash__run', '__namespace__', 'a__underscores__b', 'name')
    """
    return f"__{field}__" if field in RESERVED else SIGN.sub(lambda sign: f"__{SIGNS[sign[0]]}__", field)


def field_name(written: str) -> str:
    """Return the field that a name in a rule means.

    >>> field_name("dry__dash__run"), field_name("__namespace__"), field_name("a__underscores__b"), field_name("name")
    ('dry-run', 'namespace', 'a__b', 'name')
    """
    signs = {word: sign for sign, word in SIGNS.items()}
    return ESCAPED.sub(lambda word: signs.get(word[1], word[1]), written)


def cel_value(value: JSON, schema: JSON) -> Any:
    """One value of `celpy.celtypes`. Raises ValueError for a whole number of more than 64 bits."""
    from celpy import celtypes  # noqa: PLC0415 - only claims with rules pay for its start

    schema = mapping(schema)
    match value:
        case list():
            return celtypes.ListType([cel_value(item, schema.get("items")) for item in value])
        case dict():
            return celtypes.MapType(_fields(value, schema))
        case bool():
            return celtypes.BoolType(value)
        case int() | float():
            return _number(value, schema.get("type"))
        case str():
            return _text(value, schema)
    return value


def _number(value: float, kind: JSON) -> Any:
    from celpy import celtypes  # noqa: PLC0415 - only claims with rules pay for its start

    whole = kind == "integer" or (kind != "number" and isinstance(value, int))
    return celtypes.IntType(int(value)) if whole else celtypes.DoubleType(value)


def _text(value: str, schema: JSON) -> Any:
    from celpy import celtypes, evaluation  # noqa: PLC0415 - only claims with rules pay for its start

    if schema.get("type") == "string" and schema.get("format") in FORMATS:
        # An error as a value: whatever depends on it has no result, and everything else is checked.
        return evaluation.CELEvalError("a text with a format", TypeError, ())
    return celtypes.StringType(value)


def _fields(value: JSON, schema: JSON) -> dict[Any, Any]:
    from celpy.celtypes import StringType  # noqa: PLC0415 - only claims with rules pay for its start

    declared = {**mapping(schema.get("properties")), **(OF_OBJECTS if schema.get(EMBEDDED) is True else {})}
    if declared:
        known = ((name, item) for name, item in value.items() if name in declared)
        return {StringType(rule_name(name)): cel_value(item, declared[name]) for name, item in known}
    others = schema.get("additionalProperties")
    return {StringType(name): cel_value(item, others) for name, item in value.items()}
