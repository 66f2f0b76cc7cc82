"""rules: docs/rules.md and one page for each rule, from the pages that `platformc rule` prints."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from platformc.check.policies import POLICIES, all_rules
from platformc.rules import Rule

from tools.docs.language import fragment
from tools.docs.markdown import page, table

TITLES = {"aws": "AWS", "yaml": "YAML"}


def rules() -> Iterator[tuple[str, str]]:
    """Path below docs/ and content of each page."""
    yield "rules.md", _index()
    for rule in all_rules():
        yield f"rules/{rule.id}.md", _page(rule)


def _index() -> str:
    blocks = [fragment("rules")]
    ordered = sorted(all_rules(), key=lambda rule: (rule.family, rule.id))
    for family, found in groupby(ordered, key=lambda rule: rule.family):
        rows = [
            (
                f"[{rule.id}](rules/{rule.id}.md)",
                rule.severity.value,
                rule.summary,
                "yes" if rule.allowable else "",
            )
            for rule in found
        ]
        blocks += [
            f"## {TITLES.get(family, family.capitalize())}",
            table(("rule", "severity", "finds", "can be allowed"), rows),
        ]
    return page("Rules", *blocks)


def _page(rule: Rule) -> str:
    kind = "policy rule" if rule in [policy.rule for policy in POLICIES] else "rule of the language and its tools"
    return page(
        rule.id, f"{rule.severity.value.capitalize()}, {rule.family}; a {kind}. [All rules](../rules.md)", rule.page
    )
