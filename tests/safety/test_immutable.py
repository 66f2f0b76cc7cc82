"""What the API server refuses to change: field by field, and nothing that it takes."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.safety import transitions
from platformc.safety.immutable import IMMUTABLE, refusals
from snapshots import between, of_objects

RETAIN, IMMEDIATE = {"reclaimPolicy": "Retain"}, {"volumeBindingMode": "Immediate"}


def made(api_version: str, kind: str, **fields: Any) -> dict[str, Any]:
    """One object."""
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "one"}, **fields}


def stateful_set(**spec: Any) -> dict[str, Any]:
    """With one volume."""
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": spec.pop("size", "1Gi")}}}
    templates = [{"metadata": {"name": "data"}, "spec": {**claim, **spec.pop("claim", {})}}]
    return made("apps/v1", "StatefulSet", spec={"volumeClaimTemplates": templates, **spec})


def service(**spec: Any) -> dict[str, Any]:
    """A Service."""
    return made("v1", "Service", spec=spec)


def job(**spec: Any) -> dict[str, Any]:
    """A Job."""
    return made("batch/v1", "Job", spec=spec)


@pytest.mark.parametrize(
    ("old", "new", "fields"),
    [
        (stateful_set(), stateful_set(replicas=3, minReadySeconds=5), []),
        (stateful_set(), stateful_set(size="1024Mi"), []),
        (stateful_set(), stateful_set(claim={"volumeMode": "Filesystem"}), []),
        (stateful_set(), stateful_set(podManagementPolicy="OrderedReady"), []),
        (stateful_set(), stateful_set(podManagementPolicy="Parallel"), ["spec.podManagementPolicy"]),
        (stateful_set(), stateful_set(size="2Gi"), ["spec.volumeClaimTemplates"]),
        (stateful_set(), stateful_set(serviceName="one"), ["spec.serviceName"]),
        (service(clusterIP="None"), service(clusterIP="None", type="ClusterIP"), []),
        (service(clusterIP="None"), service(), []),
        (service(), service(clusterIP="None"), ["spec.clusterIP"]),
        (service(clusterIP="10.0.0.1"), service(type="ExternalName", externalName="a.example"), []),
        (service(type="ExternalName", externalName="a.example"), service(clusterIP="10.0.0.1"), []),
        (service(clusterIP="None"), service(type="LoadBalancer"), ["spec.type"]),
        (service(), service(type="NodePort"), []),
        (job(template={"a": 1}), job(template={"a": 2}), ["spec.template"]),
        (job(template={"a": 1}, suspend=True), job(template={"a": 2}, suspend=True), []),
        (job(completions=1), job(completions=2), ["spec.completions"]),
        (
            job(completions=1, parallelism=1, completionMode="Indexed"),
            job(completions=2, parallelism=2, completionMode="Indexed"),
            [],
        ),
        (job(ttlSecondsAfterFinished=1), job(ttlSecondsAfterFinished=2), []),
        (made("v1", "ConfigMap", data={"a": "1"}), made("v1", "ConfigMap", data={"a": "2"}), []),
        (
            made("v1", "ConfigMap", immutable=True, data={"a": "1"}),
            made("v1", "ConfigMap", immutable=True, data={"a": "2"}),
            ["data"],
        ),
        (made("v1", "ConfigMap", immutable=True), made("v1", "ConfigMap"), ["immutable"]),
        (made("v1", "Secret"), made("v1", "Secret", type="Opaque"), []),
        (made("v1", "Secret"), made("v1", "Secret", type="kubernetes.io/tls"), ["type"]),
        (
            made("storage.k8s.io/v1", "StorageClass", provisioner="a", **IMMEDIATE),
            made("storage.k8s.io/v1", "StorageClass", provisioner="a", allowVolumeExpansion=True),
            [],
        ),
        (
            made("storage.k8s.io/v1", "StorageClass", provisioner="a"),
            made("storage.k8s.io/v1", "StorageClass", provisioner="a", **RETAIN),
            ["reclaimPolicy"],
        ),
        (
            made("v1", "Pod", spec={"containers": [{"name": "a", "image": "a:1"}]}),
            made("v1", "Pod", spec={"containers": [{"name": "a", "image": "a:2"}]}),
            [],
        ),
        (
            made("v1", "Pod", spec={"containers": [{"name": "a", "image": "a:1"}]}),
            made("v1", "Pod", spec={"containers": [{"name": "a", "image": "a:1", "args": ["b"]}]}),
            ["spec"],
        ),
        (
            made("v1", "PersistentVolume", spec={"nfs": {"path": "/a"}, "capacity": {"storage": "1Gi"}}),
            made("v1", "PersistentVolume", spec={"nfs": {"path": "/a"}, "capacity": {"storage": "2Gi"}}),
            [],
        ),
        (
            made("v1", "PersistentVolume", spec={"nfs": {"path": "/a"}}),
            made("v1", "PersistentVolume", spec={"nfs": {"path": "/b"}}),
            ["spec"],
        ),
        (
            made("apiextensions.k8s.io/v1", "CustomResourceDefinition", spec={"scope": "Cluster", "versions": [1]}),
            made("apiextensions.k8s.io/v1", "CustomResourceDefinition", spec={"scope": "Namespaced", "versions": [2]}),
            ["spec.scope"],
        ),
        (
            made("networking.k8s.io/v1", "Ingress", spec={"ingressClassName": "a"}),
            made("networking.k8s.io/v1", "Ingress", spec={"ingressClassName": "b"}),
            [],
        ),
        (made("example.com/v1", "Deployment", spec={"selector": 1}), made("example.com/v1", "Deployment"), []),
    ],
)
def test_a_change(old: dict[str, Any], new: dict[str, Any], fields: list[str]) -> None:
    """Of one object; the same object again is never refused."""
    assert [one.field for one in refusals(old, new)] == fields
    assert list(refusals(old, old)) == []
    assert list(refusals(new, new)) == []


def test_a_secret_is_never_shown() -> None:
    """Neither the old values nor the new ones."""
    old = made("v1", "Secret", immutable=True, data={"password": "b2xk"})
    (found,) = refusals(old, {**old, "data": {"password": "bmV3"}})
    assert (found.path, found.before, found.after) == (("data",), None, None)


@pytest.mark.parametrize(
    "notes",
    [
        {"argocd.argoproj.io/sync-options": "Replace=true, Force=true"},
        {"argocd.argoproj.io/hook": "Sync"},
        {"argocd.argoproj.io/hook": "Sync", "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation"},
    ],
)
def test_what_argocd_deletes_first_is_never_changed(notes: dict[str, str]) -> None:
    """Then nobody compares any field."""
    new = job(template={"a": 2})
    new["metadata"] = {"name": "one", "annotations": notes}
    assert list(refusals(job(template={"a": 1}), new)) == []


def test_a_hook_that_is_kept_is_changed() -> None:
    """Until it has succeeded, the old one is there."""
    new = job(template={"a": 2})
    notes = {"argocd.argoproj.io/hook": "Sync", "argocd.argoproj.io/hook-delete-policy": "HookSucceeded"}
    new["metadata"] = {"name": "one", "annotations": notes}
    assert [one.field for one in refusals(job(template={"a": 1}), new)] == ["spec.template"]


@pytest.mark.parametrize(("group", "kind"), IMMUTABLE)
def test_every_field_is_looked_at(group: str, kind: str) -> None:
    """No entry of the table is without effect: where all fields differ, at least one of a kind is refused."""
    for field in IMMUTABLE[group, kind]:
        sides = []
        for value in ("one", "two"):
            one: dict[str, Any] = made(f"{group}/v1" if group else "v1", kind, immutable=True)
            inner = one
            for step in field.path[:-1]:
                inner = inner.setdefault(step, {})
            leaf: Any = [{"metadata": {"name": value}}] if field.path[-1] == "volumeClaimTemplates" else value
            inner[field.path[-1]] = leaf
            if field.path == ("immutable",):
                inner["immutable"] = value == "one"
            if field.path == ("spec", "type"):
                leaf = {"one": "ClusterIP", "two": "NodePort"}[value]
                inner["type"] = leaf
                inner["clusterIP"] = "None" if value == "one" else None
            if field.path == ("spec", "loadBalancerClass"):
                inner["type"] = "LoadBalancer"
            sides.append(one)
        assert ".".join(field.path) in {one.field for one in refusals(*sides)}, field.path


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("ConfigMap", "a", "b", "ConfigMap one: data cannot change from a to b"),
        ("ConfigMap", "a\nb", "b", "ConfigMap one: data cannot change"),
        ("ConfigMap", "a" * 81, "b", "ConfigMap one: data cannot change"),
        ("Secret", "b2xk", "bmV3", "Secret one: data cannot change"),
    ],
)
def test_how_values_are_told(kind: str, old: str, new: str, told: str) -> None:
    """Short ones in the sentence; neither whole files nor anything of a Secret."""
    sides = [made("v1", kind, immutable=True, data={"key": value}) for value in (old, new)]
    (found,) = transitions(between(*map(of_objects, sides)))
    assert found.message == told
