"""report: what every format of a diff shows, as plain values that can be written as JSON and read back.

In      effects with their causes, findings of both sides.
Out     Report. Same two inputs, same report.
Never   refers to a snapshot or to the specs: a format needs nothing else, also in another process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from platformc.diagnostics import Finding, Span
from platformc.diff.effect import EffectKind, Verdict

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class SideOfReport:
    """One of the two sides."""

    label: str
    """`main at 1a2b3c4`, `the working tree`."""
    commit: str
    """The full id of a commit; empty if it is not one."""
    without_graph: tuple[str, ...]
    """Environments of which only files are known, so that effects have no causes."""


@dataclass(frozen=True, slots=True)
class EnvironmentOfReport:
    """An environment that is on at least one side."""

    name: str
    cluster: str
    created: int
    updated: int
    deleted: int
    unchanged: int
    unknown: str = ""
    """Why nothing can be said of it: `it does not compile in the head`; empty if both states of it were compared."""


class CauseKind(StrEnum):
    """What a cause is."""

    SPEC = "spec"
    """A value, or a whole document, of the specs."""
    CLAIM_API = "claim-api"
    """A definition or Composition in crossplane/."""
    ARGOCD = "argocd"
    """Argo CD's settings in argocd/."""
    COMPILER = "compiler"
    """The compiler renders the same spec differently."""
    UNKNOWN = "unknown"
    """A side without a graph."""


@dataclass(frozen=True, slots=True)
class ReportedCause:
    """One place that differs between the two sides."""

    kind: CauseKind
    change: str
    """`added`, `removed` or `changed`; empty if nobody knows."""
    document: str
    """`Workload stoat/stoat-api`; for crossplane/ the object; empty for a compiler."""
    field: str
    """`image.tag`; empty for the whole document."""
    before: str
    """The scalar before; empty if there is none, or if it is not for every eye."""
    after: str
    """The scalar after, likewise."""
    at: Span | None
    """Where it is in the head; in the base if it was removed."""
    in_base: bool
    """Whether `at` points into the base."""


@dataclass(frozen=True, slots=True)
class ReportedField:
    """One changed value of an object, as text that can be shown to everyone."""

    path: str
    before: str | None
    """None if it was not there."""
    after: str | None
    """None if it is gone."""
    same: str
    """Why both mean the same to the API server; empty if they do not."""
    environments: tuple[str, ...] = ()
    """Those of the effect that have these values, if others of it have other ones, as checksums do; empty for all."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """An entry of `accept` in the spec that wants an effect."""

    reason: str
    at: Span


@dataclass(frozen=True, slots=True)
class ReportedEffect:
    """One effect, in every environment that has it alike."""

    kind: EffectKind
    verdict: Verdict
    environments: tuple[str, ...]
    differs: bool
    """Whether the same cause has another effect, or none, in another environment of both sides."""
    object: str
    """`Deployment stoat/api`."""
    group: str
    """The API group of the object; for a resource in AWS, that of the managed resource."""
    message: str
    details: tuple[str, ...]
    fields: tuple[ReportedField, ...]
    data: Mapping[str, Any]
    """The facts for programs; the keys depend on the kind."""
    accepted: Acceptance | None


@dataclass(frozen=True, slots=True)
class Entry:
    """Causes that belong together, and everything that they do."""

    causes: tuple[ReportedCause, ...]
    """Whole documents first, then by place. Empty in a section whose cause is said by its title."""
    effects: tuple[ReportedEffect, ...]
    """The gravest first."""

    @property
    def verdict(self) -> Verdict:
        """The gravest of its effects."""
        return min(effect.verdict for effect in self.effects)

    @property
    def is_accepted(self) -> bool:
        """Whether the spec accepts any of its effects: such entries lead the report."""
        return any(effect.accepted is not None for effect in self.effects)


class FindingState(StrEnum):
    """Whether the change made a finding."""

    NEW = "new"
    FIXED = "fixed"
    STANDING = "standing"


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """A finding of one side or of both."""

    state: FindingState
    finding: Finding
    """Of the head; of the base if it is fixed."""


@dataclass(frozen=True, slots=True)
class StaleAcceptance:
    """An entry of `accept` that lifts nothing any more."""

    effect: str
    object: str
    reason: str
    at: Span


@dataclass(frozen=True, slots=True)
class Report:
    """What a change does. Entries are sorted: those with accepted effects first, then the gravest, then by place."""

    base: SideOfReport
    head: SideOfReport
    compiler: str
    """The version of the compiler that made it."""
    environments: tuple[EnvironmentOfReport, ...]
    entries: tuple[Entry, ...]
    upgrade: tuple[Entry, ...]
    """What rendering the base's own spec changes in what is committed there: another compiler, or a stale base."""
    findings: tuple[ReportedFinding, ...]
    stale_acceptances: tuple[StaleAcceptance, ...]
    folded: Mapping[str, int]
    """Why values mean the same -> how many of them were folded."""
    notes: tuple[str, ...]
    """Sentences about the report itself: a side without a graph, an environment that does not compile."""

    @property
    def effects(self) -> tuple[ReportedEffect, ...]:
        """All effects of the change itself."""
        return tuple(effect for entry in self.entries for effect in entry.effects)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """The set of verdicts, the gravest first; empty if nothing happens."""
        return tuple(sorted({effect.verdict for effect in self.effects}))

    @property
    def gating(self) -> tuple[Verdict, ...]:
        """The same without effects that the spec accepts: what `--fail-on` looks at."""
        return tuple(sorted({effect.verdict for effect in self.effects if effect.accepted is None}))
