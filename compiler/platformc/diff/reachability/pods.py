"""pods: the objects of a cluster -> its endpoints, policies and namespaces.

In      the objects of one cluster in two states, of any shape.
Out     two Networks: the pods of each template, and the pods of others that a policy is about.
Never   takes an unknown controller for none: whatever has a pod template makes pods.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, labels, mapping, number, sequence, text
from platformc.check.policies.policy import POD_PATHS
from platformc.diff.reachability.network import NAMESPACE_NAME, ContainerPort, Endpoint, Network
from platformc.diff.reachability.policies import PodPeer, Policy, read_policy
from platformc.diff.reachability.selectors import Selector
from platformc.language.nodes import KeyPath
from platformc.snapshot import ObjectKey

Objects = Mapping[ObjectKey, Mapping[str, Any]]

TEMPLATE: KeyPath = ("spec", "template", "spec")
JOB_LABELS = ("batch.kubernetes.io/job-name", "job-name")
"""What the controller of Jobs adds to their pods. Kubernetes docs, "Jobs"."""
DNS = ("k8s-app", "kube-dns")
"""The label of the cluster's DNS server, CoreDNS as well. Kubernetes docs, "Debugging DNS Resolution"."""
OTHERS = "~any other pod of the cluster"
"""The endpoint of pods that nothing names, in namespaces that nothing is known of."""
IN_NAMESPACE = "~other pods in "
"""How the endpoints of pods begin that nothing names, one for each namespace."""
NETWORK_POLICY = ("networking.k8s.io", "NetworkPolicy")


def pod_path(kind: str, found: Mapping[str, Any]) -> KeyPath | None:
    """The path of an object's pod spec; None if it makes no pods."""
    path = POD_PATHS.get(kind, TEMPLATE)
    spec = below(found, *(str(step) for step in path))
    if not isinstance(spec, dict) or (kind not in POD_PATHS and not sequence(spec.get("containers"))):
        return None
    return path


def networks(before: Objects, after: Objects) -> tuple[Network, Network]:
    """One cluster in two states, with the same names for the same pods, and the same pods of others."""
    states = (before, after)
    twice = {place for objects in states for place in _ambiguous(objects)}
    own = [tuple(_own(objects, twice)) for objects in states]
    old = dict(_policies(before, {}, {}))
    policies = [tuple(old.values()), tuple(dict(_policies(after, before, old)).values())]
    namespaces = [_namespaces(objects) for objects in states]
    known = [Network(own[side], policies[side], namespaces[side]) for side in (0, 1)]
    foreign = {one.endpoint.id: one for one in _foreign(known)}
    spaces = {one.endpoint.namespace: one.namespace_labels for one in foreign.values()}
    endpoints = [one.endpoint for one in foreign.values()]
    first, second = (
        Network((*own[side], *endpoints), policies[side], {**spaces, **namespaces[side]}) for side in (0, 1)
    )
    return first, second


def _with_pods(objects: Objects) -> Iterator[tuple[ObjectKey, Mapping[str, Any], KeyPath]]:
    for key, found in objects.items():
        path = pod_path(key.kind, found)
        if path is not None:
            yield key, found, path


def _ambiguous(objects: Objects) -> Iterator[tuple[str, str]]:
    """Names that two controllers have in one namespace."""
    names = Counter((key.namespace, key.name) for key, _, _ in _with_pods(objects))
    yield from (place for place, count in names.items() if count > 1)


def _own(objects: Objects, twice: set[tuple[str, str]]) -> Iterator[Endpoint]:
    for key, found, path in _with_pods(objects):
        spec = mapping(below(found, *(str(step) for step in path)))
        metadata = below(found, *(str(step) for step in path[:-1]), "metadata")
        own = dict(labels(below(metadata, "labels")))
        if key.kind == "Job":
            own |= dict.fromkeys(JOB_LABELS, key.name)
        name = f"{key.namespace}/{key.name}"
        if (key.namespace, key.name) in twice:
            name = f"{name} ({key.kind})"
        yield Endpoint(name, name, key, key.namespace, own, tuple(_ports(spec)), spec.get("hostNetwork") is True)


def _ports(spec: Mapping[str, Any]) -> Iterator[ContainerPort]:
    for container in (*sequence(spec.get("initContainers")), *sequence(spec.get("containers"))):
        for one in sequence(mapping(container).get("ports")):
            port = mapping(one)
            if (found := number(port.get("containerPort"))) is not None:
                yield ContainerPort(text(port.get("name")), text(port.get("protocol")) or "TCP", found)


def _policies(
    objects: Objects, others: Objects, known: Mapping[ObjectKey, Policy]
) -> Iterator[tuple[ObjectKey, Policy]]:
    """The policies of one state; one that the other state has alike is read once for both."""
    for key, found in objects.items():
        if (key.group, key.kind) == NETWORK_POLICY:
            same = key in known and others[key] == found
            yield key, known[key] if same else read_policy(key, found.get("spec"))


def _namespaces(objects: Objects) -> Mapping[str, Mapping[str, str]]:
    return {
        key.name: dict(labels(below(found, "metadata", "labels")))
        for key, found in objects.items()
        if key.kind == "Namespace" and not key.group
    }


@dataclass(frozen=True, slots=True)
class _Foreign:
    """Pods that this platform does not make, and the labels of their namespace."""

    endpoint: Endpoint
    namespace_labels: Mapping[str, str]


def _foreign(known: Sequence[Network]) -> Iterator[_Foreign]:
    """The pods of others that a policy is about, and those that none names, in each namespace and elsewhere."""
    yield _made(OTHERS[1:], "", {}, {})
    spaces = {one.namespace for network in known for one in network.endpoints.values()}
    spaces |= {key.namespace for network in known for key in network.policies}
    for space in sorted(spaces):
        yield _made(f"{IN_NAMESPACE[1:]}{space}", space, {}, {NAMESPACE_NAME: space})
    peers = {
        (policy.key.namespace if peer.namespaces is None else peer.namespaces, peer.pods)
        for network in known
        for policy in network.policies.values()
        for rules in policy.rules.values()
        for rule in rules
        for peer in rule.peers or ()
        if isinstance(peer, PodPeer)
    }
    for where, pods in peers:
        if any(network.select(where, pods) for network in known):
            continue  # pods of our own are meant
        own, around = pods.example(), _space_of(where)
        if own is None or around is None:
            continue  # nothing can satisfy it
        name, its_labels = around
        yield _made(f"{_pods(pods)} in {name}", its_labels.get(NAMESPACE_NAME, f"~{name}"), own, its_labels)


def _made(name: str, namespace: str, own: Mapping[str, str], around: Mapping[str, str]) -> _Foreign:
    return _Foreign(Endpoint(f"~{name}", name, None, namespace, own, (), on_node=False), around)


def _pods(pods: Selector) -> str:
    if pods.labels == (DNS,) and not pods.requirements:
        return "the DNS server"
    return f"pods with {pods}" if pods.keys else "any pod"


def _space_of(where: str | Selector) -> tuple[str, Mapping[str, str]] | None:
    """What a namespace is called, and its labels."""
    if isinstance(where, str):
        return where, {NAMESPACE_NAME: where}
    found = where.example()
    if found is None:
        return None
    if where.keys == {NAMESPACE_NAME}:
        names = [found[NAMESPACE_NAME]] if NAMESPACE_NAME in found else []
        names = sorted({*names, *(value for one in where.requirements for value in one.values)}) or ["any namespace"]
        return "/".join(names), found
    return (f"namespaces with {where}" if where.keys else "any namespace"), found
