"""The causes that a diff names, held against what each change does alone.

Two scalars of different documents are changed at once. What only the first one changes must be caused by it and not by
the second, and the other way round; what either changes alone may name both.
"""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from mutation_oracle import PLATFORM, Subject, candidates, mutated, sources, subjects
from platformc.check import LoweredEnvironment
from platformc.diagnostics import FindingsError, Severity
from platformc.diff.causes import Causes
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.spec_changes import SpecChanges, spec_changes
from platformc.language import Sources, resolve
from platformc.language.nodes import KeyPath
from platformc.link import link
from platformc.lower import lower
from platformc.origins import Places
from platformc.snapshot import Comparison, ListKeys, ObjectKey, Snapshot, compare, environment_snapshot

pytestmark = pytest.mark.slow  # compiles three times for each of a hundred scalars

SAMPLE = 64
SEED = 20261129
EVERY_SCALAR = "PLATFORMC_EVERY_SCALAR"
GROUPS = 8

Difference = tuple[ObjectKey, str]
"""An object, and a field of it; empty for the object itself."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A scalar, and some of other documents, of which the first that can be changed counts."""

    first: Subject
    others: tuple[Subject, ...]


def snapshot(of: Sources) -> Snapshot | None:
    """All environments; None where the specs have an error."""
    environments = {}
    for name in of.environments:
        try:
            platform = resolve(of, name)
        except FindingsError:
            return None
        program = link(platform)
        manifests, findings = lower(program)
        if any(one.severity is Severity.ERROR for one in (*platform.findings, *program.findings, *findings)):
            return None
        places = Places(lambda platform=platform: platform)  # type: ignore[misc] # each its own
        environments[name] = environment_snapshot(LoweredEnvironment(program, manifests, places, of.folder))
    return Snapshot("", "", environments, of, (), {}, {})


@cache
def base() -> Snapshot:
    """The platform as it is."""
    found = snapshot(sources(PLATFORM))
    assert found is not None
    return found


def changed(of: Sources, subject: Subject, value: Any) -> Sources:
    """Sources with one scalar changed, and with another text of its file, which a diff looks at first."""
    document = mutated(subject, value)
    file = subject.scalar.span.path
    texts = {**of.texts, file: f"{of.texts[file]}#"}
    if subject.group == "documents":
        documents = list(of.documents)
        documents[subject.position] = document.documents[subject.position]
        return replace(of, documents=tuple(documents), texts=texts)
    of_environment = list(of.environments[subject.group])
    of_environment[subject.position] = document.environments[subject.group][subject.position]
    return replace(of, environments={**of.environments, subject.group: tuple(of_environment)}, texts=texts)


def alone(subject: Subject) -> tuple[Any, Snapshot] | None:
    """The first other value that is valid, and the platform with it."""
    for value in candidates(subject.scalar.value):
        found = snapshot(changed(sources(PLATFORM), subject, value))
        if found is not None:
            return value, found
    return None


def differences(comparison: Comparison) -> dict[Difference, Basis]:
    """Every difference, with what an effect would be judged from."""
    found: dict[Difference, Basis] = {}
    for change in comparison.changes:
        if change.before is None or change.after is None:
            whole: KeyPath = ()
            there = (whole if change.before is not None else None), (whole if change.after is not None else None)
            found[change.key, ""] = Basis(change.key, *there)
        for field in change.fields:
            found[change.key, field.shown] = Basis(change.key, field.before_path, field.after_path)
    return found


def pairs() -> list[Pair]:
    """Each scalar with one of another document."""
    found = [one for one in subjects(PLATFORM) if "metadata" not in one.path[:1]]
    chance = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    firsts = found if os.environ.get(EVERY_SCALAR) else chance.sample(found, SAMPLE)
    return [
        Pair(
            one,
            tuple(
                chance.sample(
                    [other for other in found if (other.group, other.position) != (one.group, one.position)], 8
                )
            ),
        )
        for one in firsts
    ]


def wrong(pair: Pair) -> tuple[list[str], bool]:
    """What is caused by the wrong change, and whether the pair proved anything."""
    one = alone(pair.first)
    second, other = next(
        ((each, found) for each in pair.others if one is not None and (found := alone(each)) is not None),
        (None, None),
    )
    if one is None or second is None or other is None:
        return [], False
    of = changed(changed(sources(PLATFORM), pair.first, one[0]), second, other[0])
    both = snapshot(of)
    if both is None:
        return [], False
    comparison = compare(base(), both, ListKeys())
    changes = spec_changes(sources(PLATFORM), of)
    causes = Causes(comparison, changes)
    by_place = {change.after_at: number for number, change in enumerate(changes.changes)}
    numbers = [_of(changes, subject) for subject in (pair.first, second)]
    if (
        None in numbers
    ):  # in a list, an item became another one that is there, too: where it changed is a matter of taste
        return [], False
    assert set(numbers) == set(by_place.values()), f"{pair.first} and {second} are two changes"
    by_first, by_second = (differences(compare(base(), side, ListKeys())) for side in (one[1], other[1]))
    told = []
    for difference, basis in differences(comparison).items():
        named = {by_place[change.after_at] for change in causes.of(_effect(basis, comparison))}
        expected = {number for number, known in zip(numbers, (by_first, by_second), strict=True) if difference in known}
        if expected and not (named == expected or (len(expected) > 1 and named <= expected)):
            told.append(
                f"{difference[0]} {difference[1]}: {sorted(map(str, named))} instead of {sorted(map(str, expected))}"
            )
    return [f"{pair.first} and {second}: {one}" for one in told], bool(by_first and by_second)


def _of(changes: SpecChanges, subject: Subject) -> int | None:
    span = subject.scalar.span
    return next(
        (
            number
            for number, change in enumerate(changes.changes)
            if change.after_at is not None
            and change.after_at.path == span.path
            and (change.after_at.line, change.after_at.column) <= (span.line, span.column)
            and (span.end_line, span.end_column) <= (change.after_at.end_line, change.after_at.end_column)
        ),
        None,
    )


def _effect(basis: Basis, comparison: Comparison) -> Effect:
    environment = comparison.by_key[basis.key].environment
    return Effect(EffectKind.UPDATE, Verdict.ROUTINE, environment, basis.key, "", (basis,))


JUDGED = [pairs()[group::GROUPS] for group in range(GROUPS)]


@pytest.mark.parametrize("group", range(GROUPS))
def test_an_effect_names_the_change_that_makes_it(group: int) -> None:
    """And no other one."""
    results = [wrong(pair) for pair in JUDGED[group]]
    told = [line for lines, _ in results for line in lines]
    assert told == [], "\n".join(told[:40])
    assert sum(proved for _, proved in results) > len(results) // 4, "many pairs must prove something"
