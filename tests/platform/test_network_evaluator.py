"""The evaluator says what the Kubernetes documentation says about NetworkPolicies."""

from __future__ import annotations

from typing import Any

import pytest
from network_evaluator import Address, Network, Pod, behind, in_block, network_of, pods_of, selects

NAMESPACES = {"default": {}, "other": {"team": "a"}, "third": {"team": "b"}}
WEB = Pod("default", "web", {"role": "web"}, {"http": (8080, "TCP"), "names": (53, "UDP")}, "10.244.0.2")
DATABASE = Pod("default", "db", {"role": "db"}, {"sql": (5432, "TCP")}, "10.244.0.3")
CLIENT = Pod("other", "client", {"role": "client"}, address="10.244.0.4")
STRANGER = Pod("other", "stranger", {"role": "x"}, address="10.244.0.5")
THIRD = Pod("third", "client", {"role": "client"}, address="10.244.0.6")
OUTSIDE = Address("203.0.113.9")


def policy(spec: dict[str, Any], namespace: str = "default") -> dict[str, Any]:
    """A NetworkPolicy."""
    return {"kind": "NetworkPolicy", "metadata": {"name": "p", "namespace": namespace}, "spec": spec}


def network(*specs: dict[str, Any]) -> Network:
    """A network with these policies in the namespace default."""
    return Network(tuple(policy(spec) for spec in specs), NAMESPACES)


def ingress(*rules: dict[str, Any], selector: dict[str, Any] | None = None) -> dict[str, Any]:
    """A policy's spec with ingress rules."""
    return {"podSelector": selector or {}, "policyTypes": ["Ingress"], "ingress": list(rules)}


def egress(*rules: dict[str, Any]) -> dict[str, Any]:
    """A policy's spec with egress rules."""
    return {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules)}


class TestIsolation:
    """A pod is isolated in a direction by a policy that selects it for that direction."""

    def test_without_policies_everything_is_allowed(self) -> None:
        """Pods are not isolated by default."""
        assert network().allows(CLIENT, WEB, 1)
        assert network().allows(WEB, OUTSIDE, 1, "UDP")

    def test_default_deny_ingress(self) -> None:
        """An empty selector without rules isolates all pods of its namespace, and only for ingress."""
        denied = network(ingress())
        assert not denied.allows(DATABASE, WEB, 8080)
        assert not denied.allows(OUTSIDE, WEB, 8080)
        assert denied.allows(WEB, CLIENT, 80)
        assert denied.allows(WEB, OUTSIDE, 80)

    def test_default_deny_egress(self) -> None:
        """The same for egress."""
        denied = network(egress())
        assert not denied.allows(WEB, CLIENT, 80)
        assert not denied.allows(WEB, OUTSIDE, 443)
        assert denied.allows(CLIENT, WEB, 8080)

    def test_rules_without_their_type_do_nothing(self) -> None:
        """Egress rules of a policy that is only of type Ingress isolate nobody."""
        spec = {"podSelector": {}, "policyTypes": ["Ingress"], "ingress": [{}], "egress": [{"to": []}]}
        assert network(spec).allows(WEB, OUTSIDE, 443)
        assert network(spec).allows(CLIENT, WEB, 8080)

    def test_types_by_default(self) -> None:
        """Ingress always, egress where there are egress rules."""
        assert not network({"podSelector": {}}).allows(CLIENT, WEB, 8080)
        assert network({"podSelector": {}}).allows(WEB, CLIENT, 80)
        only_443 = {"podSelector": {}, "egress": [{"ports": [{"port": 443}]}]}
        assert not network(only_443).allows(WEB, CLIENT, 80)

    def test_only_selected_pods_are_isolated(self) -> None:
        """The neighbour stays open."""
        chosen = network(ingress(selector={"matchLabels": {"role": "db"}}))
        assert not chosen.allows(WEB, DATABASE, 5432)
        assert chosen.allows(DATABASE, WEB, 8080)

    def test_a_policy_holds_in_its_namespace(self) -> None:
        """An empty pod selector does not reach into other namespaces."""
        assert network(ingress()).allows(WEB, CLIENT, 80)

    def test_policies_add_up(self) -> None:
        """Several policies allow the union of what each allows."""
        both = network(ingress(), ingress({"from": [{"podSelector": {"matchLabels": {"role": "web"}}}]}))
        assert both.allows(WEB, DATABASE, 5432)
        assert not both.allows(CLIENT, DATABASE, 5432)

    def test_both_sides_must_allow(self) -> None:
        """Egress of the source and ingress of the target."""
        one_side = network(ingress({}, selector={"matchLabels": {"role": "db"}}), egress())
        assert not one_side.allows(WEB, DATABASE, 5432)
        assert network(ingress({}), egress({})).allows(WEB, DATABASE, 5432)

    def test_a_pod_reaches_itself(self) -> None:
        """A pod cannot block access to itself; another replica is another pod."""
        denied = network(ingress(), egress())
        replica = Pod(WEB.namespace, "web-2", WEB.labels, WEB.ports, "10.244.0.99")
        assert denied.allows(WEB, WEB, 8080)
        assert not denied.allows(WEB, replica, 8080)


