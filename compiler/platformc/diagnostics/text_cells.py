"""text_cells: how characters of a source file look on a terminal, one by one.

In      text from an untrusted file: tabs, control characters, escape codes, any script.
Out     for each character what to print and its width in columns; carets are placed by it.
Never   returns a control character, so that a spec cannot recolour, move or hide what is shown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

CONJOINING_HANGUL = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF))
"""Vowels and finals that join the syllable before them. Source: UAX #11 and Markus Kuhn's wcwidth."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What is shown for one character of the source: `text`, `width` columns wide (0 if it combines)."""

    text: str
    width: int


TAB = "    "
"""A tab is always shown as four spaces, as in rustc: then carets need no tab stops."""

SHOWN_AS = {
    **{chr(code): Cell(chr(0x2400 + code), 1) for code in range(0x20)},  # U+2400 to U+241F picture the controls
    "\x7f": Cell("\u2421", 1),
    "\t": Cell(TAB, len(TAB)),
}
"""What is shown for the ASCII characters that cannot be printed."""


def cell(character: str) -> Cell:
    r"""Return how one character is shown.

    >>> cell("a"), cell("\x1b"), cell("\u202e").text, cell("\u6f22").width
    (Cell(text='a', width=1), Cell(text='␛', width=1), '\\u202e', 2)
    """
    if " " <= character <= "~":
        return Cell(character, 1)
    if character in SHOWN_AS:
        return SHOWN_AS[character]
    if not character.isprintable():
        # Controls, formats that reverse text, private use, surrogates, separators; and the no-break
        # space, which looks like a space and is part of the word for YAML.
        escaped = character.encode("unicode_escape").decode("ascii")
        return Cell(escaped, len(escaped))
    if unicodedata.category(character) in ("Mn", "Me") or any(
        first <= ord(character) <= last for first, last in CONJOINING_HANGUL
    ):
        return Cell(character, 0)
    return Cell(character, 2 if unicodedata.east_asian_width(character) in "WF" else 1)


def cells(line: str) -> tuple[Cell, ...]:
    """Return how each character of a line is shown, in order: one cell per character."""
    return tuple(cell(character) for character in line)


def columns(shown: Iterable[Cell]) -> tuple[int, ...]:
    """Return the screen column, from 0, at which each cell starts, and finally the one after all cells."""
    return tuple(accumulate((each.width for each in shown), initial=0))


def visible(text: str) -> str:
    """Make every character of a one-line text safe to print; a line break becomes a picture of one."""
    return text if text.isascii() and text.isprintable() else "".join(each.text for each in cells(text))
