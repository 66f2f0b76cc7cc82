"""source_object: an object of the claim API, as data and with its places in the files.

In      one object and its nodes. An object that was derived has the nodes of what it was derived from.
Out     the places of its values and of their keys, for findings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below
from platformc.diagnostics import Span
from platformc.language.nodes import KeyPath, Mapping, key_span, span_of


@dataclass(frozen=True, slots=True)
class SourceObject:
    """One XRD or Composition."""

    data: dict[str, Any]
    node: Mapping

    @property
    def name(self) -> str:
        """As in its metadata."""
        return str(below(self.data, "metadata", "name"))

    def at(self, path: KeyPath) -> Span:
        """The place of a value; its nearest ancestor's if it is absent."""
        return span_of(self.node, path)

    def key_at(self, path: KeyPath) -> Span:
        """The place of the key of a value."""
        return key_span(self.node, path)
