"""judging: every transition between two states of a platform, and the findings that it is told as.

In      a Comparison; for findings, where files of the output are shown.
Out     transitions, sorted; findings at their places in the head's spec.
Never   lets a file of the head but `allow` silence what is found (D80).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from platformc.diagnostics import Finding, Span
from platformc.language import DocumentId
from platformc.language.models.base import DocumentSpec
from platformc.language.nodes import span_of
from platformc.link import Program
from platformc.lower import ObjectId
from platformc.safety import addons, changes, compositions, environments, mounts, protections, removals, retention
from platformc.safety.known import Known, document_of
from platformc.safety.transition import Transition
from platformc.snapshot import Comparison, SnapshotObject


def transitions(comparison: Comparison) -> tuple[Transition, ...]:
    """Return what is lost, doubled, emptied, refused or less protected in the new state."""
    known = Known(comparison)
    switched, mounted = environments.switched(known), mounts.judge(known)
    found = [
        *environments.judge(known),
        *changes.judge(known),
        *mounted.transitions,
        *removals.judge(known, mounted.replaced, switched),
        *protections.judge(known),
        *retention.judge(known),
        *compositions.judge(known, switched),
        *addons.judge(known, environments.renamed(known)),
    ]
    return tuple(sorted(found, key=lambda one: (one.environment, one.key, one.rule.id, one.message)))


def findings(transitions: Iterable[Transition], comparison: Comparison, folder: str) -> tuple[Finding, ...]:
    """Return transitions as findings, without those that the head allows; `folder` is the output folder's name."""
    judge = _Told(comparison, folder)
    return tuple(finding for one in transitions for finding in judge.told(one))


@dataclass(frozen=True)
class _Told:
    comparison: Comparison
    folder: str

    @cached_property
    def _known(self) -> Known:
        return Known(self.comparison)

    def told(self, one: Transition) -> Iterator[Finding]:
        """The finding about a transition; nothing if a document of the head allows it."""
        old, new = self.comparison.before.get(one.key), self.comparison.after.get(one.key)
        program = self._known.program(one.environment) or self._any_program()
        owner = one.document or document_of((new or old).owner if (new or old) is not None else "")  # type: ignore[union-attr]
        if program is not None and _is_allowed(program, owner, one.rule.id):
            return
        hint = one.hint
        if one.in_base is not None:
            hint = f"{hint}; it was at {one.in_base} in {self.comparison.base.label}"
        related: tuple[tuple[Span, str], ...] = ()
        if old is not None and self.comparison.base.program(old.environment) is None and one.before is not None:
            what = "the rendered file that changes" if new is not None else "the rendered file that goes"
            related = ((Span(f"{self.folder}/{old.path}"), what),)
        at = one.at or self._place(one, new, program, owner)
        if at is None:
            at, related = related[0][0] if related else Span(self.folder), ()
        yield one.rule.at(at, one.message, hint, related=related, environment=one.environment, severity=one.severity)

    def _any_program(self) -> Program | None:
        """Of an environment that is gone, the Platform of any other one is the nearest thing to point at."""
        for name in self.comparison.head.environments:
            found = self._known.program(name)
            if found is not None:
                return found
        return None

    def _place(
        self, one: Transition, new: SnapshotObject | None, program: Program | None, owner: DocumentId | None
    ) -> Span | None:
        if new is not None:
            places = self.comparison.head.environments[new.environment].places
            if places is None:
                return Span(f"{self.folder}/{new.path}")
            identity = ObjectId(new.key.group, new.key.kind, new.key.namespace, new.key.name)
            manifest = places.manifest(new.application, identity)
            return places.place(manifest, one.after or ("metadata", "name"))
        if program is None:
            return None
        for document in (owner, _application(owner)):
            if document is not None and document in program.resources:
                return program.resources[document].name_span
        return span_of(program.platform.target_node, ("metadata", "name"))


def _application(owner: DocumentId | None) -> DocumentId | None:
    return DocumentId("Application", owner.application, owner.application) if owner is not None else None


def _is_allowed(program: Program, owner: DocumentId | None, rule: str) -> bool:
    """Whether the document, its Application, the Platform or the Environment has an entry for the rule."""
    specs = [
        program.resources[one].spec
        for one in (owner, _application(owner), program.platform.platform.id)
        if one is not None and one in program.resources
    ]
    return any(
        entry.rule == rule
        for spec in (*specs, program.platform.settings, program.platform.target)
        if isinstance(spec, DocumentSpec)
        for entry in spec.allow
    )
