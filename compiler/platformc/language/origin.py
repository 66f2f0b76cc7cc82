"""Origins: values that remember the scalars of the spec that they were made from.

Compiling is pure, so the origins of the output are computed only on demand: link and lower run a
second time on models whose scalars are marked, and each leaf carries its own marks (D3). Their
code stays f-strings and dict literals; the only extra word is `derive`, where text is joined or cut.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from platformc.language.nodes import Scalar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Cause(Scalar):
    """A place in the spec that is the reason for a value without being part of it: an edge."""


class MarkedText(str):
    """Text with the scalars it was made from."""

    __slots__ = ("origins",)
    origins: tuple[Scalar, ...]


class MarkedNumber(int):
    """A whole number with the scalars it was made from."""

    origins: tuple[Scalar, ...]


class MarkedSwitch(int):
    """True or false with the scalars it was made from: `bool` cannot be subclassed, so 1 or 0 stands for it."""

    origins: tuple[Scalar, ...]


class MarkedFraction(float):
    """A fraction with the scalars it was made from."""

    origins: tuple[Scalar, ...]


PLAIN = frozenset({str, int, bool, float, type(None)})
"""Types that cannot carry origins: most values, most of the time."""
MARKED = (MarkedText, MarkedNumber, MarkedSwitch, MarkedFraction)


def mark(value: T, origins: tuple[Scalar, ...]) -> T:
    """The value with origins; None, which cannot carry any, as it is."""
    made: Any = value
    if isinstance(value, str):
        made = MarkedText(value)
    elif isinstance(value, bool | MarkedSwitch):
        made = MarkedSwitch(value)
    elif isinstance(value, int):
        made = MarkedNumber(value)
    elif isinstance(value, float):
        made = MarkedFraction(value)
    else:
        return value
    made.origins = origins
    return made  # type: ignore[no-any-return] # a subclass of T with the same value


def origins_of(*values: object) -> tuple[Scalar, ...]:
    """The scalars that values were made from, each once, in order; keys of maps count, too."""
    found: dict[int, Scalar] = {}
    _collect(values, found)
    return tuple(found.values())


def _collect(value: object, found: dict[int, Scalar]) -> None:
    if type(value) in PLAIN:
        return
    if isinstance(value, MARKED):
        for origin in value.origins:
            found.setdefault(id(origin), origin)
    elif isinstance(value, dict):
        for key, below in value.items():
            _collect(key, found)
            _collect(below, found)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            _collect(item, found)


def derive(made: T, *sources: object) -> T:
    """Return a value that was made by joining or cutting, with the origins of its parts."""
    origins = origins_of(made, *sources)
    return mark(made, origins) if origins else made


def because_of(value: object) -> str:
    """Return an empty text whose origins are those of a value, as the reason for what it is joined to."""
    return derive("", mark("", tuple(Cause("", origin.span) for origin in origins_of(value))))


def derive_below(data: T, *sources: object) -> T:
    """Return plain data in which every leaf has the origins of the sources, too."""
    origins = origins_of(*sources)
    return _marked_below(data, origins) if origins else data


def _marked_below(data: Any, origins: tuple[Scalar, ...]) -> Any:
    if isinstance(data, dict):
        return {key: _marked_below(below, origins) for key, below in data.items()}
    if isinstance(data, list):
        return [_marked_below(item, origins) for item in data]
    known = origins_of(data)
    return mark(data, (*known, *(origin for origin in origins if all(origin is not one for one in known))))


def unmarked(value: Any) -> Any:
    """Return the same data without marks, for writers that depend on exact types."""
    if type(value) in PLAIN:
        return value
    for kind, plain_kind in ((MarkedText, str), (MarkedSwitch, bool), (MarkedNumber, int), (MarkedFraction, float)):
        if isinstance(value, kind):
            return str.__str__(value) if kind is MarkedText else plain_kind(value)
    if isinstance(value, dict):
        return {unmarked(key): unmarked(below) for key, below in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(unmarked(item) for item in value)
    return value
