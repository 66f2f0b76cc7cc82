"""Who can connect to whom: cases made by hand, each from a sentence of the documentation."""

from __future__ import annotations

from typing import Any

import pytest
from network_objects import Objects, namespace, pod, policy
from platformc.diff.reachability import EVERY_PORT, Direction, Network, describe_ports, networks, of_cidrs, ports
from platformc.snapshot import ObjectKey


def only(*objects: Objects) -> Network:
    """One state."""
    merged = {key: one for several in objects for key, one in several.items()}
    return networks(merged, merged)[1]


def reach(network: Network, source: str, target: str) -> str:
    """The ports in words."""
    found = network.reach(source, target)
    return describe_ports(found) if found else "nothing"


NAMED = {"podSelector": {"matchLabels": {"name": "one"}}}
DENIED = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


class TestIsolation:
    """Kubernetes docs, "The two sorts of pod isolation"."""

    def test_without_policies_everything_is_open(self) -> None:
        """In both directions, across namespaces."""
        network = only(pod("one"), pod("two", "b"))
        assert reach(network, "a/one", "b/two") == reach(network, "b/two", "a/one") == "every port"

    def test_default_deny(self) -> None:
        """A policy without rules, for all pods of its own namespace only."""
        network = only(pod("one"), pod("two", "b"), pod("three", "b"), policy("deny", DENIED))
        assert reach(network, "a/one", "b/two") == reach(network, "b/two", "a/one") == "nothing"
        assert reach(network, "b/two", "b/three") == "every port"

    @pytest.mark.parametrize(
        ("spec", "ingress", "egress"),
        [
            ({"podSelector": {}}, True, False),
            ({"podSelector": {}, "egress": [{}]}, True, True),
            ({"podSelector": {}, "policyTypes": ["Egress"]}, False, True),
            ({"podSelector": {}, "policyTypes": ["Ingress"], "egress": [{}]}, True, False),
        ],
    )
    def test_policy_types_have_defaults(self, spec: Any, ingress: bool, egress: bool) -> None:  # noqa: FBT001
        """Ingress always, egress if there are rules for it."""
        network = only(pod("one"), policy("some", spec))
        assert (network.rules("a/one", Direction.INGRESS) is not None) is ingress
        assert (network.rules("a/one", Direction.EGRESS) is not None) is egress

    def test_the_network_of_a_node_is_not_isolated(self) -> None:
        """And no selector finds the pod."""
        network = only(
            pod("one", hostNetwork=True),
            pod("two"),
            policy("deny", DENIED),
            policy("in", {**DENIED, "ingress": [{"from": [NAMED]}]}),
        )
        assert network.rules("a/one", Direction.INGRESS) is None
        assert reach(network, "a/one", "a/two") == "nothing"


