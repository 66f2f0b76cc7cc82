"""impact: what a change of one document affects, through which path, and what happens there.

In      a Graph, and one of its nodes.
Out     every affected document, the nearest first, each with its shortest path.
Never   knows the actual change: some changes affect less. A diff of the rendered files shows a real one.

A document is affected by what it uses, so it is reached along incoming edges; through a key that one
Secret copies from another, only readers of that key are reached; through a text in its files, only
readers of a file. The policy of an identity is made from the AWS edges of the documents that use it, so it
names their targets. Everything in an application depends on it, and everything depends on the platform;
but references of the platform go into its outputs and credentials, which are not settings of any document.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from platformc.graph.model import Graph, Link, Node
from platformc.link import EdgeKind

RUN_PODS = ("Workload", "Job")

REFERENCES = "/references"
"""The part of the Platform that other documents do not use; no key has this name."""

FILES = "/files"
"""The part of a Secret with the texts of its files."""

TEXTS = {"Platform": REFERENCES, "Secret": FILES}
"""Kind -> the part of it that can contain a reference as text; for other kinds the whole document."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to a document, and the edge that causes it."""

    what: str
    """`restart`, `policy`, `connection`, `order`, `content`, `credentials` or `image`."""
    sentence: str
    """For people; the document is its subject."""
    link: Link | None
    """None without an edge: everything in an application depends on it, and everything on the platform."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One affected document."""

    node: Node
    path: tuple[Node, ...]
    """From what was changed to the document, both included."""
    effects: tuple[Effect, ...]
    """One for each edge to the document before it on the path."""

    @property
    def steps(self) -> int:
        """How far it is from the change: 1 for what uses the changed document itself."""
        return len(self.path) - 1


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change of one document affects."""

    environment: str
    changed: Node
    touched: tuple[Touched, ...]
    """Sorted by steps, then by id."""
    documents: int
    """How many documents there are."""
    own_policies: tuple[tuple[Node, str], ...]
    """Documents with a policy made from the changed document's own edges, and the kind of policy."""


State = tuple[str, str]
"""An affected node, and the key or part of it that changes; an empty key for the whole document."""


def impact_of(graph: Graph, changed: Node) -> Impact:
    """Return everything that a change of a document affects: the transitive closure of `noticed_by`."""
    nodes = {node.id: node for node in graph.nodes}
    found: dict[str, Touched] = {}
    paths: dict[State, tuple[Node, ...]] = {(changed.id, ""): (changed,)}
    front: list[State] = list(paths)
    while front:
        reached: dict[State, Touched] = {}
        for target in sorted(front):
            for source, effect in noticed_by(graph, *target):
                if source in paths or (source[0], "") in paths:
                    continue
                node = nodes[source[0]]
                before = reached.get(source, Touched(node, (*paths[target], node), ()))
                if before.path[:-1] == paths[target]:
                    reached[source] = replace(before, effects=(*before.effects, effect))
        for source, touched in reached.items():
            paths[source] = touched.path
            known = found.setdefault(source[0], touched)
            if known is not touched and known.path == touched.path:  # another key, on the same path
                found[source[0]] = replace(known, effects=(*known.effects, *touched.effects))
        front = list(reached)
    found.pop(changed.id, None)
    touched_ones = sorted(found.values(), key=lambda one: (one.steps, one.node.id))
    return Impact(graph.environment, changed, tuple(touched_ones), len(graph.documents), tuple(_own(graph, changed)))


def noticed_by(graph: Graph, changed: str, key: str = "") -> Iterator[tuple[State, Effect]]:
    """What a change of a document, or of one key or part of it, affects directly, and how."""
    nodes = {node.id: node for node in graph.nodes}
    if key != REFERENCES:
        yield from _members(graph, nodes[changed])
    for link in graph.links:
        if link.target != changed or not _read(link, key):
            continue
        source = nodes[link.source]
        yield (source.id, REFERENCES if source.kind == "Platform" else link.gives), effect_of(link, source)
        if link.kind is EdgeKind.ACCESS:
            for identity in _identities(graph, source):
                yield (identity, ""), Effect("policy", f"its policy names it, because {source.label} uses it", link)


