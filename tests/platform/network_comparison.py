"""What the graph says may connect, held against what rendered NetworkPolicies allow.

In      the graph of an environment, and a Network made from its objects.
Out     every difference, in words; none where each edge is reachable and nothing else is.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from network_evaluator import Address, Network, Peer, Pod
from platformc.language.document import DocumentId
from platformc.link.program import EdgeKind, Outside, Program
from platformc.link.services import container_ports, services

PROTOCOLS = ("TCP", "UDP")
UNDECLARED = (22, 53, 80, 443, 587, 3000, 4000, 8081, 65535)
"""Ports that nobody declares, or that only a Service has."""
OUTSIDE = tuple(
    Address(text)
    for text in (
        "1.1.1.1",  # the internet
        "203.0.113.9",
        "172.15.255.255",  # beside a private range
        "172.32.0.1",
        "100.63.255.255",
        "10.0.0.1",  # private
        "10.255.255.255",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "100.127.255.255",
        "169.254.169.254",  # the cloud's metadata
        "169.254.20.10",  # node-local DNS
    )
)
DNS = Pod("kube-system", "coredns", {"k8s-app": "kube-dns"}, {"dns": (53, "UDP")}, "10.244.9.1")
FALSE_DNS = (
    Pod("kube-system", "other", {"k8s-app": "other"}, address="10.244.9.2"),
    Pod("default", "coredns", {"k8s-app": "kube-dns"}, address="10.244.9.3"),
)
FOREIGN = Pod("discord-bot", "foreign", {"app": "foreign"}, {"http": (8080, "TCP")}, "10.244.9.4")
"""Somebody's pod in the namespace: no policy of a workload selects it."""
ELSEWHERE = Pod("default", "stranger", {"app.kubernetes.io/name": "stoat-api"}, address="10.244.9.5")
"""A pod of another namespace with the labels of one of ours."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """What the graph of an environment asks for."""

    program: Program
    pods: dict[str, Pod]

    def reaches(self, source: str, target: str, port: int, protocol: str) -> bool:
        """Whether an edge leads from one document's pods to a port of another's."""
        owners = self._document(source), self._document(target)
        numbers = container_ports(self.program.resources[owners[1]])
        return any(
            edge.target == owners[1]
            and (numbers[edge.port].container_port, numbers[edge.port].protocol) == (port, protocol)
            for edge in self.program.edges_from(owners[0], EdgeKind.TRAFFIC)
        )

    def reaches_address(self, source: str, address: Address, port: int, protocol: str) -> bool:
        """Whether an edge leads from a document's pods to an address outside of the cluster."""
        found = ipaddress.ip_address(address.address)
        edges = self.program.edges_from(self._document(source), EdgeKind.TRAFFIC)
        dns = self.program.platform.settings.network.dns
        if edges and port == dns.port and any(found in ipaddress.ip_network(cidr) for cidr in dns.cidrs):
            return True
        return protocol == "TCP" and any(
            isinstance(edge.target, Outside)
            and port in edge.target.ports
            and any(found in ipaddress.ip_network(cidr) for cidr in edge.target.cidrs)
            and not any(found in ipaddress.ip_network(cidr) for cidr in edge.target.excluded)
            for edge in edges
        )

    def reaches_dns(self, source: str) -> bool:
        """Whether the pods have somewhere to connect to, so that they need names."""
        return bool(self.program.edges_from(self._document(source), EdgeKind.TRAFFIC))

    def reaches_service(self, source: str, service: DocumentId) -> bool:
        """Whether an edge leads to an ExternalService."""
        return any(edge.target == service for edge in self.program.edges_from(self._document(source), EdgeKind.TRAFFIC))

    def public(self, target: str) -> set[int]:
        """The pod's ports that a load balancer leads to."""
        resource = self.program.resources[self._document(target)]
        if resource.id.kind != "Workload" or resource.spec.service.type == "ClusterIP":
            return set()
        return {port.container_port for plan in services(resource) for port in plan.ports}

    def _document(self, name: str) -> DocumentId:
        return self._documents[name]

    @cached_property
    def _documents(self) -> dict[str, DocumentId]:
        return {one.name: one for one in self.program.resources if one.kind in {"Workload", "Job"}}


