"""model: nodes and edges of one environment, each with a stable id and what to show of it.

In      a Program.
Out     a Graph: a node for each document and for each set of outside addresses, an edge for each edge of the Program.
Never   decides how something is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import Span
from platformc.language import DocumentId, Reference, Resource, pieces
from platformc.language.kind import Symbol
from platformc.language.models.secret import SecretSpec
from platformc.link import Absent, Edge, EdgeKind, Outside, Program
from platformc.lower.checksums import keys_behind

OUTSIDE = "Outside"
"""The kind of nodes that are not documents."""


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """A document, or addresses outside of all documents."""

    id: str
    """Unique in its graph, and independent of the other nodes: `Workload/store/redis`, `Outside/internet`."""
    kind: str
    application: str
    """Empty for the outside."""
    name: str
    aliases: tuple[str, ...] = ()
    """Further names of the document, such as a queue's dead-letter queue."""
    at: Span | None = None
    """The place of the document's name."""
    addresses: tuple[str, ...] = ()
    """Address ranges of the outside."""
    excluded: tuple[str, ...] = ()
    """Address ranges that are excluded."""
    symbol: Symbol = Symbol.OUTSIDE
    """How a drawing shows it."""
    word: str = ""
    """The word for its kind in references; empty if nothing can refer to it."""

    @property
    def label(self) -> str:
        """Its name for people: `Workload store/redis`."""
        return f"{self.kind} {self.application}/{self.name}" if self.application else self.name


@dataclass(frozen=True, slots=True)
class Link:
    """One edge of the Program between two nodes, named by their ids."""

    kind: EdgeKind
    source: str
    target: str
    at: Span
    ports: tuple[str, ...] = ()
    """A port's name for traffic to a workload, numbers for traffic to the outside."""
    access: tuple[str, ...] = ()
    key: str = ""
    """The key or the file; empty for all of them."""
    name: str = ""
    """The name that the target was referred to by, if it is not the document's own."""
    waits: bool = False
    reads: tuple[str, ...] = ()
    """The keys of a Secret whose values are read, including those of a file; empty for all."""
    gives: str = ""
    """The key of the source that gets the value, where one Secret copies from another."""
    to_outside: bool = False
    """Whether the target is no document: traffic to the outside is told apart."""

    @property
    def word(self) -> str:
        """What to call it where kinds are shown."""
        return "outside" if self.to_outside else self.kind.value

    @property
    def label(self) -> str:
        """What is used, in a few words; empty if the kind says it all."""
        parts = [self.name, ", ".join((*self.ports, *self.access)), self.key, "waits" if self.waits else ""]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """A reference that is only text, not an edge: a Config with the host of a workload opens no connection."""

    source: str
    target: str
    reference: str
    """As written: `${workload.store.host}`."""


