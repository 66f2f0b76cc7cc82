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
    found = DEFAULTS.get((definition, field))
    return found(owner) if found is not None else ABSENT


def default_fields(definition: str) -> tuple[str, ...]:
    """The fields of a definition that have a default, if only sometimes."""
    return BY_DEFINITION.get(definition, ())


def _always(value: Any) -> Default:
    return lambda owner: value


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


DEFAULTS: Mapping[tuple[str, str], Default] = {
    **{
        (f"{CORE}{definition}", field): default
        for definition, fields in {
            "ConfigMapVolumeSource": {"defaultMode": _always(0o644)},
            "Container": {
                "imagePullPolicy": _pull_policy,
                "resources": _always({}),
                "stdin": _always(False),
                "stdinOnce": _always(False),
                "terminationMessagePath": _always("/dev/termination-log"),
                "terminationMessagePolicy": _always("File"),
                "tty": _always(False),
            },
            "ContainerPort": {"protocol": _always("TCP")},
            "DownwardAPIVolumeSource": {"defaultMode": _always(0o644)},
            "GRPCAction": {"service": _always("")},
            "HTTPGetAction": {"path": _always("/"), "scheme": _always("HTTP")},
            "HostPathVolumeSource": {"type": _always("")},
            "ObjectFieldSelector": {"apiVersion": _always("v1")},
            "PersistentVolumeClaimSpec": {"volumeMode": _always("Filesystem")},
            "PodSpec": {
                "dnsPolicy": _always("ClusterFirst"),
                "hostIPC": _always(False),
                "hostNetwork": _always(False),
                "hostPID": _always(False),
                "restartPolicy": _always("Always"),
                "schedulerName": _always("default-scheduler"),
                "securityContext": _always({}),
                "terminationGracePeriodSeconds": _always(30),
            },
            "Probe": {
                "failureThreshold": _always(3),
                "initialDelaySeconds": _always(0),
                "periodSeconds": _always(10),
                "successThreshold": _always(1),
                "timeoutSeconds": _always(1),
            },
            "ProjectedVolumeSource": {"defaultMode": _always(0o644)},
            "ResourceFieldSelector": {"divisor": _always("0")},
            "Secret": {"type": _always("Opaque")},
            "SecretVolumeSource": {"defaultMode": _always(0o644)},
            "ServiceAccountTokenProjection": {"expirationSeconds": _always(3600)},
            "ServicePort": {"protocol": _always("TCP"), "targetPort": lambda owner: owner.get("port", ABSENT)},
            "ServiceSpec": {
                "allocateLoadBalancerNodePorts": _if("type", "LoadBalancer", then=True),
                "externalTrafficPolicy": _if("type", *EXTERNAL, then="Cluster"),
                "internalTrafficPolicy": _if("type", None, "ClusterIP", *EXTERNAL, then="Cluster"),
                "publishNotReadyAddresses": _always(False),
                "sessionAffinity": _always("None"),
                "type": _always("ClusterIP"),
            },
            "Volume": {"emptyDir": _empty_volume},
            "VolumeMount": {"readOnly": _always(False)},
        }.items()
        for field, default in fields.items()
    },
    **{
        (f"{APPS}{definition}", field): default
        for definition, fields in {
            "DaemonSetSpec": {
                "minReadySeconds": _always(0),
                "revisionHistoryLimit": _always(10),
                "updateStrategy": _always({}),
            },
            "DaemonSetUpdateStrategy": {
                "rollingUpdate": _if("type", None, "RollingUpdate", then={}),
                "type": _always("RollingUpdate"),
            },
            "DeploymentSpec": {
                "minReadySeconds": _always(0),
                "paused": _always(False),
                "progressDeadlineSeconds": _always(600),
                "replicas": _always(1),
                "revisionHistoryLimit": _always(10),
                "strategy": _always({}),
            },
            "DeploymentStrategy": {
                "rollingUpdate": _if("type", None, "RollingUpdate", then={}),
                "type": _always("RollingUpdate"),
            },
            "RollingUpdateDaemonSet": {"maxSurge": _always(0), "maxUnavailable": _always(1)},
            "RollingUpdateDeployment": {"maxSurge": _always("25%"), "maxUnavailable": _always("25%")},
            "RollingUpdateStatefulSetStrategy": {"partition": _always(0)},
            "StatefulSetPersistentVolumeClaimRetentionPolicy": {
                "whenDeleted": _always("Retain"),
                "whenScaled": _always("Retain"),
            },
            "StatefulSetSpec": {
                "minReadySeconds": _always(0),
                "persistentVolumeClaimRetentionPolicy": _always({}),
                "podManagementPolicy": _always("OrderedReady"),
                "replicas": _always(1),
                "revisionHistoryLimit": _always(10),
                "updateStrategy": _always({"type": "RollingUpdate", "rollingUpdate": {}}),
            },
            # Beside a type, an absent rollingUpdate stays absent; without a type, it is made with it.
            "StatefulSetUpdateStrategy": {
                "type": lambda owner: "RollingUpdate" if "rollingUpdate" in owner else ABSENT,
            },
        }.items()
        for field, default in fields.items()
    },
    (f"{BATCH}CronJobSpec", "concurrencyPolicy"): _always("Allow"),
    (f"{BATCH}CronJobSpec", "failedJobsHistoryLimit"): _always(1),
    (f"{BATCH}CronJobSpec", "successfulJobsHistoryLimit"): _always(3),
    (f"{BATCH}CronJobSpec", "suspend"): _always(False),
    (f"{BATCH}JobSpec", "backoffLimit"): _backoff_limit,
    (f"{BATCH}JobSpec", "completionMode"): _always("NonIndexed"),
    (f"{BATCH}JobSpec", "completions"): _completions,
    (f"{BATCH}JobSpec", "manualSelector"): _always(False),
    (f"{BATCH}JobSpec", "parallelism"): _parallelism,
    (f"{BATCH}JobSpec", "podReplacementPolicy"): _replacement,
    (f"{BATCH}JobSpec", "suspend"): _always(False),
    (f"{NETWORKING}NetworkPolicyPort", "protocol"): _always("TCP"),
    (f"{NETWORKING}NetworkPolicySpec", "podSelector"): _always({}),
    (f"{NETWORKING}NetworkPolicySpec", "policyTypes"): _policy_types,
    (f"{RBAC}RoleRef", "apiGroup"): _always("rbac.authorization.k8s.io"),
    (f"{RBAC}Subject", "apiGroup"): _subject_group,
    (f"{STORAGE}StorageClass", "reclaimPolicy"): _always("Delete"),
    (f"{STORAGE}StorageClass", "volumeBindingMode"): _always("Immediate"),
}

BY_DEFINITION: Mapping[str, tuple[str, ...]] = {
    definition: tuple(field for owner, field in DEFAULTS if owner == definition) for definition, _ in DEFAULTS
}

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

KEPT_EMPTY = frozenset({("io.k8s.api.autoscaling.v2.HPAScalingRules", "policies")})
"""Lists that mean something else when they are empty than when they are absent; pkg/apis/autoscaling/v2/defaults.go."""
