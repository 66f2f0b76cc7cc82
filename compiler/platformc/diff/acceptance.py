"""acceptance: what the spec accepts with `accept`, and what it lifts.

In      the head's documents: `accept`, and `allow` for a rule about data; effects.
Out     for an effect, the entry that accepts it; the entries that accept nothing any more.
Never   hides an effect: a gate is lifted, the report still shows it.

An entry counts for the objects of its own document; on an Application for all of its documents, also for those that
are gone; on the Platform or an Environment for everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from platformc.diagnostics import Span
from platformc.diff.effect import Effect
from platformc.diff.report import Acceptance, StaleAcceptance
from platformc.language.models.base import Accept, Allow, DocumentSpec
from platformc.language.nodes import span_of
from platformc.link import Program
from platformc.snapshot import Comparison


@dataclass(frozen=True, slots=True)
class _Accepted:
    entry: Accept | Allow
    at: Span
    environment: str
    document: str
    """`Workload stoat/api`; empty if it counts for everything."""
    application: str
    """The folder of an Application's objects; empty for other documents."""
    environments: frozenset[str]
    """All of the head."""

    def _is_here(self, environment: str) -> bool:
        """Whether it counts for an environment; what is everybody's also does for one that is gone."""
        return self.environment == environment or (not self.document and environment not in self.environments)

    def covers(self, effect: Effect, owner: str, application: str) -> bool:
        """Whether it accepts an effect on an object of a document."""
        if isinstance(self.entry, Allow):
            is_meant = (effect.data or {}).get("rule") == self.entry.rule
        else:
            is_meant = (self.entry.effect, self.entry.object) == (effect.verdict.word, str(effect.key))
        if not is_meant or not self._is_here(effect.environment):
            return False
        if self.application:
            return self.application in {application, owner.partition(" ")[2].partition("/")[0]}
        return not self.document or self.document == owner


@dataclass(frozen=True, slots=True)
class Acceptances:
    """Everything that the head's documents accept."""

    comparison: Comparison
    accepted: tuple[_Accepted, ...]

    def of(self, effect: Effect) -> Acceptance | None:
        """The entry that accepts an effect."""
        change = self.comparison.by_key.get(effect.key)
        found = change.present if change is not None else self.comparison.after.get(effect.key)
        owner, application = (found.owner, found.application) if found is not None else ("", "")
        for one in self.accepted:
            if one.covers(effect, owner, application):
                return Acceptance(one.entry.reason, one.at)
        return None

    def stale(self, effects: Iterable[Effect]) -> tuple[StaleAcceptance, ...]:
        """The entries that accept no effect, each once: the base has what they were for."""
        used = {found.at for effect in effects if (found := self.of(effect)) is not None}
        left = {one.at: one.entry for one in self.accepted if isinstance(one.entry, Accept) and one.at not in used}
        return tuple(
            StaleAcceptance(entry.effect, entry.object, entry.reason, at) for at, entry in sorted(left.items())
        )


def acceptances(comparison: Comparison) -> Acceptances:
    """Read what all environments of the head accept."""
    programs = (environment.program for environment in comparison.head.environments.values())
    names = frozenset(comparison.head.environments)
    return Acceptances(
        comparison, tuple(one for program in programs if program is not None for one in _of_program(program, names))
    )


def _of_program(program: Program, names: frozenset[str]) -> Iterator[_Accepted]:
    platform = program.platform
    for resource in (platform.platform, *platform.resources):
        if not isinstance(resource.spec, DocumentSpec):
            continue
        kind = resource.id.kind
        document = "" if kind == "Platform" else str(resource.id)
        folder = resource.name if kind == "Application" else ""
        for field, position, entry in _entries(resource.spec):
            at = resource.at(field, position)
            yield _Accepted(entry, at, platform.environment, document, folder, names)
    for field, position, entry in _entries(platform.target):
        at = span_of(platform.target_node, ("spec", field, position))
        yield _Accepted(entry, at, platform.environment, "", "", names)


def _entries(spec: DocumentSpec) -> Iterator[tuple[str, int, Accept | Allow]]:
    """The entries of a document, with their field and position."""
    yield from (("accept", position, entry) for position, entry in enumerate(spec.accept))
    yield from (("allow", position, entry) for position, entry in enumerate(spec.allow))
