"""field_changes: what differs between two states of one object, value by value.

In      two objects as plain data, what the schemas say of their fields.
Out     FieldChanges in the order of the new object, what is gone last.
Never   drops a difference: what means the same to the API server says so in `same`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from platformc.language.nodes import KeyPath
from platformc.snapshot import field_path
from platformc.snapshot.equal_forms import default_of, is_free_order, is_unordered, why_absent_is_same, why_same
from platformc.snapshot.field_type import UNDESCRIBED, FieldType
from platformc.snapshot.list_items import Pair, pair_items
from platformc.snapshot.list_keys import ListKeys
from platformc.snapshot.model import ABSENT, FieldChange, Part, Same
from platformc.snapshot.structured_text import structured
from platformc.snapshot.values import are_written_alike, identical

OWN_KEYS = frozenset({("metadata", "annotations"), ("metadata", "labels")})
"""Maps whose keys belong to different people, wherever an object has metadata."""
DATA = frozenset({("binaryData",), ("data",), ("stringData",)})
"""The same at the top of a ConfigMap or Secret."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in both states something is; `part` is INSIDE for what is inside of a text."""

    old: KeyPath
    new: KeyPath
    shown: str
    part: Part
    keys: ListKeys

    def key(self, key: str, one: Any, other: Any) -> _Place:
        return self._below(key, key, one, other, field_path.with_key(self.shown, key))

    def item(self, pair: Pair, one: Any, other: Any, *, by_value: bool) -> _Place:
        is_scalar = not isinstance(one, dict | list) and not isinstance(other, dict | list)
        shown = self.shown if by_value and is_scalar else field_path.with_item(self.shown, pair.label)
        return self._below(pair.before, pair.after, one, other, shown)

    def _below(self, old: str | int | None, new: str | int | None, one: Any, other: Any, shown: str) -> _Place:
        if self.part is Part.INSIDE:
            return replace(self, shown=shown)
        return replace(
            self,
            old=self.old if one is ABSENT or old is None else (*self.old, old),
            new=self.new if other is ABSENT or new is None else (*self.new, new),
            shown=shown,
        )

    def change(self, before: Any, after: Any, same: str, part: Part | None = None) -> FieldChange:
        return FieldChange(self.old, self.new, self.shown.rstrip(" »"), before, after, same, part or self.part)


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any], list_keys: ListKeys) -> tuple[FieldChange, ...]:
    """Return every value that differs; nothing for two identical objects."""
    return tuple(_below(dict(before), dict(after), UNDESCRIBED, _Place((), (), "", Part.VALUE, list_keys)))


def _below(before: Any, after: Any, field: FieldType, place: _Place, *, free: bool = False, unordered: bool = False) -> Iterator[FieldChange]:  # fmt: skip
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _of_objects(before, after, _described(after, field, place.keys), place)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, field, place, free=free, unordered=unordered)
    elif identical(before, after):
        return
    elif isinstance(before, str) and isinstance(after, str) and place.part is Part.VALUE:
        yield from _of_texts(before, after, field, place)
    else:
        yield place.change(before, after, why_same(before, after, field))


def _described(value: dict[str, Any], field: FieldType, keys: ListKeys) -> FieldType:
    """The type of an object; one that stands inside of another, as in a Composition, says itself what it is."""
    api_version, kind = value.get("apiVersion"), value.get("kind")
    if not field.is_described and isinstance(api_version, str) and isinstance(kind, str):
        return keys.of(api_version, kind)
    return field


def _of_objects(before: dict[str, Any], after: dict[str, Any], field: FieldType, place: _Place) -> Iterator[FieldChange]:  # fmt: skip
    for key in {**after, **before}:
        one, other = before.get(key, ABSENT), after.get(key, ABSENT)
        if are_written_alike(one, other):
            continue
        below, there = field.field(key), place.key(key, one, other)
        if one is ABSENT or other is ABSENT:
            parent = before if one is ABSENT else after
            yield from _one_sided(one, other, below, there, default_of(field, parent, key))
        else:
            free = is_free_order(field, key, (one, other))
            yield from _below(one, other, below, there, free=free, unordered=is_unordered(field, key))


def _one_sided(one: Any, other: Any, field: FieldType, place: _Place, default: Any) -> Iterator[FieldChange]:
    """What appears or is gone at once: one change, but one for each key of a map."""
    value = other if one is ABSENT else one
    same = why_absent_is_same(value, field, default)
    if isinstance(value, dict) and value and not same and _has_own_keys(field, place, one):
        for key, item in value.items():
            there = place.key(key, *((ABSENT, item) if one is ABSENT else (item, ABSENT)))
            yield there.change(ABSENT, item, "") if one is ABSENT else there.change(item, ABSENT, "")
    else:
        yield place.change(one, other, same)


def _has_own_keys(field: FieldType, place: _Place, one: Any) -> bool:
    path = place.new if one is ABSENT else place.old
    return field.is_map or path[-2:] in OWN_KEYS or path in DATA


def _of_lists(before: list[Any], after: list[Any], field: FieldType, place: _Place, *, free: bool, unordered: bool) -> Iterator[FieldChange]:  # fmt: skip
    if are_written_alike(before, after):
        return
    paired = pair_items(before, after, field, unordered=unordered, default=default_of)
    for pair in paired.pairs:
        one = ABSENT if pair.before is None else before[pair.before]
        other = ABSENT if pair.after is None else after[pair.after]
        if are_written_alike(one, other):
            continue
        there = place.item(pair, one, other, by_value=paired.by_value)
        if one is ABSENT or other is ABSENT:
            yield there.change(one, other, "")
        else:
            yield from _below(one, other, field.items, there)
    if paired.order is not None:
        is_set = paired.by_value or field.is_set
        same = Same.ORDER_OF_SET if is_set else Same.ORDER_OF_NAMED if free else ""
        shown = replace(place, shown=f"order of {place.shown}")
        yield shown.change(*paired.order, same, Part.ORDER if place.part is Part.VALUE else Part.INSIDE)


def _of_texts(before: str, after: str, field: FieldType, place: _Place) -> Iterator[FieldChange]:
    """By the keys of a structured text, if both are; as a whole otherwise."""
    one, other = structured(place.old, before), structured(place.new, after)
    if one is None or other is None or one.form != other.form:
        yield place.change(before, after, why_same(before, after, field))
        return
    inside = replace(place, shown=field_path.inside(place.shown), part=Part.INSIDE)
    found = False
    for change in _below(one.value, other.value, other.type, inside):
        found = True
        yield change
    if not found:
        yield place.change(before, after, Same.LAYOUT)
