"""Metadata: the fields that identify a document."""

from __future__ import annotations

from platformc.language.models.base import SpecModel
from platformc.language.models.labels import Annotations, Labels


class Metadata(SpecModel):
    """The metadata of a document."""

    name: str
    """The document's name; references use it."""
    namespace: str | None = None
    """The namespace of its objects; by default the application's."""
    application: str | None = None
    """Only in overrides: which application's document is meant."""
    environment: str | None = None
    """Only in SealedValues: the environment whose key sealed them."""
    labels: Labels = {}
    """Labels for all objects made from this document."""
    annotations: Annotations = {}
    """Annotations for all objects made from this document."""
