"""Leaves with a way of their own into the output: each names all that it was made from, and what caused it.

The specs in `every_field/` hold what the platform of this repository does not use.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from platformc.origins import Places
from platformc.origins.explain import Explainer
from platformc.pipeline import Request, load_sources

ROOT = Path(__file__).parents[2]
EVERY_FIELD = Path(__file__).parent / "every_field"

WEB = "bot/bot/deployment-web.yaml"
LOGIN = "bot/bot/sealedsecret-login.yaml"
METRICS = "bot/bot/service-metrics-service.yaml"
REDIS = "store/bot/statefulset-redis.yaml"
POD = ("spec", "template", "spec")

# File and path -> what stands at each of its origins.
LEAVES: dict[tuple[str, tuple[str | int, ...]], set[str]] = {
    ("bot/bot/configmap-texts.yaml", ("data", "app.sh")): {'"echo ${HOME} costs"'},
    (WEB, (*POD, "volumes", 1, "name")): {"bot/texts"},
    (WEB, (*POD, "volumes", 1, "configMap", "name")): {"bot/texts"},
    (WEB, (*POD, "volumes", 2, "name")): {"first", "/cache"},
    (WEB, (*POD, "containers", 0, "volumeMounts", 0, "name")): {"first", "/cache"},
    (WEB, (*POD, "volumes", 5, "secret", "secretName")): {"bot/login"},
    (WEB, (*POD, "containers", 0, "env", 0, "valueFrom", "secretKeyRef", "optional")): {"true"},
    (WEB, (*POD, "containers", 0, "env", 0, "valueFrom", "secretKeyRef", "name")): {"login", "${secret.login.OPT}"},
    (WEB, (*POD, "containers", 0, "env", 1, "valueFrom", "configMapKeyRef", "name")): {
        "texts",
        '${config.texts["app.sh"]}',
    },
    (REDIS, ("kind",)): {"StatefulSet"},
    ("store/bot/service-redis-headless.yaml", ("spec", "clusterIP")): {"StatefulSet"},
    ("argocd/argocd/appproject-platform.yaml", ("spec", "namespaceResourceWhitelist", 9, "kind")): set(),
    ("bot/_cluster/clusterrole-web.yaml", ("kind",)): {"Cluster"},
    ("bot/bot/rolebinding-b.yaml", ("kind",)): {"Namespace"},
    ("bot/bot/rolebinding-b.yaml", ("roleRef", "kind")): {"Namespace"},
    ("bot/bot/networkpolicy-web.yaml", ("spec", "ingress", 0, "ports", 0, "port")): {"8080", "LoadBalancer"},
    ("bot/bot/service-web.yaml", ("spec", "loadBalancerSourceRanges", 0)): {"203.0.113.0/24", "LoadBalancer"},
    ("bot/bot/poddisruptionbudget-web.yaml", ("spec", "maxUnavailable")): {"2"},
    (WEB, (*POD, "topologySpreadConstraints", 0, "maxSkew")): {"2"},
    (
        "pull-secrets/bot/ecrauthorizationtoken-ecr.yaml",
        ("spec", "auth", "secretRef", "accessKeyIDSecretRef", "name"),
    ): {"bot", '"${identity.bot}"'},
    ("bot/bot/networkpolicy-web.yaml", ("spec", "egress", 4, "to", 0, "ipBlock", "cidr")): {"internet", "none"},
    (LOGIN, ("metadata", "annotations", "sealedsecrets.bitnami.com/namespace-wide")): {"namespace-wide"},
    (WEB, (*POD, "automountServiceAccountToken")): {"rbac"},
    (REDIS, (*POD, "securityContext", "fsGroupChangePolicy")): {"volumes"},
    (REDIS, ("spec", "template", "metadata", "annotations", "platformc.dev/secret-revisions")): {
        "redis",
        "1",
        "redis.conf",
        '"requirepass ${secret.redis.password}"',
    },
    (METRICS, ("metadata", "annotations", "added")): {"/metadata/annotations/added", "text"},
    (METRICS, ("metadata", "labels", "moved")): {"/metadata/labels/app", "/metadata/labels/moved", "web"},
    (METRICS, ("spec", "type")): {"/spec/type", "ClusterIP"},
    (METRICS, ("spec", "ports", 1, "port")): {"/spec/ports/-", "1234"},
    ("bot/bot/configmap-bot-settings.yaml", ("data", "settings.toml")): {
        "toml",
        "domain",
        "${values.domain}",
        "example.com",
        "redis",
        "host",
        '"${workload.redis.host}"',
        "port",
        '"${workload.redis.servicePorts.redis}"',
        "6379",
    },
    (LOGIN, ("spec", "template", "data", "x.env")): {
        "env",
        "A",
        '"${secret.login.OPT}"',
        "B",
        '"${values.domain}"',
        "example.com",
        "H",
        '"${workload.redis.host}"',
        "redis",
    },
    (LOGIN, ("spec", "template", "data", "url.txt")): {
        '"http://${workload.redis.host}:${secret.login.OPT}@${values.domain}"',
        "redis",
        "example.com",
    },
}


@cache
def _explainer() -> Explainer:
    return Explainer(load_sources(Request(ROOT, EVERY_FIELD / "specs", ROOT / "rendered")), "production")


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: f"{leaf[0]}:{leaf[1][-1]}")
def test_leaf(leaf: tuple[str, tuple[str | int, ...]]) -> None:
    """Exactly these scalars of the spec are its origins."""
    explainer = _explainer()
    found = {
        explainer.sources.texts[place.path].split("\n")[place.line - 1][place.column - 1 : place.end_column - 1]
        for explanation in explainer.explain(*leaf)
        for origin in explanation.origins
        for place in (origin.at, *(constant.at for constant in origin.constants))
    }
    assert found == LEAVES[leaf]


def test_a_patched_file() -> None:
    """A line of a text that a patch put in a file's place is none of the file's."""
    (found,) = _explainer().explain_line("bot/bot/configmap-texts.yaml", ("data", "patched.txt"), 1)
    assert (found.value, found.line) == ("three\nfour\n", None)
    assert [origin.path[:3] for origin in found.origins] == [("spec", "patches", 0)]


ANCHORS: dict[tuple[str, tuple[str | int, ...]], str] = {
    ("ConfigMap/rawmap", ("data", "absent")): "data",
    ("ConfigMap/rawmap", ("data",)): "data",
    ("ConfigMap/rawmap", ("data", "d")): '"${values.domain}!"',
    ("Service/metrics-service", ("metadata", "labels", "app")): "/metadata/labels/app",
    ("Deployment/web", ("metadata", "annotations", "note")): "null",
}


@pytest.mark.parametrize("place", ANCHORS, ids=lambda place: f"{place[0]}:{place[1][-1]}")
def test_anchor(place: tuple[str, tuple[str | int, ...]]) -> None:
    """What is absent from a map leads to the map's own key, and what a patch removed to the patch."""
    explainer = _explainer()
    places = Places(lambda: explainer.program.platform)
    (manifest,) = [one for one in explainer.files.values() if f"{one.id.kind}/{one.id.name}" == place[0]]
    span = places.place(manifest, place[1])
    line = explainer.sources.texts[span.path].split("\n")[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == ANCHORS[place]
