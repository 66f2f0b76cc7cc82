"""Job: a program that runs to its end, on every sync or on a schedule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, WithJsonSchema

from compiler.spec.models.base import Integer, SpecModel, problem
from compiler.spec.models.pod import PodFields


class Schedule(SpecModel):
    """When the job runs."""

    schedule: str
    """A cron expression, such as `0 3 * * *`."""
    time_zone: str | None = None
    """The time zone of the expression, such as Europe/Berlin; by default the cluster's."""
    concurrency_policy: Literal["Allow", "Forbid", "Replace"] = "Forbid"
    """What happens when the last run has not ended."""


def _run(value: object) -> object:
    if isinstance(value, str) and value != "OnSync":
        hint = 'write OnSync, or {schedule: "0 3 * * *"}'
        raise problem("invalid-value", f"`{value}` is neither OnSync nor a schedule", hint)
    return None if value == "OnSync" else value


Run = Annotated[
    Schedule | None,
    BeforeValidator(_run),
    WithJsonSchema({"anyOf": [{"const": "OnSync"}, {"$ref": "#/$defs/Schedule"}]}),
]
"""`OnSync` (held as None) or a schedule."""


class JobSpec(PodFields):
    """A program that runs to its end."""

    run: Run = None
    """`OnSync` for a step of the deployment, or a schedule."""
    backoff_limit: Integer = 3
    """How often a failed run is tried again."""
    active_deadline_seconds: Integer | None = None
    """Seconds after which a run counts as failed."""
