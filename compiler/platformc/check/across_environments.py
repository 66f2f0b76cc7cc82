"""Together: what two environments must not share.

One environment is compiled to its files and a Footprint, then its objects are dropped; only the
footprints of all environments are compared (D11).

Finds   aws-name-shared, observed-elsewhere, object-shared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.check import in_aws
from platformc.check.in_aws import InAWS
from platformc.diagnostics import Finding, Span
from platformc.language import DocumentId, Platform
from platformc.language.nodes import span_of
from platformc.link import Program
from platformc.lower import Manifest, ObjectId
from platformc.lower.argocd import FOLDER
from platformc.rules.environments import AWS_NAME_SHARED, OBJECT_SHARED, OBSERVED_ELSEWHERE

SHOWN = 3
"""The number of shared documents that a finding shows."""

IN_CLUSTER = "https://kubernetes.default.svc"


@dataclass(frozen=True, slots=True)
class Placed:
    """An object on a cluster."""

    cluster: str
    id: ObjectId
    at: Span


@dataclass(frozen=True, slots=True)
class Footprint:
    """What an environment could share with another one."""

    environment: str
    managed: tuple[InAWS, ...]
    observed: tuple[InAWS, ...]
    placed: tuple[Placed, ...]
    at: Span
    """The place of the environment's name."""


def footprint(program: Program, manifests: Sequence[Manifest]) -> Footprint:
    """What an environment manages in AWS and places on clusters."""
    platform = program.platform
    spans = {identity: resource.name_span for identity, resource in program.resources.items()}
    own, destination = argocd_cluster_of(platform), cluster_of(platform)
    placed = tuple(
        Placed(own if manifest.application == FOLDER else destination, manifest.id, spans[manifest.owner])
        for manifest in manifests
    )
    placed += tuple(_releases(platform))
    at = span_of(platform.target_node, ("metadata", "name"))
    return Footprint(
        platform.environment,
        tuple(in_aws.managed(program, manifests)),
        tuple(in_aws.observed(program)),
        placed,
        at,
    )


def argocd_cluster_of(platform: Platform) -> str:
    """The cluster of an environment's Argo CD, for people."""
    return f"the cluster of the Argo CD {platform.target.argocd.instance}"


def cluster_of(platform: Platform) -> str:
    """The cluster of an environment, for people; each Argo CD has its own `in-cluster`."""
    destination = platform.target.destination
    if destination.server == IN_CLUSTER or destination.name == "in-cluster":
        return argocd_cluster_of(platform)
    return f"the cluster {destination.server or destination.name}"


def _releases(platform: Platform) -> Iterator[Placed]:
    """The objects of charts are not known here, but two releases of one name would have the same objects."""
    for resource in platform.resources:
        if resource.id.kind == "Addon":
            spec = resource.spec
            release = ObjectId("", "Helm release", spec.namespace, spec.release_name or resource.name)
            yield Placed(cluster_of(platform), release, resource.name_span)


def check_across_environments(footprints: Sequence[Footprint]) -> Iterator[Finding]:
    """Names in AWS and objects on clusters that two environments, or two documents of one, both manage."""
    yield from _names(footprints)
    yield from _observed(footprints)
    yield from _objects(footprints)


def _names(footprints: Sequence[Footprint]) -> Iterator[Finding]:
    names: dict[tuple[str, str, str, str], tuple[Footprint, InAWS]] = {}
    shared: dict[tuple[str, str], _Shared] = {}
    twice: set[tuple[Span, Span]] = set()
    for one in footprints:
        for managed in one.managed:
            key = (managed.account, managed.region, managed.kind, managed.same)
            other, first = names.setdefault(key, (one, managed))
            if first is managed or (other is one and _is_found_with_its_document(first, managed)):
                continue
            if other is not one:
                _note(shared, other, one, managed.at, f"the {managed.kind} {managed.name}")
            elif (first.at, managed.at) not in twice:  # once, not in each environment
                twice.add((first.at, managed.at))
                who = (
                    "two documents manage"
                    if first.document != managed.document
                    else "two objects of one document manage"
                )
                message = f"{who} the {managed.kind} {managed.name} in AWS"
                related = ((first.at, "also managed here"),) if first.at != managed.at else ()
                hint = "give one of them another name"
                yield AWS_NAME_SHARED.at(managed.at, message, hint, related=related)
    for (first_name, second_name), found in shared.items():
        message = f"the environments {first_name} and {second_name} both manage {found.words} in AWS"
        hint = "give one of them an aws.namePrefix, or write managementPolicy: Observe in the one that does not own it"
        yield AWS_NAME_SHARED.at(found.at, message, hint, related=found.related)


