"""list_items: which items of two lists are the same item.

In      two lists, what the schema says about them.
Out     pairs of positions in the order of the new list, what is gone last; the order of the rest if it differs.
Never   pairs by the name of a field: only the schema knows what identifies an item.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from platformc.snapshot.field_path import label_of
from platformc.snapshot.field_type import FieldType
from platformc.snapshot.model import ABSENT
from platformc.snapshot.values import fingerprint

MOST_COMPARED = 250_000
"""Pairs of items that are looked at in one list: below 0.1 s. Longer lists are paired by position."""
MOST_LIKENED = 2_500
"""The same for pairs of which only parts are equal."""
LIKE_ENOUGH = 0.5
"""The share of what two objects have in common from which on they are one object that changed."""

Default = Callable[[FieldType, dict[str, Any], str], Any]
"""What the API server sets for an absent field of an object of a type; ABSENT if nothing."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One item: where it is in both lists."""

    before: int | None
    """None if it is new."""
    after: int | None
    """None if it is gone."""
    label: str
    """What identifies it for people: `name=api`, or its position."""


@dataclass(frozen=True, slots=True)
class PairedItems:
    """The items of two lists."""

    pairs: tuple[Pair, ...]
    by_value: bool
    """Whether the items identify themselves, so that a position says nothing about one."""
    order: tuple[list[Any], list[Any]] | None = None
    """What identifies the items that are in both lists, in the old and in the new order; None if it is the same."""


def pair_items(
    before: Sequence[Any], after: Sequence[Any], listed: FieldType, *, unordered: bool, default: Default
) -> PairedItems:
    """Pair the items of two lists; `unordered` says that their order means nothing."""
    keys = listed.keys
    old, new = (_identities(items, keys, listed.items, default) for items in (before, after))
    if keys and old is not None and new is not None:
        return _by_keys(old, new, {**_labels(before, old, keys), **_labels(after, new, keys)})
    if unordered or listed.is_set:
        return _by_value(before, after)
    return _by_place(before, after)


def _identities(items: Sequence[Any], keys: Sequence[str], item_type: FieldType, default: Default) -> list[str] | None:
    """The keys of each item; None if the API server would refuse the list, so that they identify nothing."""
    found = []
    for item in items:
        if not isinstance(item, dict):
            return None
        values = [item[key] if key in item else default(item_type, item, key) for key in keys]
        if any(value is ABSENT or isinstance(value, dict | list) for value in values):
            return None
        found.append(fingerprint(values))
    return found if len(set(found)) == len(found) else None


def _labels(items: Sequence[Any], identities: list[str], keys: Sequence[str]) -> dict[str, str]:
    """What people call each item: its keys, as far as they are written."""
    shown = (label_of({key: item[key] for key in keys if key in item}) for item in items)
    return dict(zip(identities, shown, strict=True))


def _by_keys(old: list[str], new: list[str], labels: dict[str, str]) -> PairedItems:
    places, known = {identity: position for position, identity in enumerate(old)}, set(new)
    pairs = [Pair(places.get(identity), position, labels[identity]) for position, identity in enumerate(new)]
    pairs += [Pair(position, None, labels[gone]) for position, gone in enumerate(old) if gone not in known]
    stayed, now = [each for each in old if each in known], [each for each in new if each in places]
    if stayed == now:
        return PairedItems(tuple(pairs), by_value=False)
    names = {identity: _name(identity, labels[identity]) for identity in stayed}
    return PairedItems(
        tuple(pairs), by_value=False, order=([names[one] for one in stayed], [names[one] for one in now])
    )


def _name(identity: str, label: str) -> Any:
    """What identifies an item, without the name of its key if there is one alone."""
    values = json.loads(identity)
    return values[0] if len(values) == 1 else label


def _by_value(before: Sequence[Any], after: Sequence[Any]) -> PairedItems:
    """Equal items first; of the rest, objects that have most in common. Their order means nothing."""
    matched = dict(_equal(before, after, range(len(before)), range(len(after))))
    rest = [place for place in range(len(before)) if place not in set(matched.values())]
    matched |= dict(_alike(before, after, rest, [place for place in range(len(after)) if place not in matched]))
    return _paired(before, after, matched, by_value=True)


