"""causes: for an effect, the places in the spec that differ and that it was made from.

In      a Comparison, the changes of the spec, the basis of an effect.
Out     SpecChanges, sorted; empty if no place of the spec differs.
Never   compiles anything a second time for an environment in which nothing changed, or where only one place differs.

A value's origins (D3) are scalars of the spec. Those that lie in a change are its causes: in the head for what is
there, in the base for what was there. Where a value was made by a convention, the nearest thing around it counts,
then the document of its object, then the documents that this one uses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from platformc.diagnostics import Span
from platformc.diff.effect import Basis, Effect
from platformc.diff.report import CauseKind
from platformc.diff.spec_changes import SpecChange, SpecChanges
from platformc.language import DocumentId
from platformc.language.nodes import KeyPath, Scalar
from platformc.origins import Places
from platformc.request import ARGOCD
from platformc.snapshot import Comparison, SnapshotObject

WITHOUT_OBJECTS = (
    ("spec", "outputs"),
    ("spec", "accept"),
    ("spec", "allow"),
    ("spec", "moved"),
    ("spec", "valuesSchema"),
)
"""Fields of documents that make no object."""
EVERYBODYS = frozenset({"Platform", "Environment"})
"""Kinds of documents that all others are compiled with."""


@dataclass(frozen=True, slots=True)
class _State:
    """The object of a basis on one side, and the way from there to the spec."""

    found: SnapshotObject
    places: Places
    path: KeyPath | None
    in_base: bool

    def origins(self, path: KeyPath) -> list[Span]:
        """The places that a value of it was made from."""
        found = self.found
        scalars = self.places.origins(found.owner, found.application, found.id, path)
        return [span for scalar in scalars for span in _spans(scalar)]

    @property
    def place(self) -> Span:
        """The nearest place of the spec around its value."""
        return self.places.place_in(self.found.owner, self.found.application, self.found.id, self.path or ())

    def linked(self) -> Iterator[str]:
        """The documents at the other ends of its document's edges."""
        identity = self.places.document(self.found.owner)
        if identity is None:
            return
        for edge in self.places.program.outgoing.get(identity, ()):
            if isinstance(edge.target, DocumentId):
                yield str(edge.target)
        for edge in self.places.program.incoming.get(identity, ()):
            yield str(edge.source)


@dataclass(frozen=True)
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
        return tuple(sorted(found, key=self._order.__getitem__))

    @cached_property
    def _order(self) -> Mapping[SpecChange, int]:
        return {change: position for position, change in enumerate(self.changes.changes)}

    def _of_basis(self, basis: Basis) -> Iterator[SpecChange]:
        """The changes that a value was made from, on either side."""
        for state in self._states(basis):
            if state.path is not None:
                yield from self._of_value(state.origins(state.path), in_base=state.in_base)

    def _of_value(self, origins: Sequence[Span], *, in_base: bool) -> tuple[SpecChange, ...]:
        exact = dict.fromkeys(
            change for span in origins if (change := self.changes.around(span, in_base=in_base)) is not None
        )
        if exact:
            return tuple(exact)
        return tuple(dict.fromkeys(one for span in origins for one in self.changes.inside(span, in_base=in_base)))

    def _around(self, basis: Basis) -> tuple[SpecChange, ...]:
        """What changed near a value that has no origin of its own in what changed."""
        near: dict[SpecChange, None] = {}
        owned: dict[SpecChange, None] = {}
        used: dict[SpecChange, None] = {}
        for state in self._states(basis):
            owner = state.found.owner
            near |= dict.fromkeys(self._at(state.place, in_base=state.in_base))
            own = [one for one in self.changes.by_document.get(owner, ()) if one.path[:2] not in WITHOUT_OBJECTS]
            owned |= dict.fromkeys(own)
            if owner.startswith("Platform "):  # what all documents together make
                owned |= dict.fromkeys(one for one in self.changes.changes if one.before is None or one.after is None)
            used |= dict.fromkeys(
                one for document in state.linked() for one in self.changes.by_document.get(document, ())
            )
        return tuple(near or owned or used)

    def _at(self, place: Span, *, in_base: bool) -> tuple[SpecChange, ...]:
        around = self.changes.around(place, in_base=in_base)
        return (around,) if around is not None else self.changes.inside(place, in_base=in_base)

    def _of_platform(self) -> Iterable[SpecChange]:
        """What is everybody's: changes of the Platform, of environments and of the claim API; else all there are."""
        shared = [
            one for one in self.changes.changes if one.kind is CauseKind.CLAIM_API or one.document_kind in EVERYBODYS
        ]
        return shared or self.changes.changes

    def _states(self, basis: Basis) -> Iterator[_State]:
        """The object in the head, then in the base: where there is one, and the way back to the spec is known."""
        comparison = self.comparison
        for side, objects, path, in_base in (
            (comparison.head, comparison.after, basis.after, False),
            (comparison.base, comparison.before, basis.before, True),
        ):
            found = objects.get(basis.key)
            environment = side.environments.get(found.environment) if found is not None else None
            if found is not None and environment is not None and environment.places is not None:
                yield _State(found, environment.places, path, in_base)


def _file(place: Span) -> SpecChange:
    """A file that is no document of the spec, as what changed: a certificate, Argo CD's settings."""
    kind = CauseKind.ARGOCD if place.path.partition("/")[0] == ARGOCD else CauseKind.SPEC
    return SpecChange(kind, place.path, (), None, None, None, place)


def _spans(scalar: Scalar) -> Iterator[Span]:
    """The places that a scalar stands for: its own, and those of the constants in it."""
    yield scalar.span
    for constant in scalar.sources:
        yield from _spans(constant)
