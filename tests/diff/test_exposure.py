"""What can be reached that could not be, in the words that a reviewer reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from platformc.diff.effects.exposure import exposure_effects
from snapshots import between, of_objects, told

Object = Mapping[str, Any]


def workload(name: str, namespace: str = "shop", **spec: Any) -> Object:
    """A Deployment, whose pods have its name and a port."""
    containers = [{"name": "main", "ports": [{"name": "main", "containerPort": 8080}]}]
    template = {"metadata": {"labels": {"name": name}}, "spec": {"containers": containers, **spec}}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": template}}


def policy(name: str, namespace: str = "shop", **rules: Any) -> Object:
    """A NetworkPolicy for the pods of one workload, in both directions."""
    spec = {"podSelector": {"matchLabels": {"name": name}}, "policyTypes": ["Ingress", "Egress"], **rules}
    metadata = {"name": name, "namespace": namespace}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": metadata, "spec": spec}


def service(name: str, **spec: Any) -> Object:
    """A Service in front of a workload."""
    ports = [{"port": 443, "targetPort": "main"}]
    metadata = {"name": name, "namespace": "shop", **spec.pop("metadata", {})}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata,
        "spec": {"selector": {"name": name}, "ports": ports, **spec},
    }


def effects(base: list[Object], head: list[Object]) -> list[str]:
    """What is told, without the environment."""
    found = list(exposure_effects(between(of_objects(*base), of_objects(*head))))
    assert all(one.basis for one in found)
    return [line.removeprefix("production ") for line in told(found)]


def pods(*names: str) -> dict[str, Any]:
    """A peer for each workload, and port 8080."""
    return {"from": [{"podSelector": {"matchLabels": {"name": name}}} for name in names], "ports": [{"port": 8080}]}


def to(*names: str) -> dict[str, Any]:
    """The same from the other end."""
    found = pods(*names)
    return {"to": found["from"], "ports": found["ports"]}


def block(cidr: str, *excluded: str, port: int = 443) -> dict[str, Any]:
    """Addresses that pods connect to."""
    return {"to": [{"ipBlock": {"cidr": cidr, "except": list(excluded)}}], "ports": [{"port": port}]}


BOTH = [workload("web"), workload("db")]
CLOSED = [*BOTH, policy("web"), policy("db")]
OPEN = [*BOTH, policy("web", egress=[to("db")]), policy("db", ingress=[pods("web")])]
PUBLIC = [workload("web"), policy("web", ingress=[{"ports": [{"port": 8080}]}])]


class TestPairs:
    """Pods that can newly talk, or no longer can."""

    def test_a_need_is_added(self) -> None:
        """Told once, where the connection starts."""
        assert effects(CLOSED, OPEN) == ["exposure: Deployment shop/web: can now reach shop/db on 8080/TCP"]

    def test_a_need_is_removed(self) -> None:
        """Told as well, and nothing to worry about."""
        assert effects(OPEN, CLOSED) == ["routine: Deployment shop/web: can no longer reach shop/db on 8080/TCP"]

    def test_one_end_alone_changes_nothing(self) -> None:
        """As the other end still refuses it."""
        assert effects(CLOSED, [*BOTH, policy("web", egress=[to("db")]), policy("db")]) == []

    def test_no_change_has_no_effect(self) -> None:
        """Nor has a label that no policy looks at, or a policy in another order."""
        assert effects(OPEN, OPEN) == []
        more = workload("web")
        more = {
            **more,
            "spec": {"template": {**more["spec"]["template"], "metadata": {"labels": {"name": "web", "v": "2"}}}},
        }
        assert effects(OPEN, [more, *OPEN[1:]]) == []

    def test_a_label_opens_what_policies_allow(self) -> None:
        """Without any change of a policy."""
        before = workload("web")
        before = {
            **before,
            "spec": {"template": {**before["spec"]["template"], "metadata": {"labels": {"name": "other"}}}},
        }
        found = effects([before, *OPEN[1:]], OPEN)
        assert found[0].startswith(
            "routine: Deployment shop/web: is isolated from now on: only what NetworkPolicies name can connect to it"
        )
        assert found[1:] == ["exposure: Deployment shop/web: can now reach shop/db on 8080/TCP"]

    def test_many_pairs_are_one_effect(self) -> None:
        """With all of them in its details."""
        names = [f"w{number}" for number in range(8)]
        base = [
            workload("db"),
            policy("db"),
            *map(workload, names),
            *(policy(name, egress=[to("db")]) for name in names),
        ]
        head = [*base[:1], policy("db", ingress=[pods(*names)]), *base[2:]]
        lines = effects(base, head)
        assert (
            lines[0]
            == "exposure: Deployment shop/db: can now be reached by shop/w0, shop/w1, shop/w2 and 5 more on 8080/TCP"
        )
        assert lines[1:] == [f"  shop/{name} on 8080/TCP" for name in names]

    def test_pods_of_others(self) -> None:
        """That only a policy names."""
        peer = {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ai"}},
            "podSelector": {"matchLabels": {"app": "gate"}},
        }
        head = [workload("web"), policy("web", egress=[{"to": [peer], "ports": [{"port": 4000}]}])]
        want = ["exposure: Deployment shop/web: can now reach pods with app=gate in ai on 4000/TCP"]
        assert effects([workload("web"), policy("web")], head) == want

    def test_everybody_inside(self) -> None:
        """A rule for everyone is told as that, not for each that is named somewhere."""
        head = [workload("web"), policy("web", ingress=[{"ports": [{"port": 8080}]}])]
        want = ["exposure: Deployment shop/web: can now be reached by any other pod of the cluster on 8080/TCP"]
        assert effects([workload("web"), policy("web")], head)[:1] == want

    def test_new_pods_among_themselves(self) -> None:
        """Nobody was kept from what did not exist; what they reach of others is told as exposure."""
        old = [workload("old"), policy("old", ingress=[pods("web")])]
        head = [*BOTH, policy("web", egress=[to("db", "old")]), policy("db", ingress=[pods("web")]), *old]
        assert effects(old, head) == [
            "routine: Deployment shop/web: can now reach shop/db on 8080/TCP",
            "exposure: Deployment shop/web: can now reach shop/old on 8080/TCP",
        ]

    def test_a_large_flat_cluster_is_no_product(self) -> None:
        """Everyone reaches everyone: one effect for each, not one for each pair."""
        names = [f"w{number}" for number in range(80)]
        base = [*map(workload, names), *map(policy, names)]
        head = [*map(workload, names), *(policy(name, ingress=[{}], egress=[{}]) for name in names)]
        lines = effects(base, head)
        assert "exposure: Deployment shop/w7: can now reach every pod that lets it in on every port" in lines
        assert len(lines) <= 3 * len(names)


class TestIsolation:
    """Policies that come and go as a whole."""

    def test_it_is_lifted(self) -> None:
        """Gravely: everything is open."""
        assert effects([workload("web"), policy("web")], [workload("web")])[:1] == [
            (
                "exposure: Deployment shop/web: is no longer isolated by any NetworkPolicy: every pod of the cluster can connect to it"
                " on every port, and nothing limits its own connections"
            )
        ]

    def test_it_is_put_on(self) -> None:
        """A restriction is routine."""
        (line, *_) = effects([workload("web")], [workload("web"), policy("web")])
        assert line.startswith(
            "routine: Deployment shop/web: is isolated from now on: only what NetworkPolicies name can connect to it"
        )

    def test_a_new_workload_without_a_policy(self) -> None:
        """Is open from its start."""
        assert effects(PUBLIC, [*PUBLIC, workload("tool")])[:1] == [
            (
                "exposure: Deployment shop/tool: is isolated by no NetworkPolicy: every pod of the cluster can connect to it on every"
                " port, and nothing limits its own connections"
            )
        ]

    def test_the_network_of_a_node(self) -> None:
        """No policy applies there."""
        head = [workload("web", hostNetwork=True), policy("web")]
        lines = effects([workload("web"), policy("web")], head)
        assert (
            lines[0]
            == "exposure: Deployment shop/web: runs on the network of its nodes, where no NetworkPolicy applies"
        )
        assert (
            "can now be reached by anyone on the internet on every port that it opens, through the network of its nodes"
            in lines[-1]
        )


class TestAddresses:
    """Outside of the cluster."""

    @pytest.mark.parametrize(
        ("base", "head", "message"),
        [
            (
                [],
                [
                    block(
                        "0.0.0.0/0", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16"
                    )
                ],
                "can now reach the internet on 443/TCP",
            ),
            ([block("10.0.0.0/9")], [block("10.0.0.0/8")], "can now reach 10.128.0.0/9 on 443/TCP"),
            (
                [],
                [block("169.254.169.254/32", port=80)],
                "can now reach 169.254.169.254/32 (with the metadata service of the cloud) on 80/TCP",
            ),
            ([], [block("2001:db8::/32")], "can now reach 2001:db8::/32 on 443/TCP"),
            ([block("0.0.0.0/0")], [block("0.0.0.0/0", "10.0.0.0/8")], "can no longer reach 10.0.0.0/8 on 443/TCP"),
            ([block("192.0.2.0/24")], [], "can no longer reach 192.0.2.0/24 on 443/TCP"),
        ],
    )
    def test_they_are_told_by_what_differs(self, base: list[Any], head: list[Any], message: str) -> None:
        """Not by what a rule says."""
        states = [[workload("web"), policy("web", egress=rules)] for rules in (base, head)]
        verdict = "exposure" if "now" in message.split() else "routine"
        assert effects(states[0], states[1]) == [f"{verdict}: Deployment shop/web: {message}"]

    def test_the_same_addresses_written_otherwise(self) -> None:
        """Two halves are the whole."""
        base = [workload("web"), policy("web", egress=[block("10.0.0.0/8")])]
        head = [workload("web"), policy("web", egress=[block("10.0.0.0/9"), block("10.128.0.0/9")])]
        assert effects(base, head) == []


LOAD_BALANCER = "through the LoadBalancer web"


class TestEntrances:
    """Ways in from outside."""

    @pytest.mark.parametrize(
        ("spec", "message"),
        [
            (
                {"type": "LoadBalancer"},
                f"can now be reached by anyone on the internet on 443/TCP (8080/TCP of the pods), {LOAD_BALANCER}",
            ),
            (
                {"type": "LoadBalancer", "loadBalancerSourceRanges": ["203.0.113.0/24"]},
                f"can now be reached by 203.0.113.0/24 on 443/TCP (8080/TCP of the pods), {LOAD_BALANCER}",
            ),
            (
                {"type": "LoadBalancer", "loadBalancerSourceRanges": ["0.0.0.0/1", "128.0.0.0/1"]},
                f"can now be reached by anyone on the internet on 443/TCP (8080/TCP of the pods), {LOAD_BALANCER}",
            ),
            (
                {"type": "LoadBalancer", "loadBalancerSourceRanges": ["nonsense"]},
                f"can now be reached by anyone on the internet on 443/TCP (8080/TCP of the pods), {LOAD_BALANCER}",
            ),
            (
                {"type": "NodePort", "ports": [{"port": 443, "targetPort": 8080, "nodePort": 30443}]},
                "can now be reached by anyone on the internet on 30443/TCP of every node (8080/TCP of the pods), through the NodePort web",
            ),
            (
                {"externalIPs": ["192.0.2.7"]},
                "can now be reached by anyone on the internet on 443/TCP of 192.0.2.7 (8080/TCP of the pods), through the external address of web",
            ),
        ],
    )
    def test_services(self, spec: dict[str, Any], message: str) -> None:
        """By their type, and from where."""
        found = effects([*PUBLIC, service("web")], [*PUBLIC, service("web", **spec)])
        assert found == [f"exposure: Deployment shop/web: {message}"]

    def test_a_private_load_balancer_becomes_public(self) -> None:
        """By an annotation alone."""
        private = {"annotations": {"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}}
        base = [*PUBLIC, service("web", type="LoadBalancer", metadata=private)]
        (line,) = effects(base, [*PUBLIC, service("web", type="LoadBalancer")])
        assert line.startswith("exposure: Deployment shop/web: can now be reached by anyone on the internet on 443/TCP")

    def test_source_ranges_are_compared(self) -> None:
        """What is added is exposed, what is removed is told."""
        states = [
            [*PUBLIC, service("web", type="LoadBalancer", loadBalancerSourceRanges=ranges)]
            for ranges in (["198.51.100.0/24"], ["203.0.113.0/24"])
        ]
        lines = effects(states[0], states[1])
        assert [line.split(" on ")[0] for line in lines] == [
            "exposure: Deployment shop/web: can now be reached by 203.0.113.0/24",
            "routine: Deployment shop/web: can no longer be reached by 198.51.100.0/24",
        ]

    def test_a_policy_keeps_them_out(self) -> None:
        """A load balancer in front of closed pods lets nobody in; the policy that opens them does."""
        front = service("web", type="LoadBalancer")
        closed = [workload("web"), policy("web")]
        assert effects([*closed, service("web")], [*closed, front]) == []
        assert any(
            "can now be reached by anyone on the internet" in line
            for line in effects([*closed, front], [*PUBLIC, front])
        )

    def test_policies_see_addresses_that_a_service_keeps(self) -> None:
        """With externalTrafficPolicy: Local, blocks of addresses count."""
        narrow = policy("web", ingress=[{"from": [{"ipBlock": {"cidr": "203.0.113.0/24"}}]}])
        for given, who in (({"externalTrafficPolicy": "Local"}, "203.0.113.0/24"), ({}, "anyone on the internet")):
            base = [workload("web"), narrow, service("web")]
            (line,) = effects(base, [*base[:2], service("web", type="LoadBalancer", **given)])
            assert line.startswith(f"exposure: Deployment shop/web: can now be reached by {who}")

    def test_a_port_of_the_node(self) -> None:
        """Policies are not asked: whether they apply depends on the CNI."""
        head = workload(
            "web", containers=[{"name": "main", "ports": [{"name": "main", "containerPort": 8080, "hostPort": 80}]}]
        )
        assert effects([workload("web"), policy("web")], [head, policy("web")]) == [
            (
                "exposure: Deployment shop/web: can now be reached by anyone on the internet on 80/TCP (8080/TCP of the pods), through"
                " a port of its nodes"
            )
        ]

    def test_an_ingress(self) -> None:
        """And it is told only if the pods let somebody in."""
        backend = {"service": {"name": "web", "port": {"number": 443}}}
        spec = {"rules": [{"host": "shop.example.com", "http": {"paths": [{"path": "/", "backend": backend}]}}]}
        ingress = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {"name": "shop", "namespace": "shop"},
            "spec": spec,
        }
        base = [*PUBLIC, service("web")]
        (line,) = effects(base, [*base, ingress])
        assert line == (
            "exposure: Deployment shop/web: can now be reached by anyone on the internet on 443/TCP of its Service (8080/TCP of the"
            " pods), through the Ingress shop"
        )
        closed = [workload("web"), policy("web"), service("web")]
        assert effects(closed, [*closed, ingress]) == []


class TestNotCompared:
    """Never silently none."""

    @pytest.mark.parametrize(
        ("api", "kind"),
        [
            ("cilium.io/v2", "CiliumNetworkPolicy"),
            ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
            ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
            ("gateway.networking.k8s.io/v1", "Gateway"),
        ],
    )
    def test_policies_of_other_kinds(self, api: str, kind: str) -> None:
        """Their change is told."""
        one = {"apiVersion": api, "kind": kind, "metadata": {"name": "x", "namespace": "shop"}, "spec": {"a": 1}}
        (new,) = effects(PUBLIC, [*PUBLIC, one])
        (changed, *_) = effects([*PUBLIC, one], [*PUBLIC, {**one, "spec": {"a": 2}}])
        assert new.startswith(f"exposure: {kind} shop/x: is new in a way that is not compared: ")
        assert changed.startswith(f"exposure: {kind} shop/x: changes in a way that is not compared: ")

    def test_a_policy_that_cannot_be_read(self) -> None:
        """With the reason."""
        odd = policy("web", ingress=[{"from": [{"ipBlock": {"cidr": "many"}}]}])
        (line,) = effects([workload("web"), policy("web")], [workload("web"), odd])
        assert line.startswith(
            "exposure: NetworkPolicy shop/web: changed in a way that is not compared: ingress[0]: ipBlock"
        )
