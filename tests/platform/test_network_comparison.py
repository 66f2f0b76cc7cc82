"""The comparison of graph and policies fails when anything is missing or too much."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from network_comparison import Expectation, differences
from network_evaluator import Network, network_of
from platform_network import CONNECTIONS, HTTPS, expectation, network, objects_of, pods
from platformc.language.document import DocumentId
from platformc.link.program import Edge, EdgeKind
from rendered_platform import Rendered, rendered

pytestmark = pytest.mark.slow  # compares whole networks, once for each rule that is left out or added


def is_different(expected: Expectation, network: Network, names: set[str]) -> bool:
    """Whether there is any difference around these pods."""
    return next(differences(expected, network, names), None) is not None


class TestComparison:
    """The comparison fails when something is missing or too much."""

    def test_each_rule_counts(self) -> None:
        """Without any one peer, port or rule of any policy, something is denied that should not be."""
        tried = 0
        for name, mutated in _mutations(rendered("production")):
            assert is_different(expectation("production"), network_of(mutated), {name}), name
            tried += 1
        assert tried > 90

    def test_each_edge_counts(self) -> None:
        """A graph without any one edge, or two that ask for the same, is no longer what is rendered."""
        program = rendered("production").program
        traffic = [edge for edge in program.edges if edge.kind is EdgeKind.TRAFFIC]
        net = network("production", isolated=True)
        for edge in traffic:
            left = tuple(
                other
                for other in program.outgoing[edge.source]
                if other.kind is not edge.kind or not _same(edge, other)
            )
            outgoing = {**program.outgoing, edge.source: left}
            smaller = Expectation(replace(program, outgoing=outgoing), pods("production"))
            found = is_different(smaller, net, {edge.source.name})
            covered = _is_covered(edge, left)
            assert found is not covered, edge
        assert len(traffic) > 30

    def test_one_policy_less(self) -> None:
        """Without its policy a program is open."""
        every = objects_of(rendered("production"), isolated=False)
        for name in CONNECTIONS:
            left = [one for one in every if (one["kind"], one["metadata"]["name"]) != ("NetworkPolicy", name)]
            assert is_different(expectation("production"), network_of(left), {name})

    def test_one_rule_too_much(self) -> None:
        """An address range that is too wide, a port that is open."""
        every = objects_of(rendered("production"), isolated=True)
        for name in CONNECTIONS:
            for section, rule in (
                ("egress", {"to": [{"ipBlock": {"cidr": "10.0.0.0/8"}}], "ports": [{"port": 8080}]}),
                ("egress", {"to": [{"podSelector": {}}]}),
                ("egress", {"to": [{"namespaceSelector": {}}], "ports": [{"port": 53}]}),
                ("ingress", {"from": [{"namespaceSelector": {}}], "ports": [{"port": 8081}]}),
            ):
                changed = copy.deepcopy(_policy_of(every, name))
                changed["spec"].setdefault(section, []).append(rule)
                mutated = [changed if one is _policy_of(every, name) else one for one in every]
                assert is_different(expectation("production"), network_of(mutated), {name}), (name, rule)


def _same(edge: Edge, other: Edge) -> bool:
    return (edge.target, edge.port) == (other.target, other.port)


def _is_covered(edge: Edge, left: tuple[Edge, ...]) -> bool:
    """Whether another edge allows the same: Kubernetes' API is on 443 of any address, as the internet is."""
    if isinstance(edge.target, DocumentId) or edge.target.name != "internet":
        return False
    api = [other.target for other in left if not isinstance(other.target, DocumentId)]
    return all(any(port in target.ports for target in api) for port in edge.target.ports)


def _policy_of(objects: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (found,) = [one for one in objects if (one["kind"], one["metadata"]["name"]) == ("NetworkPolicy", name)]
    return found


def _mutations(platform: Rendered) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The objects with one rule, peer or port of one policy left out, and whose policy that is."""
    every = objects_of(platform, isolated=True)
    for name in CONNECTIONS:
        spec = _policy_of(every, name)["spec"]
        for section, peers in (("ingress", "from"), ("egress", "to")):
            for position, rule in enumerate(spec.get(section, [])):
                doubled = section == "egress" and _is_doubled(spec[section], rule)
                if not (doubled and rule["ports"] == HTTPS):
                    yield name, _without(every, name, (section,), position)
                for part in (peers, "ports"):
                    items = rule.get(part, [])
                    for index in range(len(items)):
                        if len(items) > 1 and not (doubled and items[index] in HTTPS):
                            yield name, _without(every, name, (section, position, part), index)


def _is_doubled(rules: list[dict[str, Any]], rule: dict[str, Any]) -> bool:
    """Whether there is a rule for Kubernetes' API, on 443 of any address, beside this one for public addresses."""
    api = {"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["169.254.0.0/16"]}}], "ports": HTTPS}
    return rule != api and api in rules and any("ipBlock" in peer for peer in rule["to"])


def _without(objects: list[dict[str, Any]], name: str, path: tuple[str | int, ...], index: int) -> list[dict[str, Any]]:
    changed = copy.deepcopy(_policy_of(objects, name))
    below: Any = changed["spec"]
    for step in path:
        below = below[step]
    del below[index]
    original = _policy_of(objects, name)
    return [changed if one is original else one for one in objects]
