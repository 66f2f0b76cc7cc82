"""Pass: one NetworkPolicy for each workload and job, exactly from the edges of the graph (D4).

Each isolates its pods in both directions and allows what its edges need in the same object, so
that adopting a running namespace interrupts nothing: the namespace-wide default-deny, for everything
that is not ours, is last, in an Application of its own.

Policies see pods, not Services: ports are the pods' own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from platformc.language import DocumentId, Resource
from platformc.language.models.workload import WorkloadSpec
from platformc.language.origin import because_of, derive_below
from platformc.link import Edge, EdgeKind, Outside, Program
from platformc.link.services import container_ports, services
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import WAVE_OF_ACCESS, labels, metadata, selector

ISOLATION = "isolation"
NAMESPACE_NAME = "kubernetes.io/metadata.name"
WITH_PODS = ("Workload", "Job", "RawManifest")

Rule = dict[str, Any]


def lower_network_policies(program: Program) -> Iterator[Manifest]:
    """The policies of all workloads and jobs, and the default-deny of each namespace."""
    for resource in program.platform.resources:
        if resource.id.kind not in WITH_PODS or not _isolated(program, resource.namespace):
            continue
        if resource.id.kind == "RawManifest" and not resource.spec.pod_labels:
            continue
        yield _policy(program, resource)
    for plan in program.namespaces.values():
        if plan.isolated:
            yield _default_deny(program, plan.creator)


def _isolated(program: Program, namespace: str) -> bool:
    plan = program.namespaces.get(namespace)
    return plan is not None and plan.isolated


def _policy(program: Program, resource: Resource[Any]) -> Manifest:
    spec: dict[str, Any] = {
        "podSelector": {"matchLabels": pod_labels(resource)},
        "policyTypes": ["Ingress", "Egress"],
    }
    ingress, egress = _ingress(program, resource), _egress(program, resource)
    if ingress:
        spec["ingress"] = ingress
    if egress:
        spec["egress"] = egress
    made = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(program, resource, resource.name, wave=WAVE_OF_ACCESS),
        "spec": spec,
    }
    return Manifest(made, resource.id, resource.id.application)


def pod_labels(resource: Resource[Any]) -> dict[str, str]:
    """The labels that select a document's pods."""
    return dict(resource.spec.pod_labels) if resource.id.kind == "RawManifest" else selector(resource)


def _default_deny(program: Program, creator: Resource[Any]) -> Manifest:
    made = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {
            "name": "default-deny",
            "namespace": creator.spec.namespace.name,
            "labels": labels(program, creator),
        },
        "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]},
    }
    return Manifest(made, creator.id, ISOLATION)


def _ingress(program: Program, resource: Resource[Any]) -> list[Rule]:
    """Who can connect, one rule for each port."""
    if resource.id.kind != "Workload":
        return []
    peers: dict[str, dict[DocumentId, list[Edge]]] = defaultdict(lambda: defaultdict(list))
    for edge in program.edges_to(resource.id, EdgeKind.TRAFFIC):
        peers[edge.port][edge.source].append(edge)
    public = _public_ports(resource)
    rules: list[Rule] = []
    for name, port in container_ports(resource).items():
        ports = [{"protocol": port.protocol, "port": port.container_port}]
        if name in public:
            # No `from`: everyone whom the load balancer lets through.
            rules.append({"ports": derive_below(ports, because_of(resource.spec.service.type))})
        elif peers.get(name):
            sources = [
                derive_below(_pods(program.resources[source], resource.namespace), *program.because(*edges))
                for source, edges in sorted(peers[name].items())
            ]
            because = program.because(*(edge for edges in peers[name].values() for edge in edges))
            inside = derive_below(sources, because_of(resource.spec.service.type))
            rules.append({"from": inside, "ports": derive_below(ports, *because)})
    return rules


def _public_ports(resource: Resource[WorkloadSpec]) -> set[str]:
    if resource.spec.service.type == "ClusterIP":
        return set()
    return {port.name for plan in services(resource) for port in plan.ports}


