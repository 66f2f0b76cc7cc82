"""sarif: findings as SARIF 2.1.0, which code scanning services and editors read.

In      findings, and what is known about rules (the pages that `platformc rule ID` prints).
Out     one JSON document with a single run; ASCII only.
Never   refers to a rule that the document does not describe: one without a page has only its id.

Source: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from platformc import __version__
from platformc.diagnostics.finding import Finding, Severity, Span

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


class RuleHelp(Protocol):
    """What SARIF contains about a rule: `page` is Markdown, `summary` its one line."""

    @property
    def id(self) -> str:
        """The stable kebab-case id."""

    @property
    def severity(self) -> Severity:
        """The severity of its findings."""

    @property
    def summary(self) -> str:
        """One line."""

    @property
    def page(self) -> str:
        """The page for users, in Markdown."""


def render_sarif(findings: Sequence[Finding], rules: Iterable[RuleHelp] = ()) -> str:
    """Write all findings in the order given; only rules that have a finding are described.

    Columns count characters (not UTF-16 units) and ends are exclusive, as in a Span.
    """
    known = {rule.id: rule for rule in rules}
    ids = sorted({finding.rule for finding in findings})
    places = {rule: index for index, rule in enumerate(ids)}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "platformc",
                        "semanticVersion": __version__,
                        "rules": [_rule(rule, known.get(rule)) for rule in ids],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(finding, places[finding.rule]) for finding in findings],
            }
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _rule(name: str, rule: RuleHelp | None) -> dict[str, Any]:
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.page, "markdown": rule.page},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    environment = f"\nin environment: {finding.environment}" if finding.environment else ""
    hint = f"\nhelp: {finding.hint}" if finding.hint else ""
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": LEVELS[finding.severity],
        "message": {"text": _plain(f"{finding.message}{environment}{hint}")},
        "locations": [{"physicalLocation": _physical(finding.at)}],
    }
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": _plain(label)}, "physicalLocation": _physical(span)}
            for number, (span, label) in enumerate(finding.related)
        ]
    return result


def _physical(span: Span) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(span.path), "uriBaseId": "%SRCROOT%"}}
    if span != Span(span.path):
        place["region"] = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
    return place


def _plain(text: str) -> str:
    r"""Keep `[text](target)` from being read as a link (SARIF 3.11.6: a backslash before the bracket).

    >>> _plain("see [here](1)"), _plain("items[0]")
    ('see \\[here\\](1)', 'items[0]')
    """
    return text.replace("[", "\\[").replace("]", "\\]") if "](" in text else text
