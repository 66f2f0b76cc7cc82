"""overlap: what several judges tell of one fact, told once.

In      the effects of all judges.
Out     the same without repetition: each fact with the words that say most, and the gravest verdict of all.
Never   loses an object, a changed value, or a verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from platformc.diff.effect import Effect, EffectKind, Verdict
from platformc.diff.effects import in_place
from platformc.snapshot import ObjectKey

One = tuple[str, ObjectKey]
"""An environment, and an object of it."""

STAYS = "its data stays in it, and nothing of the spec uses it any more"


def told_once(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Join what is one fact: refusals, removals of data, what follows in AWS, and values that are told elsewhere."""
    found = tuple(_refusals_once(tuple(effects)))
    found = tuple(_removals_once(found))
    found = tuple(_claims_before_aws(found))
    return tuple(_values_once(found))


def _refusals_once(effects: Sequence[Effect]) -> Iterator[Effect]:
    """A refusal says by whom and until when; data safety adds only the rule of its finding."""
    rules = {_one(effect): effect.data["rule"] for effect in effects if _is_refused_data(effect) and effect.data}
    said = {_one(effect) for effect in effects if effect.kind is EffectKind.REFUSED and not _is_refused_data(effect)}
    for effect in effects:
        if not _is_refused_data(effect):
            is_both = effect.kind is EffectKind.REFUSED and _one(effect) in rules
            yield replace(effect, data={**(effect.data or {}), "rule": rules[_one(effect)]}) if is_both else effect
        elif _one(effect) not in said:
            yield effect


def _is_refused_data(effect: Effect) -> bool:
    return effect.kind is EffectKind.REFUSED and "rule" in (effect.data or {})


def _removals_once(effects: Sequence[Effect]) -> Iterator[Effect]:
    """What becomes of an object, and then of the data in it, in one sentence."""
    fates: dict[One, Effect] = {
        _one(effect): effect for effect in effects if effect.kind in {EffectKind.DELETE, EffectKind.LEFT_BEHIND}
    }
    joined: dict[One, Effect] = {}
    for effect in effects:
        fate = fates.get(_one(effect))
        if fate is not None and effect.kind is EffectKind.DATA and all(each.after is None for each in effect.basis):
            joined.setdefault(_one(effect), _removed(fate, effect))
    for effect in effects:
        place = joined.get(_one(effect))
        if place is None or effect.kind not in {EffectKind.DELETE, EffectKind.LEFT_BEHIND, EffectKind.DATA}:
            yield effect
        elif effect.kind is not EffectKind.DATA:
            yield place
        elif any(each.after is not None for each in effect.basis) or effect.data != place.data:
            yield effect


def _removed(fate: Effect, lost: Effect) -> Effect:
    what = STAYS if fate.kind is EffectKind.LEFT_BEHIND else lost.message
    return replace(
        fate,
        verdict=min(fate.verdict, lost.verdict),
        message=f"{fate.message}; {what}",
        basis=tuple(dict.fromkeys((*fate.basis, *lost.basis))),
        details=(*fate.details, *lost.details),
        at=lost.at,
        data=lost.data,
    )


def _claims_before_aws(effects: Sequence[Effect]) -> Iterator[Effect]:
    """What a claim loses is told, counted and accepted at the claim; what follows in AWS is routine beside it."""
    told: defaultdict[tuple[str, str], set[Verdict]] = defaultdict(set)
    for effect in effects:
        if "rule" in (effect.data or {}):
            told[effect.environment, str(effect.key)].add(effect.verdict)
    for effect in effects:
        claim = (effect.data or {}).get("claim")
        is_told = effect.kind is EffectKind.MANAGED and effect.verdict in told.get((effect.environment, str(claim)), ())
        yield replace(effect, verdict=Verdict.ROUTINE) if is_told else effect


def _values_once(effects: Sequence[Effect]) -> Iterator[Effect]:
    """A value that restarts pods, or is told in words otherwise, is not told as a change in place as well."""
    told = {field for effect in effects if not _is_plain(effect) for field in effect.fields}
    # Of the keys of a Secret there is nothing to show but that they change.
    hidden = {
        (effect.environment, effect.key, each.before, each.after)
        for effect in effects
        if effect.kind is EffectKind.SECRET
        for each in effect.basis
    }
    for effect in effects:
        left = tuple(
            field
            for field in effect.fields
            if field not in told and (*_one(effect), field.before_path, field.after_path) not in hidden
        )
        if not _is_plain(effect) or len(left) == len(effect.fields):
            yield effect
        elif left:
            paths = {(field.before_path, field.after_path) for field in left}
            basis = tuple(each for each in effect.basis if (each.before, each.after) in paths)
            yield replace(effect, message=in_place(left), basis=basis, fields=left)


def _is_plain(effect: Effect) -> bool:
    """Whether it is the bare change of an object's values."""
    return effect.kind is EffectKind.UPDATE and effect.data is None


def _one(effect: Effect) -> One:
    return effect.environment, effect.key
