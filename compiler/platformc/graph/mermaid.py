"""mermaid: a graph in the language that GitHub and many wikis render.

In      a Graph.
Out     one flowchart: a subgraph for each application, an arrow for all edges of one kind between two nodes.
Never   lets a name end a string or become a keyword: ids are made, texts are encoded.

Source of the syntax: https://mermaid.js.org/syntax/flowchart.html ("Entity codes to escape characters").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from platformc.diagnostics.text_cells import visible
from platformc.graph.model import OUTSIDE, Graph, Line, Node
from platformc.language.kind import Symbol
from platformc.link import EdgeKind

MOST_LABELS = 3
PLAIN = re.compile(r"[A-Za-z0-9 .,:/()@+*=_-]")
"""Characters that mean nothing in a quoted text."""
ARROWS = {EdgeKind.ORDER: "-.->", EdgeKind.RESTART: "-.->", EdgeKind.SECRET: "-.->", EdgeKind.CONFIG: "-.->"}
ARROW = "-->"
SHAPES = {
    Symbol.PROGRAM: ("[", "]"),
    Symbol.TASK: ("[", "]"),
    Symbol.DATABASE: ("[(", ")]"),
    Symbol.QUEUE: ("[[", "]]"),
    Symbol.REGISTRY: ("[", "]"),
    Symbol.STORAGE: ("[(", ")]"),
    Symbol.USER: ("{{", "}}"),
    Symbol.SECRET: ("[/", "/]"),
    Symbol.FILE: ("[/", "/]"),
    Symbol.OUTSIDE: ("([", "])"),
    Symbol.OTHER: ("[", "]"),
}
DRAWN_AS_SUBGRAPH = "Application"


def as_mermaid(graph: Graph) -> str:
    """The graph as text for mermaid."""
    ends = {end for link in graph.links for end in (link.source, link.target)}
    drawn = [node for node in graph.nodes if node.kind != DRAWN_AS_SUBGRAPH or node.id in ends]
    applications = sorted({node.application for node in drawn if node.application})
    ids = _ids([*(node.id for node in drawn), *(f"application/{name}" for name in applications)])
    parts = ["flowchart LR\n"]
    for application in applications:
        parts.append(f"  subgraph {ids[f'application/{application}']}[{_quoted(application)}]\n")
        parts += [f"    {_node(node, ids)}" for node in drawn if node.application == application]
        parts.append("  end\n")
    parts += [f"  {_node(node, ids)}" for node in drawn if not node.application]
    parts += [f"  {_edge(line, ids)}" for line in graph.lines()]
    return "".join(parts)


def _ids(names: Iterable[str]) -> Mapping[str, str]:
    """Return an id of letters, digits and underscores for each name; a number makes equal ones unique.

    >>> _ids(["Job/a-b/c", "Job/a/b-c"])
    {'Job/a-b/c': 'job_a_b_c', 'Job/a/b-c': 'job_a_b_c_2'}
    """
    made: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        wanted = "n_" * (not name[:1].isascii() or not name[:1].isalpha()) + re.sub(r"[^A-Za-z0-9]", "_", name).lower()
        number, unique = 1, wanted
        while unique in taken:
            number += 1
            unique = f"{wanted}_{number}"
        taken.add(unique)
        made[name] = unique
    return made


def _node(node: Node, ids: Mapping[str, str]) -> str:
    before, after = SHAPES[node.symbol]
    label = node.name if node.kind == OUTSIDE else f"{node.name}\n{node.kind}"
    return f"{ids[node.id]}{before}{_quoted(label)}{after}\n"


def _edge(line: Line, ids: Mapping[str, str]) -> str:
    shown, more = line.labels[:MOST_LABELS], len(line.labels) - MOST_LABELS
    label = [f"{line.word}: {shown[0]}" if shown else line.word, *shown[1:]]
    label += [f"and {more} more"] if more > 0 else []
    arrow = ARROWS.get(line.kind, ARROW)
    return f"{ids[line.source]} {arrow}|{_quoted(chr(10).join(label))}| {ids[line.target]}\n"


def _quoted(text: str) -> str:
    """Return a text in quotes, with a code for every character that could have a special meaning.

    >>> _quoted('a"b')
    '"a#34;b"'
    """
    lines = (
        "".join(each if PLAIN.match(each) else f"#{ord(each)};" for each in visible(line)) for line in text.split("\n")
    )
    return '"' + "<br/>".join(lines) + '"'
