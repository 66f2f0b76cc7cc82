"""The network of this repository's platform: who connects to whom, before and after `isolation` is synced."""

from __future__ import annotations

from functools import cache
from typing import Any

from network_comparison import Expectation
from network_evaluator import Network, Pod, network_of, pods_of
from rendered_platform import Rendered, rendered

NAMESPACE = "discord-bot"
MONGODB, RABBITMQ, REDIS, MINIO = (
    ("stoat-mongodb", 27017),
    ("stoat-rabbitmq", 5672),
    ("redis", 6379),
    ("stoat-minio", 9000),
)
CONNECTIONS: dict[str, set[tuple[str, int]]] = {
    "discord-bot": {REDIS, ("dev-sandbox", 8777), ("dev-sandbox", 8779)},
    "dev-sandbox": set(),
    "redis": set(),
    "stoat-api": {MONGODB, REDIS, RABBITMQ, ("stoat-caddy", 8443)},
    "stoat-autumn": {MONGODB, MINIO},
    "stoat-caddy": {
        ("stoat-api", 14702),
        ("stoat-events", 14703),
        ("stoat-autumn", 14704),
        ("stoat-january", 14705),
        ("stoat-gifbox", 14706),
        ("stoat-web", 5000),
    },
    "stoat-crond": {MONGODB, MINIO},
    "stoat-events": {MONGODB, REDIS},
    "stoat-gifbox": {MONGODB},
    "stoat-january": set(),
    "stoat-minio": set(),
    "stoat-minio-create-buckets": {MINIO},
    "stoat-mongodb": set(),
    "stoat-pushd": {MONGODB, REDIS, RABBITMQ},
    "stoat-rabbitmq": set(),
    "stoat-web": set(),
}
"""Who connects to whom, on the ports that the programs listen on."""
INTERNET: dict[str, set[int]] = {
    "discord-bot": {443},
    "dev-sandbox": {80, 443},
    "stoat-api": {443},
    "stoat-caddy": {443},
    "stoat-gifbox": {443},
    "stoat-january": {80, 443},
    "stoat-pushd": {443},
}
KUBERNETES_API = {"discord-bot", "dev-sandbox"}
PRIVATE = ("10.0.0.0", "10.255.255.255", "172.16.0.1", "172.31.255.254", "192.168.0.1", "100.64.0.1", "169.254.169.254")
HTTPS = [{"protocol": "TCP", "port": 443}]
ISOLATED = (False, True)


def objects_of(platform: Rendered, *, isolated: bool) -> list[dict[str, Any]]:
    """The objects as long as the Application `isolation` is not synced, or after that."""
    return [one.object for one in platform.manifests if isolated or one.application != "isolation"]


@cache
def network(environment: str, *, isolated: bool, ranges_match_pods: bool = False) -> Network:
    """An environment's network."""
    return network_of(objects_of(rendered(environment), isolated=isolated), ranges_match_pods=ranges_match_pods)


@cache
def pods(environment: str) -> dict[str, Pod]:
    """An environment's pods."""
    return pods_of(rendered(environment).objects)


def expectation(environment: str) -> Expectation:
    """What an environment's graph asks for."""
    return Expectation(rendered(environment).program, pods(environment))
