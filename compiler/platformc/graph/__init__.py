"""graph: the edges between the documents of one environment, for people and tools.

In      a Program.
Out     a Graph, its drawings (dot, mermaid, text) and its data (json); what a change of one document affects.
Never   adds an edge that the Program does not have, or omits one.
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
