"""Identities: which documents use an identity, and what all of them do in AWS (D4)."""

from __future__ import annotations

from typing import Any

from platformc.language import DocumentId, Resource
from platformc.language.models.pod import PodFields
from platformc.link.program import Edge, EdgeKind, Program


def access_edges(program: Program, identity: Resource[Any]) -> tuple[Edge, ...]:
    """The AWS edges of everything that uses the identity, and its own."""
    sources = [identity.id, *sorted({edge.source for edge in users(program, identity)})]
    return tuple(edge for source in sources for edge in program.edges_from(source, EdgeKind.ACCESS))


def users(program: Program, identity: Resource[Any]) -> list[Edge]:
    """The edges of the documents that use the identity."""
    return [edge for edge in program.edges_to(identity.id, EdgeKind.IDENTITY) if _acts(program, edge.source)]


def _acts(program: Program, source: DocumentId) -> bool:
    """Whether a document's pods use identities: a Platform that names one for pulling has no pods."""
    return isinstance(program.resources[source].spec, PodFields)
