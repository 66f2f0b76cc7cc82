"""entrances: the ways from outside of a cluster to its pods.

In      the objects of one cluster, and its Network.
Out     Entrances: from which addresses, through what, to which port of which pods, as far as policies let it through.
Never   guesses that a load balancer is private: only an annotation that says so makes it that.

Source: Kubernetes docs, "Service" and "Ingress"; KEP-1435; the annotations, of the cloud controllers named below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, labels, mapping, number, sequence, text, texts
from platformc.diff.reachability.network import ContainerPort, Endpoint, Network
from platformc.diff.reachability.pods import Objects, pod_path
from platformc.diff.reachability.policies import Direction
from platformc.diff.reachability.ranges import (
    EVERY_ADDRESS,
    EVERY_PORT,
    INSIDE,
    NOTHING,
    RangeSet,
    addresses,
    ports,
)
from platformc.diff.reachability.selectors import Selector
from platformc.language.nodes import KeyPath
from platformc.snapshot import ObjectKey

PRIVATE = (
    ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
    ("networking.gke.io/load-balancer-type", "internal"),
    ("cloud.google.com/load-balancer-type", "internal"),
    ("service.beta.kubernetes.io/do-loadbalancer-network", "internal"),
    ("service.beta.kubernetes.io/openstack-internal-load-balancer", "true"),
)
"""Annotations that keep a load balancer inside of a private network, compared without case."""
RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges"
"""The older form of spec.loadBalancerSourceRanges. Kubernetes docs, "Well-Known Labels, Annotations and Taints"."""
GATEWAY_API = "gateway.networking.k8s.io"
ROUTES = frozenset({"GRPCRoute", "HTTPRoute", "TCPRoute", "TLSRoute", "UDPRoute"})


@dataclass(frozen=True, slots=True)
class Entrance:
    """One way in."""

    id: str
    """The same in both states."""
    via: str
    """For people: `the LoadBalancer stoat-caddy`."""
    outer: str
    """Where a client connects to: `443/TCP`, `30080/TCP of every node`."""
    key: ObjectKey
    """The object that opens it."""
    path: KeyPath
    """Its place in that object."""
    target: Endpoint
    inner: RangeSet
    """The ports of the pods."""
    sources: RangeSet
    """The addresses that can use it, after the policies of the pods."""


def entrances(objects: Objects, network: Network) -> Iterator[Entrance]:
    """All ways in that are open to somebody."""
    services = {
        (key.namespace, key.name): found for key, found in objects.items() if key.kind == "Service" and not key.group
    }
    for key, found in objects.items():
        if key.kind == "Service" and not key.group:
            yield from _service(key, found, network)
        elif key.kind == "Ingress" or (key.group == GATEWAY_API and key.kind in ROUTES):
            for name, port in _backends(found):
                service = services.get((key.namespace, name))
                if service is not None:
                    yield from _proxied(key, service, port, network)
    for one in network.endpoints.values():
        if one.key is not None:
            yield from _on_node(one, objects[one.key])


def _service(key: ObjectKey, found: Mapping[str, Any], network: Network) -> Iterator[Entrance]:
    spec = mapping(found.get("spec"))
    kind = text(spec.get("type")) or "ClusterIP"
    outside = texts(spec.get("externalIPs"))
    if kind not in {"LoadBalancer", "NodePort"} and not outside:
        return
    keeps_source = spec.get("externalTrafficPolicy") == "Local"
    targets = [network.endpoints[one] for one in sorted(selected(key.namespace, spec, network))]
    for position, port in enumerate(sequence(spec.get("ports"))):
        for target in targets:
            inner = target_ports(port, target)
            for via, outer, sources, path in _ways(key, kind, found, port):
                let_in = _let_in(network, target, inner, sources, keeps_source=keeps_source)
                if let_in:
                    place = ("spec", *(path or ("ports", position)))
                    yield Entrance(f"{key} {outer} {target.id}", via, outer, key, place, target, inner, let_in)


def _ways(
    key: ObjectKey, kind: str, found: Mapping[str, Any], port: Any
) -> Iterator[tuple[str, str, RangeSet, KeyPath]]:
    """How a port of a Service is reached from outside: through what, at which port, from where; and what says so."""
    spec, protocol = mapping(found.get("spec")), text(mapping(port).get("protocol")) or "TCP"
    given, node_port = number(mapping(port).get("port")), number(mapping(port).get("nodePort"))
    if kind == "LoadBalancer":
        yield f"the LoadBalancer {key.name}", f"{given}/{protocol}", _balanced(found), ("type",)
    allocated = spec.get("allocateLoadBalancerNodePorts") is not False
    if kind == "NodePort" or (kind == "LoadBalancer" and node_port is not None and allocated):
        at = node_port if node_port is not None else "a port"
        sources = _balanced(found) if kind == "LoadBalancer" else EVERY_ADDRESS  # kube-proxy filters both (KEP-1435)
        yield f"the NodePort {key.name}", f"{at}/{protocol} of every node", sources, ("type",)
    for one in texts(spec.get("externalIPs")):
        yield f"the external address of {key.name}", f"{given}/{protocol} of {one}", EVERY_ADDRESS, ("externalIPs",)


def _balanced(found: Mapping[str, Any]) -> RangeSet:
    """The addresses that a load balancer lets in; a range that nobody can read lets everyone in, so that it is said."""
    notes = mapping(below(found, "metadata", "annotations"))
    ranges = texts(below(found, "spec", "loadBalancerSourceRanges"))
    ranges = ranges or [one for one in text(notes.get(RANGES)).split(",") if one.strip()]
    sources = EVERY_ADDRESS
    if ranges:
        sources = NOTHING
        for one in ranges:
            try:
                sources |= addresses(one.strip())
            except ValueError:
                sources = EVERY_ADDRESS
    if any(text(notes.get(name)).lower() == value for name, value in PRIVATE):
        sources &= INSIDE
    return sources


def selected(namespace: str, spec: Mapping[str, Any], network: Network) -> frozenset[str]:
    """The endpoints of a Service; none without a selector, as its addresses are then made by somebody else."""
    wanted = labels(spec.get("selector"))
    if not wanted:
        return frozenset()
    return network.select(namespace, Selector(tuple(sorted(wanted))))


def target_ports(port: Any, target: Endpoint) -> RangeSet:
    """The ports of the pods behind a port of a Service."""
    one = mapping(port)
    protocol = text(one.get("protocol")) or "TCP"
    wanted = one.get("targetPort", one.get("port"))
    if isinstance(wanted, str):
        return _named(target.ports, wanted, protocol)
    found = number(wanted)
    return ports(protocol, found) if found is not None else NOTHING


def _named(given: tuple[ContainerPort, ...], name: str, protocol: str) -> RangeSet:
    found = NOTHING
    for one in given:
        if (one.name, one.protocol) == (name, protocol):
            found |= ports(protocol, one.number)
    return found


def _let_in(network: Network, target: Endpoint, inner: RangeSet, sources: RangeSet, *, keeps_source: bool) -> RangeSet:
    """The sources that policies let through to a port of pods.

    Unless a Service keeps the source's address, policies see that of a node: whether they then let everyone in or nobody
    depends on the CNI, so one that lets some address in counts as letting all in.
    """
    allowed = NOTHING
    for _, _, found, open_ports in network.outside(target.id, Direction.INGRESS):
        if open_ports & inner:
            allowed |= found
    return sources & allowed if keeps_source or not allowed else sources


def _backends(found: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The Services behind an Ingress or a Route, each with its port."""
    spec = mapping(found.get("spec"))
    backends = [spec.get("defaultBackend")]
    for rule in sequence(spec.get("rules")):
        backends += [mapping(one).get("backend") for one in sequence(below(rule, "http", "paths"))]
        for one in sequence(mapping(rule).get("backendRefs")):
            yield text(mapping(one).get("name")), mapping(one).get("port")
    for backend in backends:
        service = mapping(mapping(backend).get("service"))
        port = mapping(service.get("port"))
        yield text(service.get("name")), port.get("number", port.get("name"))


