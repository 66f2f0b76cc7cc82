"""What the compiler has to say: findings with places, and the errors that end a run."""

from platformc.diagnostics.errors import BugReport, FindingsError, PlatformcError, ToolError, UsageError
from platformc.diagnostics.finding import Finding, Severity, Span, sort_findings

__all__ = [
    "BugReport",
    "Finding",
    "FindingsError",
    "PlatformcError",
    "Severity",
    "Span",
    "ToolError",
    "UsageError",
    "sort_findings",
]
