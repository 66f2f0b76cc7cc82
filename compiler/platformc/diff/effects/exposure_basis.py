"""exposure_basis: the changed values behind a change of who can reach whom.

In      a Comparison, and one cluster's network in both states.
Out     Evidence: the rules, labels and objects that differ and that a change was judged from.
Never   names a value that is the same on both sides, unless nothing nearer differs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from platformc.diff.effect import Basis
from platformc.diff.reachability import (
    Direction,
    Endpoint,
    Entrance,
    Network,
    PairChange,
    Policy,
    RangeSet,
    Reached,
    Rule,
)
from platformc.snapshot import Comparison, ObjectKey

NAMESPACE = ("", "Namespace")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What differs on one cluster, found by the endpoints that it is about."""

    comparison: Comparison
    cluster: str
    before: Network
    after: Network
    policies: tuple[ObjectKey, ...]
    """The policies that changed."""
    changed: Mapping[str, Sequence[ObjectKey]]
    """Endpoint -> those of them that apply to it in one of the states."""
    spaces: Mapping[str, Sequence[ObjectKey]]
    """Namespace -> its object, if that changed."""

    def of_pair(self, change: PairChange, open_ports: RangeSet, *, gained: bool) -> list[Basis]:
        """The rules that allow it in the state that has it, as far as they changed; else what changed at its ends."""
        network = self.after if gained else self.before
        found: list[Basis] = []
        for one, other, side in (
            (change.source, change.target, Direction.EGRESS),
            (change.target, change.source, Direction.INGRESS),
        ):
            if one.id in network.endpoints and other.id in network.endpoints:
                found += self._of_rules(network.allowing(one.id, other.id, side, open_ports), in_after=gained)
            found += self.of_endpoint(one)
        return found or [*self.policies_of(change.source), *self.policies_of(change.target)]

    def _of_rules(self, rules: Iterable[tuple[Policy, Rule]], *, in_after: bool) -> list[Basis]:
        return [
            Basis(policy.key, None if in_after else rule.path, rule.path if in_after else None)
            for policy, rule in rules
            if policy.key in self.comparison.by_key
        ]

    def of_endpoint(self, one: Endpoint) -> list[Basis]:
        """What policies see of pods, if their labels, ports or existence changed."""
        old, new = self.before.endpoints.get(one.id), self.after.endpoints.get(one.id)
        if one.key is None or (old == new and old is not None):
            return []
        return [whole(self.comparison, one.key)] if one.key in self.comparison.by_key else []

    def policies_of(self, one: Endpoint) -> list[Basis]:
        """The changed policies that apply to pods, in either state; their namespace, if nothing else changed."""
        return [whole(self.comparison, key) for key in self.changed.get(one.id) or self.spaces.get(one.namespace, ())]

    def of_addresses(self, source: Endpoint, wanted: Reached, *, gained: bool) -> list[Basis]:
        """The changed rules that let pods connect to addresses, or keep them from it now."""
        network = self.after if gained else self.before
        rules = network.outside(source.id, Direction.EGRESS) if source.id in network.endpoints else []
        allowing = [
            (policy, rule)
            for rule, policy, found, open_ports in rules
            if policy is not None and found & wanted.addresses and open_ports & wanted.ports
        ]
        found = [*self._of_rules(allowing, in_after=gained), *self.of_endpoint(source)]
        if not gained:  # a range that a rule now excludes was lost through the rule as it is now
            found += self._of_rules(self._other_rules(source, wanted), in_after=True)
        return found or self.policies_of(source)

    def _other_rules(self, source: Endpoint, wanted: Reached) -> list[tuple[Policy, Rule]]:
        if source.id not in self.after.endpoints:
            return []
        return [
            (policy, rule)
            for rule, policy, _, open_ports in self.after.outside(source.id, Direction.EGRESS)
            if policy is not None and open_ports & wanted.ports
        ]

    def is_touched(self, one: Entrance) -> bool:
        """Whether its object, its pods, or a policy of theirs changed."""
        changed = self.comparison.by_key
        return one.key in changed or bool(self.of_endpoint(one.target) or self.policies_of(one.target))

    def of_entrance(self, one: Entrance, *, gained: bool) -> list[Basis]:
        """The changed values of the object that opens it, or all of it if it is new or gone."""
        change = self.comparison.by_key.get(one.key)
        if change is None:
            return []
        if not change.fields:
            return [Basis(one.key, None, one.path) if gained else Basis(one.key, one.path, None)]
        return [
            Basis(one.key, field.before_path, field.after_path)
            for field in change.fields
            if "spec" in (*field.after_path[:1], *field.before_path[:1]) or "annotations" in field.after_path[:2]
        ]


def evidence(comparison: Comparison, cluster: str, before: Network, after: Network) -> Evidence:
    """What differs on a cluster."""
    policies = tuple(sorted({*before.policies, *after.policies} & comparison.by_key.keys()))
    changed: dict[str, list[ObjectKey]] = defaultdict(list)
    for key in policies:
        for one in before.selected(key) | after.selected(key):
            changed[one].append(key)
    found = [key for key in comparison.by_key if key.cluster == cluster and (key.group, key.kind) == NAMESPACE]
    return Evidence(comparison, cluster, before, after, policies, changed, {key.name: [key] for key in found})


def whole(comparison: Comparison, key: ObjectKey) -> Basis:
    """An object as a whole, on the sides that have it."""
    return Basis(key, () if key in comparison.before else None, () if key in comparison.after else None)
