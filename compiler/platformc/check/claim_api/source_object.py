"""written: an object of the claim API, as data and with the places where it is written.

In      one object and its nodes. An object that was derived has the nodes of what it was derived from.
Out     findings at the smallest place that says what is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platformc.check.policies.reading import below
from platformc.diagnostics import Finding, Severity, Span
from platformc.language.nodes import KeyPath, Mapping, key_span, span_of


@dataclass(frozen=True, slots=True)
class Written:
    """One XRD or Composition."""

    data: dict[str, Any]
    node: Mapping

    @property
    def name(self) -> str:
        """As in its metadata."""
        return str(below(self.data, "metadata", "name"))

    def at(self, path: KeyPath) -> Span:
        """Where a value stands; its nearest ancestor where it is absent."""
        return span_of(self.node, path)

    def error(
        self, path: KeyPath, rule: str, message: str, hint: str = "", related: tuple[tuple[Span, str], ...] = ()
    ) -> Finding:
        """Make a finding at a value."""
        return Finding(self.at(path), rule, Severity.ERROR, message, hint, related)

    def error_at_key(
        self, path: KeyPath, rule: str, message: str, hint: str = "", related: tuple[tuple[Span, str], ...] = ()
    ) -> Finding:
        """Make a finding at the key of a value."""
        return Finding(key_span(self.node, path), rule, Severity.ERROR, message, hint, related)
