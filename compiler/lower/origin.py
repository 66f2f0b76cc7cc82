"""Origins: values that remember which scalars of the spec they were made from.

Compiling is pure, so where a leaf of the output comes from is worked out only when somebody asks:
lowering runs a second time on models whose scalars are marked, and each leaf tells its own marks
(DESIGN section 2, "Origins without threading them"). Lowering stays dict literals; the one extra
word is `derive`, where text is joined or cut.
"""

from __future__ import annotations

from typing import Any, TypeVar

from compiler.spec.nodes import Scalar

T = TypeVar("T")


class MarkedText(str):
    """A text with the scalars it was made from."""

    __slots__ = ("origins",)
    origins: tuple[Scalar, ...]


class MarkedNumber(int):
    """A whole number with the scalars it was made from."""

    origins: tuple[Scalar, ...]


def mark(value: T, origins: tuple[Scalar, ...]) -> T:
    """The value with origins; what cannot carry any (true, false, fractions, null) as it is."""
    made: Any = value
    if isinstance(value, str):
        made = MarkedText(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        made = MarkedNumber(value)
    else:
        return value
    made.origins = origins
    return made  # type: ignore[no-any-return] # a subclass of T with the same value


def origins_of(*values: object) -> tuple[Scalar, ...]:
    """The scalars that values were made from, each once, in order."""
    found: dict[int, Scalar] = {}
    for value in values:
        if isinstance(value, MarkedText | MarkedNumber):
            found |= {id(origin): origin for origin in value.origins}
        elif isinstance(value, dict):
            found |= {id(origin): origin for origin in origins_of(*value, *value.values())}
        elif isinstance(value, list | tuple | set | frozenset):
            found |= {id(origin): origin for origin in origins_of(*value)}
    return tuple(found.values())


def derive(made: T, *sources: object) -> T:
    """What was made by joining or cutting, with the origins of what it was made from."""
    origins = origins_of(made, *sources)
    return mark(made, origins) if origins else made
