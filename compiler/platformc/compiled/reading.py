"""reading: data that was read from JSON, taken apart strictly.

In      any value.
Out     the same value, of the type that was expected.
Never   converts, repairs or ignores anything: whatever is not as expected is damage.
"""

from __future__ import annotations

from typing import Any


class DamagedError(ValueError):
    """Bytes are not what was expected there; the message is for people, without any of the bytes."""


def fields(value: Any, what: str, names: tuple[str, ...]) -> list[Any]:
    """The values of an object with exactly these fields, in the order of the names."""
    if not isinstance(value, dict) or len(value) != len(names) or not all(name in value for name in names):
        raise DamagedError(f"{what} does not have exactly the fields {', '.join(names)}")
    return [value[name] for name in names]


def items(value: Any, what: str, length: int | None = None) -> list[Any]:
    """A list, of a certain length if one is given."""
    if not isinstance(value, list) or (length is not None and len(value) != length):
        raise DamagedError(f"{what} is not a list" + ("" if length is None else f" of {length}"))
    return value


def entries(value: Any, what: str) -> dict[str, Any]:
    """An object with any fields."""
    if not isinstance(value, dict):
        raise DamagedError(f"{what} is not an object")
    return value


def text(value: Any, what: str) -> str:
    """A text."""
    if not isinstance(value, str):
        raise DamagedError(f"{what} is not a text")
    return value


def texts(value: Any, what: str, length: int | None = None) -> list[str]:
    """A list of texts."""
    found = items(value, what, length)
    if not all(isinstance(one, str) for one in found):
        raise DamagedError(f"{what} has an entry that is not a text")
    return found


def whole(value: Any, what: str) -> int:
    """A number that counts something."""
    if type(value) is not int or value < 0:
        raise DamagedError(f"{what} is not a number from 0 on")
    return value