def _read(link: Link, key: str) -> bool:
    """Whether an edge is about the key or part of its target that changes."""
    if key == FILES:
        return link.reads != (link.key,)
    return not key or not link.reads or key in link.reads


def _members(graph: Graph, changed: Node) -> Iterator[tuple[State, Effect]]:
    """What depends on a document without an edge."""
    for node in graph.documents:
        if changed.kind == "Application" and node.application == changed.name and node.id != changed.id:
            yield (node.id, ""), Effect("content", "belongs to it and to its namespace", None)
        if changed.kind == "Platform" and node.id != changed.id:
            yield (node.id, ""), Effect("content", "uses its settings and defaults", None)
    kinds = {node.id: node.kind for node in graph.documents}
    for mention in graph.mentions:
        if mention.target == changed.id:
            part = TEXTS.get(kinds[mention.source], "")
            yield (mention.source, part), Effect("content", f"contains {mention.reference}", None)


def _identities(graph: Graph, source: Node) -> Iterator[str]:
    """The identities that a document's pods use."""
    if source.kind in RUN_PODS:
        yield from dict.fromkeys(
            link.target for link in graph.links if link.source == source.id and link.kind is EdgeKind.IDENTITY
        )


def effect_of(link: Link, source: Node) -> Effect:
    """What a change of an edge's target does to its source."""
    if link.kind is EdgeKind.SECRET:
        return _of_secret(link, source)
    waits = ", and its pods wait for it" if link.waits else ""
    port = f"port {', '.join(link.ports)}" if link.ports else "it"
    connects = f"connects to {port}, so its NetworkPolicy names it{waits}"
    file = f"`{link.key}`" if link.key else "all its files"
    what, sentence = {
        EdgeKind.TRAFFIC: ("connection", connects),
        EdgeKind.ORDER: ("order", "is synced after it"),
        EdgeKind.ACCESS: ("policy", f"is allowed to {' and '.join(link.access)} it in AWS"),
        EdgeKind.CONFIG: ("restart", f"is restarted: its pods carry a checksum of {file}"),
        EdgeKind.IDENTITY: (
            "credentials",
            f"reads `{link.key}` of its Secret" if link.key else "uses it as its identity in AWS",
        ),
        EdgeKind.IMAGE: ("image", "runs an image from it"),
        EdgeKind.RESTART: ("restart", "is restarted: its pods carry a checksum of that pod template"),
    }[link.kind]
    return Effect(what, sentence, link)


def _of_secret(link: Link, source: Node) -> Effect:
    key = f"`{link.key}`" if link.key else "all its keys"
    if source.kind in RUN_PODS:
        revision = "revision" if link.reads == (link.key,) else "revisions behind" if link.key else "revisions"
        of = "" if revision == "revisions behind" else " of"
        return Effect("restart", f"is restarted: its pods carry the {revision}{of} {key}", link)
    if link.gives:
        return Effect("content", f"copies {key} to `{link.gives}`, which must be sealed again", link)
    return Effect("content", f"reads {key}", link)


def _own(graph: Graph, changed: Node) -> Iterator[tuple[Node, str]]:
    """The policies of other documents that a document's own edges are part of."""
    nodes = {node.id: node for node in graph.nodes}
    made: dict[str, str] = {}
    for link in graph.links:
        if link.source == changed.id and link.kind is EdgeKind.TRAFFIC and nodes[link.target].kind == "Workload":
            made.setdefault(link.target, "NetworkPolicy")
        if link.source == changed.id and link.kind is EdgeKind.ACCESS:
            made |= dict.fromkeys(_identities(graph, changed), "policy in AWS")
    yield from ((nodes[identity], what) for identity, what in sorted(made.items()))
