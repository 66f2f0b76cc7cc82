"""The rendered NetworkPolicies allow exactly what the graph says, and the graph says what the platform needs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from network_comparison import DNS, ELSEWHERE, FOREIGN, OUTSIDE, Expectation, differences
from network_evaluator import Address, Network, Pod, behind, network_of, pods_of
from platform_network import (
    CONNECTIONS,
    INTERNET,
    ISOLATED,
    KUBERNETES_API,
    MINIO,
    MONGODB,
    NAMESPACE,
    PRIVATE,
    RABBITMQ,
    REDIS,
    expectation,
    network,
    pods,
)
from platformc.language.document import DocumentId
from platformc.link.program import EdgeKind
from platformc.lower.manifest import Manifest
from rendered_platform import ENVIRONMENTS, ROOT, render, rendered, sources_of

both_states = pytest.mark.parametrize("isolated", ISOLATED, ids=["before-isolation", "isolated"])
every_environment = pytest.mark.parametrize("environment", ENVIRONMENTS)


@every_environment
class TestGraph:
    """The policies are what the graph says."""

    def test_every_program_is_tried(self, environment: str) -> None:
        """All workloads and jobs have pods here, so none can be missing from the comparison."""
        resources = rendered(environment).program.resources
        assert set(pods(environment)) == {one.name for one in resources if one.kind in {"Workload", "Job"}}
        assert set(pods(environment)) == set(CONNECTIONS)

    @both_states
    @pytest.mark.parametrize("ranges_match_pods", [False, True], ids=["pods-apart", "pods-in-ranges"])
    def test_each_edge_and_nothing_else(self, environment: str, isolated: bool, ranges_match_pods: bool) -> None:  # noqa: FBT001 - parameters of a test
        """Over all pairs and ports, inside and outside, with either reading of address ranges.

        A range that holds pods' addresses too would let the two users of Kubernetes' API reach any
        pod that admits them on 443, and no pod of ours listens there.
        """
        net = network(environment, isolated=isolated, ranges_match_pods=ranges_match_pods)
        found = list(differences(expectation(environment), net))
        if ranges_match_pods:
            found = [one for one in found if not _to_foreign_https(one)]
        assert found == []

    def test_the_graph_is_what_the_platform_needs(self, environment: str) -> None:
        """Connections between workloads, internet and Kubernetes' API: the hand-written tables above."""
        program = rendered(environment).program
        inside: dict[str, set[tuple[str, int]]] = {name: set() for name in CONNECTIONS}
        internet: dict[str, set[int]] = {}
        api: set[str] = set()
        services: set[tuple[str, str]] = set()
        for edge in program.edges:
            if edge.kind is not EdgeKind.TRAFFIC:
                continue
            if not isinstance(edge.target, DocumentId):
                if edge.target.name == "internet":
                    internet.setdefault(edge.source.name, set()).update(edge.target.ports)
                else:
                    assert (edge.target.name, edge.target.ports) == ("kubernetes-api", (443,))
                    api.add(edge.source.name)
            elif edge.target.kind == "ExternalService":
                services.add((edge.source.name, edge.target.name))
            else:
                number, _ = pods(environment)[edge.target.name].ports[edge.port]
                inside[edge.source.name].add((edge.target.name, number))
        assert inside == CONNECTIONS
        assert internet == INTERNET
        assert api == KUBERNETES_API
        assert services == {("discord-bot", "litellm")}


def _to_foreign_https(difference: str) -> bool:
    """Whether it is one of the two users of Kubernetes' API, that reaches a foreign pod on its port."""
    source, _, rest = difference.partition(" -> ")
    return source.removeprefix("discord-bot/") in KUBERNETES_API and rest.partition(" on ")[2].startswith("443/TCP")


