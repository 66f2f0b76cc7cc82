"""Findings: each is one thing to report to the user, as data; the formats only read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How much a finding matters. An error means that nothing is written."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Span(NamedTuple):
    """A place in a file of the repository.

    `path` is relative to the repository root with `/` between its parts. Lines and columns count
    characters from 1; the end is exclusive. The span of a whole file is 1:1 to 1:1.
    """

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"

    @property
    def is_whole_file(self) -> bool:
        """Whether it is a file and no place in it, so that no line is shown."""
        return self == Span(self.path)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to report. Sentences are for people; everything that code needs is a field."""

    at: Span
    rule: str
    """Stable kebab-case id: never renamed, never reused."""
    severity: Severity
    message: str
    """What is wrong: lower case, no full stop, true and clear without the snippet."""
    hint: str = ""
    """What to do about it, pasteable where possible."""
    related: tuple[tuple[Span, str], ...] = ()
    """The other places that contribute to it, each with a short label."""
    environment: str = ""
    """The environment it was found in; empty if it concerns all of them."""
    confidential: bool = False
    """Whether the line may contain a secret, so that no format shows it: output ends up in logs."""


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order findings by place and rule, without duplicates.

    A finding that is the same in several environments is kept once, without an environment
    unless all have the same one.
    """
    merged: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.at, finding.rule, finding.severity, finding.message)
        known = merged.get(key)
        if known is None:
            merged[key] = finding
        elif known.environment != finding.environment:
            merged[key] = replace(known, environment="")
    return tuple(
        sorted(merged.values(), key=lambda finding: (finding.at, finding.rule, finding.message, finding.environment))
    )
