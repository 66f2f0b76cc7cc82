"""changes: what Crossplane makes, changes and deletes where claims, definitions or Compositions change.

In      what the claims of both sides make; the facts of all managed resources.
Out     ManagedChange, one for each managed resource that is affected, sorted by claim and resource.
Never   tells what an object of another claim takes over, or whether a change is wanted: that is for who reads it.

Resources are paired by their claim and their name in the Composition, as the core does it: renaming a claim or a
resource deletes one and makes another. Source: crossplane v2.3.4, composite/composition_functions.go:
`GarbageCollectComposedResources` deletes what is not composed any longer, by its name alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, TypeAlias

from platformc.check.claim_api import ProviderFacts, Steps
from platformc.check.policies.object_fields import below, mapping
from platformc.composing.actions import Fate, FieldEffect, effect, facts_of, fate, is_managed, may
from platformc.composing.managed import ClaimId, Composed, Live, Managed, Unknown, nothing, same

JSON: TypeAlias = Any


class Absent(Enum):
    """In place of the value of a field that one side does not have."""

    ABSENT = auto()


ABSENT = Absent.ABSENT


class Cause(Enum):
    """Why a managed resource is deleted."""

    CLAIM_REMOVED = auto()
    LEFT_OUT = auto()
    """The claim's Composition does not make it any longer."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a managed resource that changes."""

    path: Steps
    """Of lists of one length, the items are compared one by one; any other list is a field as a whole."""
    before: JSON | Live | Absent
    after: JSON | Live | Absent
    effect: FieldEffect


@dataclass(frozen=True, slots=True)
class Created:
    """A managed resource is made."""

    claim: ClaimId
    after: Managed
    creates: bool
    """Whether one is made in AWS where there is none of that name; else it only stands for one that exists."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A managed resource changes."""

    claim: ClaimId
    before: Managed
    after: Managed
    fields: tuple[FieldChange, ...]

    @property
    def refused(self) -> tuple[FieldChange, ...]:
        """The fields that the provider refuses to change. One of them holds back all others, until it is undone."""
        return tuple(one for one in self.fields if one.effect is FieldEffect.REFUSED)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A managed resource is deleted."""

    claim: ClaimId
    before: Managed
    cause: Cause
    fate: Fate
    """What becomes of it in AWS, by what was allowed before the change."""


@dataclass(frozen=True, slots=True)
class Renamed:
    """A resource has another name in the Composition: one managed resource is deleted, one for the same thing is made.

    The core deletes the former one first. Where its `fate` is DELETED, the data goes with it, and the new one starts
    empty. Where AWS makes names up itself, as for an access key, the new one stands for another thing in any case.
    """

    claim: ClaimId
    before: Managed
    after: Managed
    fields: tuple[FieldChange, ...]
    fate: Fate


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Another kind has the same name in the Composition: it is made, and the core forgets the former one.

    That one stays, and goes on acting in AWS, until the claim is deleted or somebody deletes it.
    """

    claim: ClaimId
    before: Managed
    after: Managed


@dataclass(frozen=True, slots=True)
class NotKnown:
    """It is not known what changes for a claim."""

    claim: ClaimId
    before: Unknown | None
    """None if that side is known, or does not have the claim."""
    after: Unknown | None
    standing: tuple[Managed, ...]
    """What there was, if that is known."""
    wanted: tuple[Managed, ...]
    """What there shall be, if that is known."""


@dataclass(frozen=True, slots=True)
class FormSwitched:
    """The definition of a claim got the other form: nothing tells what becomes of what it made."""

    claim: ClaimId
    legacy: bool
    """Whether the new form is the older one."""
    standing: tuple[Managed, ...]
    wanted: tuple[Managed, ...]


ManagedChange: TypeAlias = Created | Changed | Deleted | Renamed | Forgotten | NotKnown | FormSwitched


def managed_changes(
    before: Sequence[Composed], after: Sequence[Composed], facts: ProviderFacts
) -> tuple[ManagedChange, ...]:
    """What changes between two sides, by claim and by resource; empty between equal sides."""
    old = {one.claim: one for one in before}
    new = {one.claim: one for one in after}
    found: list[ManagedChange] = []
    for claim in sorted({*old, *new}):
        found += _of_claim(claim, old.get(claim), new.get(claim), facts)
    return tuple(found)


