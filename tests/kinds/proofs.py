"""Proofs: for each fact of a record what it promises, and a wrong value with which the promise is broken.

A proof runs the compiler over the toy repository. It holds for the toy's record; with the wrong value it must fail, and
the failure names the fact. A fact that can be wrong without that is one that no stage reads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass, replace
from functools import reduce
from pathlib import Path
from types import ModuleType
from typing import Any

from platformc.language.kind import Kind
from toy_repository import ToyRepository
from toy_stream import STREAM

Place = tuple[str | int, ...]
"""Fields, keys of maps and positions, from the record of the kind."""
Promise = Callable[[ToyRepository], None]


@dataclass(frozen=True, slots=True)
class Proof:
    """One fact, what it promises, and a value that breaks the promise."""

    fact: str
    """`Class.field`."""
    promise: Promise
    wrong: Mapping[Place, Any]
    """Place in the record -> the wrong value; what belongs to it is changed with it."""

    def show(self, root: Path, *, wrong: bool) -> None:
        """Compile the toy repository with the right or the wrong value. Raises AssertionError that names the fact."""
        try:
            kind: Kind = changed(STREAM, self.wrong) if wrong else STREAM
            self.promise(ToyRepository(root, kind))
        except (AssertionError, ValueError) as error:  # ValueError: more or fewer findings than there should be
            raise AssertionError(f"{self.fact}: {self.promise.__doc__} {error}") from error


def proof(
    *path: str | int, wrong: Any, fact: str = "", also: Mapping[Place, Any] | None = None
) -> Callable[..., Proof]:
    """Make a Proof of a function: of the fact at a path, or of one that the function there decides (`fact`)."""
    holder = type(reduce(_part, path[:-1], STREAM)).__name__
    return lambda promise: Proof(fact or f"{holder}.{path[-1]}", promise, {path: wrong, **(also or {})})


def proofs_in(*modules: ModuleType) -> tuple[Proof, ...]:
    """All proofs of some modules."""
    return tuple(one for module in modules for one in vars(module).values() if isinstance(one, Proof))


def changed(record: Any, changes: Mapping[Place, Any]) -> Any:
    """A record with other values at some places; each part is made once, with all that is new in it."""
    if () in changes:
        return changes[()]
    below: dict[str | int, dict[Place, Any]] = defaultdict(dict)
    for (step, *rest), value in changes.items():
        below[step][tuple(rest)] = value
    new = {step: changed(_part(record, step), inside) for step, inside in below.items()}
    if isinstance(record, tuple):
        return tuple(new.get(position, one) for position, one in enumerate(record))
    if isinstance(record, Mapping):
        return {**record, **new}
    return replace(record, **{str(step): value for step, value in new.items()})


def _part(record: Any, step: str | int) -> Any:
    return getattr(record, str(step)) if is_dataclass(record) else record[step]
