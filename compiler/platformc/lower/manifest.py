"""Manifests: the objects that lowering makes, each with the document that it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platformc.language import DocumentId

JSON = Any
"""Plain data: dict with string keys, list, str, int, float, bool or None."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectId:
    """The identity of an object for an API server: group, kind, namespace and name."""

    group: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object of the output.

    `object` is plain data, and never changed in place: parts of it may be shared with other environments.
    `application` is its folder under rendered/<environment>/: the name of the Argo CD Application without
    the environment's prefix.
    """

    object: dict[str, JSON]
    owner: DocumentId
    application: str

    @property
    def id(self) -> ObjectId:
        """The object's identity."""
        metadata = self.object["metadata"]
        group = self.object["apiVersion"].rpartition("/")[0]
        return ObjectId(group, self.object["kind"], metadata.get("namespace", ""), metadata["name"])
