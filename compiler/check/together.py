"""Together: what two environments must not share.

One environment is compiled to its files and a Footprint, then its objects are dropped; only the
footprints of all environments are held against each other (D11).

Finds   aws-name-shared, object-shared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compiler.diagnostics import Finding, Severity, Span
from compiler.link import aws_names
from compiler.link.program import Program
from compiler.lower.argocd import FOLDER
from compiler.lower.manifest import Manifest, ObjectId
from compiler.spec.platform import Platform

IN_CLUSTER = "https://kubernetes.default.svc"


@dataclass(frozen=True, slots=True)
class Managed:
    """Something in AWS that an environment manages."""

    account: str
    region: str
    kind: str
    name: str
    at: Span


@dataclass(frozen=True, slots=True)
class Placed:
    """An object on a cluster."""

    cluster: str
    id: ObjectId
    at: Span


@dataclass(frozen=True, slots=True)
class Footprint:
    """What of an environment could meet another one."""

    environment: str
    managed: tuple[Managed, ...]
    placed: tuple[Placed, ...]


def footprint(program: Program, manifests: Iterable[Manifest]) -> Footprint:
    """What an environment manages in AWS and places on clusters."""
    platform = program.platform
    spans = {identity: resource.name_span for identity, resource in program.resources.items()}
    placed = tuple(Placed(_cluster(platform, manifest), manifest.id, spans[manifest.owner]) for manifest in manifests)
    return Footprint(platform.environment, tuple(_managed(program)), placed)


def _cluster(platform: Platform, manifest: Manifest) -> str:
    """Which cluster an object is on: Argo CD's own, or the destination; each Argo CD has its own `in-cluster`."""
    instance = platform.target.argocd.instance
    destination = platform.target.destination
    if manifest.application == FOLDER or destination.server == IN_CLUSTER or destination.name == "in-cluster":
        return f"the cluster of the Argo CD {instance}"
    return f"the cluster {destination.server or destination.name}"


def _managed(program: Program) -> Iterator[Managed]:
    platform = program.platform
    aws = platform.settings.aws
    if aws is None:
        return
    for resource in platform.resources:
        kind = resource.id.kind
        if getattr(resource.spec, "management_policy", "Full") == "Observe":
            continue
        names: list[str] = []
        if kind == "Table":
            names = [aws_names.table_name(platform, resource)]
        elif kind == "Queue":
            names = [aws_names.queue_name(platform, resource)]
            if resource.spec.dead_letter_queue:
                names.append(aws_names.dead_letter_queue_name(platform, resource))
        elif kind == "Repository":
            names = [aws_names.repository_name(platform, resource)]
        elif kind == "Identity":
            names = [aws_names.user_name(platform, resource)]
        region = "" if kind == "Identity" else aws.region  # IAM knows no regions
        for name in names:
            yield Managed(aws.account_id, region, kind, name, resource.name_span)


def check_together(footprints: Sequence[Footprint]) -> Iterator[Finding]:
    """Names in AWS and objects on clusters that two environments, or two documents of one, both manage."""
    names: dict[tuple[str, str, str, str], tuple[str, Managed]] = {}
    for one in footprints:
        for managed in one.managed:
            key = (managed.account, managed.region, managed.kind, managed.name)
            environment, first = names.setdefault(key, (one.environment, managed))
            if first is not managed:
                yield _shared_name(environment, first, one.environment, managed)
    yield from _objects(footprints)


def _shared_name(environment: str, first: Managed, other: str, managed: Managed) -> Finding:
    if environment == other:
        message = f"two documents manage the {managed.kind} {managed.name} in AWS"
        hint = "give one of them another name"
    else:
        message = f"the environments {environment} and {other} both manage the {managed.kind} {managed.name} in AWS"
        hint = "give one of them an aws.namePrefix, or say managementPolicy: Observe in the one that does not own it"
    related = ((first.at, "managed here too"),) if first.at != managed.at else ()
    return Finding(managed.at, "aws-name-shared", Severity.ERROR, message, hint, related)


def _objects(footprints: Sequence[Footprint]) -> Iterator[Finding]:
    """Objects that two environments place on one cluster: one finding for each pair of documents."""
    placed: dict[tuple[str, ObjectId], tuple[str, Placed]] = {}
    reported: set[tuple[Span, str, str]] = set()
    for one in footprints:
        for found in one.placed:
            environment, first = placed.setdefault((found.cluster, found.id), (one.environment, found))
            key = (found.at, environment, one.environment)
            if environment == one.environment or key in reported:
                continue
            reported.add(key)
            message = (
                f"the environments {environment} and {one.environment} both place the {found.id} on {found.cluster}"
            )
            hint = "give one of them another destination, namespace or argocd.namePrefix"
            related = ((first.at, "placed here too"),) if first.at != found.at else ()
            yield Finding(found.at, "object-shared", Severity.ERROR, message, hint, related)
