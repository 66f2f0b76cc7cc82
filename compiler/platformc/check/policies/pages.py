"""Pages: the rules of the language and of the tools, each a Markdown file beside this module.

A file is called `pages/<family>/<id>.md`. Its first line is `<severity>: <summary>`; the page
follows after a blank line. Rules about what was lowered have their page in the rule's own docstring.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from platformc.check.policies.rule import Rule
from platformc.diagnostics import Severity

FOLDER = "pages"
ALLOWABLE = frozenset({"immutable-field", "volume-shrinks"})
"""Rules about what is replaced: a person may know better, once."""


@cache
def language_rules() -> tuple[Rule, ...]:
    """All rules that have a page of their own, sorted by id."""
    found = [
        _rule(family.name, page.name.removesuffix(".md"), page.read_text(encoding="utf-8"))
        for family in (resources.files(__package__ or "") / FOLDER).iterdir()
        if family.is_dir()
        for page in family.iterdir()
        if page.name.endswith(".md")
    ]
    return tuple(sorted(found, key=lambda rule: rule.id))


def _rule(family: str, identity: str, text: str) -> Rule:
    head, _, page = text.partition("\n")
    severity, _, summary = head.partition(": ")
    return Rule(
        identity,
        Severity(severity),
        family,
        summary.strip(),
        f"{summary.strip()}\n\n{page.strip()}",
        allowable=identity in ALLOWABLE,
    )
