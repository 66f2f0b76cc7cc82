"""Documents: one YAML document of the spec each, named, placed and not yet validated."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class DocumentId:
    """What names a document: its kind, the application it belongs to, and its own name.

    Documents outside of an application's folder belong to the application `platform`.
    """

    kind: str
    application: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.application}/{self.name}"
