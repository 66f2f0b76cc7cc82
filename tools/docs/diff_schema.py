"""diff_schema: the JSON Schema of a diff's report (docs/diff-report.schema.json).

In      the dataclasses of `diff/report.py`, with their docstrings; the shapes that writing and reading follow.
Out     one schema that every report fits.
Never   knows a field that is not written, or lacks one that is: both follow the same shapes.

Draft 2020-12, as that of findings. A new field may come without a new version, so no object is closed.
"""

from __future__ import annotations

from typing import Any

from platformc.diff.formats.json_format import DERIVED, VERSION
from platformc.diff.formats.shapes import (
    LARGEST_NUMBER,
    Anything,
    Flag,
    Listed,
    Mapped,
    Nullable,
    Number,
    Pair,
    Record,
    Shape,
    Text,
    Word,
    camel,
    record_of,
)
from platformc.diff.report import SCHEMA_VERSION, Report

from tools.docs.docstrings import said_in, summary_of
from tools.docs.field_types import JSON

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def report_schema() -> JSON:
    """The schema of a whole report."""
    definitions: dict[str, JSON] = {}
    made = _record(record_of(Report), definitions)
    derived = {name: _derived(name, definitions) for name in DERIVED}
    return {
        "$schema": DRAFT,
        "$id": f"urn:platformc:diff-report:{SCHEMA_VERSION}",
        "title": "What a change does",
        **made,
        "description": "What `platformc diff --format json` writes. "
        "New fields may be added without a new schemaVersion.",
        "required": [VERSION, *DERIVED, *made["required"]],
        "properties": {
            VERSION: {"description": "Raised when a field goes away or changes its meaning.", "const": SCHEMA_VERSION},
            **derived,
            **made["properties"],
        },
        "$defs": dict(sorted(definitions.items())),
    }


def _derived(name: str, definitions: dict[str, JSON]) -> JSON:
    said = " ".join(str(vars(Report)[name].__doc__).split())
    return {"description": said, "type": "array", "items": dict(definitions["reportedEffect"]["properties"]["verdict"])}


def _record(shape: Record, definitions: dict[str, JSON]) -> JSON:
    said = said_in(shape.made)
    properties = {
        field.name: _described(said.get(field.attribute, ""), field.shape, definitions) for field in shape.fields
    }
    return {
        "description": summary_of(shape.made),
        "type": "object",
        "required": [field.name for field in shape.fields],
        "properties": properties,
    }


def _described(said: str, shape: Shape, definitions: dict[str, JSON]) -> JSON:
    return ({"description": said} if said else {}) | _schema(shape, definitions)


def _schema(shape: Shape, definitions: dict[str, JSON]) -> JSON:  # noqa: C901, PLR0911 - one line a shape
    match shape:
        case Text():
            return {"type": "string"}
        case Flag():
            return {"type": "boolean"}
        case Number(least):
            return {"type": "integer", "minimum": least, "maximum": LARGEST_NUMBER}
        case Word(members):
            return {"enum": list(members)}
        case Listed(item, least):
            return {"type": "array", "items": _schema(item, definitions), **({"minItems": least} if least else {})}
        case Pair(items):
            made: list[Any] = [_schema(item, definitions) for item in items]
            return {"type": "array", "prefixItems": made, "minItems": len(made), "maxItems": len(made)}
        case Mapped(value):
            return {"type": "object", "additionalProperties": _schema(value, definitions)}
        case Anything():
            return {"type": "object"}
        case Nullable(value):
            return {"anyOf": [_schema(value, definitions), {"type": "null"}]}
        case Record(made_of):
            name = camel(made_of.__name__[0].lower() + made_of.__name__[1:])
            if name not in definitions:
                definitions[name] = _record(shape, definitions)
            return {"$ref": f"#/$defs/{name}"}
