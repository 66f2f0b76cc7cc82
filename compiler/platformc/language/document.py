"""Documents: the YAML documents of the spec, named, with their places, not yet validated."""

from __future__ import annotations

from dataclasses import dataclass

from platformc.diagnostics import Span
from platformc.language.nodes import Mapping, Node, at, span_of

PLATFORM = "platform"
"""The application of documents outside of all applications' folders."""


@dataclass(frozen=True, slots=True, order=True)
class DocumentId:
    """What identifies a document: its kind, the application it belongs to, and its own name.

    Documents outside of an application's folder belong to the application `platform`.
    """

    kind: str
    application: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.application}/{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One document. In a damaged one, something had to be left out: its name still counts."""

    id: DocumentId
    root: Mapping
    damaged: bool

    @property
    def spec(self) -> Mapping:
        """The map under `spec`, empty if there is none."""
        spec = self.root.get("spec")
        return spec if isinstance(spec, Mapping) else Mapping({}, {}, span_of(self.root, ("spec",)))

    @property
    def name_span(self) -> Span:
        """The place of the name: how findings show the document as a whole."""
        return span_of(self.root, ("metadata", "name"))

    def part(self, *path: str) -> Node | None:
        """The node at a path, or None."""
        return at(self.root, path)
