"""json_format: graphs and impacts as data for other tools.

In      Graphs of one or more environments, or Impacts.
Out     JSON; `schemaVersion` changes when a field is removed or changes its meaning.
Never   merges edges: one entry for each edge of the Program.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from platformc.diagnostics import Span
from platformc.graph.impact import Impact, Touched
from platformc.graph.model import OUTSIDE, Graph, Link, Node

SCHEMA_VERSION = 1


def as_json(graphs: Sequence[Graph]) -> str:
    """All graphs, in their order."""
    return _dumped({"environments": [_graph(graph) for graph in graphs]})


def impacts_as_json(impacts: Sequence[Impact]) -> str:
    """All impacts, in their order."""
    return _dumped({"impacts": [_impact(impact) for impact in impacts]})


def _dumped(data: dict[str, Any]) -> str:
    return json.dumps({"schemaVersion": SCHEMA_VERSION, **data}, indent=2, ensure_ascii=False) + "\n"


def _graph(graph: Graph) -> dict[str, Any]:
    return {
        "environment": graph.environment,
        "documents": [_node(node) for node in graph.documents],
        "outside": [
            {"id": node.id, "name": node.name, "addresses": list(node.addresses), "except": list(node.excluded)}
            for node in graph.nodes
            if node.kind == OUTSIDE
        ],
        "edges": [_link(link) for link in graph.links],
    }


def _node(node: Node) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": node.id,
        "kind": node.kind,
        "application": node.application,
        "name": node.name,
    }
    return made | ({"at": _place(node.at)} if node.at else {})


def _link(link: Link) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": link.word, "source": link.source, "target": link.target}
    given = {
        "ports": list(link.ports),
        "access": list(link.access),
        "key": link.key,
        "name": link.name,
        "waits": link.waits,
    }
    return {**made, **{name: value for name, value in given.items() if value}, "at": _place(link.at)}


def _impact(impact: Impact) -> dict[str, Any]:
    return {
        "environment": impact.environment,
        "changed": _node(impact.changed),
        "documents": impact.documents,
        "touched": [_touched(one) for one in impact.touched],
        "ownPolicies": [{"id": node.id, "policy": what} for node, what in impact.own_policies],
    }


def _touched(one: Touched) -> dict[str, Any]:
    effects = [
        {"effect": each.what, "sentence": each.sentence, **({"edge": _link(each.link)} if each.link else {})}
        for each in one.effects
    ]
    return {**_node(one.node), "path": [node.id for node in one.path], "effects": effects}


def _place(at: Span) -> dict[str, Any]:
    return {"file": at.path, "line": at.line, "column": at.column}
