"""shapes: what the dataclasses of a report are as JSON, derived from their annotations.

In      a dataclass or a NamedTuple; its values; JSON that anyone may have written.
Out     its shape; values as plain JSON; values read back from JSON that has exactly this shape.
Never   guesses: a type without a shape is a BugReport at the first use, JSON of another shape is refused.

Writing, reading and the published schema (tools/docs/diff_schema.py) follow the same shape, so none of them can know
other fields than the others.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, IntEnum, StrEnum
from functools import cache
from math import isfinite
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from platformc.diagnostics import BugReport, Span
from platformc.diagnostics.text_cells import visible
from platformc.diff.report import Entry, ReportedEffect

LONGEST_TEXT = 1024 * 1024
"""Characters of one text: a whole file of a ConfigMap, which a cluster does not take beyond a mebibyte."""

LONGEST_LIST = 200_000
DEEPEST_DATA = 20
"""Levels of an effect's own data."""

LARGEST_NUMBER = 2**53 - 1
"""Integers beyond are not the same number to every reader of JSON (RFC 8259, section 6)."""

NEVER_EMPTY = {(Entry, "effects"), (ReportedEffect, "environments")}
"""Lists of records that have at least one item."""

FROM_ONE = {Span}
"""Records whose numbers count from 1; all others count from 0."""

SHOWN_OF_A_NAME = 40


class ShapeError(Exception):
    """JSON is not of the shape that is wanted: where, and why."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where or 'the document'} {why}")


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""


@dataclass(frozen=True, slots=True)
class Number:
    """An integer."""

    least: int


@dataclass(frozen=True, slots=True)
class Word:
    """A member of an enumeration, as its word."""

    members: Mapping[str, Enum]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of items of one shape; a tuple in Python."""

    item: Shape
    least: int


@dataclass(frozen=True, slots=True)
class Pair:
    """A list of exactly these items."""

    items: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Mapped:
    """An object with any keys."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Anything:
    """Plain JSON of any form."""


@dataclass(frozen=True, slots=True)
class Nullable:
    """A value, or null."""

    value: Shape


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a record: its name in JSON and in Python."""

    name: str
    attribute: str
    shape: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """An object with exactly these keys."""

    made: type
    fields: tuple[Field, ...]


Shape = Text | Flag | Number | Word | Listed | Pair | Mapped | Anything | Nullable | Record
Made = TypeVar("Made")


@cache
def record_of(made: type) -> Record:
    """The shape of a dataclass or NamedTuple."""
    hints = get_type_hints(made)
    names = [field.name for field in fields(made)] if is_dataclass(made) else list(hints)
    return Record(made, tuple(Field(camel(name), name, _of(hints[name], made, name)) for name in names))


