"""rules: docs/rules.md and one page for each family, from the pages that `platformc rule` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from platformc.check.policies import POLICIES, all_rules
from platformc.rules import Rule

from tools.docs.language import fragment
from tools.docs.markdown import lowered, page, table

TITLES = {"aws": "AWS", "yaml": "YAML"}


def rules() -> Iterator[tuple[str, str]]:
    """Path below docs/ and content of each page."""
    ordered = sorted(all_rules(), key=lambda rule: (rule.family, rule.id))
    families = {family: tuple(found) for family, found in groupby(ordered, key=lambda rule: rule.family)}
    yield "rules.md", page("Rules", fragment("rules"), *(block for one in families.values() for block in _table(one)))
    for family, found in families.items():
        yield f"rules/{family}.md", page(f"Rules: {_title(family)}", "[All rules](../rules.md)", *map(_section, found))


def _title(family: str) -> str:
    return TITLES.get(family, family.capitalize())


def _table(family: Sequence[Rule]) -> tuple[str, str]:
    rows = [
        (
            f"[{rule.id}](rules/{rule.family}.md#{rule.id})",
            rule.severity.value,
            rule.summary,
            "yes" if rule.allowable else "",
        )
        for rule in family
    ]
    return f"## {_title(family[0].family)}", table(("rule", "severity", "finds", "can be allowed"), rows)


def _section(rule: Rule) -> str:
    kind = "policy rule" if rule in [policy.rule for policy in POLICIES] else "rule of the language and its tools"
    return f"## {rule.id}\n\n{rule.severity.value.capitalize()}; a {kind}.\n\n{lowered(rule.page)}"
