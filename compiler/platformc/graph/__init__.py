"""graph: the edges between the documents of one environment, to be looked at.

In      a Program.
Out     a Graph, its drawings (dot, mermaid, text) and its data (json); what a change of one document touches.
Never   adds an edge that the Program does not have, or leaves one out.
"""

from platformc.graph.impact import Impact, impact_of
from platformc.graph.model import Graph, graph_of
from platformc.graph.named import impacts_of

__all__ = [
    "Graph",
    "Impact",
    "graph_of",
    "impact_of",
    "impacts_of",
]
