"""field_paths: read and write the places that Crossplane's field paths name: `spec.items[0].name`.

In      plain data and a path.
Out     the value there, or the data with a value put there.
Finds   NotThereError where a path leads nowhere; FieldPathError where it is none, or leads through a scalar.
Never   reads a wildcard (`[*]`): no Composition of ours has one.

Source: crossplane-runtime, `pkg/fieldpath`: what stands in brackets is an index where it is a number, else the name
of a field, dots and all; a path through null leads nowhere, one through another scalar is an error.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeAlias

from platformc.check.claim_api import Steps, steps_of

JSON: TypeAlias = Any
MOST_ITEMS = 32
"""The highest index that a path may name: higher than any that is meant, so a slip does not fill the memory."""


class FieldPathError(Exception):
    """The path is none, or it goes through something that has no fields or items."""


class NotThereError(Exception):
    """The path leads nowhere."""


@lru_cache(maxsize=1024)  # a Composition names the same few paths for each of its claims
def parse(path: str) -> Steps:
    """The fields (text) and items (numbers) that a path goes through. Raises FieldPathError."""
    try:
        found = steps_of(path)
    except ValueError as error:
        raise FieldPathError(str(error)) from error
    if any(isinstance(each, int) and each > MOST_ITEMS for each in found):
        raise FieldPathError(f"`{path}` names an item beyond {MOST_ITEMS}")
    return found


def read(document: JSON, path: str) -> JSON:
    """The value at a path. Raises NotThereError, FieldPathError."""
    value = document
    for segment in parse(path):
        if value is None:
            raise NotThereError(path)
        _check(value, segment, path)
        try:
            value = value[segment]
        except (KeyError, IndexError):
            raise NotThereError(path) from None
    return value


def write(document: JSON, path: str, value: JSON) -> None:
    """Put a value at a path of this document; what is missing on the way is made. Raises FieldPathError."""
    segments = parse(path)
    place = document
    for segment, following in pairwise(segments):
        _make_room(place, segment, path)
        if place[segment] is None:
            place[segment] = [] if isinstance(following, int) else {}
        place = place[segment]
    _make_room(place, segments[-1], path)
    place[segments[-1]] = value


def _make_room(place: JSON, segment: str | int, path: str) -> None:
    """See to it that `place[segment]` is there, null where it was not."""
    _check(place, segment, path)
    if isinstance(segment, int):
        place.extend([None] * (segment + 1 - len(place)))
    else:
        place.setdefault(segment, None)


def _check(place: JSON, segment: str | int, path: str) -> None:
    """An item is of a list, a field of an object."""
    if not isinstance(place, list if isinstance(segment, int) else dict):
        raise FieldPathError(f"`{path}` goes through {type(place).__name__} at `{segment}`")
