"""Restarts: the checksum of each pod template that other pods restart with (`restartOn`)."""

from __future__ import annotations

from dataclasses import replace
from graphlib import TopologicalSorter

from platformc.language import DocumentId
from platformc.language.origin import because_of, derive
from platformc.link import EdgeKind, Program
from platformc.lower.checksums import digest
from platformc.lower.pod import pod_template


def with_restarts(program: Program) -> Program:
    """The Program with the checksum of the pods of every workload that others restart with.

    Each is worked out once, after those that it restarts with itself: link left no cycle.
    """
    made: dict[DocumentId, str] = {}
    known = replace(program, restarts=made)
    edges = [edge for edge in program.edges if edge.kind is EdgeKind.RESTART and isinstance(edge.target, DocumentId)]
    after: dict[DocumentId, list[DocumentId]] = {
        edge.target: [] for edge in edges if isinstance(edge.target, DocumentId)
    }
    for edge in edges:
        if edge.source in after and isinstance(edge.target, DocumentId):
            after[edge.source].append(edge.target)
    for document in TopologicalSorter(after).static_order():
        other = program.resources[document]
        controller = other.spec.controller
        template = pod_template(known, other, claim_templates=controller == "StatefulSet")
        made[document] = derive(digest(template), because_of(controller))
    return known
