"""palette: the words and colours of the kinds of nodes and edges, in every drawing.

The colours are those of Okabe and Ito, which colour-blind people can distinguish ("Color Universal Design", 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

from platformc.graph.model import LinkKind
from platformc.language.kind import Symbol


@dataclass(frozen=True, slots=True)
class Look:
    """How an edge looks."""

    color: str
    style: str
    """Of graphviz: solid, dashed, dotted or bold."""
    meaning: str
    """For the legend."""


LOOKS = {
    LinkKind.TRAFFIC: Look("#0072B2", "solid", "connects to"),
    LinkKind.OUTSIDE: Look("#56B4E9", "solid", "connects to the outside"),
    LinkKind.ORDER: Look("#8C8C8C", "dotted", "is synced after"),
    LinkKind.ACCESS: Look("#D55E00", "solid", "uses in AWS"),
    LinkKind.SECRET: Look("#CC79A7", "dashed", "reads the secret"),
    LinkKind.CONFIG: Look("#009E73", "dashed", "reads the file"),
    LinkKind.IDENTITY: Look("#E69F00", "bold", "acts as"),
    LinkKind.IMAGE: Look("#7F5539", "dashed", "runs an image of"),
    LinkKind.RESTART: Look("#B00020", "dotted", "restarts with"),
}

SHAPES = {
    Symbol.PROGRAM: ("box", "#FFFFFF"),
    Symbol.TASK: ("component", "#FFFFFF"),
    Symbol.DATABASE: ("cylinder", "#FCE3D0"),
    Symbol.QUEUE: ("cds", "#FCE3D0"),
    Symbol.REGISTRY: ("tab", "#FCE3D0"),
    Symbol.STORAGE: ("folder", "#FCE3D0"),
    Symbol.USER: ("hexagon", "#FBEBC8"),
    Symbol.SECRET: ("note", "#F6E1EC"),
    Symbol.FILE: ("note", "#D9F0E8"),
    Symbol.OUTSIDE: ("ellipse", "#E3F2FB"),
    Symbol.OTHER: ("box", "#EEEEEE"),
}
"""What a node is -> graphviz' shape, and the colour inside."""
