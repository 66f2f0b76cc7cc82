"""NetworkPolicies, evaluated as a network plugin does.

In      NetworkPolicy objects, namespaces with labels, pods with labels and ports.
Out     whether a connection is allowed.
Never   looks at Services: a policy sees the pod and its own port, after the Service is resolved.

Source of all rules: Kubernetes docs, "Network Policies", and the API reference of NetworkPolicy v1.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from rendered_platform import CONTROLLERS, pod_template

NAMESPACE_NAME = "kubernetes.io/metadata.name"
JSON = Mapping[str, Any]


@dataclass(frozen=True)
class Pod:
    """A pod. `ports` are those that it declares, by name: a number and a protocol."""

    namespace: str
    name: str
    labels: Mapping[str, str]
    ports: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    address: str = "10.244.0.1"

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True)
class Address:
    """Something that is no pod of the cluster."""

    address: str

    def __str__(self) -> str:
        return self.address


Peer = Pod | Address


@dataclass(frozen=True, eq=False)
class Network:
    """What a network plugin knows.

    With `ranges_match_pods` an ipBlock is held against the addresses of pods as well: the
    documentation leaves that open, and plugins differ.
    """

    policies: tuple[JSON, ...]
    namespaces: Mapping[str, Mapping[str, str]]
    ranges_match_pods: bool = False
    known: dict[tuple[str, frozenset[tuple[str, str]], str], list[JSON]] = field(default_factory=dict)
    """The policies that select pods with certain labels, once they were looked up."""

    def allows(self, source: Peer, target: Peer, port: int, protocol: str = "TCP") -> bool:
        """Whether `source` may open a connection to `target`: both sides must allow it.

        A pod always reaches itself.
        """
        if source == target:
            return True
        return all(self._allowed(direction, source, target, port, protocol) for direction in ("Egress", "Ingress"))

    def isolating(self, pod: Pod, direction: str) -> list[JSON]:
        """The policies that select a pod for a direction; without any, everything is allowed."""
        key = (pod.namespace, frozenset(pod.labels.items()), direction)
        if key not in self.known:
            self.known[key] = [
                policy
                for policy in self.policies
                if policy["metadata"]["namespace"] == pod.namespace
                and selects(policy["spec"]["podSelector"], pod.labels)
                and direction in _types(policy["spec"])
            ]
        return self.known[key]

    def _allowed(self, direction: str, source: Peer, target: Peer, port: int, protocol: str) -> bool:
        pod, other = (source, target) if direction == "Egress" else (target, source)
        if isinstance(pod, Address):
            return True  # no policy is about what is outside
        policies = self.isolating(pod, direction)
        if not policies:
            return True
        peers, rules = ("from", "ingress") if direction == "Ingress" else ("to", "egress")
        return any(
            self._peers(rule.get(peers), policy["metadata"]["namespace"], other)
            and _ports(rule.get("ports"), target, port, protocol)
            for policy in policies
            for rule in policy["spec"].get(rules) or []
        )

    def _peers(self, peers: list[JSON] | None, namespace: str, other: Peer) -> bool:
        return not peers or any(self._peer(peer, namespace, other) for peer in peers)

    def _peer(self, peer: JSON, namespace: str, other: Peer) -> bool:
        if "ipBlock" in peer:
            is_known = isinstance(other, Address) or self.ranges_match_pods
            return is_known and in_block(peer["ipBlock"], other.address)
        if isinstance(other, Address):
            return False
        if "namespaceSelector" in peer:
            labels = {NAMESPACE_NAME: other.namespace, **self.namespaces.get(other.namespace, {})}
            if not selects(peer["namespaceSelector"], labels):
                return False
        elif other.namespace != namespace:
            return False
        return selects(peer.get("podSelector", {}), other.labels)


def _types(spec: JSON) -> list[str]:
    """The directions of a policy: without policyTypes, ingress, and egress where it has egress rules."""
    given: list[str] = spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]
    return given


def selects(selector: JSON, labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == text for key, text in wanted.items()) and all(
        _expression(expression, labels) for expression in selector.get("matchExpressions") or []
    )


def _expression(expression: JSON, labels: Mapping[str, str]) -> bool:
    key, operator = expression["key"], expression["operator"]
    if operator == "In":
        return labels.get(key) in expression["values"]
    if operator == "NotIn":
        return labels.get(key) not in expression["values"]
    if operator not in {"Exists", "DoesNotExist"}:
        raise ValueError(f"a selector cannot say {operator}")
    return (key in labels) is (operator == "Exists")


def in_block(block: JSON, address: str) -> bool:
    """Whether an address is in an ipBlock's range and in none of its exceptions."""
    return _is_in(block["cidr"], address) and not any(
        _is_in(excluded, address) for excluded in block.get("except") or []
    )


@cache
def _is_in(block: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(block)


def _ports(ports: list[JSON] | None, target: Peer, port: int, protocol: str) -> bool:
    return not ports or any(_port(one, target, port, protocol) for one in ports)


def _port(one: JSON, target: Peer, port: int, protocol: str) -> bool:
    if one.get("protocol", "TCP") != protocol:
        return False
    wanted = one.get("port")
    if wanted is None:
        return True
    if isinstance(wanted, str):
        return isinstance(target, Pod) and target.ports.get(wanted) == (port, protocol)
    return port in range(wanted, one.get("endPort", wanted) + 1)


def pods_of(objects: Iterable[JSON]) -> dict[str, Pod]:
    """One pod for each Deployment, StatefulSet, Job and CronJob, by its name, each at an address of its own."""
    found: dict[str, Pod] = {}
    for number, controller in enumerate((one for one in objects if one["kind"] in CONTROLLERS), start=1):
        template = pod_template(controller)
        metadata = controller["metadata"]
        ports = {
            port["name"]: (port["containerPort"], port["protocol"])
            for container in template["spec"]["containers"]
            for port in container.get("ports", [])
        }
        if template["spec"].get("hostNetwork"):
            raise ValueError("policies do not hold for a pod on the node's own network")
        labels = template["metadata"]["labels"]
        found[metadata["name"]] = Pod(metadata["namespace"], metadata["name"], labels, ports, f"10.244.1.{number}")
    return found


def network_of(objects: Iterable[JSON], *, ranges_match_pods: bool = False) -> Network:
    """The network with all policies and namespaces that are among the objects."""
    every = list(objects)
    return Network(
        tuple(one for one in every if one["kind"] == "NetworkPolicy"),
        {one["metadata"]["name"]: one["metadata"].get("labels", {}) for one in every if one["kind"] == "Namespace"},
        ranges_match_pods,
    )


def behind(service: JSON, pods: Iterable[Pod]) -> dict[int, list[tuple[Pod, int]]]:
    """The pods and their ports behind each port of a Service."""
    namespace, spec = service["metadata"]["namespace"], service["spec"]
    chosen = [
        pod for pod in pods if pod.namespace == namespace and selects({"matchLabels": spec["selector"]}, pod.labels)
    ]
    return {port["port"]: [(pod, _target_port(port, pod)) for pod in chosen] for port in spec["ports"]}


def _target_port(port: JSON, pod: Pod) -> int:
    wanted = port.get("targetPort", port["port"])
    if isinstance(wanted, int):
        return wanted
    number, protocol = pod.ports[wanted]
    if protocol != port["protocol"]:
        raise ValueError(f"the port {wanted} of {pod} speaks {protocol}")
    return number
