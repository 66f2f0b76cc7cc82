"""Job: a process that runs to completion, on every sync or on a schedule."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from platformc.language.models.base import Integer, SpecModel, problem
from platformc.language.models.pod import PodFields
from platformc.rules.fields import INVALID_VALUE

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
CRON_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minute", 0, 59, {}),
    ("hour", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, {name: number for number, name in enumerate(MONTHS, 1)}),
    ("day of the week", 0, 6, {name: number for number, name in enumerate(DAYS)}),
)
"""Name, least, most and words of each field, as in github.com/robfig/cron/v3, which Kubernetes uses."""
CRON_ITEM = re.compile(r"(?:[*?]|([0-9]{1,4}|[a-z]{3})(?:-([0-9]{1,4}|[a-z]{3}))?)(?:/0*[1-9][0-9]{0,3})?\Z")
CRON_WORD = re.compile(
    r"@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every (?:[0-9]+(?:\.[0-9]+)?(?:ms|s|m|h))+)\Z"
)


def cron(text: str) -> str:
    """Check a cron expression: five fields, or a word such as @daily."""
    hint = 'write one such as "0 3 * * *": minute, hour, day of the month, month, day of the week'
    if CRON_WORD.match(text):
        return text
    parts = text.split()
    if len(parts) != len(CRON_FIELDS):
        raise problem(INVALID_VALUE, f"{text!r} is not a cron expression with five fields", hint)
    for part, (name, least, most, words) in zip(parts, CRON_FIELDS, strict=True):
        if not all(_is_cron_item(item.lower(), least, most, words) for item in part.split(",")):
            raise problem(INVALID_VALUE, f"{part!r} is not a valid {name}: cron allows {least} to {most}", hint)
    return text


def _is_cron_item(item: str, least: int, most: int, words: dict[str, int]) -> bool:
    match = CRON_ITEM.match(item)
    if match is None:
        return False
    ends = [int(end) if end.isdigit() else words.get(end, -1) for end in match.groups() if end]
    return all(least <= end <= most for end in ends) and ends == sorted(ends)


class Schedule(SpecModel):
    """When the job runs."""

    schedule: Annotated[str, AfterValidator(cron)]
    """A cron expression, such as `0 3 * * *`."""
    time_zone: str | None = None
    """The time zone of the expression, such as Europe/Berlin; defaults to the cluster's."""
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Forbid"
    """What happens if the previous run has not ended."""


def _run(value: object) -> object:
    if isinstance(value, str) and value != "OnSync":
        hint = 'write OnSync, or {schedule: "0 3 * * *"}'
        raise problem(INVALID_VALUE, f"`{value}` is neither OnSync nor a schedule", hint)
    return None if value == "OnSync" else value


Run = Annotated[
    Schedule | None,
    BeforeValidator(_run),
    WithJsonSchema({"anyOf": [{"const": "OnSync"}, {"$ref": "#/$defs/Schedule"}]}),
]
"""`OnSync` (represented as None) or a schedule."""


class JobSpec(PodFields):
    """A process that runs to completion."""

    run: Run = None
    """`OnSync` for a step of the deployment, or a schedule."""
    backoff_limit: Integer = 3
    """How often a failed run is retried."""
    active_deadline_seconds: Integer | None = None
    """Seconds after which a run counts as failed."""
