"""default_examples: objects in which every default that the compiler knows can be tried.

In      nothing.
Out     an object, and the part of it that is of one definition; its optional fields are absent.
Never   depends on anything in a cluster but the namespace `default`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from platformc.language.nodes import KeyPath
from platformc.snapshot.kubernetes_defaults import APPS, BATCH, CORE, NETWORKING, RBAC, STORAGE

JSON = Any

DIGEST = "@sha256:" + "0" * 64
POD: KeyPath = ("spec", "template", "spec")
CONTAINER: KeyPath = (*POD, "containers", 0)
LABELS = {"app": "equal-forms"}


@dataclass(frozen=True, slots=True)
class Example:
    """One object; what lies at `path` is of `definition`."""

    definition: str
    path: KeyPath
    object: JSON

    def __str__(self) -> str:
        return f"{self.definition.rpartition('.')[2]} in {self.object['kind']}"

    @property
    def owner(self) -> JSON:
        """The part of that definition."""
        return at(self.object, self.path)

    def with_field(self, field: str, value: JSON) -> JSON:
        """The object with one more field."""
        made = copy.deepcopy(self.object)
        at(made, self.path)[field] = value
        return made


def at(value: JSON, path: KeyPath) -> JSON:
    """The value at a path."""
    for step in path:
        value = value[step]
    return value


def examples() -> Iterator[Example]:
    """One or more for each definition that has defaults, and for each condition that a default has."""
    yield from _of_pods()
    yield from _of_volumes()
    yield from _of_workloads()
    yield from _of_services()
    yield from _of_others()


def deployment(container: JSON | None = None, **pod: JSON) -> JSON:
    """A Deployment of one container, with as little else as the API server takes."""
    template = {"metadata": {"labels": LABELS}, "spec": {"containers": [_container(container)], **pod}}
    return _object("apps/v1", "Deployment", spec={"selector": {"matchLabels": LABELS}, "template": template})


def autoscaler(**rules: JSON) -> JSON:
    """A HorizontalPodAutoscaler with rules for scaling up."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"}
    behavior = {"scaleUp": {"selectPolicy": "Max", **rules}}
    spec = {"scaleTargetRef": target, "maxReplicas": 2, "behavior": behavior}
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", spec=spec)


def _of_pods() -> Iterator[Example]:
    yield Example(f"{CORE}PodSpec", POD, deployment())
    for image in ("nginx", "nginx:latest", "nginx:1.27", f"nginx{DIGEST}", f"nginx:latest{DIGEST}", "host:5000/a/b"):
        yield Example(f"{CORE}Container", CONTAINER, deployment({"image": image}))
    port = {"ports": [{"containerPort": 80}]}
    yield Example(f"{CORE}ContainerPort", (*CONTAINER, "ports", 0), deployment(port))
    for action, definition in (({"httpGet": {"port": 80}}, "HTTPGetAction"), ({"grpc": {"port": 80}}, "GRPCAction")):
        with_probe = deployment({"readinessProbe": action})
        yield Example(f"{CORE}Probe", (*CONTAINER, "readinessProbe"), with_probe)
        yield Example(f"{CORE}{definition}", (*CONTAINER, "readinessProbe", next(iter(action))), with_probe)
    for source, definition, reference in (
        ("fieldRef", "ObjectFieldSelector", {"fieldPath": "metadata.name"}),
        ("resourceFieldRef", "ResourceFieldSelector", {"resource": "limits.cpu"}),
    ):
        variable = deployment({"env": [{"name": "A", "valueFrom": {source: reference}}]})
        yield Example(f"{CORE}{definition}", (*CONTAINER, "env", 0, "valueFrom", source), variable)


