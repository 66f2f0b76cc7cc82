"""json_format: explanations as data for other tools.

In      Explanations.
Out     JSON, with schemaVersion 1.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from platformc.origins.explain import Explanation, Origin


def as_json(explanations: Iterable[Explanation]) -> str:
    """All explanations as one document."""
    document = {"schemaVersion": 1, "explanations": [_explanation(one) for one in explanations]}
    return json.dumps(document, indent=2) + "\n"


def _explanation(one: Explanation) -> dict[str, Any]:
    return {
        "environment": one.environment,
        "file": one.file,
        "object": one.object,
        "path": list(one.path),
        "line": one.line,
        "value": one.value,
        "origins": [_origin(origin) for origin in one.origins],
        "convention": None
        if one.convention is None
        else {"id": one.convention.id, "title": one.convention.title, "reason": one.convention.reason},
        "access": [
            {"kind": word.kind, "word": word.word, "targets": list(word.targets), "actions": list(word.actions)}
            for word in one.access
        ],
        "partOf": [_origin(origin) for origin in one.part_of],
        "allowed": None
        if one.allowed is None
        else {"rendered": list(one.allowed.rendered), "madeOf": list(one.allowed.made_of)},
    }


def _origin(origin: Origin) -> dict[str, Any]:
    return {
        "file": origin.at.path,
        "line": origin.at.line,
        "column": origin.at.column,
        "text": origin.text,
        "document": origin.document,
        "path": list(origin.path),
        "extended": None if origin.extended is None else str(origin.extended),
        "isCause": origin.is_cause,
        "replaced": [_origin(before) for before in origin.replaced],
        "constants": [_origin(part) for part in origin.constants],
    }
