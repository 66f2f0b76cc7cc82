"""kubernetes_defaults: what Kubernetes' API server sets in its own kinds where a field is absent, and whose order is free.

In      the name of a definition, a field, the object around it.
Out     the default; ABSENT where the API server sets nothing, or what nobody but the cluster knows.
Never   contains a default of admission or of a controller: those depend on the cluster.

Source: Kubernetes v1.34, `SetDefaults_…` in pkg/apis/{core,apps,batch,networking,rbac,storage}/v1/defaults.go, and the
zero values of fields in k8s.io/api that are no pointers, which are stored as if they were absent. e2e/test_equal_forms.py
applies both forms of every line to a real API server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from platformc.snapshot.model import ABSENT

Default = Callable[[Mapping[str, Any]], Any]
"""The object that lacks the field -> what is set in it."""

APPS, BATCH, CORE = "io.k8s.api.apps.v1.", "io.k8s.api.batch.v1.", "io.k8s.api.core.v1."
META, NETWORKING, RBAC = "io.k8s.apimachinery.pkg.apis.meta.v1.", "io.k8s.api.networking.v1.", "io.k8s.api.rbac.v1."
STORAGE = "io.k8s.api.storage.v1."

IMAGE = re.compile(
    r"(?:[a-z0-9.-]+(?::\d+)?/)?(?:[a-z0-9._-]+/)*[a-z0-9._-]+(?::(?P<tag>[\w.-]+))?(?P<digest>@sha256:[0-9a-f]{64})?\Z",
    re.ASCII,
)
EXTERNAL = ("NodePort", "LoadBalancer")


def default_field(definition: str, field: str, owner: Mapping[str, Any]) -> Any:
    """Return what the API server sets for an absent field of an object; ABSENT if nothing."""
    found = SOMETIMES.get(definition, {}).get(field)
    return ALWAYS.get(definition, {}).get(field, ABSENT) if found is None else found(owner)


def default_fields(definition: str) -> tuple[str, ...]:
    """The fields of a definition that have a default, if only sometimes."""
    return (*ALWAYS.get(definition, {}), *SOMETIMES.get(definition, {}))


def _if(field: str, *values: Any, then: Any) -> Default:
    """Where another field is one of these; None stands for its absence."""
    return lambda owner: then if owner.get(field) in values else ABSENT


def _pull_policy(owner: Mapping[str, Any]) -> Any:
    """Always for `latest`, which is also what an image without tag and digest means; pkg/util/parsers."""
    image = owner.get("image")
    match = IMAGE.match(image) if isinstance(image, str) else None
    if match is None:
        return ABSENT
    return "Always" if (match["tag"] or ("" if match["digest"] else "latest")) == "latest" else "IfNotPresent"


def _target_port(owner: Mapping[str, Any]) -> Any:
    return owner.get("port", ABSENT)


def _type_of_rolling(owner: Mapping[str, Any]) -> Any:
    return "RollingUpdate" if "rollingUpdate" in owner else ABSENT


def _empty_volume(owner: Mapping[str, Any]) -> Any:
    return {} if set(owner) <= {"name"} else ABSENT


def _policy_types(owner: Mapping[str, Any]) -> Any:
    return ["Ingress", "Egress"] if owner.get("egress") else ["Ingress"]


def _subject_group(owner: Mapping[str, Any]) -> Any:
    groups = {"ServiceAccount": "", "User": "rbac.authorization.k8s.io", "Group": "rbac.authorization.k8s.io"}
    return groups.get(str(owner.get("kind")), ABSENT)


def _completions(owner: Mapping[str, Any]) -> Any:
    return 1 if "parallelism" not in owner else ABSENT


def _parallelism(owner: Mapping[str, Any]) -> Any:
    """Where both are absent, so that both become 1, one of them alone is another Job."""
    return 1 if "completions" in owner else ABSENT


def _backoff_limit(owner: Mapping[str, Any]) -> Any:
    return 6 if "backoffLimitPerIndex" not in owner else ABSENT


def _replacement(owner: Mapping[str, Any]) -> Any:
    return "Failed" if "podFailurePolicy" in owner else "TerminatingOrFailed"


ALWAYS: Mapping[str, Mapping[str, Any]] = {
    f"{APPS}DaemonSetSpec": {
        "minReadySeconds": 0,
        "revisionHistoryLimit": 10,
        "updateStrategy": {},
    },
    f"{APPS}DaemonSetUpdateStrategy": {
        "type": "RollingUpdate",
    },
    f"{APPS}DeploymentSpec": {
        "minReadySeconds": 0,
        "paused": False,
        "progressDeadlineSeconds": 600,
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "strategy": {},
    },
    f"{APPS}DeploymentStrategy": {
        "type": "RollingUpdate",
    },
    f"{APPS}RollingUpdateDaemonSet": {
        "maxSurge": 0,
        "maxUnavailable": 1,
    },
    f"{APPS}RollingUpdateDeployment": {
        "maxSurge": "25%",
        "maxUnavailable": "25%",
    },
    f"{APPS}RollingUpdateStatefulSetStrategy": {
        "partition": 0,
    },
    f"{APPS}StatefulSetPersistentVolumeClaimRetentionPolicy": {
        "whenDeleted": "Retain",
        "whenScaled": "Retain",
    },
    f"{APPS}StatefulSetSpec": {
        "minReadySeconds": 0,
        "persistentVolumeClaimRetentionPolicy": {},
        "podManagementPolicy": "OrderedReady",
        "replicas": 1,
        "revisionHistoryLimit": 10,
        "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {}},
    },
    f"{BATCH}CronJobSpec": {
        "concurrencyPolicy": "Allow",
        "failedJobsHistoryLimit": 1,
        "successfulJobsHistoryLimit": 3,
        "suspend": False,
    },
    f"{BATCH}JobSpec": {
        "completionMode": "NonIndexed",
        "manualSelector": False,
        "suspend": False,
    },
    f"{CORE}ConfigMapVolumeSource": {
        "defaultMode": 0o644,
    },
    f"{CORE}Container": {
        "resources": {},
        "stdin": False,
        "stdinOnce": False,
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "tty": False,
    },
    f"{CORE}ContainerPort": {
        "protocol": "TCP",
    },
    f"{CORE}DownwardAPIVolumeSource": {
        "defaultMode": 0o644,
    },
    f"{CORE}GRPCAction": {
        "service": "",
    },
    f"{CORE}HTTPGetAction": {
        "path": "/",
        "scheme": "HTTP",
    },
    f"{CORE}HostPathVolumeSource": {
        "type": "",
    },
    f"{CORE}ObjectFieldSelector": {
        "apiVersion": "v1",
    },
    f"{CORE}PersistentVolumeClaimSpec": {
        "volumeMode": "Filesystem",
    },
    f"{CORE}PodSpec": {
        "dnsPolicy": "ClusterFirst",
        "hostIPC": False,
        "hostNetwork": False,
        "hostPID": False,
        "restartPolicy": "Always",
        "schedulerName": "default-scheduler",
        "securityContext": {},
        "terminationGracePeriodSeconds": 30,
    },
    f"{CORE}Probe": {
        "failureThreshold": 3,
        "initialDelaySeconds": 0,
        "periodSeconds": 10,
        "successThreshold": 1,
        "timeoutSeconds": 1,
    },
    f"{CORE}ProjectedVolumeSource": {
        "defaultMode": 0o644,
    },
    f"{CORE}ResourceFieldSelector": {
        "divisor": "0",
    },
    f"{CORE}Secret": {
        "type": "Opaque",
    },
    f"{CORE}SecretVolumeSource": {
        "defaultMode": 0o644,
    },
    f"{CORE}ServiceAccountTokenProjection": {
        "expirationSeconds": 3600,
    },
    f"{CORE}ServicePort": {
        "protocol": "TCP",
    },
    f"{CORE}ServiceSpec": {
        "publishNotReadyAddresses": False,
        "sessionAffinity": "None",
        "type": "ClusterIP",
    },
    f"{CORE}VolumeMount": {
        "readOnly": False,
    },
    f"{NETWORKING}NetworkPolicyPort": {
        "protocol": "TCP",
    },
    f"{NETWORKING}NetworkPolicySpec": {
        "podSelector": {},
    },
    f"{RBAC}RoleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
    },
    f"{STORAGE}StorageClass": {
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    },
}
"""Definition -> field -> what is set where the field is absent."""

SOMETIMES: Mapping[str, Mapping[str, Default]] = {
    f"{APPS}DaemonSetUpdateStrategy": {
        "rollingUpdate": _if("type", None, "RollingUpdate", then={}),
    },
    f"{APPS}DeploymentStrategy": {
        "rollingUpdate": _if("type", None, "RollingUpdate", then={}),
    },
    # Beside a type, an absent rollingUpdate stays absent; without a type, it is made with it.
    f"{APPS}StatefulSetUpdateStrategy": {
        "type": _type_of_rolling,
    },
    f"{BATCH}JobSpec": {
        "backoffLimit": _backoff_limit,
        "completions": _completions,
        "parallelism": _parallelism,
        "podReplacementPolicy": _replacement,
    },
    f"{CORE}Container": {
        "imagePullPolicy": _pull_policy,
    },
    f"{CORE}ServicePort": {
        "targetPort": _target_port,
    },
    f"{CORE}ServiceSpec": {
        "allocateLoadBalancerNodePorts": _if("type", "LoadBalancer", then=True),
        "externalTrafficPolicy": _if("type", *EXTERNAL, then="Cluster"),
        "internalTrafficPolicy": _if("type", None, "ClusterIP", *EXTERNAL, then="Cluster"),
    },
    f"{CORE}Volume": {
        "emptyDir": _empty_volume,
    },
    f"{NETWORKING}NetworkPolicySpec": {
        "policyTypes": _policy_types,
    },
    f"{RBAC}Subject": {
        "apiGroup": _subject_group,
    },
}
"""The same where it depends on other fields."""

FREE_ORDER = frozenset(
    {
        # Not `initContainers`, which run in their order; not a Service's `ports`, whose first one is in the variables
        # that pods get. Of `env`, only what no other variable refers to.
        (f"{CORE}Container", "env"),
        (f"{CORE}Container", "ports"),
        (f"{CORE}Container", "volumeDevices"),
        (f"{CORE}Container", "volumeMounts"),
        (f"{CORE}PodSpec", "containers"),
        (f"{CORE}PodSpec", "hostAliases"),
        (f"{CORE}PodSpec", "imagePullSecrets"),
        (f"{CORE}PodSpec", "topologySpreadConstraints"),
        (f"{CORE}PodSpec", "volumes"),
        (f"{CORE}ServiceAccount", "secrets"),
    }
)
"""List maps of which no order is promised to mean anything; any other one may be a sequence of steps."""

UNORDERED = frozenset(
    {
        # API reference: rules, peers and ports are combined with a logical OR.
        (f"{NETWORKING}NetworkPolicyEgressRule", "ports"),
        (f"{NETWORKING}NetworkPolicyEgressRule", "to"),
        (f"{NETWORKING}NetworkPolicyIngressRule", "from"),
        (f"{NETWORKING}NetworkPolicyIngressRule", "ports"),
        (f"{NETWORKING}NetworkPolicySpec", "egress"),
        (f"{NETWORKING}NetworkPolicySpec", "ingress"),
        (f"{NETWORKING}NetworkPolicySpec", "policyTypes"),
        # Kubernetes docs, "Using RBAC Authorization": permissions are purely additive.
        (f"{RBAC}ClusterRole", "rules"),
        (f"{RBAC}ClusterRoleBinding", "subjects"),
        (f"{RBAC}PolicyRule", "apiGroups"),
        (f"{RBAC}PolicyRule", "nonResourceURLs"),
        (f"{RBAC}PolicyRule", "resourceNames"),
        (f"{RBAC}PolicyRule", "resources"),
        (f"{RBAC}PolicyRule", "verbs"),
        (f"{RBAC}Role", "rules"),
        (f"{RBAC}RoleBinding", "subjects"),
        # API reference: requirements are ANDed, their values are an array of which one must match.
        (f"{META}LabelSelector", "matchExpressions"),
        (f"{META}LabelSelectorRequirement", "values"),
        (f"{CORE}Capabilities", "add"),
        (f"{CORE}Capabilities", "drop"),
        (f"{CORE}PersistentVolumeClaimSpec", "accessModes"),
        (f"{CORE}PodSpec", "tolerations"),
    }
)
"""Lists that are sets in all but their type."""
