"""data: data that is lost, emptied, doubled or less protected: the transitions of `safety` as effects.

In      a Comparison.
Out     an Effect for each transition, with the rule of its finding.
Never   judges by itself: a finding of `check --against` and an effect of the diff are one fact.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.safety import Loss, Transition, transitions
from platformc.snapshot import Comparison

VERDICTS = {
    Loss.REFUSED: Verdict.REFUSED,
    Loss.LOST: Verdict.DATA_LOSS,
    Loss.UNPROTECTED: Verdict.UNPROTECTED,
}


def data_effects(comparison: Comparison) -> Iterator[Effect]:
    """Judge what becomes of data."""
    for one in transitions(comparison):
        yield _effect(one, comparison)


def _effect(one: Transition, comparison: Comparison) -> Effect:
    key = one.key
    change = comparison.by_key.get(key)
    fields = change.fields if change is not None else ()
    return Effect(
        kind=EffectKind.REFUSED if one.loss is Loss.REFUSED else EffectKind.DATA,
        verdict=VERDICTS[one.loss],
        environment=one.environment,
        key=key,
        message=one.becomes or _sentence(one, str(key)),
        basis=(Basis(key, one.before, one.after),),
        details=tuple(line for line in ((one.advice,) if one.becomes else (one.hint,)) if line),
        fields=tuple(
            field for field in fields if one.after is not None and field.after_path[: len(one.after)] == one.after
        ),
        at=tuple(place for place in (one.at, one.in_base) if place is not None),
        data={"rule": one.rule.id},
    )


def _sentence(one: Transition, name: str) -> str:
    """The message without the object's name, which stands before it."""
    for start in (name, f"{one.key.kind} {one.key.name}", f"the {one.key.kind.lower()} {one.key.name}"):
        for separator in (": ", " "):
            if one.message.startswith(f"{start}{separator}"):
                return one.message.removeprefix(f"{start}{separator}")
    return one.message
