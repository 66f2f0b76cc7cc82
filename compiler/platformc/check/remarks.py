"""remarks: what a check can report.

A finding is one remark; others are that something need not be checked again, or could not be checked.
"""

from __future__ import annotations

from dataclasses import dataclass

from platformc.diagnostics import Finding, Span


@dataclass(frozen=True, slots=True)
class ValidClaim:
    """The key of a claim that satisfies the rules of its definition, or of a definition with supported rules."""

    key: bytes


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A composed resource whose kind has no schema here."""

    api_version: str
    kind: str
    at: Span


Remark = Finding | ValidClaim | Unchecked