@dataclass(frozen=True, slots=True)
class Line:
    """One arrow of a drawing: all edges of one kind between two nodes."""

    kind: EdgeKind
    source: str
    target: str
    links: tuple[Link, ...]

    @property
    def word(self) -> str:
        """What to call their kind."""
        return self.links[0].word

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its edges, each once."""
        return tuple(dict.fromkeys(link.label for link in self.links if link.label))


@dataclass(frozen=True, slots=True)
class Graph:
    """One environment. Nodes are sorted by kind, application and name; links as in the Program."""

    environment: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    mentions: tuple[Mention, ...] = ()
    """Sorted. They are not edges, so they are not drawn; but a change has effects through them."""

    @property
    def documents(self) -> tuple[Node, ...]:
        """The nodes of documents."""
        return tuple(node for node in self.nodes if node.kind != OUTSIDE)

    def node(self, identity: str) -> Node:
        """The node with an id. Raises KeyError."""
        found = next((node for node in self.nodes if node.id == identity), None)
        if found is None:
            raise KeyError(identity)
        return found

    def lines(self) -> tuple[Line, ...]:
        """The links put together to arrows, in the order of their first link; each link is in exactly one."""
        found: dict[tuple[EdgeKind, str, str], list[Link]] = {}
        for link in self.links:
            found.setdefault((link.kind, link.source, link.target), []).append(link)
        return tuple(Line(*key, tuple(links)) for key, links in found.items())

    def find(self, words: str) -> tuple[Node, ...]:
        """Return the documents that `KIND/NAME` or `KIND/APPLICATION/NAME` can mean, ignoring the kind's case.

        The word of a kind in references, such as `service`, is also accepted.
        """
        kind, _, name = words.partition("/")
        application, _, short = name.rpartition("/")
        return tuple(
            node
            for node in self.documents
            if kind
            and kind.lower() in (node.kind.lower(), node.word)
            and short in (node.name, *node.aliases)
            and application in ("", node.application)
        )


def graph_of(program: Program) -> Graph:
    """All documents of an environment that take part in it, and all its edges."""
    documents = [
        Node(
            document_node(identity),
            identity.kind,
            identity.application,
            identity.name,
            resource.kind.aliases(resource),
            resource.name_span,
            symbol=resource.kind.symbol,
            word=resource.kind.word,
        )
        for identity, resource in sorted(program.resources.items())
    ]
    outside = _outside(program.edges)
    links = tuple(_link(program, edge, outside) for edge in program.edges)
    nodes = (*documents, *sorted(outside.values()))
    return Graph(program.platform.environment, nodes, links, tuple(sorted(set(_mentions(program)))))


def _mentions(program: Program) -> Iterator[Mention]:
    for source, reference in program.values:
        for piece in pieces(reference):
            if not isinstance(piece, Reference):
                continue
            target = program.scope.find(piece.word, piece.name, source.application)
            if isinstance(target, Absent) or target.resource.id == source:
                continue
            if all(edge.target != target.resource.id for edge in program.outgoing.get(source, ())):
                yield Mention(document_node(source), document_node(target.resource.id), reference)


def document_node(identity: DocumentId) -> str:
    """The id of a document's node; no part of a DocumentId contains a slash."""
    return f"{identity.kind}/{identity.application}/{identity.name}"


_Addresses = tuple[str, tuple[str, ...], tuple[str, ...]]


def _addresses(outside: Outside) -> _Addresses:
    """The identity of an outside: without ports, which belong to edges."""
    return outside.name, outside.cidrs, outside.excluded


def _outside(edges: Iterable[Edge]) -> dict[_Addresses, Node]:
    found = sorted({_addresses(edge.target) for edge in edges if isinstance(edge.target, Outside)})
    names = Counter(name for name, _, _ in found)
    return {
        (name, cidrs, excluded): Node(
            f"{OUTSIDE}/{name}" if names[name] == 1 else f"{OUTSIDE}/{name}({_in_full(cidrs, excluded)})",
            OUTSIDE,
            "",
            f"{name} except {len(excluded)} ranges" if names[name] > 1 and excluded else name,
            addresses=cidrs,
            excluded=excluded,
        )
        for name, cidrs, excluded in found
    }


def _in_full(cidrs: tuple[str, ...], excluded: tuple[str, ...]) -> str:
    """The addresses that distinguish two outsides of the same name."""
    return ",".join(cidrs) + (f" except {','.join(excluded)}" if excluded else "")


def _link(program: Program, edge: Edge, outside: dict[_Addresses, Node]) -> Link:
    if isinstance(edge.target, Outside):
        ports = tuple(str(port) for port in edge.target.ports)
        target = outside[_addresses(edge.target)].id
        return Link(edge.kind, document_node(edge.source), target, edge.at, ports=ports, to_outside=True)
    return Link(
        edge.kind,
        document_node(edge.source),
        document_node(edge.target),
        edge.at,
        ports=(edge.port,) if edge.port else (),
        access=edge.access,
        key=edge.key,
        name=edge.name if edge.name != edge.target.name else "",
        waits=edge.wait,
        reads=_reads(program, edge, edge.target),
        gives=_gives(program.resources[edge.source], edge.at),
    )


def _reads(program: Program, edge: Edge, target: DocumentId) -> tuple[str, ...]:
    if edge.kind is not EdgeKind.SECRET or not edge.key:
        return ()
    return tuple(keys_behind(program.resources[target], edge.key))


def _gives(source: Resource[Any], at: Span) -> str:
    """The key of a Secret whose `copyOf` is at a place."""
    if not isinstance(source.spec, SecretSpec):
        return ""
    return next((name for name in source.spec.keys if source.at("keys", name, "copyOf") == at), "")