@every_environment
@both_states
class TestConnections:
    """What people rely on, said connection by connection."""

    def test_january_reaches_public_addresses_only(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """It opens whatever people post: no private address, no metadata service, no pod, no store."""
        net, january = network(environment, isolated=isolated), pods(environment)["stoat-january"]
        for port in (80, 443):
            assert net.allows(january, Address("1.1.1.1"), port)
            for address in PRIVATE:
                assert not net.allows(january, Address(address), port), address
        assert not net.allows(january, Address("1.1.1.1"), 22)
        for name, pod in pods(environment).items():
            for number, protocol in pod.ports.values():
                assert name == "stoat-january" or not net.allows(january, pod, number, protocol)

    def test_nobody_reaches_the_metadata_service(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """It answers on port 80."""
        net = network(environment, isolated=isolated)
        for pod in pods(environment).values():
            assert not net.allows(pod, Address("169.254.169.254"), 80)

    def test_the_model_gateway(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """The bot alone reaches litellm, on its pod's port, and no neighbour of it."""
        net = network(environment, isolated=isolated)
        gateway = Pod("ai-platform", "litellm-0", {"app": "litellm", "pod-template-hash": "x"}, address="10.244.7.1")
        neighbour = Pod("ai-platform", "other-0", {"app": "other"}, address="10.244.7.2")
        allowed = {name for name, pod in pods(environment).items() if net.allows(pod, gateway, 4000)}
        assert allowed == {"discord-bot"}
        assert not net.allows(pods(environment)["discord-bot"], neighbour, 4000)
        assert not net.allows(pods(environment)["discord-bot"], gateway, 4001)

    def test_names_are_resolved_by_all_that_connect(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """DNS over UDP and TCP, for everybody with a connection to open; the stores open none."""
        net = network(environment, isolated=isolated)
        callers = {name for name, found in CONNECTIONS.items() if found} | set(INTERNET)
        for protocol in ("UDP", "TCP"):
            assert {name for name, pod in pods(environment).items() if net.allows(pod, DNS, 53, protocol)} == callers

    def test_what_the_internet_reaches(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """Caddy through its load balancer in production, and nothing in staging; never the port of the probes."""
        net = network(environment, isolated=isolated)
        reached = {
            (name, number)
            for name, pod in pods(environment).items()
            for number, protocol in {*pod.ports.values(), (80, "TCP"), (443, "TCP"), (22, "TCP")}
            if net.allows(Address("203.0.113.9"), pod, number, protocol)
        }
        assert reached == ({("stoat-caddy", 8080), ("stoat-caddy", 8443)} if environment == "production" else set())

    def test_a_foreign_namespace_reaches_no_store(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """Not even with the labels of one of ours."""
        net = network(environment, isolated=isolated)
        for name, pod in pods(environment).items():
            for number, protocol in pod.ports.values():
                is_public = environment == "production" and name == "stoat-caddy" and number != 8081
                assert net.allows(ELSEWHERE, pod, number, protocol) is is_public, (name, number)

    def test_services_lead_to_ports_that_are_open(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """Each Service port ends at a declared port of exactly one of our pods."""
        platform = rendered(environment)
        seen = 0
        for name, service in platform.of_kind("Service").items():
            for found in behind(service, pods(environment).values()).values():
                ((pod, number),) = found
                assert (number, "TCP") in pod.ports.values(), name
                seen += 1
        assert seen == sum(len(one["spec"]["ports"]) for one in platform.of_kind("Service").values()) > 15
        assert network(environment, isolated=isolated).policies

    def test_the_load_balancer(self, environment: str, isolated: bool) -> None:  # noqa: FBT001
        """The public address leads to caddy on 80 and 443, and its pod admits what arrives there."""
        service = rendered(environment).one("Service", "stoat-caddy")
        found = behind(service, pods(environment).values())
        assert {port: number for port, [(_, number)] in found.items()} == {80: 8080, 443: 8443}
        net = network(environment, isolated=isolated)
        for address in OUTSIDE:
            admitted = {number for [(pod, number)] in found.values() if net.allows(address, pod, number)}
            assert admitted == ({8080, 8443} if service["spec"]["type"] == "LoadBalancer" else set())


@every_environment
class TestIsolation:
    """Taking over a running namespace cuts nothing; the namespace-wide policy comes last."""

    def test_foreign_pods_are_cut_by_isolation_alone(self, environment: str) -> None:
        """Somebody's pod in the namespace keeps all its connections until `isolation` is synced."""
        before, after = network(environment, isolated=False), network(environment, isolated=True)
        other = Pod(NAMESPACE, "foreign-2", {"app": "foreign-2"}, {"http": (8080, "TCP")}, "10.244.9.9")
        attempts: list[tuple[Pod | Address, Pod | Address, int]] = [
            (FOREIGN, Address("1.1.1.1"), 443),
            (FOREIGN, DNS, 53),
            (FOREIGN, other, 8080),
            (ELSEWHERE, FOREIGN, 8080),
            (Address("203.0.113.9"), FOREIGN, 8080),
        ]
        for source, target, port in attempts:
            assert before.allows(source, target, port), (source, target)
            assert not after.allows(source, target, port), (source, target)
        assert not before.isolating(FOREIGN, "Ingress")
        assert not before.isolating(FOREIGN, "Egress")

    def test_ours_are_isolated_before(self, environment: str) -> None:
        """A foreign pod reaches our stores neither before nor after."""
        for isolated in ISOLATED:
            net = network(environment, isolated=isolated)
            for pod in pods(environment).values():
                assert net.isolating(pod, "Ingress")
                assert net.isolating(pod, "Egress")
            for name, port in (MONGODB, RABBITMQ, REDIS, MINIO):
                assert not net.allows(FOREIGN, pods(environment)[name], port)

    def test_isolation_holds_the_default_deny_alone(self, environment: str) -> None:
        """One policy for each namespace that the platform creates, for all pods and both directions."""
        isolation = [one.object for one in rendered(environment).manifests if one.application == "isolation"]
        assert {one["metadata"]["namespace"] for one in isolation} == {"discord-bot", "registry"}
        for policy in isolation:
            assert policy["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    def test_one_policy_for_each_program(self, environment: str) -> None:
        """It selects the pods of that program alone, for both directions, and goes to its own Application."""
        policies = {
            one.object["metadata"]["name"]: one
            for one in rendered(environment).manifests
            if one.object["kind"] == "NetworkPolicy" and one.application != "isolation"
        }
        assert set(policies) == set(CONNECTIONS)
        for name, policy in policies.items():
            assert policy.object["spec"]["policyTypes"] == ["Ingress", "Egress"]
            single = Network((policy.object,), {})
            chosen = [other for other, pod in pods(environment).items() if single.isolating(pod, "Ingress")]
            assert chosen == [name]
            assert policy.application == rendered(environment).application_of("ServiceAccount", _account(name))


def _account(name: str) -> str:
    return "sandbox" if name == "dev-sandbox" else name


def _copy(tmp_path: Path) -> Path:
    for folder in ("specs", "crossplane"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def test_node_local_dns(tmp_path: Path) -> None:
    """Where the environment says so, names are also asked for at the node's own address; the pods stay reachable."""
    root = _copy(tmp_path)
    platform = root / "specs/platform.yaml"
    text = platform.read_text()
    assert "      port: 53\n" in text
    platform.write_text(text.replace("      port: 53\n", "      port: 53\n      cidrs: [169.254.20.10/32]\n"))
    changed = render(sources_of(root), "production")
    net, found = network_of(changed.objects), pods_of(changed.objects)
    for protocol in ("UDP", "TCP"):
        for target in (Address("169.254.20.10"), DNS):
            assert net.allows(found["stoat-api"], target, 53, protocol)
            assert not net.allows(found["stoat-mongodb"], target, 53, protocol)
    assert not network("production", isolated=True).allows(found["stoat-api"], Address("169.254.20.10"), 53)
    assert list(differences(Expectation(changed.program, found), net)) == []


def test_an_edge_less_in_the_spec_is_a_rule_less(tmp_path: Path) -> None:
    """Without its need, gifbox reaches mongodb no more, and nothing else changes in the policies."""
    root = _copy(tmp_path)
    services = root / "specs/stoat/services.yaml"
    before, found, after = services.read_text().partition("image: ghcr.io/revoltchat/gifbox:20250930-2\n")
    assert found
    need = "    - {workload: stoat-mongodb, port: mongodb, wait: true}\n"
    services.write_text(before + found + after.replace(need, "", 1))
    changed = render(sources_of(root), "production")
    old, new = _policies(rendered("production").manifests), _policies(changed.manifests)
    assert {name for name in old if old[name] != new[name]} == {"stoat-gifbox", "stoat-mongodb"}
    assert old.keys() == new.keys()
    found_pods = pods_of(changed.objects)
    assert not network_of(changed.objects).allows(found_pods["stoat-gifbox"], found_pods["stoat-mongodb"], 27017)
    assert list(differences(expectation("production"), network_of(changed.objects)))
    assert list(differences(Expectation(changed.program, found_pods), network_of(changed.objects))) == []


def _policies(manifests: tuple[Manifest, ...]) -> dict[str, Any]:
    return {
        one.object["metadata"]["name"]: one.object["spec"]
        for one in manifests
        if one.object["kind"] == "NetworkPolicy" and one.application != "isolation"
    }
