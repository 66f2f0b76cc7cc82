"""remarks: what a check can say.

A finding is one remark; others are that something need not be looked at again, or could not be looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from platformc.diagnostics import Finding, Span


@dataclass(frozen=True, slots=True)
class ValidClaim:
    """A claim that keeps the rules of its definition, by its key; or the key of a definition whose rules are understood."""

    key: bytes


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A composed resource whose kind has no schema here."""

    api_version: str
    kind: str
    at: Span


Remark = Finding | ValidClaim | Unchecked
