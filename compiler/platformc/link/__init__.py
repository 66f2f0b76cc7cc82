"""link: from one environment's documents to a graph with every reference bound."""

from platformc.link.bind import has_unbound
from platformc.link.link import link
from platformc.link.program import Edge, EdgeKind, Outside, Program

__all__ = ["Edge", "EdgeKind", "Outside", "Program", "has_unbound", "link"]
