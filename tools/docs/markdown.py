"""Markdown: the few forms that the generated pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

MADE = "<!-- Made by `python -m tools.docs`. Edit what it is made from, not this file. -->"
"""Stands at the head of every generated page."""


def page(title: str, *blocks: str) -> str:
    """One page: its title, where it comes from, its blocks with an empty line between them."""
    return "\n\n".join([f"# {title}", MADE, *(block.strip("\n") for block in blocks if block.strip())]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; `|` inside of a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def anchor(heading: str) -> str:
    """The address of a heading inside its page, as GitHub makes it.

    >>> anchor("Fields of a pod")
    'fields-of-a-pod'
    """
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def lowered(text: str) -> str:
    """The same text one level down: each of its headings, and nothing in its code, has one `#` more.

    >>> lowered("## Example")
    '### Example'
    """
    return "```".join(
        re.sub(r"^(?=#)", "#", part, flags=re.MULTILINE) if position % 2 == 0 else part
        for position, part in enumerate(text.split("```"))
    )


def link(text: str) -> str:
    """A link to a heading of the same page."""
    return f"[{text}](#{anchor(text)})"


def code(text: str) -> str:
    """Text as code; empty stays empty."""
    return f"`{text}`" if text else ""
