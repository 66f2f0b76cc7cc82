"""network_objects: pods, policies and namespaces for tests of reachability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.snapshot import ObjectKey

Objects = dict[ObjectKey, Mapping[str, Any]]


def pod(name: str, namespace: str = "a", **spec: Any) -> Objects:
    """A Pod, labelled with its name."""
    metadata = {"labels": {"name": name}}
    return {ObjectKey("c", "", "Pod", namespace, name): {"metadata": metadata, "spec": spec}}


def policy(name: str, spec: Any, namespace: str = "a") -> Objects:
    """A NetworkPolicy."""
    return {ObjectKey("c", "networking.k8s.io", "NetworkPolicy", namespace, name): {"spec": spec}}


def namespace(name: str, **labels: str) -> Objects:
    """A Namespace."""
    return {ObjectKey("c", "", "Namespace", "", name): {"metadata": {"labels": labels}}}
