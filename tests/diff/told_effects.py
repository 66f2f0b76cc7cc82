"""told_effects: what is told of a change of some objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from platformc.diff.effect import Effect
from platformc.snapshot import Comparison
from snapshots import between, of_objects, told

Object = Mapping[str, Any]
Judge = Callable[[Comparison], Iterator[Effect]]


def effects(judge: Judge, base: list[Object], head: list[Object]) -> list[str]:
    """What a judge tells, without the environment."""
    found = list(judge(between(of_objects(*base), of_objects(*head))))
    assert all(one.basis for one in found)
    return [line.removeprefix("production ") for line in told(found)]
