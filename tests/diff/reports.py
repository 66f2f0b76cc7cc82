"""Reports for tests, built from what differs between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.diagnostics import Span
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.report import (
    Acceptance,
    CauseKind,
    Entry,
    EnvironmentOfReport,
    Report,
    ReportedCause,
    ReportedEffect,
    ReportedField,
    ReportedFinding,
    SideOfReport,
    StaleAcceptance,
)

BOTH = ("production", "staging")


def cause(
    document: str,
    field: str = "",
    before: str = "",
    after: str = "",
    at: Span | None = None,
    *,
    change: str = "changed",
    kind: CauseKind = CauseKind.SPEC,
) -> ReportedCause:
    """A cause; one that was removed is in the base."""
    return ReportedCause(kind, change, document, field, before, after, at, in_base=change == "removed")


def effect(  # noqa: PLR0917 - as in the record
    kind: EffectKind,
    verdict: Verdict,
    name: str,
    message: str,
    environments: tuple[str, ...] = BOTH,
    details: tuple[str, ...] = (),
    fields: tuple[ReportedField, ...] = (),
    *,
    group: str = "apps",
    differs: bool = False,
    data: Mapping[str, Any] | None = None,
    accepted: Acceptance | None = None,
) -> ReportedEffect:
    """An effect in both environments, if nothing else is said."""
    return ReportedEffect(
        kind, verdict, environments, differs, name, group, message, details, fields, data or {}, accepted
    )


def update(
    name: str, *fields: ReportedField, environments: tuple[str, ...] = BOTH, group: str = "apps"
) -> ReportedEffect:
    """An update in place."""
    return effect(
        EffectKind.UPDATE, Verdict.ROUTINE, name, "is updated in place", environments, fields=fields, group=group
    )


def value(path: str, before: str | None, after: str | None, same: str = "") -> ReportedField:
    """A changed value."""
    return ReportedField(path, before, after, same)


def at(path: str, line: int, column: int = 3, length: int = 8) -> Span:
    """A place in one line."""
    return Span(path, line, column, line, column + length)


def report(
    *entries: Entry,
    changed: Mapping[str, tuple[int, int, int]] | None = None,
    upgrade: tuple[Entry, ...] = (),
    findings: tuple[ReportedFinding, ...] = (),
    stale: tuple[StaleAcceptance, ...] = (),
    folded: Mapping[str, int] | None = None,
    notes: tuple[str, ...] = (),
    unknown: Mapping[str, str] | None = None,
    names: tuple[str, ...] = BOTH,
) -> Report:
    """A report of two environments; `changed` has what is created, updated and deleted in each."""
    counted = changed or {}
    return Report(
        SideOfReport("main at 1a2b3c4", "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d", ()),
        SideOfReport("the merge of pull request 17", "9f8e7d6c5b4a39281706f5e4d3c2b1a098765432", ()),
        "0.16.0",
        tuple(
            EnvironmentOfReport(
                name,
                f"the cluster https://{name}.example",
                *counted.get(name, (0, 0, 0)),
                unchanged=139,
                unknown=(unknown or {}).get(name, ""),
            )
            for name in names
        ),
        _gravest_first(entries),
        _gravest_first(upgrade),
        findings,
        stale,
        folded or {},
        notes,
    )


def _gravest_first(entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    ordered = (Entry(entry.causes, tuple(sorted(entry.effects, key=lambda each: each.verdict))) for entry in entries)
    return tuple(sorted(ordered, key=lambda entry: (not entry.is_accepted, entry.verdict)))