def _of_claim(claim: ClaimId, old: Composed | None, new: Composed | None, facts: ProviderFacts) -> list[ManagedChange]:
    if old is not None and new is not None and same(old.inputs, new.inputs):
        return []
    old, new = (one if one is not None else nothing(claim) for one in (old, new))
    if old.unknown is not None or new.unknown is not None:
        return [NotKnown(claim, old.unknown, new.unknown, old.resources, new.resources)]
    if None not in (old.legacy, new.legacy) and old.legacy is not new.legacy:
        return [FormSwitched(claim, bool(new.legacy), old.resources, new.resources)]
    return _of_resources(claim, old, new, facts)


def _of_resources(claim: ClaimId, old: Composed, new: Composed, facts: ProviderFacts) -> list[ManagedChange]:
    """What changes for a claim, each side of which is known, or does not have it."""
    standing = old.resources
    cause = Cause.CLAIM_REMOVED if new.inputs is None else Cause.LEFT_OUT
    there = {one.resource: one for one in standing}
    # What waits is not made, and what exists is not deleted.
    here = {one.resource: one for one in new.waiting if one.resource in there}
    here |= {one.resource: one for one in new.resources}
    gone = [one for one in standing if one.resource not in here]
    made = [one for one in here.values() if one.resource not in there]
    renamed = _renamed(gone, made, facts)
    changes: list[tuple[str, ManagedChange | None]] = [
        (one.resource, _of_resource(claim, one, here[one.resource], facts)) for one in standing if one.resource in here
    ]
    for one in gone:
        heir = renamed.get(one.resource)
        if heir is None:
            changes.append((one.resource, Deleted(claim, one, cause, fate(one))))
        else:
            fields = changed_fields(one, heir, facts)
            changes.append((one.resource, Renamed(claim, one, heir, fields, fate(one))))
    taken = {one.resource for one in renamed.values()}
    changes += [
        (one.resource, Created(claim, one, not is_managed(one) or may(one, "Create")))
        for one in made
        if one.resource not in taken
    ]
    return [change for _, change in sorted(changes, key=lambda one: one[0]) if change is not None]


def _of_resource(claim: ClaimId, old: Managed, new: Managed, facts: ProviderFacts) -> ManagedChange | None:
    if old.kind != new.kind:
        return Forgotten(claim, old, new)
    fields = changed_fields(old, new, facts)
    return Changed(claim, old, new, fields) if fields else None


def _renamed(gone: Sequence[Managed], made: Sequence[Managed], facts: ProviderFacts) -> dict[str, Managed]:
    """Former name in the Composition -> the resource that stands for the same thing in AWS now."""
    rest = list(made)
    found: dict[str, Managed] = {}
    for one in gone:
        for other in rest:
            if _is_same_thing(one, other, facts):
                found[one.resource] = other
                rest.remove(other)
                break
    return found


def _is_same_thing(one: Managed, other: Managed, facts: ProviderFacts) -> bool:
    """Whether two managed resources stand for the same thing in AWS; where that is not known, only if they are equal."""
    if one.kind != other.kind:
        return False
    known = facts_of(one, facts)
    if known is None or not is_managed(one) or not is_managed(other):
        return same(one.with_live, other.with_live)
    if one.external_name != other.external_name or (known.named_by_annotation and one.external_name is None):
        return False
    if not same(*(below(each.object, "spec", "providerConfigRef") for each in (one, other))):
        return False
    fields = [mapping(below(each.object, "spec", "forProvider")) for each in (one, other)]
    named = known.immutable if one.external_name is None else ()
    return all(same(*(each.get(name) for each in fields)) for name in ("region", *named))


def changed_fields(old: Managed, new: Managed, facts: ProviderFacts) -> tuple[FieldChange, ...]:
    """The fields in which two objects of one kind differ, in the order of their paths' texts."""
    one, other = (replace(each, object=each.with_live) for each in (old, new))
    found = [
        FieldChange(path, before, after, effect(path, one, other, facts))
        for path, before, after in _differences(one.object, other.object, ())
    ]
    return tuple(sorted(found, key=lambda one: [str(step) for step in one.path]))


def _differences(old: JSON, new: JSON, path: Steps) -> Iterator[tuple[Steps, JSON | Absent, JSON | Absent]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for position, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _differences(one, other, (*path, position))
    elif not same(old, new):
        yield path, old, new
