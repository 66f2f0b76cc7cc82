"""Nodes: YAML values that know their place in the spec, and what they replaced.

In      the events of one YAML document (reader), overlays (overlay), constants (constants).
Out     immutable trees of Mapping, Sequence and Scalar; `plain` turns one into Python data.
Never   changes a node: an overlay or a substitution makes a new one that refers to the old one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import Span

KeyPath = tuple[str | int, ...]
"""The path of a value inside a document: mapping keys and list positions."""


@dataclass(frozen=True, slots=True, eq=False)
class Scalar:
    """One scalar. `value` is typed as YAML 1.2 reads it."""

    value: str | int | float | bool | None
    span: Span
    replaced: Node | None = None
    """What an overlay replaced with this."""
    sources: tuple[Scalar, ...] = ()
    """The constants that were substituted into it, with their places in the environment or platform."""


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """One list."""

    items: tuple[Node, ...]
    span: Span
    replaced: Node | None = None
    may_refer: bool = True
    """False if the reader saw no `${` below, so that nobody has to look again."""


@dataclass(frozen=True, slots=True, eq=False)
class Mapping:
    """One map, in the order of the file. `keys` has the place of each key."""

    entries: dict[str, Node]
    keys: dict[str, Span]
    span: Span
    replaced: Node | None = None
    may_refer: bool = True
    """False if the reader saw no `${` below, so that nobody has to look again."""

    def get(self, key: str) -> Node | None:
        """The value of `key`, or None."""
        return self.entries.get(key)


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The node as Python data: dict, list, str, int, float, bool or None."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Mapping):
        return {key: plain(value) for key, value in node.entries.items()}
    return [plain(item) for item in node.items]


def may_refer(node: Node) -> bool:
    """Whether there may be a `${` at or below a node."""
    if isinstance(node, Scalar):
        return isinstance(node.value, str) and "${" in node.value
    return node.may_refer


def scalars(node: Node, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Scalar]]:
    """Every scalar below a node with its path, in order."""
    if isinstance(node, Scalar):
        yield path, node
    elif isinstance(node, Mapping):
        for key, value in node.entries.items():
            yield from scalars(value, (*path, key))
    else:
        for position, item in enumerate(node.items):
            yield from scalars(item, (*path, position))


def child(node: Node | None, step: str | int) -> Node | None:
    """The value one step below, or None if there is none."""
    if isinstance(node, Mapping) and isinstance(step, str):
        return node.entries.get(step)
    if isinstance(node, Sequence) and isinstance(step, int) and 0 <= step < len(node.items):
        return node.items[step]
    return None


def at(node: Node, path: KeyPath) -> Node | None:
    """The value at a path, or None if the path leaves the tree."""
    found: Node | None = node
    for step in path:
        found = child(found, step)
    return found


def span_of(node: Node, path: KeyPath) -> Span:
    """The place of the value at `path`; if it is absent, its nearest ancestor's key.

    A map or list with a key is shown by that key: nobody wants thirty lines underlined. So is
    a value without characters.
    """
    span, found = node.span, node
    for step in path:
        below = child(found, step)
        if below is None:
            return span
        span = below.span
        if isinstance(found, Mapping) and (not isinstance(below, Scalar) or _is_empty(span)):
            span = found.keys[str(step)]
        found = below
    return span


def _is_empty(span: Span) -> bool:
    """Whether there is nothing to underline, as for the value of `key:`."""
    return (span.line, span.column) == (span.end_line, span.end_column)


def key_span(node: Node, path: KeyPath) -> Span:
    """The place of the last key of `path` itself (for findings about the key, not its value)."""
    parent = at(node, path[:-1])
    if isinstance(parent, Mapping) and path[-1] in parent.keys:
        return parent.keys[str(path[-1])]
    return span_of(node, path)