class TestRules:
    """What a rule allows."""

    def test_both_ends_are_needed(self) -> None:
        """One that only one end allows is no connection; of two, the ports that both allow."""
        to = policy(
            "one",
            {
                **NAMED,
                "policyTypes": ["Egress"],
                "egress": [{"to": [{"podSelector": {}}], "ports": [{"port": 80}, {"port": 81}]}],
            },
        )
        into = policy(
            "two",
            {"podSelector": {"matchLabels": {"name": "two"}}, "ingress": [{"ports": [{"port": 81}, {"port": 82}]}]},
        )
        assert reach(only(pod("one"), pod("two"), to, into), "a/one", "a/two") == "81/TCP"

    def test_an_empty_rule_allows_everything(self) -> None:
        """As opposed to no rule."""
        assert (
            reach(only(pod("one"), pod("two"), policy("in", {"podSelector": {}, "ingress": [{}]})), "a/one", "a/two")
            == "every port"
        )
        assert (
            reach(only(pod("one"), pod("two"), policy("in", {"podSelector": {}, "ingress": []})), "a/one", "a/two")
            == "nothing"
        )

    def test_two_selectors_in_one_peer_are_both_needed(self) -> None:
        """And in two peers, either."""
        space = {"namespaceSelector": {"matchLabels": {"team": "x"}}}
        pods = (pod("one", "b"), pod("two", "b"), pod("three"), pod("one", "c"), namespace("b", team="x"))
        both = only(*pods, policy("in", {"podSelector": {}, "ingress": [{"from": [{**space, **NAMED}]}]}))
        either = only(*pods, policy("in", {"podSelector": {}, "ingress": [{"from": [space, NAMED]}]}))
        assert [reach(both, one, "a/three") for one in ("b/one", "b/two", "c/one")] == [
            "every port",
            "nothing",
            "nothing",
        ]
        assert [reach(either, one, "a/three") for one in ("b/one", "b/two", "c/one")] == [
            "every port",
            "every port",
            "nothing",
        ]

    def test_a_namespace_has_its_name_as_a_label(self) -> None:
        """Also one that this platform does not make."""
        peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "b"}}}
        network = only(
            pod("one"),
            pod("two", "b"),
            pod("three", "c"),
            policy("in", {"podSelector": {}, "ingress": [{"from": [peer]}]}),
        )
        assert reach(network, "b/two", "a/one") == "every port"
        assert reach(network, "c/three", "a/one") == "nothing"

    def test_ports_by_name_are_those_of_the_receiver(self) -> None:
        """Of the right protocol, in both directions, also where each pod has another number."""
        web: dict[str, Any] = {"containers": [{"name": "c", "ports": [{"name": "web", "containerPort": 8080}]}]}
        other: dict[str, Any] = {
            "containers": [
                {
                    "name": "c",
                    "ports": [
                        {"name": "web", "containerPort": 9090},
                        {"name": "web", "protocol": "UDP", "containerPort": 1},
                    ],
                }
            ]
        }
        rule = [{"ports": [{"port": "web"}]}]
        into = only(pod("one"), pod("two", **web), policy("in", {"podSelector": {}, "ingress": rule}))
        out = only(
            pod("one"),
            pod("two", **web),
            pod("three", **other),
            policy("out", {**NAMED, "policyTypes": ["Egress"], "egress": rule}),
        )
        assert reach(into, "a/one", "a/two") == "8080/TCP"
        assert [reach(out, "a/one", target) for target in ("a/two", "a/three")] == ["8080/TCP", "9090/TCP"]

    def test_a_range_of_ports(self) -> None:
        """With endPort; a protocol without a port is all of its ports."""
        rule = {"ports": [{"port": 8000, "endPort": 8010}, {"protocol": "UDP"}]}
        network = only(pod("one"), pod("two"), policy("in", {"podSelector": {}, "ingress": [rule]}))
        assert reach(network, "a/one", "a/two") == "every UDP port and 8000-8010/TCP"

    def test_addresses(self) -> None:
        """With exceptions; they are no pods."""
        block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}}
        rules = [{"to": [block], "ports": [{"port": 443}]}]
        network = only(
            pod("one"), pod("two"), policy("out", {"podSelector": {}, "policyTypes": ["Egress"], "egress": rules})
        )
        assert [(found, where) for _, _, found, where in network.outside("a/one", Direction.EGRESS)] == [
            (of_cidrs("10.0.0.0/8") - of_cidrs("10.1.0.0/16"), ports("TCP", 443))
        ]
        assert reach(network, "a/one", "a/two") == "nothing"

    def test_labels_of_the_controller(self) -> None:
        """The controller of Jobs adds the Job's name to its pods."""
        key = ObjectKey("c", "batch", "Job", "a", "load")
        job: Objects = {key: {"spec": {"template": {"spec": {"containers": [{}]}}}}}
        rule = {"from": [{"podSelector": {"matchLabels": {"job-name": "load"}}}]}
        network = only(
            job,
            pod("one"),
            pod("two"),
            policy("in", {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [rule]}),
        )
        assert [reach(network, one, "a/two") for one in ("a/load", "a/one")] == ["every port", "nothing"]


class TestUnreadable:
    """A RawManifest contains whatever its author wrote."""

    @pytest.mark.parametrize(
        "spec",
        [
            None,
            3,
            [],
            {"podSelector": 3},
            {"podSelector": {"matchLabels": ["a"]}},
            {"podSelector": {"matchExpressions": [{"key": "a", "operator": "Near"}]}},
            {"podSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}},
            {"podSelector": {}, "ingress": [3]},
            {"podSelector": {}, "ingress": [{"from": 3}]},
            {"podSelector": {}, "ingress": [{"from": [{}]}]},
            {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "many"}}]}]},
            {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["x"]}}]}]},
            {"podSelector": {}, "ingress": [{"ports": [{"port": 99999}]}]},
            {"podSelector": {}, "ingress": [{"ports": [{"port": 80, "protocol": "ICMP"}]}]},
            {"podSelector": {}, "ingress": [{"ports": 3}]},
        ],
    )
    def test_it_allows_nothing_more_and_says_so(self, spec: Any) -> None:
        """It never raises."""
        network = only(pod("one"), pod("two"), policy("odd", spec), policy("deny", DENIED))
        (odd, _) = network.policies.values()
        assert reach(network, "a/one", "a/two") == "nothing"
        assert bool(odd.unreadable) is (isinstance(spec, dict))


def test_no_policy_is_every_port() -> None:
    """So that a test above cannot be true of nothing."""
    assert only(pod("one"), pod("two")).reach("a/one", "a/two") == EVERY_PORT
