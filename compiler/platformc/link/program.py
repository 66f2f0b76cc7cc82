"""Program: one environment's documents with every reference bound, as one typed graph.

link makes it; lowering, checks and the graph verb read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from platformc.diagnostics import Finding, Span
from platformc.language import DocumentId, Platform, Resource
from platformc.language.models.platform import ImagePullSecret
from platformc.language.origin import Cause, mark
from platformc.link.namespaces import NamespacePlan
from platformc.link.scope import Scope


class EdgeKind(StrEnum):
    """What kind of use an edge is."""

    TRAFFIC = "traffic"
    """The source opens connections to the target's port."""
    ORDER = "order"
    """On the first sync, the source starts after the target."""
    ACCESS = "access"
    """The source uses something in AWS."""
    SECRET = "secret"  # noqa: S105 - the word, not a password
    """The source reads a key of the target."""
    CONFIG = "config"
    """The source reads a file of the target."""
    IDENTITY = "identity"
    """The source uses the target as its identity in AWS."""
    IMAGE = "image"
    """The source's image comes from the target."""
    RESTART = "restart"
    """The source is rolled when the target's pods change."""


@dataclass(frozen=True, slots=True, order=True)
class Outside:
    """Addresses outside of all documents."""

    name: str
    """Its name for people: internet, an address range, kubernetes-api."""
    cidrs: tuple[str, ...]
    excluded: tuple[str, ...]
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` uses `target`; `at` is the reference or the entry of `needs` behind it."""

    kind: EdgeKind
    source: DocumentId
    target: DocumentId | Outside
    at: Span
    port: str = ""
    """The name of the target's port, for traffic to a workload."""
    access: tuple[str, ...] = ()
    """The access words, sorted."""
    key: str = ""
    """The key or file, for a secret or config; empty for all of them."""
    name: str = ""
    """The name by which the target is referred to, if it has several."""
    wait: bool = False
    """The source's pods wait until the port answers."""


@dataclass(frozen=True, slots=True, eq=False)
class PullSecretPlan:
    """One of the Platform's pull secrets, the identity whose key renews it, and the namespaces that get it."""

    name: str
    settings: ImagePullSecret
    identity: Resource[Any]
    namespaces: tuple[NamespacePlan, ...]
    """Sorted by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """One environment's graph. `edges` is sorted by source, target, kind and place."""

    platform: Platform
    scope: Scope
    values: Mapping[tuple[DocumentId, str], Any]
    """A document and a reference in it as written -> what it stands for; absent if that is a finding."""
    edges: tuple[Edge, ...]
    outgoing: Mapping[DocumentId, tuple[Edge, ...]]
    incoming: Mapping[DocumentId, tuple[Edge, ...]]
    waves: Mapping[DocumentId, int]
    """Depth along `order` edges, for what has such edges, and jobs."""
    namespaces: Mapping[str, NamespacePlan]
    pull_secrets: tuple[PullSecretPlan, ...]
    """Sorted by name."""
    resources: Mapping[DocumentId, Resource[Any]]
    findings: tuple[Finding, ...]
    restarts: Mapping[DocumentId, str] = field(default_factory=dict)
    """Workload that others restart with -> the checksum of its pods. Lowering computes it first."""

    def edges_from(self, source: DocumentId, kind: EdgeKind) -> tuple[Edge, ...]:
        """The edges of one kind that leave a document."""
        return tuple(edge for edge in self.outgoing.get(source, ()) if edge.kind is kind)

    def because(self, *edges: Edge) -> tuple[str, ...]:
        """Empty texts that carry the places of the edges, if scalars carry their origins."""
        return self.because_at(*(edge.at for edge in edges))

    def because_at(self, *places: Span) -> tuple[str, ...]:
        """The same for places without an edge."""
        if not self.platform.is_marked:
            return ()
        return tuple(mark("", (Cause("", place),)) for place in places)

    def edges_to(self, target: DocumentId, kind: EdgeKind) -> tuple[Edge, ...]:
        """The edges of one kind that arrive at a document."""
        return tuple(edge for edge in self.incoming.get(target, ()) if edge.kind is kind)
