"""pages: the pages of the rules of the language and of the tools, each a Markdown file.

In      `pages/<family>/<id>.md`. Its first line is `<severity>: <summary>`, or `<severity> or <severity>: <summary>`
        with the usual one first; the page follows after a blank line.
Out     its content, read once.
"""

from __future__ import annotations

from functools import cache, partial

from platformc.diagnostics import Severity
from platformc.rules.rule import Page, Rule

FOLDER = "pages"


def documented(family: str, identity: str, *, allowable: bool = False) -> Rule:
    """Return a rule whose page is a file; `allowable` if `allow` may silence it."""
    return Rule(identity, family, partial(read_page, family, identity), allowable)


@cache
def read_page(family: str, identity: str) -> Page:
    """Return the page of one rule."""
    from importlib import resources  # noqa: PLC0415 - a run without findings does not need it

    path = resources.files("platformc.rules") / FOLDER / family / f"{identity}.md"
    head, _, text = path.read_text(encoding="utf-8").partition("\n")
    severities, _, summary = head.partition(": ")
    summary = summary.strip()
    return Page(tuple(map(Severity, severities.split(" or "))), summary, f"{summary}\n\n{text.strip()}")
