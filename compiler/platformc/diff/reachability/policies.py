"""policies: NetworkPolicies as plain data -> what they isolate and allow.

In      the `spec` of a NetworkPolicy, of any shape.
Out     Policy: whose pods it isolates in which direction, and its rules with their paths.
Never   drops what it cannot read: `unreadable` says it, and the rule allows nothing.

Source: Kubernetes docs, "Network Policies"; Kubernetes API reference, NetworkPolicySpec.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from platformc.check.policies.object_fields import number, sequence, text, texts
from platformc.diff.reachability.ranges import EVERY_PORT, NOTHING, RangeSet, addresses, every_port, ports
from platformc.diff.reachability.selectors import Selector, UnreadableError, read_selector
from platformc.language.nodes import KeyPath
from platformc.snapshot import ObjectKey


class Direction(StrEnum):
    """The direction of connections, as a pod sees them."""

    INGRESS = "ingress"
    EGRESS = "egress"

    @property
    def other(self) -> Direction:
        """As the pod at the other end sees them."""
        return Direction.EGRESS if self is Direction.INGRESS else Direction.INGRESS


@dataclass(frozen=True, slots=True)
class PodPeer:
    """Pods at the other end; `namespaces` is None for those in the policy's own namespace."""

    namespaces: Selector | None
    pods: Selector


@dataclass(frozen=True, slots=True)
class BlockPeer:
    """Addresses at the other end.

    No pods: "these should be cluster-external IPs, since Pod IPs are ephemeral and unpredictable". Whether a CNI also
    compares pods' addresses with them differs (Cilium does not, Calico does).
    """

    addresses: RangeSet


@dataclass(frozen=True, slots=True)
class NamedPort:
    """A port by the name that the receiving pod gives it."""

    protocol: str
    name: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a policy; `peers` is None if it is for everyone."""

    peers: tuple[PodPeer | BlockPeer, ...] | None
    ports: RangeSet
    named: tuple[NamedPort, ...]
    path: KeyPath = field(compare=False)


@dataclass(frozen=True, slots=True)
class Policy:
    """One NetworkPolicy."""

    key: ObjectKey
    pods: Selector
    rules: Mapping[Direction, tuple[Rule, ...]]
    """Only of the directions in which it isolates its pods."""
    unreadable: tuple[str, ...]
    """What in it could not be read, as ends of sentences."""


def read_policy(key: ObjectKey, spec: Any) -> Policy:
    """Read a NetworkPolicy."""
    unreadable: list[str] = []
    given = spec if isinstance(spec, dict) else {}
    try:
        pods = read_selector(given.get("podSelector"))
    except UnreadableError as error:
        return Policy(key, Selector(), {}, (f"podSelector: {error}",))
    rules = {}
    for direction in _isolated(given):
        found = [
            _rule(one, direction, (direction, position), unreadable)
            for position, one in enumerate(sequence(given.get(direction)))
        ]
        rules[direction] = tuple(rule for rule in found if rule is not None)
    return Policy(key, pods, rules, tuple(unreadable))


def _isolated(spec: Mapping[str, Any]) -> list[Direction]:
    """Without `policyTypes`: ingress always, egress if there are rules for it (NetworkPolicySpec.policyTypes)."""
    types = texts(spec.get("policyTypes"))
    if types:
        return [direction for direction in Direction if direction.capitalize() in types]
    return [Direction.INGRESS, *([Direction.EGRESS] if sequence(spec.get("egress")) else [])]


def _rule(value: Any, direction: Direction, at: tuple[str, int], unreadable: list[str]) -> Rule | None:
    if not isinstance(value, dict):
        unreadable.append(f"{at[0]}[{at[1]}] is not a rule")
        return None
    peers = _peers(value.get("from" if direction is Direction.INGRESS else "to"), at, unreadable)
    numbers, named = _ports(value.get("ports"), at, unreadable)
    return Rule(peers, numbers, named, ("spec", *at))


def _peers(value: Any, at: tuple[str, int], unreadable: list[str]) -> tuple[PodPeer | BlockPeer, ...] | None:
    if not value:
        return None  # empty or missing: everyone
    found: list[PodPeer | BlockPeer] = []
    for one in value if isinstance(value, list) else [value]:
        try:
            found.append(_peer(one))
        except UnreadableError as error:
            unreadable.append(f"{at[0]}[{at[1]}]: {error}")
    return tuple(found)


def _peer(value: Any) -> PodPeer | BlockPeer:
    if not isinstance(value, dict) or not value:
        raise UnreadableError("a peer is empty")
    if "ipBlock" in value:
        return BlockPeer(_block(value["ipBlock"]))
    if "namespaceSelector" not in value and "podSelector" not in value:
        raise UnreadableError("a peer has no selector")
    namespaces = read_selector(value["namespaceSelector"]) if value.get("namespaceSelector") is not None else None
    return PodPeer(namespaces, read_selector(value.get("podSelector")))


def _block(value: Any) -> RangeSet:
    if not isinstance(value, dict):
        raise UnreadableError("ipBlock is not a map")
    try:
        found = addresses(text(value.get("cidr")))
        for excluded in sequence(value.get("except")):
            found -= addresses(text(excluded))
    except ValueError as error:
        raise UnreadableError(f"ipBlock: {error}") from error
    return found


def _ports(value: Any, at: tuple[str, int], unreadable: list[str]) -> tuple[RangeSet, tuple[NamedPort, ...]]:
    if not value:
        return EVERY_PORT, ()  # empty or missing: every port of every protocol
    numbers, named = NOTHING, []
    for one in value if isinstance(value, list) else [value]:
        protocol = one.get("protocol", "TCP") if isinstance(one, dict) else ""
        port = one.get("port") if isinstance(one, dict) else None
        last = number(one.get("endPort")) if isinstance(one, dict) else None
        if not isinstance(one, dict) or not every_port(text(protocol)):
            unreadable.append(f"{at[0]}[{at[1]}]: a port has no known protocol")
        elif port is None:
            numbers |= every_port(protocol)
        elif isinstance(port, str):
            named.append(NamedPort(protocol, port))
        elif number(port) is None or not ports(protocol, port, last):
            unreadable.append(f"{at[0]}[{at[1]}]: a port is not between 1 and 65535")
        else:
            numbers |= ports(protocol, port, last)
    return numbers, tuple(named)
