"""values: changed values, short enough to be read.

In      values before and after, as text of any length.
Out     the same cut, with a count of what is left out; what differs between two texts of several lines.
Never   cuts without a word, or compares texts for longer than a reader waits.
"""

from __future__ import annotations

from difflib import unified_diff
from itertools import islice

from platformc.diff.formats.words import count
from platformc.diff.report import ReportedField

LONGEST_COMPARED = 2_000
"""Lines of a text that are compared: difflib needs the square of them at worst."""

CONTEXT = 2
"""Lines that are shown around a changed one."""

LONGEST_LINE = 160


def shortened(text: str, most: int) -> str:
    """Cut a text to about `most` characters, and count the others.

    >>> shortened("abcdefghij" * 4, 4)
    'abcd… (36 more characters)'
    """
    left_out = len(text) - most
    if left_out <= len(f"… ({left_out} more characters)"):
        return text
    return f"{text[:most]}… ({count(left_out, 'more character', 'more characters')})"


def apart(before: str, after: str, most: int) -> tuple[str, str]:
    """Cut two long texts to what differs between them, with a little of what is around.

    >>> apart("mongodb://${user}@stoat-mongodb:27017", "mongodb://${user}@stoat-database:27017", 30)
    ('…/${user}@stoat-mongodb:27017', '…/${user}@stoat-database:27017')
    """
    if max(len(before), len(after)) <= most:
        return before, after
    shared = _alike(before, after)
    start = max(0, shared - most // 2)
    around = f"…{before[start:]}" if start else before, f"…{after[start:]}" if start else after
    ending = _alike(before[shared:][::-1], after[shared:][::-1])
    if ending <= most // 2 or max(map(len, around)) <= most:
        return around[0], around[1]
    kept = ending - most // 2
    return f"{around[0][:-kept]}…", f"{around[1][:-kept]}…"


def _alike(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((position for position, (left, right) in pairs if left != right), min(len(one), len(other)))


def is_text(field: ReportedField) -> bool:
    """Whether a value has several lines."""
    return any("\n" in (value or "").rstrip("\n") for value in (field.before, field.after))


def difference(field: ReportedField, most: int) -> list[str]:
    """What differs in a text of several lines, as lines of a unified difference; what is left out is counted."""
    before, after = ((value or "").splitlines() for value in (field.before, field.after))
    if max(len(before), len(after)) > LONGEST_COMPARED:
        return [f"@ {count(len(before), 'line', 'lines')} before, {count(len(after), 'line', 'lines')} after"]
    lines = [
        line if line.startswith("@@") else line[0] + shortened(line[1:], LONGEST_LINE)
        for line in islice(unified_diff(before, after, n=CONTEXT, lineterm=""), 2, None)
    ]
    if not lines:
        return ["@ only the breaks between lines differ"]
    if len(lines) <= most + 1:
        return lines
    return [*lines[:most], f"@ {count(len(lines) - most, 'more line', 'more lines')}"]
