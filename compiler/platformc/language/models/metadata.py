"""Metadata: what every document states about itself."""

from __future__ import annotations

from platformc.language.models.base import SpecModel
from platformc.language.models.labels import Annotations, Labels


class Metadata(SpecModel):
    """The metadata of a document."""

    name: str
    """The document's name; references use it."""
    namespace: str | None = None
    """The namespace of its objects; defaults to the application's."""
    application: str | None = None
    """Only in overrides: the application of the document."""
    environment: str | None = None
    """Only in SealedValues: the environment that the values were sealed for."""
    labels: Labels = {}
    """Labels of all objects of this document."""
    annotations: Annotations = {}
    """Annotations of all objects of this document."""
