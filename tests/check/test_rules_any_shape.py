"""Policy rules on objects of any shape: a RawManifest holds whatever its author wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.check.policies import POLICIES
from platformc.language.resolution import resolve
from platformc.link import link
from platformc.link.program import Program
from platformc.lower import lower
from platformc.lower.manifest import Manifest
from platformc.pipeline import Request, load_sources
from small_platform import compiled, secret, workload

Lowered = tuple[Program, tuple[Manifest, ...]]
Place = tuple[str | int, ...]

KINDS_OF_OBJECTS = (
    *("ClusterRole", "ClusterRoleBinding", "ConfigMap", "CronJob", "DaemonSet", "Deployment", "Identity", "Ingress"),
    *("Job", "Namespace", "NetworkPolicy", "PersistentVolumeClaim", "Pod", "PodDisruptionBudget", "Queue"),
    *("Repository", "Role", "RoleBinding", "SealedSecret", "Secret", "Service", "ServiceAccount", "StatefulSet"),
)
WELL_FORMED = {
    "spec": {
        "selector": {"matchLabels": {"a": "b"}},
        "volumes": [{"name": "v", "configMap": {"name": "c"}}],
        "containers": [{"name": "c", "image": "x", "env": [{"name": "A", "value": "b"}]}],
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
                "imagePullSecrets": [{"name": "p"}],
                "containers": [
                    {
                        "name": "c",
                        "image": "ghcr.io/revoltchat/autumn:1",
                        "args": ["--password", "x"],
                        "env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                        "ports": [{"hostPort": 1}],
                        "volumeMounts": [{"name": "v", "mountPath": "/Revolt.toml", "subPath": "a.toml"}],
                        "livenessProbe": {"periodSeconds": 1, "exec": {"command": ["a"]}},
                        "resources": {"limits": {"memory": "1Mi"}},
                        "securityContext": {"runAsUser": 1, "capabilities": {"add": ["A"], "drop": ["ALL"]}},
                    }
                ],
            },
        },
        "egress": [{}],
        "accessModes": ["ReadWriteOnce"],
        "minAvailable": 1,
    },
    "rules": [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}],
    "roleRef": {"kind": "ClusterRole", "name": "edit"},
    "subjects": [{"kind": "Group", "name": "x"}],
    "data": {"a.toml": "[files.s3]\nendpoint = 'http://minio'\n"},
}


def _places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Every place in plain data but the root."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, below in items:
        yield (*path, step)
        yield from _places(below, (*path, step))


def _with(value: Any, path: Place, new: Any) -> Any:
    """A copy with another value at a place."""
    if not path:
        return new
    copy = value.copy()
    copy[path[0]] = _with(value[path[0]], path[1:], new)
    return copy


NAMES = sorted({step for place in _places(WELL_FORMED) for step in place if isinstance(step, str)})
"""Words that rules look for, so that nonsense gets far into them."""
TEXTS = (
    *("", "*", "secrets", "get", "cluster-admin", "system:anonymous", "x", "/Revolt.toml", "a.toml", "100%", "true"),
    *("ghcr.io/revoltchat/autumn:1", "http://[", "a = [", "password = abc", "redis://:p@h", "ReadWriteOnce", "::"),
)
NONSENSE = st.recursive(
    st.one_of(st.sampled_from([None, True, False, -1, 0, 2, 0.5]), st.sampled_from(TEXTS)),
    lambda below: st.one_of(st.lists(below, max_size=2), st.dictionaries(st.sampled_from(NAMES), below, max_size=2)),
    max_leaves=4,
)


@st.composite
def strange_objects(draw: st.DrawFn) -> dict[str, Any]:
    """An object that is right but for one place, in which something else stands."""
    body = _with(WELL_FORMED, draw(st.sampled_from(PLACES)), draw(NONSENSE))
    group = draw(st.sampled_from(GROUPS))
    metadata = {"name": "raw", "namespace": draw(st.one_of(st.just("app"), NONSENSE))}
    return {"apiVersion": group, "kind": draw(st.sampled_from(KINDS_OF_OBJECTS)), "metadata": metadata, **body}


PLACES = sorted(_places(WELL_FORMED), key=str)
GROUPS = ("v1", "apps/v1", "rbac.authorization.k8s.io/v1", "aws.platformc.dev/v1alpha1")


def _lowered(root: Path) -> Lowered:
    """A small platform's Program and objects."""
    documents = (
        workload(env='{TOKEN: "${secret.bot.token}"}', replicas="2", needs="[{kubernetesAPI: true}]"),
        secret("bot", "{token: {}}", "{a.toml: {format: toml, data: {t: '${secret.bot.token}'}}}"),
    )
    compiled(root, documents)
    program = link(resolve(load_sources(Request(root, root / "specs", root / "rendered")), "production"))
    return program, lower(program)[0]


@pytest.fixture(scope="module")
def lowered(tmp_path_factory: pytest.TempPathFactory) -> Lowered:
    """A small platform, lowered once."""
    return _lowered(tmp_path_factory.mktemp("platform"))


@given(strange=strange_objects())
@settings(max_examples=50)
def test_nonsense_never_raises(lowered: Lowered, strange: dict[str, Any]) -> None:
    """Whatever stands where in an object of whatever kind, every rule comes to its end."""
    program, manifests = lowered
    for policy in POLICIES:
        for problem in policy(program, (*manifests, Manifest(strange, manifests[0].owner, "app"))):
            assert problem.message
            assert all(isinstance(step, str | int) for step in problem.path)


def test_objects_stay_as_they_are(lowered: Lowered) -> None:
    """Rules only look: the objects are the same afterwards, and so is what a second run finds."""
    program, manifests = lowered
    before = repr(manifests)
    first = [(policy.rule.id, problem) for policy in POLICIES for problem in policy(program, manifests)]
    assert [(policy.rule.id, problem) for policy in POLICIES for problem in policy(program, manifests)] == first
    assert repr(manifests) == before


def test_nonsense_through_the_pipeline(tmp_path: Path) -> None:
    """A RawManifest with wrong types everywhere gives findings, not a traceback."""
    objects = "\n".join(
        f"  - {{apiVersion: apps/v1, kind: {kind}, metadata: {{name: x{position}}}, spec: {spec}}}"
        for position, (kind, spec) in enumerate(
            (kind, spec)
            for kind in ("Deployment", "StatefulSet")
            for spec in ("5", "[1]", "{template: 3}", "{template: {spec: {containers: 5, initContainers: x}}}")
        )
    )
    document = "apiVersion: platformc.dev/v1alpha1\nkind: RawManifest\nmetadata: {name: raw}\nspec:\n  objects:\n"
    result = compiled(tmp_path, (document + objects.replace("  - ", "    - ") + "\n",))
    assert {finding.at.path for finding in result.findings} <= {"specs/app/documents.yaml"}
