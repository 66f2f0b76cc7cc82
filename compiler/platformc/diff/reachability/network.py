"""network: the pods of one cluster, in one state, and who can connect to whom.

In      Endpoints and Policies.
Out     Network: which policies apply to an endpoint, whom a rule means, the ports on which one reaches another.
Never   multiplies pods with policies: what a selector is about is found through an index of labels, and once.

A connection needs both ends: the egress of its source and the ingress of its target. A pod that no policy isolates in
a direction may do everything in it. Source: Kubernetes docs, "Network Policies", "The two sorts of pod isolation".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from platformc.diff.reachability.policies import BlockPeer, Direction, PodPeer, Policy, Rule
from platformc.diff.reachability.ranges import EVERY_ADDRESS, EVERY_PORT, NOTHING, RangeSet, ports
from platformc.diff.reachability.selectors import Selector
from platformc.snapshot import ObjectKey

CROWD = 50
"""Pods that are for everyone; more are said of all together."""
NAMESPACE_NAME = "kubernetes.io/metadata.name"
"""The label that every namespace has. Kubernetes docs, "Automatic labelling"."""


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a pod has a name for."""

    name: str
    protocol: str
    number: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Pods that are alike: those of one template, or pods of others that a policy is about."""

    id: str
    """The same in both states."""
    name: str
    """For people: `stoat/api`."""
    key: ObjectKey | None
    """The object that makes the pods; None if this platform does not."""
    namespace: str
    labels: Mapping[str, str]
    ports: tuple[ContainerPort, ...]
    on_node: bool
    """On the node's network, where no policy applies and no selector finds it."""


