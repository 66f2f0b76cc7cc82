"""values: when two values of plain data are the same value.

In      plain data of any shape.
Out     whether two are identical, and a key that identical values share.
Never   takes 1, 1.0 and true for the same, as Python does: they are different bytes for an API server.
"""

from __future__ import annotations

import json
from typing import Any


def identical(one: Any, other: Any) -> bool:
    """Whether two values are the same in type and content; the order of a map's keys means nothing."""
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(
            key in other and identical(value, other[key]) for key, value in one.items()
        )
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(identical, one, other))
    if type(one) is not type(other):
        return False
    return bool(one == other) or (isinstance(one, float) and repr(one) == repr(other))  # NaN is no difference


def are_written_alike(one: Any, other: Any) -> bool:
    """Whether two values are identical with their keys in the same order; far faster than `identical`."""
    return bool(one == other) and repr(one) == repr(other)


def fingerprint(value: Any) -> str:
    """A text that identical values share, and others do not.

    >>> fingerprint(1) == fingerprint(True), fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    (False, True)
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)
    except TypeError:  # keys of several types, as only YAML has them
        return repr(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((repr(key), _sorted(item)) for key, item in value.items())
    return [_sorted(item) for item in value] if isinstance(value, list) else repr(value)
