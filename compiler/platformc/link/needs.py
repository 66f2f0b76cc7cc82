"""Needs: the `needs` of a document turned into edges.

In      one document with needs, and the scope.
Out     edges for traffic, order and AWS access.
Finds   unknown-reference, unknown-access, missing-access, port-unclear, need-dropped,
        need-without-effect, wait-without-service.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from platformc.diagnostics import Finding, Span, suggestion
from platformc.language.aws_facts import AWSFacts
from platformc.language.models.pod import Need
from platformc.language.origin import because_of, derive
from platformc.language.platform import Platform, Resource
from platformc.link.program import Edge, EdgeKind, Outside
from platformc.link.scope import Absent, Missing, Scope, Target, UnboundError
from platformc.link.services import container_ports, service_of
from platformc.rules.needs import (
    MISSING_ACCESS,
    NEED_DROPPED,
    NEED_WITHOUT_EFFECT,
    PORT_UNCLEAR,
    UNKNOWN_ACCESS,
    WAIT_WITHOUT_SERVICE,
)
from platformc.rules.references import UNKNOWN_REFERENCE

HTTPS = 443
EVERYWHERE = ("0.0.0.0/0",)
LINK_LOCAL = ("169.254.0.0/16",)


def edges_of_needs(scope: Scope, source: Resource[Any]) -> Iterator[Edge | Finding | Missing]:
    """The edges of a document's `needs`, and what is wrong with them."""
    aws: Span | None = None
    for position, need in enumerate(source.spec.needs):
        target = need.target
        if target is None:
            yield _outside(scope.platform, source, need, position)
            continue
        at = source.at("needs", position, target.word)
        found = scope.find(target.word, target.name, source.id.application)
        if isinstance(found, Absent):
            yield from _absent(found, need, at)
        elif found.resource.kind.aws is not None:
            aws = aws or at
            yield from _access(source, need, position, found, found.resource.kind.aws)
        else:
            yield from _use(source, need, position, target.word, found)
    if aws is not None and source.kind.aws is None:  # what is in AWS connects from there
        yield Edge(EdgeKind.TRAFFIC, source.id, internet(scope.platform, (HTTPS,), private=False), aws)


def internet(platform: Platform, ports: tuple[int, ...], *, private: bool) -> Outside:
    """The internet on some ports, with or without the platform's private ranges."""
    excluded = () if private else tuple(platform.settings.network.private_ranges)
    return Outside("internet", EVERYWHERE, excluded, tuple(sorted(set(ports))))


def kubernetes_api(platform: Platform) -> Outside:
    """The cluster's own API, as the network sees it."""
    api = platform.settings.network.kubernetes_api
    # Wherever the API is, it is not at the node's link-local addresses, where clouds keep credentials.
    excluded = LINK_LOCAL if api.cidrs == EVERYWHERE else ()
    return Outside("kubernetes-api", tuple(api.cidrs), excluded, tuple(api.ports))


def _outside(platform: Platform, source: Resource[Any], need: Need, position: int) -> Edge:
    if need.internet is not None:
        at = source.key_at("needs", position, "internet")
        private = need.internet.except_ == "none"
        outside = internet(platform, need.internet.ports, private=private)
        because = because_of(need.internet.except_)
        cidrs = tuple(derive(cidr, because) for cidr in outside.cidrs) if private else outside.cidrs
        excluded = tuple(derive(cidr, need.internet.except_) for cidr in outside.excluded)
        return Edge(EdgeKind.TRAFFIC, source.id, replace(outside, cidrs=cidrs, excluded=excluded), at)
    if need.cidr is not None:
        at = source.at("needs", position, "cidr")
        outside = Outside(need.cidr, (need.cidr,), (), tuple(sorted(set(need.ports))))
        return Edge(EdgeKind.TRAFFIC, source.id, outside, at)
    if need.kubernetes_api:
        at = source.key_at("needs", position, "kubernetesAPI")
        return Edge(EdgeKind.TRAFFIC, source.id, kubernetes_api(platform), at)
    raise TypeError(f"a need without a target: {need}")  # its model refuses such a one: nothing is opened for it


def _absent(absent: Absent, need: Need, at: Span) -> Iterator[Missing]:
    if absent.silent:
        return
    if absent.disabled and not need.order:
        message = f"{absent.message}; this need is ignored"
        yield Missing(absent, NEED_DROPPED.at(at, message, related=absent.related))
        return
    hint = absent.hint
    if absent.disabled:
        hint = "remove `order` in an override of this environment, or enable the target"
    yield Missing(absent, UNKNOWN_REFERENCE.at(at, absent.message, hint, related=absent.related))


def _access(
    source: Resource[Any], need: Need, position: int, target: Target, aws: AWSFacts
) -> Iterator[Edge | Finding]:
    kind = target.resource.kind
    at = source.at("needs", position, kind.word)
    if not need.access:
        words = ", ".join(aws.access)
        message = f"the need for the {kind.word} {target.name} has no `access`"
        yield MISSING_ACCESS.at(at, message, f"add access: [{words}]")
    for index, word in enumerate(need.access):
        if word not in aws.access:
            span = source.at("needs", position, "access", index)
            message = f"a {kind.word} has no access `{word}`"
            yield UNKNOWN_ACCESS.at(span, message, suggestion(word, list(aws.access)))
    access = tuple(sorted({word for word in need.access if word in aws.access}))
    # Also where the words are wrong: the reference that needs this access is no second mistake.
    yield Edge(EdgeKind.ACCESS, source.id, target.resource.id, at, access=access, name=target.name)


def _use(source: Resource[Any], need: Need, position: int, word: str, target: Target) -> Iterator[Edge | Finding]:
    at = source.at("needs", position, word)
    identity = target.resource.id
    if need.order:
        yield Edge(EdgeKind.ORDER, source.id, identity, source.key_at("needs", position, "order"))
    if word == "job":
        if not need.order:
            message = f"a need for the job {target.name} has no effect without `order: true`"
            yield NEED_WITHOUT_EFFECT.at(at, message, "add `order: true`")
        return
    if not need.connect:
        if not need.order:
            message = "a need with neither a connection nor an order has no effect"
            yield NEED_WITHOUT_EFFECT.at(at, message, "remove it, or add `order: true`")
        return
    if word == "service":
        yield Edge(EdgeKind.TRAFFIC, source.id, identity, at, wait=need.wait)
        return
    port = _port(source, need, position, target)
    if isinstance(port, Finding):
        yield port
        return
    if need.wait:
        try:
            service_of(target.resource, port)
        except UnboundError as error:
            span = source.key_at("needs", position, "wait")
            yield WAIT_WITHOUT_SERVICE.at(span, error.message, "expose the port, or remove `wait`")
            return
    yield Edge(EdgeKind.TRAFFIC, source.id, identity, at, port=port, wait=need.wait)


def _port(source: Resource[Any], need: Need, position: int, target: Target) -> str | Finding:
    ports = list(container_ports(target.resource))
    if need.port is not None:
        if need.port in ports:
            return need.port
        span = source.at("needs", position, "port")
        message = f"the workload {target.name} has no port {need.port}"
        return UNKNOWN_REFERENCE.at(span, message, suggestion(need.port, ports))
    if len(ports) == 1:
        return ports[0]
    span = source.at("needs", position, "workload")
    if not ports:
        message = f"the workload {target.name} does not listen on any port"
        return PORT_UNCLEAR.at(span, message, "declare its `ports`, or add `connect: false`")
    message = f"the workload {target.name} has several ports"
    return PORT_UNCLEAR.at(span, message, " or ".join(f"add port: {port}" for port in ports))
