"""changes: what differs between two states of a cluster's network.

In      two Networks, and the endpoints whose labels, ports or policies differ.
Out     pairs that gained or lost ports, addresses that came or went, isolation that was put on or lifted.
Never   looks at an endpoint that did not change, except at the other end of one that did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from platformc.diff.reachability.network import Endpoint, Network
from platformc.diff.reachability.policies import Direction
from platformc.diff.reachability.ranges import NOTHING, Range, RangeSet
from platformc.snapshot import ObjectKey


@dataclass(frozen=True, slots=True)
class PairChange:
    """Ports on which a source can reach a target in one of the states only."""

    source: Endpoint
    target: Endpoint
    gained: RangeSet
    lost: RangeSet


@dataclass(frozen=True, slots=True)
class Reached:
    """Addresses, and the ports on which they can be reached."""

    addresses: RangeSet
    ports: RangeSet


@dataclass(frozen=True, slots=True)
class AddressChange:
    """Addresses that an endpoint can connect to in one of the states only."""

    source: Endpoint
    gained: tuple[Reached, ...]
    lost: tuple[Reached, ...]


@dataclass(frozen=True, slots=True)
class IsolationChange:
    """A direction in which policies restrict an endpoint in one of the states only."""

    endpoint: Endpoint
    direction: Direction
    isolated: bool
    """Whether they do now."""
    created: bool
    """Whether the endpoint is new."""


Change = PairChange | AddressChange | IsolationChange


def affected(before: Network, after: Network, policies: Iterable[ObjectKey]) -> frozenset[str]:
    """The endpoints that are new, gone, or changed as far as policies see them, or that changed policies apply to."""
    pods, namespaces = (one | other for one, other in zip(before.relevant, after.relevant, strict=True))
    found = {
        one
        for one in {*before.endpoints, *after.endpoints}
        if _seen(before, one, pods, namespaces) != _seen(after, one, pods, namespaces)
    }
    for key in policies:
        found |= before.selected(key) | after.selected(key)
    return frozenset(found)


def _seen(network: Network, one: str, pods: frozenset[str], namespaces: frozenset[str]) -> object:
    """What policies see of an endpoint."""
    found = network.endpoints.get(one)
    if found is None:
        return None
    around = network.namespace_labels(found.namespace)
    labels = [
        {key: value for key, value in given.items() if key in keys}
        for given, keys in ((found.labels, pods), (around, namespaces))
    ]
    return labels, found.ports, found.on_node


def compare_networks(before: Network, after: Network, ids: frozenset[str]) -> Iterator[Change]:
    """Everything that differs for some endpoints, and at the other ends of their connections; sorted by their ids."""
    lifted = set()
    for one in sorted(ids):
        for direction in Direction:
            change = _isolation(before, after, one, direction)
            if change is not None:
                lifted.add((one, direction))
                yield change
    for source, target in sorted(_candidates(before, after, ids)):
        old, new = before.reach(source, target), after.reach(source, target)
        gained, lost = new - old, old - new
        if (source, Direction.EGRESS) in lifted or (target, Direction.INGRESS) in lifted:
            # Said by the change of isolation: everything is open that the other end allows, or nothing but what is said.
            gained = NOTHING if _is_open(after, source, target) else gained
        if gained or lost:
            yield PairChange(_one(before, after, source), _one(before, after, target), gained, lost)
    for one in sorted(ids):
        if (one, Direction.EGRESS) not in lifted:
            yield from _outside(before, after, one)


def _one(before: Network, after: Network, one: str) -> Endpoint:
    return after.endpoints[one] if one in after.endpoints else before.endpoints[one]


def _is_open(network: Network, source: str, target: str) -> bool:
    if source not in network.endpoints or target not in network.endpoints:
        return False
    return network.rules(source, Direction.EGRESS) is None or network.rules(target, Direction.INGRESS) is None


def _isolation(before: Network, after: Network, one: str, direction: Direction) -> IsolationChange | None:
    if one not in after.endpoints:
        return None
    now = after.rules(one, direction) is not None
    created = one not in before.endpoints
    if now is (True if created else before.rules(one, direction) is not None):
        return None  # a new endpoint is expected to be isolated
    return IsolationChange(after.endpoints[one], direction, now, created)


def _candidates(before: Network, after: Network, ids: frozenset[str]) -> set[tuple[str, str]]:
    """Source and target of each connection that some rule is about, in one of the states, at one of the ends."""
    found: set[tuple[str, str]] = set()
    for network in (before, after):
        for one in ids & network.endpoints.keys():
            found |= {(one, other) for other in network.partners(one, Direction.EGRESS)}
            found |= {(other, one) for other in network.partners(one, Direction.INGRESS)}
    owned = {one for network in (before, after) for one, found in network.endpoints.items() if found.key is not None}
    return {(source, target) for source, target in found if source in owned or target in owned}


def _outside(before: Network, after: Network, one: str) -> Iterator[AddressChange]:
    old = before.outside(one, Direction.EGRESS) if one in before.endpoints else []
    new = after.outside(one, Direction.EGRESS) if one in after.endpoints else []
    if one not in before.endpoints and after.rules(one, Direction.EGRESS) is None:
        return  # said by its isolation, which it lacks
    was = [Reached(addresses, ports) for _, _, addresses, ports in old]
    now = [Reached(addresses, ports) for _, _, addresses, ports in new]
    gained, lost = without(now, was), without(was, now)
    if gained or lost:
        yield AddressChange(_one(before, after, one), gained, lost)


def without(some: Iterable[Reached], others: Iterable[Reached]) -> tuple[Reached, ...]:
    """What some reach and others do not, with ports of the same addresses together."""
    some, others = list(some), list(others)
    parts: dict[RangeSet, RangeSet] = {}
    for port in _elements([*some, *others]):
        rest = _union(some, port) - _union(others, port)
        if rest:
            parts[rest] = parts.get(rest, NOTHING) | port
    return tuple(Reached(addresses, ports) for addresses, ports in parts.items())


def _union(several: Iterable[Reached], port: RangeSet) -> RangeSet:
    found = NOTHING
    for one in several:
        if one.ports & port:
            found |= one.addresses
    return found


def _elements(several: Iterable[Reached]) -> Iterator[RangeSet]:
    """The longest ranges of ports in which all ports are reached alike."""
    starts = {
        edge
        for one in several
        for found in one.ports.ranges
        for edge in ((found.family, found.first), (found.family, found.last + 1))
    }
    ordered = sorted(starts)
    for (family, first), (other, end) in pairwise(ordered):
        if family == other:
            yield RangeSet((Range(family, first, end - 1),))
