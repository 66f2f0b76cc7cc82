"""IAM: the policy of an identity, from the edges of the workloads that use it (D4).

One statement per set of actions, with exact ARNs. `*` is used only where AWS allows nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from platformc.language import DocumentId, Resource
from platformc.language.origin import derive
from platformc.link import Edge, EdgeKind, Program, Target, access_edges, users
from platformc.lower.values import text

VERSION = "2012-10-17"
"""The version of IAM's policy language, not a date that ever changes."""

Statement = dict[str, Any]


def policy_document(program: Program, resource: Resource[Any]) -> dict[str, Any]:
    """Return the identity's policy document."""
    edges = access_edges(program, resource)
    granted: dict[str, set[str]] = defaultdict(set)  # ARN -> actions
    for edge in edges:
        _grant(program, edge, granted)
    arns: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for arn in sorted(granted):
        arns[tuple(sorted(granted[arn]))].append(arn)
    statements: list[Statement] = [
        {"Effect": "Allow", "Action": list(actions), "Resource": arns[actions]} for actions in sorted(arns)
    ]
    statements += [
        {
            "Effect": statement.effect,
            "Action": list(statement.actions),
            "Resource": [text(program, resource, arn) for arn in statement.resources],
        }
        for statement in resource.spec.statements
    ]
    acting = [edge for edge in users(program, resource) if program.edges_from(edge.source, EdgeKind.ACCESS)]
    because = program.because(*acting, *edges)
    return {"Version": derive(VERSION, *because, *(edge.access for edge in edges)), "Statement": statements}


def _grant(program: Program, edge: Edge, granted: dict[str, set[str]]) -> None:
    """Record the actions of an edge under the ARNs that they are allowed on."""
    if not isinstance(edge.target, DocumentId):
        raise TypeError(f"access to {edge.target.name}, which is not a document")
    target = program.resources[edge.target]
    aws = target.kind.aws
    if aws is None:
        raise TypeError(f"access to {edge.target}, which is not in AWS")
    needed = Target(target, edge.name)
    own = aws.arn(program.platform, needed)
    for action in aws.actions(edge.access):
        for arn in action.on(own, needed):
            granted[arn].add(action.name)
