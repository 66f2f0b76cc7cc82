"""text_snippet: one line of source with its place underlined, cut to the width of the terminal.

In      a line of a file, the part of it to underline, the number of columns.
Out     the line as shown, and the start and length of the underline, in columns.
Never   fails on a place outside of the line (the file has changed): it is moved inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from platformc.diagnostics.finding import Span
from platformc.diagnostics.text_cells import Cell, cells, columns

LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""Line ends of libyaml, which counts the lines of our spans (yaml_private.h, IS_BREAK)."""

CUT = "..."
"""Replaces what does not fit on either side."""

NARROWEST = 24
"""Columns that are always used for source, however narrow the terminal is."""


NEAR = 8
"""Characters per column that are considered on both sides; combining ones take no column."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A line of source as shown, and its underline: `offset` columns from the left, `length` columns long."""

    text: str
    offset: int
    length: int


def split_lines(text: str) -> tuple[str, ...]:
    """Split a file into the lines that spans count; a byte order mark is not part of the first."""
    return tuple(LINE_BREAK.split(text.removeprefix("\ufeff")))


def snippet(line: str, span: Span, width: int) -> Snippet:
    """Show `line`, the first line of `span`, in at most `width` columns around the place.

    A span over several lines is underlined to the end of this one; an empty span gets one column.
    """
    width = max(width, NARROWEST)
    first, last = _inside(line, span)
    line, first, last = _near(line, first, last, NEAR * width)
    shown = cells(line)
    starts = columns(shown)
    if last <= first:
        last = min(first + 1, len(shown))
    if first < len(shown) and shown[first].width == 0:
        # A combining character is drawn on top of the one before it: point there.
        first = max((index for index in range(first) if shown[index].width), default=first)
    begin, end = _window(starts, first, last, width)
    prefix = CUT if begin else ""
    offset = len(prefix) + starts[first] - starts[begin]
    length = max(1, starts[min(last, end)] - starts[first])
    text = prefix + _text(shown[begin:end]) + (CUT if end < len(shown) else "")
    return Snippet(text.rstrip(), offset, length)


def _inside(line: str, span: Span) -> tuple[int, int]:
    """Return the start and the end of the meant characters, both inside the line."""
    first = min(max(span.column - 1, 0), len(line))
    if span.end_line > span.line:
        return first, max(first, len(line.rstrip()))
    return first, min(max(span.end_column - 1, first), len(line))


def _near(line: str, first: int, last: int, most: int) -> tuple[str, int, int]:
    """Return the meant part with that many characters on each side: a line can have millions, and a thousand findings."""
    begin, end = max(first - most, 0), first + most
    return line[begin:end], first - begin, min(last, end) - begin


def _window(starts: tuple[int, ...], first: int, last: int, width: int) -> tuple[int, int]:
    """Choose which characters to show: all if they fit, otherwise the meant ones in the middle."""
    count = len(starts) - 1
    needed = max(starts[count], starts[first] + 1)
    if needed <= width:
        return 0, count
    room = width - 2 * len(CUT)
    meant = min(max(starts[last] - starts[first], 1), room)
    left = min(starts[first] - (room - meant) // 2, needed - (width - len(CUT)))
    # Cutting fewer columns than the dots take would hide something to gain nothing.
    begin = 0 if left <= len(CUT) else next(index for index in range(count + 1) if starts[index] >= left)
    begin = min(begin, first)
    prefix = len(CUT) if begin else 0
    if prefix + needed - starts[begin] <= width:
        return begin, count
    limit = starts[begin] + width - prefix - len(CUT)
    return begin, max(index for index in range(begin, count + 1) if starts[index] <= limit)


def _text(shown: tuple[Cell, ...]) -> str:
    """Join cells, without combining characters that lost what they combine with."""
    leading = next((index for index, each in enumerate(shown) if each.width), len(shown))
    return "".join(each.text for each in shown[leading:])
