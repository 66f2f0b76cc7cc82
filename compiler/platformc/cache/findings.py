"""findings: a finding as plain data for JSON, and back.

In      findings; data that was read, which may be anything.
Out     the same finding again; a ValueError for data that is not one.
Never   contains a line of a file (D31).
"""

from __future__ import annotations

from typing import Any

from platformc.diagnostics import Finding, Severity, Span

FIELDS = {"at", "rule", "severity", "message", "hint", "related", "environment", "confidential"}
NUMBERS = 4
"""Line and column of the begin and of the end, after the path."""


def finding_data(finding: Finding) -> dict[str, Any]:
    """Return a finding as data; spans are lists there."""
    return {
        "at": finding.at,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "related": finding.related,
        "environment": finding.environment,
        "confidential": finding.confidential,
    }


def finding_of(data: Any) -> Finding:
    """Return the finding. Raises ValueError if the data is not that of one."""
    if not isinstance(data, dict) or data.keys() != FIELDS:
        raise ValueError("a finding has other fields")
    texts = [data[name] for name in ("rule", "message", "hint", "environment")]
    if not all(isinstance(text, str) for text in texts) or not isinstance(data["confidential"], bool):
        raise ValueError("a field of a finding has another type")
    if not isinstance(data["related"], list) or not all(_is_related(entry) for entry in data["related"]):
        raise ValueError("what is related to a finding has another form")
    rule, message, hint, environment = texts
    return Finding(
        at=span_of(data["at"]),
        rule=rule,
        severity=Severity(data["severity"]),
        message=message,
        hint=hint,
        related=tuple((span_of(span), label) for span, label in data["related"]),
        environment=environment,
        confidential=data["confidential"],
    )


def span_of(data: Any) -> Span:
    """Return the span. Raises ValueError if the data is not that of one."""
    if not isinstance(data, list) or len(data) != NUMBERS + 1 or not isinstance(data[0], str):
        raise ValueError("a place has another form")
    if not all(type(number) is int and number >= 0 for number in data[1:]):
        raise ValueError("a place has no line or no column")
    return Span(*data)


def _is_related(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 2 and isinstance(entry[1], str)  # noqa: PLR2004 - place and label
