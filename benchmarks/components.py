"""components: the platform that is measured, as plain values.

In      a number of components.
Out     Components, and the five objects that every tool has to write for one.
Never   writes a file; knows how any tool wants to be told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

JSON = Any

IN_ONE_APPLICATION = 50
PORT = 8080
PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16")
CHECKSUM = "platformc.dev/config-checksum"
KINDS = ("ConfigMap", "Deployment", "NetworkPolicy", "Service", "ServiceAccount")
EARLY = {"argocd.argoproj.io/sync-wave": "-3"}


@dataclass(frozen=True, slots=True)
class Component:
    """One workload with its settings. Within an application each calls the one before it."""

    number: int
    name: str
    application: str
    namespace: str
    image: str
    calls: str | None
    called_by: str | None

    @property
    def settings(self) -> str:
        """Its settings.toml."""
        return f'name = "{self.name}"\n\n[limits]\nrequests = {self.number}\nburst = 20\n'

    @property
    def checksum(self) -> str:
        """Of its settings; every tool has its own way, and sixteen digits are what they share."""
        return hashlib.sha256(self.settings.encode()).hexdigest()[:16]


def components(count: int) -> tuple[Component, ...]:
    """The first `count` components, in order; the same ones on each call."""
    return tuple(_component(number, count) for number in range(count))


def objects(component: Component) -> tuple[JSON, ...]:
    """What a tool has to write for one component: one object of each of KINDS, in that order."""
    return (
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": _metadata(component, "config", EARLY),
            "data": {"settings.toml": component.settings},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": _metadata(component, "workload"),
            "spec": {
                "replicas": 1,
                "revisionHistoryLimit": 3,
                "strategy": {
                    "type": "RollingUpdate",
                    "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
                },
                "selector": {"matchLabels": selector(component.name)},
                "template": {
                    "metadata": {
                        "labels": _labels(component, "workload"),
                        "annotations": {CHECKSUM: component.checksum},
                    },
                    "spec": _pod(component),
                },
            },
        },
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": _metadata(component, "workload", EARLY),
            "spec": _network_policy(component),
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _metadata(component, "workload"),
            "spec": {
                "type": "ClusterIP",
                "selector": selector(component.name),
                "ports": [{"name": "http", "port": PORT, "targetPort": "http", "protocol": "TCP"}],
            },
        },
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": _metadata(component, "workload", EARLY),
            "automountServiceAccountToken": False,
        },
    )


def selector(name: str) -> dict[str, str]:
    """What selects the pods of a component."""
    return {"app.kubernetes.io/name": name}


def _component(number: int, count: int) -> Component:
    application, place = divmod(number, IN_ONE_APPLICATION)
    last = place == IN_ONE_APPLICATION - 1 or number == count - 1
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    return Component(
        number,
        _name(number),
        f"app{application:03d}",
        f"ns{application:03d}",
        f"registry.example.com/team/{_name(number)}:1.{number}.0@sha256:{digest}",
        _name(number - 1) if place else None,
        None if last else _name(number + 1),
    )


def _name(number: int) -> str:
    return f"c{number:05d}"


def _labels(component: Component, role: str) -> dict[str, str]:
    return {
        "app": component.name,
        "app.kubernetes.io/component": role,
        "app.kubernetes.io/managed-by": "platformc",
        "app.kubernetes.io/name": component.name,
        "app.kubernetes.io/part-of": component.application,
    }


def _metadata(component: Component, role: str, annotations: dict[str, str] | None = None) -> JSON:
    metadata: dict[str, JSON] = {
        "name": component.name,
        "namespace": component.namespace,
        "labels": _labels(component, role),
    }
    return {**metadata, "annotations": annotations} if annotations else metadata


def _pod(component: Component) -> JSON:
    return {
        "serviceAccountName": component.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "runAsGroup": 1000,
            "fsGroup": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": component.name,
                "image": component.image,
                "ports": [{"name": "http", "containerPort": PORT, "protocol": "TCP"}],
                "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "PORT", "value": str(PORT)}],
                "resources": {
                    "requests": {"cpu": "100m", "memory": "128Mi"},
                    "limits": {"cpu": "500m", "memory": "256Mi"},
                },
                "volumeMounts": [
                    {
                        "name": f"config-{component.name}",
                        "mountPath": "/etc/settings.toml",
                        "subPath": "settings.toml",
                        "readOnly": True,
                    },
                    {"name": "scratch-tmp", "mountPath": "/tmp"},  # noqa: S108 - a path in a container
                ],
                "livenessProbe": {"httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": "http", "scheme": "HTTP"}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
            }
        ],
        "volumes": [
            {"name": f"config-{component.name}", "configMap": {"name": component.name, "defaultMode": 0o440}},
            {"name": "scratch-tmp", "emptyDir": {}},
        ],
    }


def _network_policy(component: Component) -> JSON:
    spec: dict[str, JSON] = {
        "podSelector": {"matchLabels": selector(component.name)},
        "policyTypes": ["Ingress", "Egress"],
    }
    if component.called_by:
        spec["ingress"] = [{"from": _pods(component.called_by), "ports": [{"protocol": "TCP", "port": PORT}]}]
    if component.calls:
        resolver = {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
        internet = {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(PRIVATE)}}
        spec["egress"] = [
            {"to": [resolver], "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}]},
            {"to": _pods(component.calls), "ports": [{"protocol": "TCP", "port": PORT}]},
            {"to": [internet], "ports": [{"protocol": "TCP", "port": 443}]},
        ]
    return spec


def _pods(name: str) -> Sequence[JSON]:
    return [{"podSelector": {"matchLabels": selector(name)}}]
