"""The same report with other texts: to put anything into every place that a text can come from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from platformc.diff.formats.json_format import CHANGES
from platformc.diff.formats.shapes import Listed, Mapped, Nullable, Pair, Record, Shape, Text, read, record_of, written
from platformc.diff.report import Report


def mapped(report: Report, change: Callable[[str], str]) -> Report:
    """Change every text of a report that is not empty and no word of ours, the keys of its counts included."""
    shape = record_of(Report)
    made: Report = read(shape, _changed(shape, written(shape, report), change))
    return made


def _changed(shape: Shape, document: Any, change: Callable[[str], str]) -> Any:  # noqa: PLR0911 - one line a shape
    match shape:
        case Text():
            return document if document in CHANGES else change(document)
        case Listed(item, _):
            return [_changed(item, each, change) for each in document]
        case Pair(items):
            return [_changed(item, each, change) for item, each in zip(items, document, strict=True)]
        case Mapped(value):
            return {change(key): _changed(value, each, change) for key, each in document.items()}
        case Nullable(value):
            return None if document is None else _changed(value, document, change)
        case Record(_, fields):
            return {field.name: _changed(field.shape, document[field.name], change) for field in fields}
        case _:
            return document
