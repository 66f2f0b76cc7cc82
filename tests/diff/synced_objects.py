"""synced_objects: objects of any shape below Argo CD's Applications, in two states, and what judges say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from platformc.diff.effect import Effect, Judge
from platformc.lower.argocd import FOLDER
from platformc.snapshot import (
    Comparison,
    EnvironmentSnapshot,
    ListKeys,
    ObjectKey,
    Snapshot,
    SnapshotObject,
    compare,
)

JSON = Any
Folders = Mapping[str, Iterable[JSON]]
"""Application -> its objects."""

ENVIRONMENT = "production"
CLUSTER = "the cluster one"
OPTIONS = "argocd.argoproj.io/sync-options"
WAVE = "argocd.argoproj.io/sync-wave"
HOOK = "argocd.argoproj.io/hook"
LABELS = {"app": "web"}
CONTAINER = {
    "name": "web",
    "image": "example.com/web:1",
    "ports": [{"name": "http", "containerPort": 80}],
    "readinessProbe": {"tcpSocket": {"port": 80}},
}


def instance(kind: str, name: str, spec: JSON = None, *, version: str = "v1", **notes: str) -> JSON:
    """An object in the namespace `app`; `options`, `wave` and `hook` are annotations."""
    metadata: dict[str, Any] = {"name": name, "namespace": "app"}
    known = {"options": OPTIONS, "wave": WAVE, "hook": HOOK, "policy": f"{HOOK}-delete-policy"}
    if notes:
        metadata["annotations"] = {known[key]: value for key, value in notes.items()}
    made = {"apiVersion": version, "kind": kind, "metadata": metadata}
    return made if spec is None else {**made, "spec": spec}


def template(container: JSON = CONTAINER, **more: JSON) -> JSON:
    """A pod template."""
    return {"metadata": {"labels": LABELS}, "spec": {"containers": [container], **more}}


def workload(kind: str = "Deployment", container: JSON = CONTAINER, **spec: JSON) -> JSON:
    """Something with pods."""
    pods = spec.pop("template", template(container))
    return instance(kind, "web", {"selector": {"matchLabels": LABELS}, "template": pods, **spec}, version="apps/v1")


def service(**spec: JSON) -> JSON:
    """What sends requests to the pods."""
    return instance("Service", "web", {"selector": LABELS, "ports": [{"port": 80, "targetPort": "http"}], **spec})


def application(folder: str, *, finalizer: bool = True, wave: str = "10", **more: JSON) -> JSON:
    """One of Argo CD's Applications, as this compiler makes them."""
    automated = {"prune": more.pop("prune", True), "selfHeal": True}
    policy = {"automated": automated, "syncOptions": more.pop("sync_options", ["ServerSideApply=true"])}
    spec = {"source": {"path": f"rendered/{ENVIRONMENT}/{folder}"}, "syncPolicy": policy}
    options = {} if folder == FOLDER else {"options": "Prune=confirm"}
    name = "root" if folder == FOLDER else folder
    made = instance("Application", name, spec, version="argoproj.io/v1alpha1", wave=wave, **options)
    if finalizer:
        made["metadata"]["finalizers"] = ["resources-finalizer.argocd.argoproj.io"]
    return made


def snapshot(folders: Folders, *applications: JSON, environment: str = ENVIRONMENT, cluster: str = CLUSTER) -> Snapshot:
    """One environment; each folder has an Application, those that are not given as the compiler makes them."""
    known = {each["spec"]["source"]["path"].rpartition("/")[2] for each in applications}
    made = [*applications, *(application(name) for name in (FOLDER, *folders) if name not in known)]
    objects = [_placed(each, FOLDER, environment, "Argo CD's cluster") for each in made]
    objects += [_placed(each, name, environment, cluster) for name, found in folders.items() for each in found]
    only = EnvironmentSnapshot(environment, tuple(objects), cluster, None, None)
    return Snapshot("", "", {environment: only}, None, (), {}, {}, compiled_files={})


def _placed(made: JSON, folder: str, environment: str, cluster: str) -> SnapshotObject:
    metadata = made["metadata"]
    group = made["apiVersion"].rpartition("/")[0]
    key = ObjectKey(cluster, group, made["kind"], metadata.get("namespace", ""), metadata["name"])
    return SnapshotObject(
        key, environment, folder, f"{environment}/{folder}/{key.namespace}/{key.kind.lower()}-{key.name}.yaml", made, ""
    )


def between(before: Snapshot, after: Snapshot) -> Comparison:
    """What differs."""
    return compare(before, after, ListKeys())


def changed(judge: Judge, before: JSON, after: JSON, *beside: JSON) -> list[Effect]:
    """What a judge says of one object that changes, beside others that do not."""
    return list(judge(between(snapshot({"app": [before, *beside]}), snapshot({"app": [after, *beside]}))))


def told(effects: Iterable[Effect]) -> list[str]:
    """Each effect as a line, with its details below it."""
    lines = []
    for effect in effects:
        assert effect.basis, effect
        lines.append(f"{effect.verdict.word} {effect.kind}: {effect.key}: {effect.message}")
        lines += [f"  {detail}" for detail in effect.details]
    return lines
