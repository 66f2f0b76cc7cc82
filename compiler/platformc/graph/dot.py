"""dot: a graph in Graphviz' language.

In      a Graph.
Out     one digraph: a cluster for each application, an arrow for all edges of one kind between two nodes.
Never   lets a name end a string: every text goes through `_quoted`.

Source of the syntax: https://graphviz.org/doc/info/lang.html and /docs/attr-types/escString/.
"""

from __future__ import annotations

from collections.abc import Iterator

from platformc.diagnostics.text_cells import visible
from platformc.graph.model import OUTSIDE, Graph, Line, Node
from platformc.graph.palette import LOOKS, SHAPES
from platformc.link import EdgeKind

MOST_LABELS = 4
"""Labels of one arrow; the rest is counted, and shown in the tooltip."""
DRAWN_AS_CLUSTER = "Application"

HEAD = """\
  graph [rankdir=LR, newrank=true, nodesep=0.22, ranksep=1.1, fontname="Helvetica", fontsize=18, labelloc=t, pad=0.4];
  node [fontname="Helvetica", fontsize=11, style=filled, color="#4A4A4A", penwidth=1, margin="0.14,0.07"];
  edge [fontname="Helvetica", fontsize=9, arrowsize=0.7, penwidth=1.2];
"""


def as_dot(graph: Graph) -> str:
    """The graph as text for `dot`."""
    title = f"{graph.environment}: {len(graph.documents)} documents, {len(graph.links)} edges"
    parts = [f"digraph {_quoted(graph.environment)} {{\n", f"  label={_quoted(title)};\n", HEAD]
    drawn = _drawn(graph)
    for application in sorted({node.application for node in drawn if node.application}):
        parts.append(f"  subgraph {_quoted(f'cluster_{application}')} {{\n")
        parts.append(f"    label={_quoted(application)};\n")
        parts.append('    style="rounded,filled"; color="#C9C9C9"; fillcolor="#F7F7F7"; fontsize=14;\n')
        parts += [f"    {_node(node)}" for node in drawn if node.application == application]
        parts.append("  }\n")
    parts += [f"  {_node(node)}" for node in drawn if not node.application]
    lines = graph.lines()
    parts += [f"  {_edge(line)}" for line in lines]
    parts.append(_legend([word for word in LOOKS if any(line.word == word for line in lines)]))
    return "".join([*parts, "}\n"])


def _drawn(graph: Graph) -> list[Node]:
    """All nodes except applications without edges: applications are the clusters."""
    ends = {end for link in graph.links for end in (link.source, link.target)}
    return [node for node in graph.nodes if node.kind != DRAWN_AS_CLUSTER or node.id in ends]


def _node(node: Node) -> str:
    shape, fill = SHAPES[node.symbol]
    label = node.name if node.kind == OUTSIDE else f"{node.name}\n{node.kind}"
    attributes = _attributes({"shape": shape, "fillcolor": fill, "tooltip": _tooltip(node)})
    style = ', style="filled,dashed"' if node.kind in (OUTSIDE, "ExternalService") else ""
    # Without a label, graphviz would write the id.
    return f"{_quoted(node.id)} [label={_quoted(label)}, {attributes}{style}];\n"


def _tooltip(node: Node) -> str:
    if node.kind == OUTSIDE:
        excluded = f" except {', '.join(node.excluded)}" if node.excluded else ""
        return f"{', '.join(node.addresses)}{excluded}"
    return str(node.at) if node.at else node.label


def _edge(line: Line) -> str:
    look = LOOKS[line.word]
    shown, more = line.labels[:MOST_LABELS], len(line.labels) - MOST_LABELS
    label = "\n".join((*shown, f"and {more} more") if more > 0 else shown)
    places = [f"{link.at} {link.label}".rstrip() for link in line.links]
    attributes = {
        "color": look.color,
        "fontcolor": look.color,
        "style": look.style,
        "label": label,
        "tooltip": "\n".join([look.meaning, *places]),
    }
    # Order is drawn over the picture that traffic makes: with both, everything would stand in one long row.
    free = ", constraint=false" if line.kind in (EdgeKind.ORDER, EdgeKind.RESTART) else ""
    return f"{_quoted(line.source)} -> {_quoted(line.target)} [{_attributes(attributes)}{free}];\n"


def _legend(words: list[str]) -> str:
    """What the colours mean, as a table of its own."""
    if not words:
        return ""
    rows = "".join(_legend_rows(words))
    table = f'<table border="0" cellborder="0" cellspacing="2" cellpadding="1">{rows}</table>'
    return f'  "legend" [shape=plain, style="", label=<{table}>];\n'


def _legend_rows(words: list[str]) -> Iterator[str]:
    for word in words:
        look = LOOKS[word]
        arrow = f'<td align="left"><font color="{look.color}"><b>{word}</b></font></td>'
        yield f'<tr>{arrow}<td align="left">{look.meaning}</td></tr>'


def _attributes(values: dict[str, str]) -> str:
    return ", ".join(f"{name}={_quoted(value)}" for name, value in values.items() if value)


def _quoted(text: str) -> str:
    r"""Return a text as a quoted string that Graphviz shows as it is.

    Backslashes start escapes in labels, and ampersands entities; control characters are made visible.

    >>> _quoted('a"b\\c')
    '"a\\"b\\\\c"'
    """
    lines = (visible(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.replace("&", "&amp;").split("\n"))
    return '"' + "\\n".join(lines) + '"'
