"""changes: what cannot change in an object that stays: the API server or AWS refuses it.

In      what is known of two states.
Out     transitions: immutable-field, volume-shrinks, ttl-dropped and what else records of kinds refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.check.aws_resources import group_of, kind_of
from platformc.check.policies.object_fields import below, mapping
from platformc.language.aws_facts import ClaimFacts
from platformc.language.nodes import KeyPath
from platformc.rules.output import IMMUTABLE_FIELD, VOLUME_SHRINKS
from platformc.safety.claims import name_of
from platformc.safety.immutable import first_difference, refusals
from platformc.safety.known import Known, templates_of
from platformc.safety.sizes import is_smaller
from platformc.safety.transition import Loss, Transition
from platformc.snapshot import ObjectChange

LONGEST_SHOWN = 80
SIZE = ("spec", "resources", "requests", "storage")


def judge(known: Known) -> Iterator[Transition]:
    """Yield what is refused in objects that are in both states."""
    for change in known.changes:
        if change.before is None or change.after is None:
            continue
        old, new = change.before.object, change.after.object
        sizes = list(_shrinking(old, new))
        for place, before, after in sizes:
            message = f"{name_of(old)}: a volume cannot shrink from {before} to {after}"
            hint = f"write {before}, or create a new volume and copy the data"
            yield Transition(VOLUME_SHRINKS, Loss.REFUSED, change.environment, change.key, message, hint, place, place)
        yield from _refused(change, _with_old_sizes(new, sizes))
        claim = known.claims.of(old)
        if claim is not None:
            yield from _of_claim(change, claim)


def _refused(change: ObjectChange, new: Mapping[str, Any]) -> Iterator[Transition]:
    """What the API server refuses; shrinking volumes have a rule of their own."""
    if change.before is None:
        return
    for found in refusals(change.before.object, new):
        words = f"{name_of(change.before.object)}: {found.field} cannot change"
        yield _immutable(change, words + _from_to(found.before, found.after), found.hint, found.path)


def _of_claim(change: ObjectChange, claim: ClaimFacts) -> Iterator[Transition]:
    """What AWS does not change, as the record of its kind says."""
    if change.before is None or change.after is None:
        return
    old, new = dict(change.before.object), dict(change.after.object)
    for field in claim.immutable:
        steps = [str(step) for step in field.claim]
        before, after = below(old, *steps), below(new, *steps)
        if before != after:
            path, *values = first_difference(before, after, field.claim)
            message = f"{name_of(old)}: {'.'.join(steps)} cannot change{_from_to(*values)}"
            yield _immutable(change, message, field.hint, path)
    for refused in claim.changes(mapping(old.get("spec")), mapping(new.get("spec"))):
        yield Transition(
            refused.rule,
            Loss.REFUSED,
            change.environment,
            change.key,
            f"{name_of(old)}: {refused.message}",
            refused.hint,
            refused.place,
            refused.place,
        )


def _immutable(change: ObjectChange, message: str, hint: str, path: KeyPath) -> Transition:
    return Transition(IMMUTABLE_FIELD, Loss.REFUSED, change.environment, change.key, message, hint, path, path)


def _from_to(before: Any, after: Any) -> str:
    """Both values, if people can read them in a sentence: neither maps, nor whole files."""
    if before is None and after is None:  # the value of a Secret
        return ""
    shown = [_shown(value) for value in (before, after)]
    return f" from {shown[0]} to {shown[1]}" if all(shown) else ""


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return ""
    words = str(value)
    return words if len(words) <= LONGEST_SHOWN and words.isprintable() else ""


def _shrinking(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str, str]]:
    """The volumes that would become smaller: the path of their size in the new object, before, after."""
    for place, before, after in _sizes(old, new):
        if is_smaller(after, before):
            yield place, str(before), str(after)


def _sizes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[KeyPath, Any, Any]]:
    identity = (group_of(old), kind_of(old))
    if identity == ("", "PersistentVolumeClaim"):
        yield SIZE, below(dict(old), *SIZE), below(dict(new), *SIZE)
    if identity == ("apps", "StatefulSet"):
        known = {str(below(one, "metadata", "name")): one for one in templates_of(old)}
        for position, one in enumerate(templates_of(new)):
            former = known.get(str(below(one, "metadata", "name")))
            if former is not None:
                path: KeyPath = ("spec", "volumeClaimTemplates", position, *SIZE)
                yield path, below(former, *SIZE), below(one, *SIZE)


def _with_old_sizes(new: Mapping[str, Any], sizes: Sequence[tuple[KeyPath, str, str]]) -> Mapping[str, Any]:
    """The new object with the former sizes at some places: what else differs is still to be found."""
    changed = dict(new)
    for place, before, _ in sizes:
        changed = _with(changed, place, before)
    return changed


def _with(value: Any, place: KeyPath, leaf: Any) -> Any:
    if not place:
        return leaf
    step, rest = place[0], place[1:]
    if isinstance(value, list) and isinstance(step, int):
        return [_with(one, rest, leaf) if index == step else one for index, one in enumerate(value)]
    return {**value, step: _with(value.get(step), rest, leaf)} if isinstance(value, dict) else value
