"""json_format: findings as one JSON document, for other tools.

In      findings.
Out     text that is valid against findings.schema.json beside this file; ASCII only.
Never   omits a field without a value: it is null, so that readers need not check whether it exists.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from platformc.diagnostics.finding import Finding, Severity, Span

SCHEMA_VERSION = 1
"""Raised when a field is removed or changes its meaning; new fields do not raise it."""


def render_json(findings: Sequence[Finding]) -> str:
    """Write all findings in the order given, with their counts.

    Lines and columns count from 1, the end is exclusive. Everything beyond ASCII is escaped, so that
    the text of a spec can break neither a terminal nor an encoding on its way to another tool.
    """
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "summary": {
            "errors": sum(finding.severity is Severity.ERROR for finding in findings),
            "warnings": sum(finding.severity is Severity.WARNING for finding in findings),
            "notes": sum(finding.severity is Severity.NOTE for finding in findings),
        },
        "findings": [_finding(finding) for finding in findings],
    }
    return json.dumps(document, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "hint": finding.hint or None,
        "environment": finding.environment or None,
        "location": _location(finding.at),
        "related": [{"label": label, "location": _location(span)} for span, label in finding.related],
    }


def _location(span: Span) -> dict[str, Any]:
    return {
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }
