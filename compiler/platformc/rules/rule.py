"""rule: one thing that a finding can be about, with the page that explains it.

In      an id, a family, and how to read its page.
Out     findings of its severity: `UNKNOWN_REFERENCE.at(span, message, hint)`.
Never   reads a page before its content is needed: a run without findings reads none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from platformc.diagnostics import BugReport, Finding, Severity, Span


@dataclass(frozen=True, slots=True)
class Page:
    """The content of a rule's page."""

    severities: tuple[Severity, ...]
    """The usual one first; the page says when another applies."""
    summary: str
    text: str
    """Markdown: what the rule reports, why it is bad, an example, what to use instead, how to allow it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    """Stable kebab-case id, named after the bad thing, so that it reads well after "allow"."""
    family: str
    read: Callable[[], Page] = field(compare=False, repr=False)
    """Return its page; cheap to call again."""
    allowable: bool = False
    """Whether `allow` silences it."""

    @property
    def severity(self) -> Severity:
        """The usual severity of its findings."""
        return self.read().severities[0]

    @property
    def summary(self) -> str:
        """What it reports, in one line."""
        return self.read().summary

    @property
    def page(self) -> str:
        """The page for users, in Markdown."""
        return self.read().text

    def at(
        self,
        span: Span,
        message: str,
        hint: str = "",
        *,
        related: tuple[tuple[Span, str], ...] = (),
        environment: str = "",
        confidential: bool = False,
        severity: Severity | None = None,
    ) -> Finding:
        """Make a finding. A severity other than the usual one must be on the rule's page.

        Raises BugReport if it is not.
        """
        known = self.read().severities
        if severity is not None and severity not in known:
            raise BugReport(f"the page of {self.id} does not say that it can be a {severity}")
        return Finding(span, self.id, severity or known[0], message, hint, related, environment, confidential)
