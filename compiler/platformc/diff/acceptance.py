"""acceptance: what the spec accepts with `accept`, and what it lifts.

In      the head's documents: `accept`, and `allow` for a rule about data; effects.
Out     for an effect, the entry that accepts it; the entries that accept nothing any more.
Never   hides an effect: a gate is lifted, the report still shows it.

An entry counts for the objects of its own document; on an Application for all of its documents, also for those that
are gone; on the Platform or an Environment for everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from platformc.diagnostics import Span
from platformc.diff.effect import Effect
from platformc.diff.report import Acceptance, ReportedEffect, StaleAcceptance
from platformc.language.models.base import Accept, Allow, DocumentSpec
from platformc.language.nodes import span_of
from platformc.link import Program
from platformc.snapshot import Comparison

_Meant = tuple[str, ...]
"""What an entry is about: the word of a verdict and an object, or a rule."""
_GONE = ""
"""Stands for all environments that the head does not have."""


@dataclass(frozen=True, slots=True)
class _Accepted:
    entry: Accept | Allow
    at: Span
    environment: str
    document: str
    """`Workload stoat/api`; empty if it counts for everything."""
    application: str
    """The folder of an Application's objects; empty for other documents."""

    @property
    def meant(self) -> _Meant:
        """What it is about."""
        return (self.entry.rule,) if isinstance(self.entry, Allow) else (self.entry.effect, self.entry.object)

    def covers(self, owner: str, application: str) -> bool:
        """Whether it counts for the objects of a document."""
        if self.application:
            return self.application in {application, owner.partition(" ")[2].partition("/")[0]}
        return not self.document or self.document == owner


@dataclass(frozen=True)
class Acceptances:
    """Everything that the head's documents accept."""

    comparison: Comparison
    accepted: tuple[_Accepted, ...]

    @cached_property
    def _by_meaning(self) -> Mapping[tuple[str, _Meant], Sequence[tuple[int, _Accepted]]]:
        """Environment and what is meant -> the entries, with their positions."""
        found: dict[tuple[str, _Meant], list[tuple[int, _Accepted]]] = defaultdict(list)
        for position, one in enumerate(self.accepted):
            # What is everybody's also counts for an environment that is gone.
            for environment in (one.environment,) if one.document else (one.environment, _GONE):
                found[environment, one.meant].append((position, one))
        return found

    def of(self, effect: Effect) -> Acceptance | None:
        """The entry that accepts an effect, the first of several."""
        change = self.comparison.by_key.get(effect.key)
        found = change.present if change is not None else self.comparison.after.get(effect.key)
        owner, application = (found.owner, found.application) if found is not None else ("", "")
        place = effect.environment if effect.environment in self.comparison.head.environments else _GONE
        covering = [
            entry
            for meant in _meanings(effect)
            for entry in self._by_meaning.get((place, meant), ())
            if entry[1].covers(owner, application)
        ]
        if not covering:
            return None
        _, first = min(covering, key=itemgetter(0))
        return Acceptance(first.entry.reason, first.at)

    def stale(self, effects: Iterable[ReportedEffect]) -> tuple[StaleAcceptance, ...]:
        """The entries that accept no effect of a report, each once: the base has what they were for."""
        used = {effect.accepted.at for effect in effects if effect.accepted is not None}
        left = {one.at: one.entry for one in self.accepted if isinstance(one.entry, Accept) and one.at not in used}
        return tuple(
            StaleAcceptance(entry.effect, entry.object, entry.reason, at) for at, entry in sorted(left.items())
        )


def _meanings(effect: Effect) -> Iterator[_Meant]:
    """What an entry can be about to mean an effect."""
    yield effect.verdict.word, str(effect.key)
    if effect.data is not None and "rule" in effect.data:
        yield (effect.data["rule"],)


def acceptances(comparison: Comparison) -> Acceptances:
    """Read what all environments of the head accept."""
    programs = (environment.program for environment in comparison.head.environments.values())
    return Acceptances(
        comparison, tuple(one for program in programs if program is not None for one in _of_program(program))
    )


def _of_program(program: Program) -> Iterator[_Accepted]:
    platform = program.platform
    for resource in (platform.platform, *platform.resources):
        if not isinstance(resource.spec, DocumentSpec):
            continue
        kind = resource.id.kind
        document = "" if kind == "Platform" else str(resource.id)
        folder = resource.name if kind == "Application" else ""
        for field, position, entry in _entries(resource.spec):
            at = resource.at(field, position)
            yield _Accepted(entry, at, platform.environment, document, folder)
    for field, position, entry in _entries(platform.target):
        at = span_of(platform.target_node, ("spec", field, position))
        yield _Accepted(entry, at, platform.environment, "", "")


def _entries(spec: DocumentSpec) -> Iterator[tuple[str, int, Accept | Allow]]:
    """The entries of a document, with their field and position."""
    yield from (("accept", position, entry) for position, entry in enumerate(spec.accept))
    yield from (("allow", position, entry) for position, entry in enumerate(spec.allow))