def _by_place(before: Sequence[Any], after: Sequence[Any]) -> PairedItems:
    """The longest common parts first, then what moved, then what is between the same neighbours."""
    matched: dict[int, int] = {}
    gaps = []
    old, new = [fingerprint(item) for item in before], [fingerprint(item) for item in after]
    for kind, start, end, first, last in _blocks(old, new):
        if kind == "equal":
            matched |= dict(zip(range(first, last), range(start, end), strict=True))
        else:
            gaps.append((range(start, end), range(first, last)))
    left = [place for gap, _ in gaps for place in gap]
    moved = dict(_equal(old, new, left, [place for _, gap in gaps for place in gap]))
    matched |= moved
    taken = set(moved.values())
    for gap, other in gaps:
        rest = [place for place in gap if place not in taken]
        others = [place for place in other if place not in matched]
        if len(rest) == len(others):
            pairs: Iterator[tuple[int, int]] = zip(others, rest, strict=True)
            matched |= dict(pairs)
        else:
            matched |= dict(_alike(before, after, rest, others))
    return _paired(before, after, matched, by_value=False)


def _blocks(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Blocks of equal and of other items; without the equal ends, comparing is quadratic."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    yield "equal", 0, start, 0, start
    middle, other = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle) * len(other) > MOST_COMPARED:
        yield "replace", start, len(old) - end, start, len(new) - end
    else:
        for kind, one, to, first, last in SequenceMatcher(None, middle, other, autojunk=False).get_opcodes():
            yield kind, one + start, to + start, first + start, last + start
    yield "equal", len(old) - end, len(old), len(new) - end, len(new)


def _equal(
    before: Sequence[Any], after: Sequence[Any], old: Sequence[int], new: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """(position in the new list, position in the old one) of equal items, each used once."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place in reversed(old):
        places[fingerprint(before[place])].append(place)
    for place in new:
        found = places.get(fingerprint(after[place]))
        if found:
            yield place, found.pop()


def _alike(
    before: Sequence[Any], after: Sequence[Any], old: Sequence[int], new: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """The same of objects that have more in common than not, the most alike first."""
    if len(old) * len(new) > MOST_LIKENED:
        yield from zip(new, old, strict=False)
        return
    leaves = {(side, place): Counter(_leaves(items[place])) for side, items, places in ((0, before, old), (1, after, new)) for place in places}  # fmt: skip
    ranked = sorted(
        (-_likeness(leaves[0, place], leaves[1, other]), other, place)
        for place in old
        for other in new
        if isinstance(before[place], dict) and isinstance(after[other], dict)
    )
    taken: set[tuple[int, int]] = set()
    for likeness, other, place in ranked:
        if -likeness >= LIKE_ENOUGH and not {(0, place), (1, other)} & taken:
            taken |= {(0, place), (1, other)}
            yield other, place


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """The share of what both have, of what either has."""
    union = (one | other).total()
    return (one & other).total() / union if union else 1.0


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for item in value:
            yield from _leaves(item, f"{path}[]")
    else:
        yield f"{path}={fingerprint(value)}"


def _paired(before: Sequence[Any], after: Sequence[Any], matched: dict[int, int], *, by_value: bool) -> PairedItems:
    pairs = [Pair(matched.get(place), place, str(place)) for place in range(len(after))]
    known = set(matched.values())
    pairs += [Pair(place, None, str(place)) for place in range(len(before)) if place not in known]
    places = [matched[place] for place in sorted(matched)]
    if places == sorted(places):
        return PairedItems(tuple(pairs), by_value)
    names: list[Any] = [before[place] for place in sorted(places)]
    if any(isinstance(name, dict | list) for name in names) or len(set(map(fingerprint, names))) < len(names):
        return PairedItems(tuple(pairs), by_value, order=(sorted(places), places))
    return PairedItems(tuple(pairs), by_value, order=(names, [before[place] for place in places]))
