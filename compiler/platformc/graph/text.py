"""text: graphs and impacts for people at a terminal.

In      Graphs, or Impacts.
Out     lines; control characters of a spec are made visible, so that they cannot move or recolour anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from platformc.diagnostics.text_cells import visible
from platformc.graph.impact import Effect, Impact, Touched
from platformc.graph.model import Graph, Link, Node


def as_text(graph: Graph) -> str:
    """Return what each document uses, document by document; those without edges are listed at the end."""
    blocks = [
        f"{visible(graph.environment)}: {_count(len(graph.documents), 'document')}, {_count(len(graph.links), 'edge')}"
    ]
    nodes = {node.id: node for node in graph.nodes}
    rows = [
        (link.source, link.word, visible(_target(link, nodes[link.target])), visible(str(link.at)))
        for link in graph.links
    ]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (1, 2)]
    for node in graph.documents:
        own = [
            f"  {kind:<{widths[0]}}  {target:<{widths[1]}}  {at}".rstrip()
            for source, kind, target, at in rows
            if source == node.id
        ]
        if own:
            blocks.append("\n".join([visible(node.label), *own]))
    ends = {end for link in graph.links for end in (link.source, link.target)}
    alone = [visible(node.label) for node in graph.documents if node.id not in ends]
    if alone:
        blocks.append("\n".join(["without edges", *(f"  {label}" for label in alone)]))
    return "\n\n".join(blocks) + "\n"


def _target(link: Link, target: Node) -> str:
    return f"{target.label} ({link.label})" if link.label else target.label


def impacts_as_text(impacts: Sequence[Impact]) -> str:
    """Return what a change affects; environments with the same effects are shown together."""
    together: dict[Impact, list[str]] = {}
    for impact in impacts:
        together.setdefault(replace(impact, environment=""), []).append(impact.environment)
    return "\n".join(_impact(impact, environments) for impact, environments in together.items())


def _impact(impact: Impact, environments: Sequence[str]) -> str:
    changed = visible(impact.changed.label)
    where = visible(" and ".join(environments))
    head = f"a change of {changed} affects {len(impact.touched)} of {impact.documents} documents in {where}"
    blocks = [head, *(_touched(one) for one in impact.touched)]
    if impact.own_policies:
        rows = [f"  {visible(node.label)}: {what}" for node, what in impact.own_policies]
        blocks.append("\n".join(["a change of its own needs also changes the policies of", *rows]))
    return "\n\n".join(blocks) + "\n"


def _touched(one: Touched) -> str:
    over = [visible(node.label) for node in one.path[1:-1]]
    lines = [visible(one.node.label) + (f"  through {' → '.join(over)}" if over else "")]
    rows = list(_by_sentence(one.effects))
    width = max(len(sentence) for sentence, _ in rows)
    return "\n".join([*lines, *(f"  {sentence:<{width}}  {places}".rstrip() for sentence, places in rows)])


def _by_sentence(effects: Iterable[Effect]) -> Iterable[tuple[str, str]]:
    """Sentences, each once, with all their places."""
    found: dict[str, list[str]] = {}
    for effect in effects:
        places = found.setdefault(visible(effect.sentence), [])
        places += [visible(str(effect.link.at))] if effect.link else []
    return ((sentence, ", ".join(places)) for sentence, places in found.items())


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
