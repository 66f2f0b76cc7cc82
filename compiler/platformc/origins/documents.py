"""documents: which document of the spec a place belongs to, and which value.

In      the Sources of a platform, a place.
Out     what the document is called, and the path in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from platformc.diagnostics import Span
from platformc.language import Sources
from platformc.language.nodes import KeyPath, Node
from platformc.origins.lines import path_at


@dataclass(slots=True)
class Documents:
    """Which document a place belongs to."""

    starts: dict[str, list[tuple[int, str, Node]]] = field(default_factory=dict)
    _known: dict[Span, tuple[str, KeyPath]] = field(default_factory=dict)

    @classmethod
    def of(cls, sources: Sources) -> Documents:
        """Those of a spec."""
        found = cls()
        everything = [
            *sources.documents,
            *(document for documents in sources.environments.values() for document in documents),
            *(document for documents in sources.sealed.values() for document in documents),
        ]
        for document in everything:
            span = document.root.span
            label = f"{document.id.kind} {document.id.name}"
            found.starts.setdefault(span.path, []).append((span.line, label, document.root))
        for entries in found.starts.values():
            entries.sort(key=lambda entry: entry[0])
        return found

    def at(self, span: Span) -> tuple[str, KeyPath]:
        """The document, and the path in it; both empty if the place is in none."""
        if span not in self._known:
            before = [(label, root) for line, label, root in self.starts.get(span.path, ()) if line <= span.line]
            label, root = before[-1] if before else ("", None)
            path = path_at(root, span.line, span.column) if root is not None else None
            self._known[span] = label, path or ()
        return self._known[span]
