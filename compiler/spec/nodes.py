"""Nodes: YAML values that know where they stand in the spec, and what they replaced.

In      the events of one YAML document (reader), overlays (overlay), constants (constants).
Out     immutable trees of Mapping, Sequence and Scalar; `plain` turns one into Python data.
Never   changes a node: an overlay or a substitution makes a new one that points at the old.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.diagnostics import Span

type_scalar = str | int | float | bool | None
Path = tuple[str | int, ...]
"""Where a value stands inside a document: mapping keys and list positions."""


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One scalar. `value` is typed as YAML 1.2 reads it; `quoted` tells "3000" from 3000."""

    value: str | int | float | bool | None
    span: Span
    quoted: bool = False
    replaced: Node | None = None
    """What an overlay put this in the place of."""
    sources: tuple[Scalar, ...] = ()
    """The constants that were substituted into it, as they stand in the environment or platform."""


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """One list."""

    items: tuple[Node, ...]
    span: Span
    replaced: Node | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """One map, in the order it was written. `keys` holds where each key stands."""

    entries: dict[str, Node]
    keys: dict[str, Span]
    span: Span
    replaced: Node | None = None


Node = Scalar | Sequence | Mapping
