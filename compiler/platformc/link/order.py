"""Order: the waves of the first sync, only from `order` edges.

Traffic edges do not order anything: real platforms have traffic cycles (D12).

Finds   order-cycle, order-across-applications, restart-cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from platformc.diagnostics import Finding
from platformc.language import DocumentId
from platformc.link.program import Edge, EdgeKind
from platformc.rules import Rule
from platformc.rules.order import ORDER_ACROSS_APPLICATIONS, ORDER_CYCLE

FIRST_JOB_WAVE = 1
"""Jobs come after everything without an order: a step of the deployment needs something to work on."""

MOST_SHOWN = 20
"""Members of a cycle that a finding names."""


def waves(edges: Iterable[Edge], jobs: Iterable[DocumentId]) -> tuple[Mapping[DocumentId, int], tuple[Finding, ...]]:
    """The wave of each document that has an order, and of each job; everything else is in wave 0."""
    after: dict[DocumentId, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.kind is EdgeKind.ORDER and isinstance(edge.target, DocumentId):
            after[edge.source].append(edge)
    findings = [*cycles(after, ORDER_CYCLE, "starts after"), *_across(after)]
    if any(finding.rule == ORDER_CYCLE.id for finding in findings):
        return {}, tuple(findings)
    least = dict.fromkeys(jobs, FIRST_JOB_WAVE)
    before = {
        document: [edge.target for edge in after.get(document, ()) if isinstance(edge.target, DocumentId)]
        for document in (*after, *least)
    }
    found: dict[DocumentId, int] = {}
    for document in TopologicalSorter(before).static_order():
        found[document] = max([least.get(document, 0), *(found[target] + 1 for target in before.get(document, ()))])
    return {document: found[document] for document in sorted(found) if found[document]}, tuple(findings)


def _across(after: Mapping[DocumentId, list[Edge]]) -> Iterable[Finding]:
    """Waves apply inside one Argo CD Application; between two there is only the wave of the whole Application."""
    for edges in after.values():
        for edge in edges:
            if isinstance(edge.target, DocumentId) and edge.target.application != edge.source.application:
                application = edge.target.application
                message = f"{edge.target.name} is in the application {application}; `order` cannot cross applications"
                hint = "use `wait: true`, or order the applications with syncWave"
                yield ORDER_ACROSS_APPLICATIONS.at(edge.at, message, hint)


def cycles(after: Mapping[DocumentId, list[Edge]], rule: Rule, words: str) -> list[Finding]:
    """One finding for each cycle, at its first edge, with the others as related places."""
    findings: list[Finding] = []
    done: set[DocumentId] = set()
    for document in sorted(after):
        if document not in done:
            findings += [_cycle(ring, rule, words) for ring in _rings(after, document, done)]
    return findings


def _rings(after: Mapping[DocumentId, list[Edge]], start: DocumentId, done: set[DocumentId]) -> Iterator[list[Edge]]:
    """The cycles that are reachable from a document; without recursion, because a chain can have any length."""
    path = {start: 0}
    trail: list[Edge] = []
    waiting = [iter(after.get(start, ()))]
    while waiting:
        edge = next(waiting[-1], None)
        if edge is None:
            waiting.pop()
            done.add(path.popitem()[0])
            del trail[-1:]
        elif not isinstance(edge.target, DocumentId) or edge.target in done:
            continue
        elif edge.target in path:
            yield [*trail[path[edge.target] :], edge]
        else:
            path[edge.target] = len(path)
            trail.append(edge)
            waiting.append(iter(after.get(edge.target, ())))


def _cycle(edges: list[Edge], rule: Rule, words: str) -> Finding:
    first = min(range(len(edges)), key=lambda index: edges[index].at)
    ring = [*edges[first:], *edges[:first]]
    names = [edge.source.name for edge in ring]
    if len(ring) == 1:
        return rule.at(ring[0].at, f"{names[0]} {words} itself", "remove it")
    if len(names) > MOST_SHOWN:
        names[MOST_SHOWN - 2 : -1] = ["…"]
    message = f"a cycle: {f' {words} '.join([*names, names[0]])}"
    related = tuple((edge.at, f"{edge.source.name} {words} {edge.target.name}") for edge in ring[1:MOST_SHOWN])
    return rule.at(ring[0].at, message, "remove one of them", related=related)