def differences(expectation: Expectation, network: Network, names: Collection[str] | None = None) -> Iterator[str]:
    """Every connection that is allowed against the graph, or denied against it, while it is found.

    With `names`, only connections from or to these pods are tried.
    """
    chosen = set(expectation.pods) if names is None else set(names)
    for source, target, port, protocol, wanted in _attempts(expectation, chosen):
        if network.allows(source, target, port, protocol) is not wanted:
            yield f"{source} -> {target} on {port}/{protocol} is {'denied' if wanted else 'allowed'}"


Attempt = tuple[Peer, Peer, int, str, bool]


def _attempts(expectation: Expectation, chosen: set[str]) -> Iterator[Attempt]:
    pods = expectation.pods
    for source in pods:
        for target in pods:
            if source in chosen or target in chosen:
                yield from _between(expectation, source, target)
    for name in chosen:
        yield from _outwards(expectation, name)
        yield from _inwards(expectation, name)


def _ports(pod: Pod) -> list[int]:
    return sorted({*UNDECLARED, *(number for number, _ in pod.ports.values())})


def _between(expectation: Expectation, source: str, target: str) -> Iterator[Attempt]:
    pod = expectation.pods[target]
    if source == target:  # another replica: a pod always reaches itself
        pod = Pod(pod.namespace, f"{pod.name}-2", pod.labels, pod.ports, "10.244.2.1")
    for port in _ports(pod):
        for protocol in PROTOCOLS:
            wanted = expectation.reaches(source, target, port, protocol)
            yield expectation.pods[source], pod, port, protocol, wanted


def _outwards(expectation: Expectation, name: str) -> Iterator[Attempt]:
    pod = expectation.pods[name]
    for protocol in PROTOCOLS:
        yield pod, DNS, 53, protocol, expectation.reaches_dns(name)
        yield pod, DNS, 9153, protocol, False
        for other in FALSE_DNS:
            yield pod, other, 53, protocol, False
        for address in OUTSIDE:
            for port in (22, 25, 53, 80, 443, 6443, 8080):
                yield pod, address, port, protocol, expectation.reaches_address(name, address, port, protocol)
    for port in (443, 8080, *UNDECLARED):
        for other in (FOREIGN, ELSEWHERE):
            yield pod, other, port, "TCP", False
    for resource in expectation.program.platform.resources:
        if resource.id.kind == "ExternalService":
            yield from _to_service(expectation, name, resource)


def _to_service(expectation: Expectation, name: str, resource: Any) -> Iterator[Attempt]:
    pod, spec = expectation.pods[name], resource.spec
    labels = dict(spec.pod_labels)
    wanted = expectation.reaches_service(name, resource.id)
    served = Pod(spec.namespace, resource.name, labels, address="10.244.9.6")
    for port in (80, 443, 4000, spec.target_port):
        yield pod, served, port, "TCP", wanted and port == spec.target_port
    yield pod, served, spec.target_port, "UDP", False
    yield pod, Pod(spec.namespace, "beside", {"app": "beside"}, address="10.244.9.7"), spec.target_port, "TCP", False
    yield pod, Pod("default", "false", labels, address="10.244.9.8"), spec.target_port, "TCP", False


def _inwards(expectation: Expectation, name: str) -> Iterator[Attempt]:
    pod, public = expectation.pods[name], expectation.public(name)
    for port in _ports(pod):
        peers: tuple[Peer, ...] = (*OUTSIDE, ELSEWHERE, DNS)
        for source in peers:
            yield source, pod, port, "TCP", port in public
            yield source, pod, port, "UDP", False
