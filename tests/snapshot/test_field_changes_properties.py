"""What holds for the differences of any two objects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from platformc.language.nodes import KeyPath
from platformc.snapshot import ABSENT, FieldChange, ListKeys, Part
from platformc.snapshot.field_changes import field_changes
from platformc.snapshot.values import identical

JSON = Any

SCALARS = st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from([0.5, 1.0, "a", "b", "{}", "[1]", "x: y"])
KEYS = st.sampled_from(["a", "b", "name", "data", "metadata", "annotations", "a.b"])
VALUES = st.recursive(
    SCALARS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
NAMED = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcd")}, optional={"a": VALUES, "order": st.integers(0, 1)}),
    max_size=4,
)
LISTS = ListKeys(
    lambda _api_version, _kind: {
        "properties": {
            "named": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": {}},
            "set": {"x-kubernetes-list-type": "set", "items": {}},
            "map": {"additionalProperties": {}},
        }
    }
)
DESCRIBED = st.fixed_dictionaries(
    {"apiVersion": st.just("v1"), "kind": st.just("Kind")},
    optional={
        "named": NAMED,
        "set": st.lists(SCALARS, max_size=4),
        "map": st.dictionaries(KEYS, VALUES, max_size=2),
        "metadata": OBJECTS,
        "other": VALUES,
    },
)


def value_at(value: JSON, path: KeyPath) -> JSON:
    """The value at a path that exists."""
    for step in path:
        value = value[step]
    return value


def patched(before: JSON, changes: Sequence[FieldChange], texts: JSON) -> JSON:
    """The new object, made of the old one and the changes alone; of structured texts, only `texts` has the bytes."""
    return _patched(before, (), (), changes, texts)


def _patched(value: JSON, old: KeyPath, new: KeyPath, changes: Sequence[FieldChange], texts: JSON) -> JSON:
    for change in changes:
        if (change.before_path, change.after_path) == (old, new) and ABSENT not in (change.before, change.after):
            if change.part is Part.INSIDE:
                return value_at(texts, new)
            if change.part is Part.VALUE:
                return change.after
    if isinstance(value, dict):
        return _patched_object(value, old, new, changes, texts)
    if isinstance(value, list):
        return _patched_list(value, old, new, changes, texts)
    return value


def _patched_object(
    value: dict[str, JSON], old: KeyPath, new: KeyPath, changes: Sequence[FieldChange], texts: JSON
) -> JSON:
    gone = {
        change.before_path[len(old)]
        for change in changes
        if change.after is ABSENT and change.after_path == new and change.before_path[: len(old)] == old
    }
    made = {
        key: _patched(item, (*old, key), (*new, key), changes, texts) for key, item in value.items() if key not in gone
    }
    for change in changes:
        if change.before is ABSENT and change.before_path == old and change.after_path[: len(new)] == new:
            place = made
            *parents, key = change.after_path[len(new) :]
            for parent in parents:
                place = place.setdefault(str(parent), {})
            place[str(key)] = change.after
    return made


def _patched_list(value: list[JSON], old: KeyPath, new: KeyPath, changes: Sequence[FieldChange], texts: JSON) -> JSON:
    mine = [change for change in changes if change.part is Part.VALUE]
    gone = {
        change.before_path[-1]
        for change in mine
        if change.after is ABSENT and change.after_path == new and change.before_path[:-1] == old
    }
    added = {
        change.after_path[-1]: change.after
        for change in mine
        if change.before is ABSENT and change.before_path == old and change.after_path[:-1] == new
    }
    kept = [place for place in range(len(value)) if place not in gone]
    for change in changes:
        if change.part is Part.ORDER and (change.before_path, change.after_path) == (old, new):
            assert len(kept) == len(change.before) == len(change.after)
            kept = [
                kept[next(place for place, name in enumerate(change.before) if identical(name, wanted))]
                for wanted in change.after
            ]
    waiting = iter(kept)
    return [
        added[place]
        if place in added
        else _patched(value[taken := next(waiting)], (*old, taken), (*new, place), changes, texts)
        for place in range(len(kept) + len(added))
    ]


class TestAnyTwoObjects:
    """Whatever they hold."""

    @given(OBJECTS, OBJECTS)
    def test_changes_make_the_new_one_of_the_old_one(self, before: JSON, after: JSON) -> None:
        """Nothing is dropped, and nothing is told twice."""
        changes = field_changes(before, after, ListKeys())
        assert identical(patched(before, changes, after), after)

    @given(DESCRIBED, DESCRIBED)
    def test_also_where_a_schema_says_what_identifies_items(self, before: JSON, after: JSON) -> None:
        """Including lists that the API server would refuse: double names, double items of a set."""
        changes = field_changes(before, after, LISTS)
        assert identical(patched(before, changes, after), after)

    @given(DESCRIBED, DESCRIBED)
    def test_paths_are_those_of_the_values(self, before: JSON, after: JSON) -> None:
        """On the side where there is a value; on the other, they end at something that is there."""
        for change in field_changes(before, after, LISTS):
            assert change.shown
            for side, path, value in (
                (before, change.before_path, change.before),
                (after, change.after_path, change.after),
            ):
                there = value_at(side, path)
                if change.part is Part.VALUE and value is not ABSENT:
                    assert identical(there, value)
                elif change.part is Part.ORDER:
                    assert isinstance(there, list)
                elif change.part is Part.INSIDE:
                    assert isinstance(there, str)

    @given(DESCRIBED)
    def test_nothing_differs_from_itself(self, value: JSON) -> None:
        """In whatever order its keys are."""
        turned = dict(reversed(value.items()))
        assert field_changes(value, turned, LISTS) == ()

    @given(OBJECTS, OBJECTS)
    def test_a_difference_is_one_in_both_directions(self, before: JSON, after: JSON) -> None:
        """And as many values are on one side only."""
        there, back = (field_changes(*sides, ListKeys()) for sides in ((before, after), (after, before)))
        assert bool(there) == bool(back) == (not identical(before, after))
