"""causes: for an effect, the places in the spec that differ and that it was made from.

In      a Comparison, the changes of the spec, the basis of an effect.
Out     SpecChanges, sorted; empty if no place of the spec differs.
Never   compiles anything a second time for an environment in which nothing changed, or where only one place differs.

A value's origins (D3) are scalars of the spec. Those that lie in a change are its causes: in the head for what is
there, in the base for what was there. Where a value was made by a convention, the nearest thing around it counts,
then the document of its object, then the documents that this one uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from platformc.diagnostics import Span
from platformc.diff.effect import Basis, Effect
from platformc.diff.report import CauseKind
from platformc.diff.spec_changes import SpecChange, SpecChanges
from platformc.language import DocumentId
from platformc.language.nodes import KeyPath, Scalar
from platformc.link import Program
from platformc.snapshot import Comparison, EnvironmentSnapshot, ObjectKey, Snapshot, SnapshotObject

WITHOUT_OBJECTS = (
    ("spec", "outputs"),
    ("spec", "accept"),
    ("spec", "allow"),
    ("spec", "moved"),
    ("spec", "valuesSchema"),
)
"""Fields of documents that make no object."""


ARGOCD = "argocd"
"""The folder of Argo CD's settings."""


@dataclass(frozen=True, slots=True)
class Causes:
    """Finds the causes of effects."""

    comparison: Comparison
    changes: SpecChanges

    def of(self, effect: Effect) -> tuple[SpecChange, ...]:
        """The changes that an effect comes from, each once."""
        if effect.basis and len(self.changes.changes) == 1:
            return self.changes.changes  # nothing else differs, so nobody need ask where a value comes from
        found = dict.fromkeys(change for basis in effect.basis for change in self._of_basis(basis))
        for place in effect.at:
            found |= dict.fromkeys(self._at(place, in_base=False) or self._at(place, in_base=True))
        if not found and not effect.basis:
            return tuple(map(_file, effect.at[:1]))
        if not found:
            found = dict.fromkeys(one for basis in effect.basis for one in self._around(basis))
        if not found:
            found = dict.fromkeys(self._of_platform())
        order = {change: position for position, change in enumerate(self.changes.changes)}
        return tuple(sorted(found, key=lambda change: order[change]))

    def _of_basis(self, basis: Basis) -> Iterator[SpecChange]:
        """The changes that a value was made from, on either side."""
        for side, in_base, path in self._sides(basis):
            if path is None:
                continue
            found = side.get(basis.key)
            environment = self._environment(found, in_base=in_base)
            if found is None or environment is None or environment.places is None:
                continue
            yield from self._of_value(environment, found, path, in_base=in_base)

    def _of_value(
        self, environment: EnvironmentSnapshot, found: SnapshotObject, path: KeyPath, *, in_base: bool
    ) -> tuple[SpecChange, ...]:
        places = environment.places
        if places is None:
            return ()
        spans = [
            span for scalar in places.origins(found.owner, found.application, found.id, path) for span in _spans(scalar)
        ]
        exact = dict.fromkeys(
            change for span in spans if (change := self.changes.around(span, in_base=in_base)) is not None
        )
        if exact:
            return tuple(exact)
        return tuple(dict.fromkeys(one for span in spans for one in self.changes.inside(span, in_base=in_base)))

    def _around(self, basis: Basis) -> tuple[SpecChange, ...]:
        """What changed near a value that has no origin of its own in what changed."""
        near: dict[SpecChange, None] = {}
        owned: dict[SpecChange, None] = {}
        used: dict[SpecChange, None] = {}
        for side, in_base, path in self._sides(basis):
            found = side.get(basis.key)
            environment = self._environment(found, in_base=in_base)
            if found is None or environment is None or environment.places is None:
                continue
            place = environment.places.place_in(found.owner, found.application, found.id, path or ())
            near |= dict.fromkeys(self._at(place, in_base=in_base))
            own = [one for one in self.changes.by_document.get(found.owner, ()) if one.path[:2] not in WITHOUT_OBJECTS]
            owned |= dict.fromkeys(own)
            if found.owner.startswith("Platform "):  # what all documents together make
                owned |= dict.fromkeys(one for one in self.changes.changes if one.before is None or one.after is None)
            documents = _linked(environment.program, found.owner)
            used |= dict.fromkeys(one for document in documents for one in self.changes.by_document.get(document, ()))
        return tuple(near or owned or used)

    def _at(self, place: Span, *, in_base: bool) -> tuple[SpecChange, ...]:
        around = self.changes.around(place, in_base=in_base)
        return (around,) if around is not None else self.changes.inside(place, in_base=in_base)

    def _of_platform(self) -> Iterable[SpecChange]:
        """What is everybody's: changes of the Platform, of environments and of the claim API; else all there are."""
        shared = [
            one
            for one in self.changes.changes
            if one.kind is CauseKind.CLAIM_API or one.document.startswith(("Platform ", "Environment "))
        ]
        return shared or self.changes.changes

    def _sides(self, basis: Basis) -> Iterator[tuple[Mapping[ObjectKey, SnapshotObject], bool, KeyPath | None]]:
        """The objects of each side, whether it is the base, and the path there."""
        yield self.comparison.after, False, basis.after
        yield self.comparison.before, True, basis.before

    def _environment(self, found: SnapshotObject | None, *, in_base: bool) -> EnvironmentSnapshot | None:
        side: Snapshot = self.comparison.base if in_base else self.comparison.head
        return side.environments.get(found.environment) if found is not None else None


def _file(place: Span) -> SpecChange:
    """A file that is no document of the spec, as what changed: a certificate, Argo CD's settings."""
    kind = CauseKind.ARGOCD if place.path.partition("/")[0] == ARGOCD else CauseKind.SPEC
    return SpecChange(kind, place.path, (), None, None, None, place)


def _spans(scalar: Scalar) -> Iterator[Span]:
    """The places that a scalar stands for: its own, and those of the constants in it."""
    yield scalar.span
    for constant in scalar.sources:
        yield from _spans(constant)


def _linked(program: Program | None, owner: str) -> Iterator[str]:
    """The documents at the other ends of a document's edges."""
    if program is None:
        return
    for identity in (one for one in program.resources if str(one) == owner):
        for edge in program.outgoing.get(identity, ()):
            if isinstance(edge.target, DocumentId):
                yield str(edge.target)
        for edge in program.incoming.get(identity, ()):
            yield str(edge.source)
