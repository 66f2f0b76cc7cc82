"""Strict readers of what the drawings are written in: a line that is not of the form we know is an error.

They know less than graphviz and mermaid do, so what they accept is surely right; and they give back
the texts as a person would see them, so that nothing can be lost on the way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

STRING = r'"((?:[^"\\\x00-\x1f]|\\["\\n])*)"'
ATTRIBUTES = rf"\[(\w+=(?:{STRING}|\w+)(?:, \w+=(?:{STRING}|\w+))*)\]"
DOT_NODE = re.compile(rf" +{STRING} {ATTRIBUTES};")
DOT_EDGE = re.compile(rf" +{STRING} -> {STRING} {ATTRIBUTES};")
DOT_CLUSTER = re.compile(rf"  subgraph {STRING} \{{")
DOT_ATTRIBUTE = re.compile(rf"(\w+)={STRING}")
TEXT = r'"((?:[A-Za-z0-9 .,:/()@+*=_-]|#[0-9]+;|<br/>)*)"'
ID = r"([a-z][a-z0-9_]*)"
SHAPES = (("[", "]"), ("[(", ")]"), ("[[", "]]"), ("{{", "}}"), ("[/", "/]"), ("([", "])"))
MERMAID_NODES = [re.compile(rf" +{ID}{re.escape(before)}{TEXT}{re.escape(after)}") for before, after in SHAPES]
MERMAID_EDGE = re.compile(rf"  {ID} (-->|-\.->)\|{TEXT}\| {ID}")
MERMAID_SUBGRAPH = re.compile(rf"  subgraph {ID}\[{TEXT}\]")
KEYWORDS = frozenset(("end", "graph", "subgraph", "flowchart", "style", "class", "click", "default"))


@dataclass
class Drawing:
    """What a drawing shows. Nodes are label by id, arrows source, target and label."""

    nodes: dict[str, str] = field(default_factory=dict)
    arrows: list[tuple[str, str, str]] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    depth: int = 0


def read_dot(text: str) -> Drawing:
    """Read a digraph. AssertionError where a line has no known form, or braces do not match."""
    drawing = Drawing()
    first, *lines = text.removesuffix("}\n").splitlines()
    assert re.fullmatch(rf"digraph {STRING} \{{", first), first
    for line in lines:
        if match := DOT_EDGE.fullmatch(line):
            arrow = (_dot_text(match[1]), _dot_text(match[2]), _dot_attributes(match[3]).get("label", ""))
            drawing.arrows.append(arrow)
        elif match := DOT_NODE.fullmatch(line):
            identity = _dot_text(match[1])
            assert identity not in drawing.nodes
            drawing.nodes[identity] = _dot_attributes(match[2])["label"]
        elif match := DOT_CLUSTER.fullmatch(line):
            drawing.groups.append(_dot_text(match[1]))
            drawing.depth += 1
        elif line == "  }":
            drawing.depth -= 1
        else:
            settled = rf"  (graph|node|edge) .*\];|  +label={STRING};|    style=.*;|  \"legend\" \[.*\];"
            assert re.fullmatch(settled, line), line
    assert drawing.depth == 0
    return drawing


def _dot_attributes(text: str) -> dict[str, str]:
    return {match[1]: _dot_text(match[2]) for match in DOT_ATTRIBUTE.finditer(text)}


def _dot_text(text: str) -> str:
    shown = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], text)
    assert not re.search("&(?!amp;)", shown), "an entity that nobody meant"
    return shown.replace("&amp;", "&")


def read_mermaid(text: str) -> Drawing:
    """Read a flowchart. AssertionError where a line has no known form, or an id is a keyword."""
    drawing = Drawing()
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    for line in lines:
        if match := MERMAID_EDGE.fullmatch(line):
            drawing.arrows.append((match[1], match[4], _mermaid_text(match[3])))
        elif match := MERMAID_SUBGRAPH.fullmatch(line):
            assert match[1] not in drawing.nodes
            drawing.groups.append(_mermaid_text(match[2]))
            drawing.depth += 1
        elif line == "  end":
            drawing.depth -= 1
        else:
            match = next((found for shape in MERMAID_NODES if (found := shape.fullmatch(line))), None)
            assert match, line
            assert match[1] not in drawing.nodes
            assert match[1] not in KEYWORDS
            drawing.nodes[match[1]] = _mermaid_text(match[2])
    assert drawing.depth == 0
    assert {end for source, target, _ in drawing.arrows for end in (source, target)} <= drawing.nodes.keys()
    return drawing


def _mermaid_text(text: str) -> str:
    return re.sub(r"#([0-9]+);", lambda match: chr(int(match[1])), text.replace("<br/>", "\n"))