class Network:
    """One cluster in one state. Everything is found on first use, and once."""

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        policies: Iterable[Policy],
        namespaces: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.endpoints = {one.id: one for one in endpoints}
        self.policies = {one.key: one for one in policies}
        self._namespaces = {
            **{one.namespace: {NAMESPACE_NAME: one.namespace} for one in self.endpoints.values()},
            **{name: {**labels, NAMESPACE_NAME: name} for name, labels in namespaces.items()},
        }
        self._selected: dict[tuple[str | Selector, Selector], frozenset[str]] = {}
        self._spaces: dict[Selector, frozenset[str]] = {}

    @cached_property
    def _by_label(self) -> Mapping[tuple[str, str], frozenset[str]]:
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in self.endpoints.values():
            for pair in () if one.on_node else one.labels.items():
                found[pair].add(one.id)
        return {pair: frozenset(ids) for pair, ids in found.items()}

    @cached_property
    def _by_namespace(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.endpoints.values():
            if not one.on_node:
                found[one.namespace].add(one.id)
        return {name: frozenset(ids) for name, ids in found.items()}

    def select(self, where: str | Selector, pods: Selector) -> frozenset[str]:
        """The endpoints that a selector of pods finds, in one namespace or in those that a selector finds."""
        known = self._selected.get((where, pods))
        if known is None:
            known = self._selected[where, pods] = frozenset(self._search(where, pods))
        return known

    def _search(self, where: str | Selector, pods: Selector) -> Iterator[str]:
        spaces = frozenset([where]) if isinstance(where, str) else self._matching(where)
        if pods.labels:
            ids = min((self._by_label.get(pair, frozenset()) for pair in pods.labels), key=len)
        else:
            ids = frozenset().union(*(self._by_namespace.get(name, frozenset()) for name in spaces))
        for found in ids:
            one = self.endpoints[found]
            if one.namespace in spaces and pods.matches(one.labels):
                yield found

    def _matching(self, where: Selector) -> frozenset[str]:
        known = self._spaces.get(where)
        if known is None:
            found = (name for name, labels in self._namespaces.items() if where.matches(labels))
            known = self._spaces[where] = frozenset(found)
        return known

    def namespace_labels(self, namespace: str) -> Mapping[str, str]:
        """The labels of a namespace, with the one that each has."""
        return self._namespaces.get(namespace, {})

    @cached_property
    def relevant(self) -> tuple[frozenset[str], frozenset[str]]:
        """The labels of pods, and those of namespaces, that some policy looks at."""
        pods: set[str] = set()
        namespaces: set[str] = set()
        for policy in self.policies.values():
            pods |= policy.pods.keys
            for peer in (peer for rules in policy.rules.values() for rule in rules for peer in rule.peers or ()):
                if isinstance(peer, PodPeer):
                    pods |= peer.pods.keys
                    namespaces |= peer.namespaces.keys if peer.namespaces is not None else set()
        return frozenset(pods), frozenset(namespaces)

    @cached_property
    def _applied(self) -> Mapping[str, tuple[Policy, ...]]:
        found: dict[str, list[Policy]] = defaultdict(list)
        for policy in self.policies.values():
            for one in self.selected(policy.key):
                found[one].append(policy)
        return {one: tuple(several) for one, several in found.items()}

    def selected(self, key: ObjectKey) -> frozenset[str]:
        """The endpoints that a policy applies to; none if there is no such policy."""
        policy = self.policies.get(key)
        return self.select(key.namespace, policy.pods) if policy is not None else frozenset()

    def rules(self, one: str, direction: Direction) -> tuple[tuple[Policy, Rule], ...] | None:
        """The rules for an endpoint, each with its policy; None if nothing isolates it in this direction."""
        isolating = [policy for policy in self._applied.get(one, ()) if direction in policy.rules]
        if not isolating:
            return None
        return tuple((policy, rule) for policy in isolating for rule in policy.rules[direction])

    def peers(self, policy: Policy, rule: Rule) -> frozenset[str]:
        """The endpoints at the other end that a rule is about; all of them if it is for everyone."""
        if rule.peers is None:
            return self._everyone
        return frozenset().union(
            *(
                self.select(policy.key.namespace if peer.namespaces is None else peer.namespaces, peer.pods)
                for peer in rule.peers
                if isinstance(peer, PodPeer)
            )
        )

    @cached_property
    def _everyone(self) -> frozenset[str]:
        return frozenset(self.endpoints)

    def partners(self, one: str, direction: Direction) -> frozenset[str]:
        """The endpoints that can be at the other end because a rule says so, of this endpoint or of theirs.

        Where both ends are for everyone, and there are many such, only the pods of others stand for them all: that each
        of a thousand pods can now reach each other one is one fact, not a million.
        """
        rules = self.rules(one, direction)
        naming = self._naming[direction.other].get(one, frozenset())
        if rules is None:
            return naming
        found = frozenset().union(*(self.peers(policy, rule) for policy, rule in rules if rule.peers is not None))
        if any(rule.peers is None for _, rule in rules):
            own = self.endpoints[one].namespace
            others = {other for other in self._foreign if self.endpoints[other].namespace in ("", own)}
            found |= naming | others
            if not self.is_crowded(direction.other):
                found |= self._broad[direction.other]
        return found

    def is_crowded(self, direction: Direction) -> bool:
        """Whether so many pods are for everyone in a direction that they are not counted one by one."""
        return len(self._broad[direction]) > CROWD

    @cached_property
    def _foreign(self) -> frozenset[str]:
        return frozenset(one.id for one in self.endpoints.values() if one.key is None)

    @cached_property
    def _broad(self) -> Mapping[Direction, frozenset[str]]:
        """Own endpoints that nothing isolates in a direction, or that a rule lets connect with everyone."""
        found: dict[Direction, set[str]] = {each: set() for each in Direction}
        for one in self.endpoints.keys() - self._foreign:
            for direction, broad in found.items():
                rules = self.rules(one, direction)
                if rules is None or any(rule.peers is None for _, rule in rules):
                    broad.add(one)
        return {direction: frozenset(broad) for direction, broad in found.items()}

    @cached_property
    def _naming(self) -> Mapping[Direction, Mapping[str, frozenset[str]]]:
        """Endpoint -> the endpoints whose rules of a direction are about it, but not about everyone."""
        found: dict[Direction, dict[str, set[str]]] = {each: defaultdict(set) for each in Direction}
        for policy in self.policies.values():
            for direction, rules in policy.rules.items():
                for rule in rules:
                    named = self.peers(policy, rule) if rule.peers is not None else frozenset()
                    for peer in named:
                        found[direction][peer] |= self.selected(policy.key)
        return {each: {one: frozenset(ids) for one, ids in several.items()} for each, several in found.items()}

    def reach(self, source: str, target: str) -> RangeSet:
        """The ports on which one endpoint can connect to another."""
        if source not in self.endpoints or target not in self.endpoints:
            return NOTHING
        return self._side(source, target, Direction.EGRESS) & self._side(target, source, Direction.INGRESS)

    def _side(self, one: str, other: str, direction: Direction) -> RangeSet:
        rules = self.rules(one, direction)
        if rules is None:
            return EVERY_PORT
        receiver = self.endpoints[other if direction is Direction.EGRESS else one]
        found = NOTHING
        for policy, rule in rules:
            if other in self.peers(policy, rule):
                found |= ports_of(rule, receiver)
        return found

    def allowing(self, one: str, other: str, direction: Direction, wanted: RangeSet) -> list[tuple[Policy, Rule]]:
        """The rules of one end that allow some of the wanted ports."""
        receiver = self.endpoints[other if direction is Direction.EGRESS else one]
        return [
            (policy, rule)
            for policy, rule in self.rules(one, direction) or ()
            if other in self.peers(policy, rule) and ports_of(rule, receiver) & wanted
        ]

    def outside(self, one: str, direction: Direction) -> list[tuple[Rule, Policy | None, RangeSet, RangeSet]]:
        """The addresses at the other end, rule by rule, each with its ports; everything if nothing isolates it."""
        rules = self.rules(one, direction)
        if rules is None:
            return [(Rule(None, EVERY_PORT, (), ()), None, EVERY_ADDRESS, EVERY_PORT)]
        # A name for a port can only be resolved in the pod that receives, so it never means one of an address.
        receiver = self.endpoints[one] if direction is Direction.INGRESS else None
        return [
            (rule, policy, _addresses(rule), ports_of(rule, receiver)) for policy, rule in rules if _addresses(rule)
        ]


def _addresses(rule: Rule) -> RangeSet:
    if rule.peers is None:
        return EVERY_ADDRESS
    found = NOTHING
    for peer in rule.peers:
        if isinstance(peer, BlockPeer):
            found |= peer.addresses
    return found


def ports_of(rule: Rule, receiver: Endpoint | None) -> RangeSet:
    """The ports that a rule is about, with names resolved in the pod that receives the connection."""
    found = rule.ports
    if rule.named and receiver is not None:
        for one in receiver.ports:
            if any(one.name == named.name and one.protocol == named.protocol for named in rule.named):
                found |= ports(one.protocol, one.number)
    return found