def _pods(resource: Resource[Any], namespace: str) -> dict[str, Any]:
    """A peer: the pods of a document, as seen from a namespace."""
    found: dict[str, Any] = {"podSelector": {"matchLabels": pod_labels(resource)}}
    if resource.namespace != namespace:
        found = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: resource.namespace}}, **found}
    return found


def _egress(program: Program, resource: Resource[Any]) -> list[Rule]:
    """Where the pods can connect to: DNS first, then one rule for each target."""
    edges = program.edges_from(resource.id, EdgeKind.TRAFFIC)
    if not edges:
        return []
    rules = [dns_rule(program)]
    inside: dict[DocumentId, dict[str, list[Edge]]] = defaultdict(lambda: defaultdict(list))
    for edge in edges:
        if isinstance(edge.target, DocumentId):
            inside[edge.target][edge.port].append(edge)
    for target, ports in inside.items():
        because = program.because(*(edge for found in ports.values() for edge in found))
        rules.append(derive_below(_to_document(resource, program.resources[target], ports), *because))
    rules += _to_outside(program, edges)
    return rules


def _to_document(resource: Resource[Any], other: Resource[Any], ports: Mapping[str, list[Edge]]) -> Rule:
    if other.id.kind == "ExternalService":
        return _external_service(other)
    numbers = container_ports(other)
    allowed = [
        derive_below(
            {"protocol": numbers[name].protocol, "port": numbers[name].container_port},
            *(edge.port for edge in ports[name]),
        )
        for name in sorted(ports)
    ]
    return {"to": [_pods(other, resource.namespace)], "ports": allowed}


def dns_rule(program: Program) -> Rule:
    """The rule for DNS."""
    dns = program.platform.settings.network.dns
    server: dict[str, Any] = {
        "namespaceSelector": {"matchLabels": {NAMESPACE_NAME: dns.namespace}},
        "podSelector": {"matchLabels": dict(dns.pod_labels)},
    }
    peers = [server, *({"ipBlock": {"cidr": cidr}} for cidr in dns.cidrs)]
    return {"to": peers, "ports": [{"protocol": "UDP", "port": dns.port}, {"protocol": "TCP", "port": dns.port}]}


def _external_service(resource: Resource[Any]) -> Rule:
    spec = resource.spec
    peers: list[dict[str, Any]] = [{"ipBlock": {"cidr": cidr}} for cidr in spec.cidrs]
    if spec.namespace:
        peer: dict[str, Any] = {"namespaceSelector": {"matchLabels": {NAMESPACE_NAME: spec.namespace}}}
        if spec.pod_labels:
            peer["podSelector"] = {"matchLabels": dict(spec.pod_labels)}
        peers.append(peer)
    return {"to": peers, "ports": [{"protocol": "TCP", "port": spec.target_port or spec.port}]}


def _to_outside(program: Program, edges: Iterable[Edge]) -> list[Rule]:
    """One rule for each set of addresses: the same ones on several ports are one rule."""
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[Edge]] = defaultdict(list)
    ports: dict[tuple[str, tuple[str, ...], tuple[str, ...]], set[int]] = defaultdict(set)
    for edge in edges:
        if isinstance(edge.target, Outside):
            key = (edge.target.name, edge.target.cidrs, edge.target.excluded)
            found[key].append(edge)
            ports[key] |= set(edge.target.ports)
    return [
        derive_below(addresses(Outside(*key, tuple(sorted(ports[key])))), *program.because(*found[key]))
        for key in sorted(found)
    ]


def addresses(outside: Outside) -> Rule:
    """The rules for addresses outside of all documents."""
    blocks = [
        {"ipBlock": {"cidr": cidr, **({"except": list(outside.excluded)} if outside.excluded else {})}}
        for cidr in outside.cidrs
    ]
    return {"to": blocks, "ports": [{"protocol": "TCP", "port": port} for port in outside.ports]}
