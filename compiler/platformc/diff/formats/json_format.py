"""json_format: a Report as one JSON document, and back.

In      a Report; the bytes of a file that anyone may have written, also a pull request from outside.
Out     text that is valid against docs/diff-report.schema.json, ASCII only; the very Report that it was written from.
Finds   bytes that are not such a document, or that contradict themselves: UsageError, in one sentence.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, NoReturn

from platformc.diagnostics import UsageError
from platformc.diff.formats.shapes import ShapeError, read, record_of, word, written
from platformc.diff.report import SCHEMA_VERSION, Entry, Report

LARGEST = 32 * 1024 * 1024
"""Bytes of a report. One of 10,000 effects has about 8 MiB."""

DERIVED = ("verdicts", "gating")
"""Fields that follow from others, written for whoever reads JSON without this program."""

VERSION = "schemaVersion"

CHANGES = ("", "added", "removed", "changed")
"""The words of a cause's `change`."""


def dump_report(report: Report) -> str:
    """Write a report. Everything beyond ASCII is escaped, so that it breaks no terminal and no encoding on its way."""
    document = {VERSION: SCHEMA_VERSION, **derived(report), **written(record_of(Report), report)}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def derived(report: Report) -> dict[str, list[str]]:
    """The derived fields of a report, as JSON."""
    return {"verdicts": [word(each) for each in report.verdicts], "gating": [word(each) for each in report.gating]}


def parse_report(content: bytes, name: str = "the report") -> Report:
    """Read what `dump_report` wrote, and nothing else. `name` is the file for the sentence.

    Raises UsageError for other bytes: too many, no JSON, a field that is missing or not known, a value of another
    type or size, another version, or places and environments that contradict each other.
    """
    try:
        return _report(content)
    except ShapeError as problem:
        raise UsageError(
            f"{name} is not a report of this version of platformc: {problem}",
            "write it with `platformc diff --format json`, with the version that reads it",
        ) from None


def _report(content: bytes) -> Report:
    document = _document(content)
    version = document.pop(VERSION, None)
    if version != SCHEMA_VERSION or type(version) is not int:
        raise ShapeError(VERSION, f"is not {SCHEMA_VERSION}")
    told = {field: document.pop(field, None) for field in DERIVED}
    report: Report = read(record_of(Report), document)
    for problem in _contradictions(report, told):
        raise problem  # the first is enough
    return report


def _document(content: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, each key once."""
    if len(content) > LARGEST:
        raise ShapeError("", f"has more than {LARGEST:,} bytes")
    try:
        document = json.loads(content.decode(), object_pairs_hook=_each_once, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise ShapeError("", "is not UTF-8") from None
    except RecursionError:
        raise ShapeError("", "is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ShapeError("", f"is not JSON (line {error.lineno}, column {error.colno})") from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise ShapeError("", "has a number that is too long") from None
    if not isinstance(document, dict):
        raise ShapeError("", "is not an object")
    return document


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ShapeError("", "has an object with the same key twice")
    return found


def _no_number(_: str) -> NoReturn:
    raise ShapeError("", "has a number that is none (NaN or Infinity)")


def _contradictions(report: Report, told: dict[str, Any]) -> Iterator[ShapeError]:
    """What is of the right shape and yet cannot be: an effect that no column of a table would show."""
    names = Counter(environment.name for environment in report.environments)
    if any(number > 1 for number in names.values()):
        yield ShapeError("environments", "has the same environment twice")
    for section, entries in (("entries", report.entries), ("upgrade", report.upgrade)):
        order = [(not entry.is_accepted, entry.verdict) for entry in entries]
        if order != sorted(order):
            yield ShapeError(section, "does not have what is accepted and then the gravest first")
        for index, entry in enumerate(entries):
            yield from _contradictions_in(entry, f"{section}[{index}]", names.keys())
    for field, known in derived(report).items():
        if told[field] != known:
            yield ShapeError(field, "is not what follows from the effects")


def _contradictions_in(entry: Entry, where: str, names: Collection[str]) -> Iterator[ShapeError]:
    for index, cause in enumerate(entry.causes):
        if cause.change not in CHANGES:
            yield ShapeError(f"{where}.causes[{index}].change", f"is none of: {', '.join(CHANGES[1:])}")
    if [effect.verdict for effect in entry.effects] != sorted(effect.verdict for effect in entry.effects):
        yield ShapeError(f"{where}.effects", "does not have the gravest first")
    for index, effect in enumerate(entry.effects):
        if any(name not in names for name in effect.environments):
            yield ShapeError(f"{where}.effects[{index}].environments", "has one that the report does not list")
        if any(name not in effect.environments for field in effect.fields for name in field.environments):
            yield ShapeError(f"{where}.effects[{index}].fields", "has one of an environment that the effect has not")
        if len(set(effect.environments)) < len(effect.environments):
            yield ShapeError(f"{where}.effects[{index}].environments", "has the same one twice")