def _of_volumes() -> Iterator[Example]:
    for source, definition, value in (
        ("configMap", "ConfigMapVolumeSource", {"name": "a"}),
        ("downwardAPI", "DownwardAPIVolumeSource", {"items": []}),
        ("hostPath", "HostPathVolumeSource", {"path": "/a"}),
        ("projected", "ProjectedVolumeSource", {"sources": [{"configMap": {"name": "a"}}]}),
        ("secret", "SecretVolumeSource", {"secretName": "a"}),
    ):
        made = deployment(volumes=[{"name": "a", source: value}])
        yield Example(f"{CORE}{definition}", (*POD, "volumes", 0, source), made)
    token = {"name": "a", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
    path = (*POD, "volumes", 0, "projected", "sources", 0, "serviceAccountToken")
    yield Example(f"{CORE}ServiceAccountTokenProjection", path, deployment(volumes=[token]))
    mounted = deployment({"volumeMounts": [{"name": "a", "mountPath": "/a"}]}, volumes=[{"name": "a"}])
    yield Example(f"{CORE}Volume", (*POD, "volumes", 0), mounted)
    yield Example(f"{CORE}VolumeMount", (*CONTAINER, "volumeMounts", 0), mounted)
    wanted = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    claim = _object("v1", "PersistentVolumeClaim", spec=wanted)
    yield Example(f"{CORE}PersistentVolumeClaimSpec", ("spec",), claim)
    made = _stateful_set(volumeClaimTemplates=[{"metadata": {"name": "data"}, "spec": wanted}])
    yield Example(f"{CORE}PersistentVolumeClaimSpec", ("spec", "volumeClaimTemplates", 0, "spec"), made)


def _of_workloads() -> Iterator[Example]:
    strategy: JSON = {"strategy": {"rollingUpdate": {"maxSurge": 1}}, "updateStrategy": {"rollingUpdate": {}}}
    for kind, field, rolling in (
        ("DaemonSet", "updateStrategy", "RollingUpdateDaemonSet"),
        ("Deployment", "strategy", "RollingUpdateDeployment"),
        ("StatefulSet", "updateStrategy", "RollingUpdateStatefulSetStrategy"),
    ):
        whole = {"DaemonSet": _daemon_set, "Deployment": deployment, "StatefulSet": _stateful_set}[kind]
        yield Example(f"{APPS}{kind}Spec", ("spec",), whole())
        owner = f"{APPS}{kind}{field[0].upper()}{field[1:]}"
        for value in ({}, {"type": "RollingUpdate"}, copy.deepcopy(strategy[field])):
            made = whole()
            made["spec"][field] = value
            yield Example(owner, ("spec", field), made)
            if "rollingUpdate" in value:
                yield Example(f"{APPS}{rolling}", ("spec", field, "rollingUpdate"), made)
        empty = whole()
        empty["spec"][field] = {"type": "RollingUpdate", "rollingUpdate": {}}
        yield Example(f"{APPS}{rolling}", ("spec", field, "rollingUpdate"), empty)
    kept = "persistentVolumeClaimRetentionPolicy"
    definition = f"{APPS}StatefulSetPersistentVolumeClaimRetentionPolicy"
    yield Example(definition, ("spec", kept), _stateful_set(**{kept: {}}))
    yield Example(f"{BATCH}JobSpec", ("spec",), _object("batch/v1", "Job", spec=_job()))
    rule = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [1]}}
    for more in (
        {"completions": 1},
        {"parallelism": 2},
        {"podFailurePolicy": {"rules": [rule]}},
        {"completionMode": "Indexed", "completions": 1, "backoffLimitPerIndex": 1},
    ):
        yield Example(f"{BATCH}JobSpec", ("spec",), _object("batch/v1", "Job", spec={**_job(), **more}))
    cron = _object("batch/v1", "CronJob", spec={"schedule": "0 0 * * *", "jobTemplate": {"spec": _job()}})
    yield Example(f"{BATCH}CronJobSpec", ("spec",), cron)


def _of_services() -> Iterator[Example]:
    for kind in ("", "ClusterIP", "NodePort", "LoadBalancer"):
        named = {"type": kind} if kind else {}
        made = _object("v1", "Service", spec={"selector": LABELS, "ports": [{"port": 80}], **named})
        yield Example(f"{CORE}ServiceSpec", ("spec",), made)
        yield Example(f"{CORE}ServicePort", ("spec", "ports", 0), made)


def _of_others() -> Iterator[Example]:
    yield Example(f"{CORE}Secret", (), _object("v1", "Secret"))
    yield Example("io.k8s.api.autoscaling.v2.HPAScalingRules", ("spec", "behavior", "scaleUp"), autoscaler())
    specs: tuple[JSON, ...] = ({}, {"egress": [{}]}, {"ingress": [{}]})
    for spec in specs:
        made = _object("networking.k8s.io/v1", "NetworkPolicy", spec=spec)
        yield Example(f"{NETWORKING}NetworkPolicySpec", ("spec",), made)
    ports = _object("networking.k8s.io/v1", "NetworkPolicy", spec={"ingress": [{"ports": [{"port": 80}]}]})
    yield Example(f"{NETWORKING}NetworkPolicyPort", ("spec", "ingress", 0, "ports", 0), ports)
    for subject in ({"kind": "ServiceAccount", "namespace": "default"}, {"kind": "User"}, {"kind": "Group"}):
        binding = _object(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            roleRef={"kind": "Role", "name": "a"},
            subjects=[{"name": "a", **subject}],
        )
        yield Example(f"{RBAC}RoleRef", ("roleRef",), binding)
        yield Example(f"{RBAC}Subject", ("subjects", 0), binding)
    storage = _object("storage.k8s.io/v1", "StorageClass", provisioner="example.org/disk")
    del storage["metadata"]["namespace"]
    yield Example(f"{STORAGE}StorageClass", (), storage)


def _object(api_version: str, kind: str, **content: JSON) -> JSON:
    metadata = {"name": "equal-forms", "namespace": "default"}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **copy.deepcopy(content)}


def _container(more: JSON | None) -> JSON:
    return {"name": "main", "image": "nginx:1.27", **(more or {})}


def _stateful_set(**spec: JSON) -> JSON:
    made = {**deployment(), "kind": "StatefulSet"}
    made["spec"] |= {"serviceName": "a", **copy.deepcopy(spec)}
    return made


def _daemon_set() -> JSON:
    return {**deployment(), "kind": "DaemonSet"}


def _job() -> JSON:
    return {"template": {"spec": {"restartPolicy": "Never", "containers": [_container(None)]}}}
