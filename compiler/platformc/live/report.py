"""report: a status, as text for people and as JSON for programs.

In      Reports.
Out     text. People see what needs them, programs everything.
Never   asks a cluster.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from platformc.live.status import ApplicationStatus, ObjectStatus, Report

SCHEMA_VERSION = 1
MOST = 3
"""How many of a kind of line people read before they look elsewhere; -v and JSON have all objects."""


def as_text(reports: Sequence[Report], *, everything: bool = False) -> str:
    """A line for each Application, and below it the objects that somebody should look at, or all of them."""
    return "\n".join("".join(f"{line}\n" for line in _lines(one, everything=everything)) for one in reports)


def _lines(report: Report, *, everything: bool) -> Iterator[str]:
    found = report.applications
    fine = sum(one.is_fine for one in found)
    yield f"{report.environment}: {fine} of {len(found)} applications synced and healthy"
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        line = f"{one.wave:>4}  {one.name:<{width}}  {one.sync:<9}  {one.health:<11}  {_first_line(one.message)}"
        yield line.rstrip()
        shown = [each for each in one.objects if everything or not each.is_fine]
        absent = [each for each in shown if each.is_absent and not everything]
        for each in shown:
            if each not in absent or len(absent) <= MOST:
                yield from _object_lines(each)
        if len(absent) > MOST:
            yield f"        missing: {', '.join(str(each.id) for each in absent[:MOST])} and {len(absent) - MOST} more"


def _object_lines(one: ObjectStatus) -> Iterator[str]:
    words = [f"{one.id}:", one.sync, *([one.health] if one.health else [])]
    yield f"        {' '.join(words)}" + (f", {_first_line(one.message)}" if one.message else "")
    for wait in one.waits_for[:MOST]:
        said = f": {_first_line(wait.message)}" if wait.message else ""
        yield f"          waits for {' -> '.join(wait.path)} ({wait.health}{said})"
    if len(one.waits_for) > MOST:
        yield f"          and for {len(one.waits_for) - MOST} more"


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0]


def as_json(reports: Sequence[Report]) -> str:
    """Everything, in a form that only grows: fields are added, never renamed."""
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "environments": [
            {
                "name": report.environment,
                "fine": report.is_fine,
                "applications": [_application(one) for one in report.applications],
            }
            for report in reports
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _application(one: ApplicationStatus) -> dict[str, Any]:
    return {
        "name": one.name,
        "folder": one.folder,
        "wave": one.wave,
        "sync": one.sync,
        "health": one.health,
        "message": one.message,
        "revision": one.revision,
        "fine": one.is_fine,
        "objects": [_object(each) for each in one.objects],
    }


def _object(one: ObjectStatus) -> dict[str, Any]:
    return {
        **asdict(one.id),
        "sync": one.sync,
        "health": one.health,
        "message": one.message,
        "waitsFor": [
            {"path": list(wait.path), "health": wait.health, "message": wait.message} for wait in one.waits_for
        ],
    }