def _proxied(key: ObjectKey, service: Mapping[str, Any], wanted: Any, network: Network) -> Iterator[Entrance]:
    """What an Ingress controller offers. Which pods it is, nobody says: who lets any pod in may let it in."""
    spec = mapping(service.get("spec"))
    for port in sequence(spec.get("ports")):
        if wanted not in (mapping(port).get("port"), mapping(port).get("name"), None):
            continue
        for one in sorted(selected(key.namespace, spec, network)):
            target = network.endpoints[one]
            inner = target_ports(port, target)
            if _admits_somebody(network, target, inner):
                via = f"the {key.kind} {key.name}"
                outer = f"{mapping(port).get('port')}/{text(mapping(port).get('protocol')) or 'TCP'} of its Service"
                yield Entrance(f"{key} {outer} {one}", via, outer, key, ("spec",), target, inner, EVERY_ADDRESS)


def _admits_somebody(network: Network, target: Endpoint, inner: RangeSet) -> bool:
    rules = network.rules(target.id, Direction.INGRESS)
    return rules is None or any(rule.ports & inner or rule.named for _, rule in rules)


def _on_node(one: Endpoint, found: Mapping[str, Any]) -> Iterator[Entrance]:
    """Ports of nodes: of pods on the node's network all, of others those with a hostPort."""
    if one.key is None:
        return
    if one.on_node:
        via = "the network of its nodes"
        place = ("spec",)
        yield Entrance(
            f"{one.id} node", via, "every port that it opens", one.key, place, one, EVERY_PORT, EVERY_ADDRESS
        )
        return
    for port in host_ports(found, one.key.kind):
        protocol = text(port.get("protocol")) or "TCP"
        inner, outer = ports(protocol, number(port.get("containerPort")) or 0), f"{port['hostPort']}/{protocol}"
        yield Entrance(f"{one.id} {outer}", "a port of its nodes", outer, one.key, ("spec",), one, inner, EVERY_ADDRESS)


def host_ports(found: Mapping[str, Any], kind: str) -> Iterator[Mapping[str, Any]]:
    """The ports of an object's containers that are ports of the node as well."""
    path = pod_path(kind, found)
    spec = mapping(below(found, *(str(step) for step in path or ())))
    for container in (*sequence(spec.get("initContainers")), *sequence(spec.get("containers"))):
        for port in sequence(mapping(container).get("ports")):
            if number(mapping(port).get("hostPort")):
                yield mapping(port)