def camel(name: str) -> str:
    """A Python name as JSON writes it.

    >>> camel("stale_acceptances")
    'staleAcceptances'
    """
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _of(annotation: Any, owner: type, name: str) -> Shape:  # noqa: PLR0911 - one line a shape
    """The shape of one annotation of a field."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (types.UnionType, Union) and len(arguments) == 2 and type(None) in arguments:  # noqa: PLR2004 - X | None
        (present,) = (each for each in arguments if each is not type(None))
        return Nullable(_of(present, owner, name))
    if origin is tuple and arguments[1:] == (Ellipsis,):
        return Listed(_of(arguments[0], owner, name), 1 if (owner, name) in NEVER_EMPTY else 0)
    if origin is tuple:
        return Pair(tuple(_of(each, owner, name) for each in arguments))
    if origin is Mapping:
        return Anything() if arguments[1] is Any else Mapped(_of(arguments[1], owner, name))
    if annotation in _LEAVES:
        return _LEAVES[annotation]
    if annotation is int:
        return Number(1 if owner in FROM_ONE else 0)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum | IntEnum):
        return Word({word(each): each for each in annotation})
    if isinstance(annotation, type) and (is_dataclass(annotation) or issubclass(annotation, tuple)):
        return record_of(annotation)
    raise BugReport(f"{owner.__name__}.{name} has a type without a form in JSON: {annotation}")


_LEAVES: dict[Any, Shape] = {str: Text(), bool: Flag()}


def word(member: Enum) -> str:
    """The word of a member of an enumeration: its value; of one with numbers, its name in kebab-case."""
    return member.value if isinstance(member, str) else member.name.lower().replace("_", "-")


def written(shape: Shape, value: Any) -> Any:  # noqa: PLR0911 - one line a shape
    """A value of this shape as plain JSON."""
    match shape:
        case Text() | Flag() | Number():
            return value
        case Word():
            return word(value)
        case Listed(item, _):
            return [written(item, each) for each in value]
        case Pair(items):
            return [written(item, each) for item, each in zip(items, value, strict=True)]
        case Mapped(item):
            return {key: written(item, value[key]) for key in sorted(value)}
        case Anything():
            return _sorted(value)
        case Nullable(item):
            return None if value is None else written(item, value)
        case Record(_, parts):
            return {part.name: written(part.shape, getattr(value, part.attribute)) for part in parts}


def _sorted(value: Any) -> Any:
    """The same with its keys in order: same report, same bytes."""
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_sorted(each) for each in value]
    return value


def read(shape: Shape, document: Any, where: str = "") -> Any:  # noqa: C901, PLR0911 - one line a shape
    """The value that JSON of this shape stands for. Raises ShapeError."""
    match shape:
        case Text():
            return _text(document, where)
        case Flag():
            return _typed(document, bool, where, "true or false")
        case Number(least):
            return _number(document, least, where)
        case Word(members):
            known = _text(document, where)
            if known not in members:
                raise ShapeError(where, f"is none of: {', '.join(members)}")
            return members[known]
        case Listed(item, least):
            return _items(document, least, where, lambda each, place, _: read(item, each, place))
        case Pair(items):
            if len(_typed(document, list, where, "a list")) != len(items):
                raise ShapeError(where, f"does not have {len(items)} items")
            return _items(document, 0, where, lambda each, place, index: read(items[index], each, place))
        case Mapped(item):
            found = _typed(document, dict, where, "an object")
            return {_text(key, where): read(item, each, _below(where, key)) for key, each in found.items()}
        case Anything():
            _plain(_typed(document, dict, where, "an object"), where, DEEPEST_DATA)
            return document
        case Nullable(item):
            return None if document is None else read(item, document, where)
        case Record(made, parts):
            return _record(made, parts, _typed(document, dict, where, "an object"), where)


def _record(made: Callable[..., Any], parts: tuple[Field, ...], found: dict[str, Any], where: str) -> Any:
    known = {part.name for part in parts}
    for name in found:
        if name not in known:
            raise ShapeError(where, f"has a field that is not known: {_shown(name)}")
    for part in parts:
        if part.name not in found:
            raise ShapeError(where, f"lacks the field {part.name}")
    return made(**{part.attribute: read(part.shape, found[part.name], _below(where, part.name)) for part in parts})


def _items(document: Any, least: int, where: str, one: Callable[[Any, str, int], Any]) -> tuple[Any, ...]:
    found = _typed(document, list, where, "a list")
    if len(found) < least:
        raise ShapeError(where, "is empty")
    if len(found) > LONGEST_LIST:
        raise ShapeError(where, f"has more than {LONGEST_LIST:,} items")
    return tuple(one(each, f"{where}[{index}]", index) for index, each in enumerate(found))


def _typed(document: Any, kind: type[Made], where: str, called: str) -> Made:
    if type(document) is not kind:
        raise ShapeError(where, f"is not {called}")
    return document


def _text(document: Any, where: str) -> str:
    found = _typed(document, str, where, "a text")
    if len(found) > LONGEST_TEXT:
        raise ShapeError(where, f"has more than {LONGEST_TEXT:,} characters")
    try:
        found.encode()
    except UnicodeEncodeError:
        raise ShapeError(where, "has half of a character (a lone surrogate)") from None
    return found


def _number(document: Any, least: int, where: str) -> int:
    found = _typed(document, int, where, "an integer")
    if not least <= found <= LARGEST_NUMBER:
        raise ShapeError(where, f"is not between {least} and {LARGEST_NUMBER}")
    return found


def _plain(document: Any, where: str, depth: int) -> None:
    """Check JSON of any form: how deep it is, how long its texts, and that its numbers are numbers."""
    if depth == 0:
        raise ShapeError(where, f"is deeper than {DEEPEST_DATA} levels")
    if isinstance(document, dict):
        for key, value in document.items():
            _text(key, where)
            _plain(value, _below(where, key), depth - 1)
    elif isinstance(document, list):
        _items(document, 0, where, lambda each, place, _: _plain(each, place, depth - 1))
    elif isinstance(document, str):
        _text(document, where)
    elif isinstance(document, float) and not isfinite(document):
        raise ShapeError(where, "is not a finite number")
    elif isinstance(document, int) and not isinstance(document, bool):
        _number(document, -LARGEST_NUMBER, where)


def _below(where: str, name: str) -> str:
    return f"{where}.{_shown(name)}" if where else _shown(name)


def _shown(name: str) -> str:
    """A name that anyone may have written, for a sentence."""
    return visible(name if len(name) <= SHOWN_OF_A_NAME else f"{name[:SHOWN_OF_A_NAME]}…")
