"""named: the impact of a change of KIND/NAME.

In      Programs with their Graphs, and a name: of a document, or of an object that a document makes.
Out     an Impact for each environment that has it.
Finds   a name of no document, or of several: UsageError with what may have been meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc.diagnostics import UsageError, did_you_mean
from platformc.graph.impact import Impact, impact_of
from platformc.graph.model import Graph, Node, document_node
from platformc.link import Program
from platformc.lower import lower

SUGGESTIONS = 3
LAYERS = ("profile", "environment", "sealedvalues")
"""Kinds of documents that are merged into others before there is a graph."""


def impacts_of(programs: Sequence[Program], graphs: Sequence[Graph], changed: str) -> list[Impact]:
    """The impact in every environment where the document exists; at least one. Raises UsageError."""
    impacts = [
        found for program, graph in zip(programs, graphs, strict=True) for found in _impact(program, graph, changed)
    ]
    if not impacts:
        known = {f"{node.kind.lower()}/{node.name}" for graph in graphs for node in graph.documents}
        hint = did_you_mean(changed, known, SUGGESTIONS) or "write KIND/NAME, such as workload/redis"
        if changed.partition("/")[0].lower() in LAYERS:
            hint = "it is merged into other documents; `platformc explain FILE` shows what a file of the spec affects"
        raise UsageError(f"there is no document `{changed}`", hint)
    return impacts


def _impact(program: Program, graph: Graph, changed: str) -> list[Impact]:
    """The impact in one environment; none where the document does not exist there."""
    nodes = graph.find(changed) or _owners(program, graph, changed)
    if len(nodes) > 1:
        choices = " or ".join(f"{changed.partition('/')[0]}/{node.application}/{node.name}" for node in nodes)
        raise UsageError(f"several documents are named `{changed}`", f"write {choices}")
    return [impact_of(graph, node) for node in nodes]


def _owners(program: Program, graph: Graph, named: str) -> tuple[Node, ...]:
    """The documents that make an object: `deployment/discord-bot` is made by a Workload."""
    manifests, _ = lower(program)
    owners = {
        document_node(manifest.owner)
        for manifest in manifests
        if f"{manifest.id.kind}/{manifest.id.name}".lower() == named.lower()
    }
    return tuple(node for node in graph.documents if node.id in owners)
