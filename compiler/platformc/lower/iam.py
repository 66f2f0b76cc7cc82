"""IAM: the policy of an identity, from the edges of the workloads that act as it (D4).

One statement per set of actions, with exact ARNs. `*` stands only where AWS takes nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from platformc.language.document import DocumentId
from platformc.language.models.aws import IdentitySpec
from platformc.language.origin import derive
from platformc.language.platform import Resource
from platformc.link import aws_names
from platformc.link.program import Edge, EdgeKind, Program
from platformc.link.scope import Target
from platformc.lower.values import text

VERSION = "2012-10-17"
"""The version of IAM's policy language, not a date that ever changes."""
WITHOUT_RESOURCES = frozenset({"ecr:GetAuthorizationToken"})
"""Actions that AWS accepts with `Resource: "*"` alone (Service Authorization Reference, Amazon ECR)."""
ON_INDEXES = frozenset({"dynamodb:Query", "dynamodb:Scan"})
"""DynamoDB's actions that an index takes as well as a table."""

Statement = dict[str, Any]


def policy_document(program: Program, resource: Resource[IdentitySpec]) -> dict[str, Any]:
    """The identity's policy document."""
    granted: dict[str, set[str]] = defaultdict(set)  # ARN -> actions
    for edge in access_edges(program, resource):
        for arn, actions in _grants(program, edge):
            granted[arn] |= actions
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
    users = [edge for edge in _users(program, resource) if program.edges_from(edge.source, EdgeKind.ACCESS)]
    because = program.because(*users, *access_edges(program, resource))
    words = [edge.access for edge in access_edges(program, resource)]
    return {"Version": derive(VERSION, *because, *words), "Statement": statements}


def access_edges(program: Program, resource: Resource[IdentitySpec]) -> tuple[Edge, ...]:
    """The AWS edges of everything that acts as the identity, and its own."""
    sources = [resource.id, *sorted({edge.source for edge in _users(program, resource)})]
    return tuple(edge for source in sources for edge in program.edges_from(source, EdgeKind.ACCESS))


def _users(program: Program, resource: Resource[IdentitySpec]) -> list[Edge]:
    """The edges of the programs that act as the identity."""
    return [edge for edge in program.edges_to(resource.id, EdgeKind.IDENTITY) if _acts(program, edge.source)]


def _acts(program: Program, source: DocumentId) -> bool:
    """Whether a document's programs act as identities: a Platform that names one for pulling has no programs."""
    return program.resources[source].id.kind in {"Workload", "Job"}


def _grants(program: Program, edge: Edge) -> list[tuple[str, set[str]]]:
    """ARN and actions that an edge stands for."""
    if not isinstance(edge.target, DocumentId):
        return []
    target = program.resources[edge.target]
    actions = {action for word in edge.access for action in target.kind.access[word]}
    arn = _arn(program, target, edge)
    grants = [(arn, actions - WITHOUT_RESOURCES)]
    if actions & WITHOUT_RESOURCES:
        grants.append(("*", actions & WITHOUT_RESOURCES))
    if target.id.kind == "Table" and actions & ON_INDEXES:
        grants += [
            (derive(f"{arn}/index/{index.name}", arn, index.name), actions & ON_INDEXES)
            for index in target.spec.global_secondary_indexes
        ]
    return grants


def _arn(program: Program, target: Resource[Any], edge: Edge) -> str:
    if target.id.kind == "Table":
        return aws_names.table_arn(program.platform, target)
    if target.id.kind == "Queue":
        return aws_names.queue_arn(program.platform, Target(target, edge.name))
    return aws_names.repository_arn(program.platform, target)
