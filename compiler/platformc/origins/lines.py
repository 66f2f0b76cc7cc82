"""Lines: which value of a file is on a line.

In      the file as nodes, rendered or of the spec; a line and a column.
Out     the path of the value; the line inside of a text of several lines.
Never   knows where the value comes from.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.diagnostics import Span
from platformc.language.nodes import KeyPath, Mapping, Node, Scalar, at
from platformc.language.nodes import Sequence as SequenceNode


def path_at(root: Node, line: int, column: int | None) -> KeyPath | None:
    """The path of the value on a line of a rendered file; the nearest to the column.

    None if the line has no value: a blank line or a comment.
    """
    best: KeyPath | None = None
    for path, span in _places(root, ()):
        last = last_line(span)
        starts_before = column is None or span.line < line or span.column <= column
        if span.line <= line <= last and (best is None or starts_before):
            best = path
    return best


def _places(node: Node, path: KeyPath) -> Iterator[tuple[KeyPath, Span]]:
    """Keys and values of a rendered file with their places, in order; a scalar stands for its key as well."""
    if isinstance(node, Mapping):
        for key, below in node.entries.items():
            if isinstance(below, Scalar):
                start, end = node.keys[key], below.span
                yield (*path, key), Span(start.path, start.line, start.column, end.end_line, end.end_column)
            else:
                yield (*path, key), node.keys[key]
                yield from _places(below, (*path, key))
    elif isinstance(node, SequenceNode):
        for position, item in enumerate(node.items):
            if isinstance(item, Scalar):
                yield (*path, position), item.span
            else:
                yield from _places(item, (*path, position))


def line_inside(root: Node, path: KeyPath, line: int) -> int | None:
    """The line of the text at a path, counted from 0, that is on a line of a rendered file.

    None if it is not text with several lines, or the line is that of its key.
    """
    found = at(root, path)
    if not isinstance(found, Scalar) or not isinstance(found.value, str):
        return None
    lines, first = found.value.rstrip("\n").count("\n") + 1, found.span.line + 1
    return line - first if first <= line < first + lines else None


def last_line(span: Span) -> int:
    """The last line with a character of the span; a block of text ends at the beginning of the next line."""
    return span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line
