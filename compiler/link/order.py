"""Order: the waves of the first sync, from `order` edges alone.

Traffic edges do not order anything: real platforms have traffic cycles (D12).

Finds   order-cycle, order-across-applications, restart-cycle.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from compiler.diagnostics import Finding, Severity
from compiler.link.program import Edge, EdgeKind
from compiler.spec.document import DocumentId

FIRST_JOB_WAVE = 1
"""Jobs come after what nothing must precede: a step of the deployment needs something to work on."""


def waves(edges: Iterable[Edge], jobs: Iterable[DocumentId]) -> tuple[Mapping[DocumentId, int], tuple[Finding, ...]]:
    """The wave of each document that has an order, and of each job; everything else is in wave 0."""
    after: dict[DocumentId, list[Edge]] = defaultdict(list)
    for edge in edges:
        if edge.kind is EdgeKind.ORDER and isinstance(edge.target, DocumentId):
            after[edge.source].append(edge)
    findings = [*cycles(after, "order-cycle", "starts after"), *_across(after)]
    found: dict[DocumentId, int] = {}
    all_jobs = set(jobs)
    if any(finding.rule == "order-cycle" for finding in findings):
        return found, tuple(findings)

    def depth(document: DocumentId) -> int:
        if document not in found:
            least = FIRST_JOB_WAVE if document in all_jobs else 0
            found[document] = max(
                [
                    least,
                    *(
                        depth(target) + 1
                        for edge in after.get(document, ())
                        if isinstance(target := edge.target, DocumentId)
                    ),
                ]
            )
        return found[document]

    for document in sorted({*after, *all_jobs}):
        depth(document)
    return {document: wave for document, wave in found.items() if wave}, tuple(findings)


def _across(after: Mapping[DocumentId, list[Edge]]) -> Iterable[Finding]:
    """Waves count inside one Argo CD Application; between two there is only the wave of the whole."""
    for edges in after.values():
        for edge in edges:
            if isinstance(edge.target, DocumentId) and edge.target.application != edge.source.application:
                message = f"{edge.target.name} belongs to the application {edge.target.application}, and waves end at an application"
                hint = "use `wait: true`, or order the applications by their syncWave"
                yield Finding(edge.at, "order-across-applications", Severity.ERROR, message, hint)


def cycles(after: Mapping[DocumentId, list[Edge]], rule: str, words: str) -> list[Finding]:
    """One finding for each cycle, at its first edge, with the others beside it."""
    findings: list[Finding] = []
    state: dict[DocumentId, int] = {}
    trail: list[Edge] = []

    def visit(document: DocumentId) -> None:
        state[document] = 1
        for edge in after.get(document, ()):
            target = edge.target
            if not isinstance(target, DocumentId):
                continue
            if state.get(target) == 1:
                start = next((index for index, passed in enumerate(trail) if passed.source == target), len(trail))
                findings.append(_cycle([*trail[start:], edge], rule, words))
            elif target not in state:
                trail.append(edge)
                visit(target)
                trail.pop()
        state[document] = 2

    for document in sorted(after):
        if document not in state:
            visit(document)
    return findings


def _cycle(edges: list[Edge], rule: str, words: str) -> Finding:
    first = min(range(len(edges)), key=lambda index: edges[index].at)
    ring = [*edges[first:], *edges[:first]]
    names = [edge.source.name for edge in ring]
    if len(ring) == 1:
        return Finding(ring[0].at, rule, Severity.ERROR, f"{names[0]} {words} itself", "delete it")
    message = f"a cycle: {f' {words} '.join([*names, names[0]])}"
    related = tuple((edge.at, f"{edge.source.name} {words} {edge.target.name}") for edge in ring[1:])
    return Finding(ring[0].at, rule, Severity.ERROR, message, "remove one of them", related)
