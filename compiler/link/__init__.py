"""link: from one environment's documents to a graph with every reference bound."""

from compiler.link.bind import has_unbound
from compiler.link.link import link
from compiler.link.program import Edge, EdgeKind, Outside, Program

__all__ = ["Edge", "EdgeKind", "Outside", "Program", "has_unbound", "link"]
