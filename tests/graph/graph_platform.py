"""The small platform in tests/graph/specs, which has an edge of every kind."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from platformc.graph import Graph, graph_of
from platformc.language.resolution import resolve
from platformc.link import Program, link
from platformc.pipeline import Request, load_sources

FOLDER = Path(__file__).parent


@cache
def program() -> Program:
    """Its environment `production`, linked."""
    sources = load_sources(Request(FOLDER, FOLDER / "specs", FOLDER / "rendered"))
    assert sources.findings == ()
    return link(resolve(sources, "production"))


@cache
def graph() -> Graph:
    """The graph of that."""
    return graph_of(program())
