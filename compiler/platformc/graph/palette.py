"""palette: the words and colours of the kinds of nodes and edges, in every drawing.

The colours are those of Okabe and Ito, which colour-blind people can distinguish ("Color Universal Design", 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

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
    "traffic": Look("#0072B2", "solid", "connects to"),
    "outside": Look("#56B4E9", "solid", "connects to the outside"),
    "order": Look("#8C8C8C", "dotted", "is synced after"),
    "access": Look("#D55E00", "solid", "uses in AWS"),
    "secret": Look("#CC79A7", "dashed", "reads the secret"),
    "config": Look("#009E73", "dashed", "reads the file"),
    "identity": Look("#E69F00", "bold", "acts as"),
    "image": Look("#7F5539", "dashed", "runs an image of"),
    "restart": Look("#B00020", "dotted", "restarts with"),
}
"""Word for the kind of an edge -> how it looks; in this order they stand in a legend."""

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