def _is_found_with_its_document(one: InAWS, other: InAWS) -> bool:
    """Whether one document gives both their name; a name that a patch changed is not seen there."""
    is_written = one.name == one.written and other.name == other.written
    return is_written and one.document == other.document


def _observed(footprints: Sequence[Footprint]) -> Iterator[Finding]:
    """What one environment observes must be what another makes from the same document, if one does."""
    made: dict[tuple[DocumentId, str], list[tuple[Footprint, InAWS]]] = defaultdict(list)
    for one in footprints:
        for managed in one.managed:
            made[managed.document, managed.part].append((one, managed))
    for one in footprints:
        for looked in one.observed:
            owners = made.get((looked.document, looked.part), ())
            if not owners or any(_place(managed) == _place(looked) for _, managed in owners):
                continue
            owner, managed = owners[0]
            message = f"{one.environment} observes the {looked.kind} {_words(looked, managed)}"
            message += f", but {owner.environment} manages {_words(managed, looked)}"
            hint = f"write the name that it has in {owner.environment}, with its prefix"
            if (managed.account, managed.region) != (looked.account, looked.region):
                hint = "a resource of another account or region cannot be observed: write its address where it is used"
            yield OBSERVED_ELSEWHERE.at(looked.at, message, hint, related=((managed.at, "managed here"),))


def _place(one: InAWS) -> tuple[str, str, str]:
    return one.account, one.region, one.name


def _words(one: InAWS, other: InAWS) -> str:
    """A name, with the account and the region if the other's differ."""
    place = f" in the account {one.account}" if one.account != other.account else ""
    return f"{one.name}{place}" + (f" in {one.region}" if one.region != other.region else "")


def _objects(footprints: Sequence[Footprint]) -> Iterator[Finding]:
    placed: dict[tuple[str, ObjectId], tuple[Footprint, Placed]] = {}
    shared: dict[tuple[str, str, str], _Shared] = {}
    for one in footprints:
        for found in one.placed:
            other, _ = placed.setdefault((found.cluster, found.id), (one, found))
            if other is not one:
                _note(shared, other, one, found.at, f"the {found.id}", found.cluster)
    for (first_name, second_name, cluster), all_found in shared.items():
        message = f"the environments {first_name} and {second_name} both have {all_found.words} on {cluster}"
        hint = "give one of them another destination, namespace or argocd.namePrefix"
        yield OBJECT_SHARED.at(all_found.at, message, hint, related=all_found.related)


@dataclass(slots=True)
class _Shared:
    """What two environments share, collected: a forgotten prefix is one mistake, not one for each document."""

    environment: Span
    places: dict[Span, str]
    count: int = 0

    @property
    def at(self) -> Span:
        """The document, if there is just one; else the second environment."""
        return self.environment if len(self.places) > 1 else next(iter(self.places))

    @property
    def words(self) -> str:
        """What is shared, in words."""
        first = next(iter(self.places.values()))
        return first if self.count == 1 else f"{first} and {self.count - 1} more"

    @property
    def related(self) -> tuple[tuple[Span, str], ...]:
        """Some of the documents."""
        return tuple(list(self.places.items())[:SHOWN]) if len(self.places) > 1 else ()


def _note(shared: dict[Any, _Shared], first: Footprint, second: Footprint, at: Span, what: str, *where: str) -> None:
    entry = shared.setdefault((first.environment, second.environment, *where), _Shared(second.at, {}))
    entry.places.setdefault(at, what)
    entry.count += 1
