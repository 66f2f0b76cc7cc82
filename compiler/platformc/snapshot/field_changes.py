"""field_changes: what differs between two states of one object, value by value.

In      two objects as plain data, the keys of their lists.
Out     FieldChanges in the order of the new object, what is gone last.
Never   drops a difference: what means the same to the API server says so in `same`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformc.language.nodes import KeyPath
from platformc.snapshot.list_keys import ListKeys
from platformc.snapshot.model import ABSENT, FieldChange


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any], list_keys: ListKeys) -> tuple[FieldChange, ...]:
    """Return every value that differs."""
    del list_keys
    return tuple(_below(before, after, (), ()))


def _below(before: Any, after: Any, old: KeyPath, new: KeyPath) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**after, **before}:
            one, other = before.get(key, ABSENT), after.get(key, ABSENT)
            yield from _below(
                one, other, (*old, key) if one is not ABSENT else old, (*new, key) if other is not ABSENT else new
            )
        return
    if isinstance(before, list) and isinstance(after, list):
        for position in range(max(len(before), len(after))):
            one = before[position] if position < len(before) else ABSENT
            other = after[position] if position < len(after) else ABSENT
            yield from _below(
                one,
                other,
                (*old, position) if one is not ABSENT else old,
                (*new, position) if other is not ABSENT else new,
            )
        return
    if before != after or type(before) is not type(after):
        yield FieldChange(old, new, ".".join(map(str, new if len(new) >= len(old) else old)), before, after)
