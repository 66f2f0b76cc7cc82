"""github: findings as workflow commands, which GitHub Actions turns into annotations on a pull request.

In      findings whose paths are relative to the root of the checkout.
Out     one line per finding; empty if there is nothing to report.
Never   lets a finding start a command of its own: what GitHub interprets is escaped.

Source: docs.github.com, "Workflow commands for GitHub Actions"; escapes as in actions/toolkit,
packages/core/src/command.ts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from platformc.diagnostics.finding import Finding, Severity, Span
from platformc.diagnostics.text_cells import visible

COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render_github(findings: Sequence[Finding]) -> str:
    """Write one workflow command per finding, in the order given."""
    return "".join(f"{_command(finding)}\n" for finding in findings)


def _command(finding: Finding) -> str:
    return command(COMMANDS[finding.severity], {**place(finding.at), "title": finding.rule}, _message(finding))


def command(word: str, properties: Mapping[str, str], message: str) -> str:
    """One workflow command; `word` is `error`, `warning` or `notice`."""
    joined = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{word} {joined}::{_data(message)}"


def place(span: Span) -> dict[str, str]:
    """Return the properties of the place; GitHub rejects columns for a span over several lines."""
    if span.is_whole_file:
        return {"file": span.path}
    if span.end_line <= span.line:
        return {
            "file": span.path,
            "line": str(span.line),
            "col": str(span.column),
            "endLine": str(span.line),
            "endColumn": str(span.end_column),
        }
    # An end before the first character of a line excludes that line.
    last = span.end_line - 1 if span.end_column <= 1 else span.end_line
    return {"file": span.path, "line": str(span.line), "endLine": str(last)}


def _message(finding: Finding) -> str:
    """Join into one text what an annotation has no fields for."""
    related = (f"{span}: {label}" for span, label in finding.related)
    environment = (f"in environment: {finding.environment}",) if finding.environment else ()
    hint = (f"help: {finding.hint}",) if finding.hint else ()
    return "\n".join((finding.message, *related, *environment, *hint))


def _data(text: str) -> str:
    escaped = (visible(line).replace("%", "%25") for line in text.split("\n"))
    return "%0A".join(escaped)


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