class TestPeers:
    """Who a rule speaks of."""

    def test_two_selectors_in_one_item_are_and(self) -> None:
        """Pods with the label in namespaces with the label."""
        both = network(
            ingress(
                {
                    "from": [
                        {
                            "namespaceSelector": {"matchLabels": {"team": "a"}},
                            "podSelector": {"matchLabels": {"role": "client"}},
                        }
                    ]
                }
            )
        )
        assert both.allows(CLIENT, WEB, 8080)
        assert not both.allows(STRANGER, WEB, 8080)
        assert not both.allows(THIRD, WEB, 8080)
        assert not both.allows(DATABASE, WEB, 8080)

    def test_two_items_are_or(self) -> None:
        """All pods of namespaces with the label, and labelled pods of the policy's own namespace."""
        either = network(
            ingress(
                {
                    "from": [
                        {"namespaceSelector": {"matchLabels": {"team": "a"}}},
                        {"podSelector": {"matchLabels": {"role": "db"}}},
                    ]
                }
            )
        )
        assert either.allows(CLIENT, WEB, 8080)
        assert either.allows(STRANGER, WEB, 8080)
        assert either.allows(DATABASE, WEB, 8080)
        assert not either.allows(THIRD, WEB, 8080)
        assert not either.allows(OUTSIDE, WEB, 8080)

    def test_a_pod_selector_alone_means_the_own_namespace(self) -> None:
        """An empty one is every pod of it, and nobody else."""
        own = network(ingress({"from": [{"podSelector": {}}]}))
        assert own.allows(DATABASE, WEB, 8080)
        assert not own.allows(CLIENT, WEB, 8080)

    def test_an_empty_namespace_selector_means_all_namespaces(self) -> None:
        """Every pod of the cluster, but no address outside of it."""
        everywhere = network(ingress({"from": [{"namespaceSelector": {}}]}))
        assert everywhere.allows(CLIENT, WEB, 8080)
        assert everywhere.allows(DATABASE, WEB, 8080)
        assert not everywhere.allows(OUTSIDE, WEB, 8080)

    def test_namespaces_by_name(self) -> None:
        """The API server labels every namespace with its name."""
        named = network(
            ingress({"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "other"}}}]})
        )
        assert named.allows(CLIENT, WEB, 8080)
        assert not named.allows(THIRD, WEB, 8080)

    @pytest.mark.parametrize("rule", [{}, {"from": []}, {"from": None}])
    def test_no_peers_are_all_peers(self, rule: dict[str, Any]) -> None:
        """A rule without `from`, or with an empty one, is for everybody, inside and outside."""
        assert network(ingress(rule)).allows(CLIENT, WEB, 8080)
        assert network(ingress(rule)).allows(OUTSIDE, WEB, 8080)

    @pytest.mark.parametrize("rule", [{}, {"to": []}])
    def test_no_targets_are_all_targets(self, rule: dict[str, Any]) -> None:
        """The same for `to`."""
        assert network(egress(rule)).allows(WEB, CLIENT, 80)
        assert network(egress(rule)).allows(WEB, OUTSIDE, 80)

    def test_address_ranges(self) -> None:
        """In the range and in none of its exceptions; a pod is no address unless the plugin says so."""
        block = {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8", "169.254.0.0/16"]}
        some = network(egress({"to": [{"ipBlock": block}]}))
        assert some.allows(WEB, OUTSIDE, 443)
        assert not some.allows(WEB, Address("169.254.169.254"), 80)
        assert not some.allows(WEB, Address("10.1.2.3"), 443)
        assert not some.allows(WEB, CLIENT, 443)
        every = egress({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]})
        assert not network(every).allows(WEB, CLIENT, 443)
        assert Network((policy(every),), NAMESPACES, ranges_match_pods=True).allows(WEB, CLIENT, 443)

    def test_block_edges(self) -> None:
        """The first and the last address of a range belong to it."""
        block = {"cidr": "172.16.0.0/12", "except": ["172.16.1.0/24"]}
        assert in_block(block, "172.16.0.0")
        assert in_block(block, "172.31.255.255")
        assert not in_block(block, "172.32.0.0")
        assert not in_block(block, "172.16.1.255")
        assert not in_block({"cidr": "0.0.0.0/0"}, "2001:db8::1")


class TestPorts:
    """Which ports a rule speaks of."""

    def test_numbers_and_protocols(self) -> None:
        """The pod's port; TCP where nothing is said."""
        some = network(ingress({"ports": [{"port": 8080}, {"protocol": "UDP", "port": 53}]}))
        assert some.allows(CLIENT, WEB, 8080)
        assert not some.allows(CLIENT, WEB, 8080, "UDP")
        assert some.allows(CLIENT, WEB, 53, "UDP")
        assert not some.allows(CLIENT, WEB, 53)

    def test_no_port_is_every_port_of_the_protocol(self) -> None:
        """A protocol alone; no `ports` at all is every port of every protocol."""
        tcp = network(ingress({"ports": [{"protocol": "TCP"}]}))
        assert tcp.allows(CLIENT, WEB, 65535)
        assert not tcp.allows(CLIENT, WEB, 53, "UDP")
        assert network(ingress({"ports": []})).allows(CLIENT, WEB, 53, "SCTP")

    def test_names_are_those_of_the_target(self) -> None:
        """A named port is looked up in the pod that is connected to, in both directions."""
        inwards = network(ingress({"ports": [{"port": "http"}]}))
        assert inwards.allows(CLIENT, WEB, 8080)
        assert not inwards.allows(CLIENT, WEB, 80)
        outwards = network(egress({"ports": [{"port": "sql"}]}))
        assert outwards.allows(WEB, DATABASE, 5432)
        assert not outwards.allows(WEB, OUTSIDE, 5432)
        assert not network(ingress({"ports": [{"port": "names"}]})).allows(CLIENT, WEB, 53)

    def test_ranges(self) -> None:
        """From `port` to `endPort`, both included."""
        some = network(ingress({"ports": [{"port": 32000, "endPort": 32768}]}))
        assert [some.allows(CLIENT, WEB, port) for port in (31999, 32000, 32768, 32769)] == [False, True, True, False]


class TestSelectors:
    """Label selectors."""

    @pytest.mark.parametrize(
        ("operator", "values", "matches"),
        [
            ("In", ["a", "b"], [True, False, False]),
            ("NotIn", ["a", "b"], [False, True, True]),
            ("Exists", None, [True, True, False]),
            ("DoesNotExist", None, [False, False, True]),
        ],
    )
    def test_expressions(self, operator: str, values: list[str] | None, matches: list[bool]) -> None:
        """NotIn and DoesNotExist match what has no such label."""
        selector = {"matchExpressions": [{"key": "k", "operator": operator, "values": values}]}
        assert [selects(selector, labels) for labels in ({"k": "a"}, {"k": "c"}, {"other": "a"})] == matches

    def test_requirements_are_and(self) -> None:
        """Labels and expressions must all hold."""
        selector = {
            "matchLabels": {"a": "1"},
            "matchExpressions": [{"key": "b", "operator": "Exists"}],
        }
        assert selects(selector, {"a": "1", "b": ""})
        assert not selects(selector, {"a": "1"})
        assert not selects(selector, {"a": "2", "b": ""})

    def test_unknown_operator(self) -> None:
        """What Kubernetes would refuse is no silent match."""
        with pytest.raises(ValueError, match="Near"):
            selects({"matchExpressions": [{"key": "k", "operator": "Near"}]}, {})


def test_pods_and_services_are_read_from_objects() -> None:
    """Labels and ports come from the template, also of a CronJob; a Service's port leads to the pod's."""
    template = {
        "metadata": {"labels": {"app": "x"}},
        "spec": {"containers": [{"ports": [{"name": "http", "containerPort": 14702, "protocol": "TCP"}]}]},
    }
    objects: list[dict[str, Any]] = [
        {"kind": "Namespace", "metadata": {"name": "n", "labels": {"team": "a"}}},
        {"kind": "Deployment", "metadata": {"name": "x", "namespace": "n"}, "spec": {"template": template}},
        {
            "kind": "CronJob",
            "metadata": {"name": "y", "namespace": "n"},
            "spec": {"jobTemplate": {"spec": {"template": {"metadata": {"labels": {}}, "spec": {"containers": [{}]}}}}},
        },
        policy({"podSelector": {}}, "n"),
    ]
    pods = pods_of(objects)
    assert pods["x"].ports == {"http": (14702, "TCP")}
    assert pods["y"].ports == {}
    assert len({pod.address for pod in pods.values()}) == 2
    made = network_of(objects)
    assert made.namespaces == {"n": {"team": "a"}}
    assert not made.allows(OUTSIDE, pods["x"], 14702)
    service = {
        "metadata": {"namespace": "n"},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 3000, "targetPort": "http", "protocol": "TCP"}]},
    }
    assert behind(service, pods.values()) == {3000: [(pods["x"], 14702)]}
