"""diagnostics: what the compiler reports: findings with places, and the errors that end a run."""

from platformc.diagnostics.errors import BugReport, FindingsError, PlatformcError, ToolError, UsageError
from platformc.diagnostics.finding import Finding, Severity, Span, sort_findings
from platformc.diagnostics.nearest import did_you_mean, known_hint, meant_hint, nearest, suggestion

__all__ = [
    "BugReport",
    "Finding",
    "FindingsError",
    "PlatformcError",
    "Severity",
    "Span",
    "ToolError",
    "UsageError",
    "did_you_mean",
    "known_hint",
    "meant_hint",
    "nearest",
    "sort_findings",
    "suggestion",
]
