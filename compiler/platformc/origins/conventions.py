"""Conventions: the values that no scalar of the spec sets, each with a name and a reason.

A leaf of the output either has origins in the spec or belongs to one of these. The first match in the
table wins; `docs/conventions.md` is made from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from platformc.language.nodes import KeyPath

ANY_DEPTH = "**"
POD = ("spec", ANY_DEPTH)
WORKLOADS = ("CronJob", "Deployment", "Job", "StatefulSet")
CLAIM = "claim"
"""Stands for all kinds of claims; the records of kinds list them."""


@dataclass(frozen=True, slots=True)
class Convention:
    """One convention: the leaves that belong to it, and the reason for their values."""

    id: str
    title: str
    reason: str
    kinds: tuple[str, ...]
    """Kinds of objects; empty for all kinds."""
    paths: tuple[tuple[str, ...], ...]
    """Path patterns: a part is a key or position, `*` matches within a part, `**` any number of parts."""
    is_computed: bool = False
    """Whether it explains how a value is computed from its origins, so that it is shown beside them."""

    def covers(self, kind: str, path: KeyPath) -> bool:
        """Whether a leaf belongs to this convention."""
        if self.kinds and kind not in self.kinds:
            return False
        parts = [str(step) for step in path]
        return any(_matches(pattern, parts) for pattern in self.paths)


def _matches(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == ANY_DEPTH:
        return any(_matches(pattern[1:], parts[start:]) for start in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches(pattern[1:], parts[1:])


CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "object-kind",
        "The kind of the object",
        "The kind of the document determines which objects are rendered, and in which API version.",
        (),
        (("apiVersion",), ("kind",)),
    ),
    Convention(
        "standard-labels",
        "Kubernetes' recommended labels",
        "Every object says what it is, what it is part of and what manages it, so that people and tools find it.",
        (),
        (
            (ANY_DEPTH, "labels", "app.kubernetes.io/*"),
            (ANY_DEPTH, "labels", "app"),
            (ANY_DEPTH, "labels", "platformc.dev/environment"),
            (ANY_DEPTH, "matchLabels", "app.kubernetes.io/name"),
        ),
    ),
    Convention(
        "sync-waves",
        "The order in which objects are synced",
        "Within an Application, access and configuration come first (-3), then secrets (-2), then workloads (0), jobs "
        "(1), and then as `order` says; in the claim API, definitions (0) come before Compositions (1). Applications "
        "are synced in this order: projects (-50), namespaces (-30), charts (-20, or their `syncWave`), Crossplane's "
        "packages and the platform's own objects (-15), the provider configuration for AWS (-12), the claim API (-10), "
        "claims (-5), then each application by its `syncWave` (10), and the default-deny policies last (20).",
        (),
        (("metadata", "annotations", "argocd.argoproj.io/sync-wave"),),
    ),
    Convention(
        "confirmed-removal",
        "Objects that hold data are removed only on purpose",
        "Pruning namespaces, claims, Applications and Crossplane's packages needs confirmation, and so does deleting "
        "objects that hold data together with their Application (`Delete=confirm`); volumes and the claim API are never "
        "pruned. `SkipDryRunOnMissingResource` is set if an earlier wave installs the kind itself.",
        (),
        (("metadata", "annotations", "argocd.argoproj.io/sync-options"),),
    ),
    Convention(
        "job-hooks",
        "Jobs run on every sync",
        "Jobs are immutable, so each sync deletes the old one and creates a new one; a checksum on a tracked "
        "object makes Argo CD sync even if only the job changed.",
        ("Job", "ServiceAccount"),
        (
            ("metadata", "annotations", "argocd.argoproj.io/hook"),
            ("metadata", "annotations", "argocd.argoproj.io/hook-delete-policy"),
            ("metadata", "annotations", "platformc.dev/job-checksum"),
            ("spec", "template", "spec", "restartPolicy"),
        ),
    ),
    Convention(
        "volume-ownership",
        "The files of a volume change to the pod's group only once",
        "Otherwise Kubernetes would walk through the whole volume at every start; with OnRootMismatch it does so only "
        "if the owner of the volume's root differs.",
        WORKLOADS,
        ((*POD, "securityContext", "fsGroupChangePolicy"),),
    ),
    Convention(
        "restricted-baseline",
        "Pods run with no more privileges than they need",
        "Kubernetes' restricted Pod Security Standard: not root, no new privileges, no capabilities, the default "
        "system call filter; and a read-only root file system.",
        WORKLOADS,
        ((*POD, "securityContext", ANY_DEPTH),),
    ),
    Convention(
        "service-account-tokens",
        "Only pods with RBAC permissions get a token",
        "A token that a process does not need helps only an intruder.",
        ("ServiceAccount", *WORKLOADS),
        (("automountServiceAccountToken",), (*POD, "automountServiceAccountToken"), (*POD, "serviceAccountName")),
    ),
    Convention(
        "no-service-links",
        "Services set no environment variables",
        "Otherwise a Service named `redis` would set REDIS_PORT=tcp://… in every pod of its namespace.",
        WORKLOADS,
        ((*POD, "enableServiceLinks"),),
    ),
    Convention(
        "mounted-files",
        "Mounted files are read-only, and readable only by the pod's user and group",
        "Mode 0440 with the pod's fsGroup.",
        WORKLOADS,
        ((*POD, "defaultMode"), (*POD, "volumeMounts", "*", "readOnly")),
    ),
    Convention(
        "scratch-folders",
        "Scratch folders last as long as the pod",
        "With a read-only root file system, processes need folders to write to; they are empty at each start.",
        WORKLOADS,
        ((*POD, "volumes", "*", "emptyDir"),),
    ),
    Convention(
        "wait-containers",
        "Pods wait for what they need to start",
        "`wait: true` adds an init container that tries the port until it answers.",
        WORKLOADS,
        ((*POD, "initContainers", ANY_DEPTH),),
    ),
    Convention(
        "checksums",
        "Pods restart when their configuration changes",
        "Processes read configuration once, when they start; an annotation with a checksum turns a change into a rollout.",
        WORKLOADS,
        ((*POD, "annotations", "platformc.dev/*"),),
        is_computed=True,
    ),
    Convention(
        "rollout-deadline",
        "A rollout has more time than the slowest start",
        "If the startup probe allows ten minutes or more, the deadline is that time (initialDelaySeconds plus "
        "failureThreshold times periodSeconds) plus ten minutes.",
        ("Deployment",),
        (("spec", "progressDeadlineSeconds"),),
        is_computed=True,
    ),
    Convention(
        "spread-and-budget",
        "Replicas run on different nodes, and are evicted one at a time",
        "With two or more replicas, pods are spread over nodes, and draining a node waits until an evicted pod is "
        "replaced.",
        ("PodDisruptionBudget", *WORKLOADS),
        ((*POD, "topologySpreadConstraints", ANY_DEPTH), ("spec", "maxUnavailable")),
    ),
    Convention(
        "stateful-sets",
        "Each replica has its own name and volume",
        "A headless Service gives each its DNS name; volumes stay when replicas or the whole set are removed.",
        ("StatefulSet", "Service"),
        (
            ("spec", "updateStrategy", ANY_DEPTH),
            ("spec", "persistentVolumeClaimRetentionPolicy", "*"),
            ("spec", "clusterIP"),
            ("spec", "publishNotReadyAddresses"),
        ),
    ),
    Convention(
        "handover",
        "How a new version replaces the old one",
        "Two pods cannot share a volume that allows one writer, so such workloads stop before the new version starts. "
        "For all others, Kubernetes' own numbers (25%) are written out: Argo CD removes only what it applied, and the API "
        "server refuses Recreate beside numbers that nobody removes.",
        ("Deployment",),
        (("spec", "strategy", "type"), ("spec", "strategy", "rollingUpdate", "*")),
    ),
    Convention(
        "isolation",
        "Pods connect only to what their edges allow",
        "One NetworkPolicy isolates the pods of a workload in both directions and allows what its edges need, "
        "including DNS; a default-deny policy for everything else in the namespace is synced last.",
        ("NetworkPolicy",),
        (("spec", ANY_DEPTH), ("metadata", "name")),
    ),
    Convention(
        "namespaces",
        "The labels of every namespace",
        "Pod Security levels are enforced, and pull secrets select namespaces by a label.",
        ("Namespace",),
        (("metadata", "labels", "*"),),
    ),
    Convention(
        "rbac",
        "Roles and their bindings",
        "A binding refers to the role and the service account of the same document.",
        ("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
        (("roleRef", "*"), ("subjects", ANY_DEPTH)),
    ),
    Convention(
        "sealed-secrets",
        "How the controller creates a Secret",
        "The scope that the values were sealed for, and the type of the Secret.",
        ("SealedSecret",),
        (("spec", "template", ANY_DEPTH), ("metadata", "annotations", "sealedsecrets.bitnami.com/*")),
    ),
    Convention(
        "claim-api",
        "What the compiler adds to the claim API for Argo CD",
        "Definitions are synced before claims, and never deleted with them.",
        ("Composition", "CompositeResourceDefinition"),
        ((ANY_DEPTH,),),
    ),
    Convention(
        "crossplane-packages",
        "What Crossplane gets besides the claim API",
        "Providers and functions are rendered as written; exactly the provider kinds that a Composition uses are "
        "activated; the kind of the provider configuration follows from the scope of the claims.",
        ("ClusterProviderConfig", "Function", "ManagedResourceActivationPolicy", "Provider", "ProviderConfig"),
        ((ANY_DEPTH,),),
    ),
    Convention(
        "pull-secrets",
        "How a pull secret is renewed",
        "An ECR token is valid for twelve hours. One namespace has the access key and fetches a token; External Secrets "
        "copies the token, never the key, to the namespaces that ask for it with a label, using a service account that "
        "can read only this one Secret.",
        (
            "ClusterExternalSecret",
            "ClusterSecretStore",
            "ECRAuthorizationToken",
            "ExternalSecret",
            "Role",
            "RoleBinding",
            "ServiceAccount",
        ),
        (("metadata", ANY_DEPTH), ("rules", ANY_DEPTH), ("spec", ANY_DEPTH)),
    ),
    Convention(
        "argocd-applications",
        "How Argo CD syncs",
        "Automatically, with pruning and self-healing, by server-side apply; a retry uses the newest commit, so that "
        "a fix is not blocked by the failure that it fixes; deletion is in the foreground, so that nothing is left behind.",
        ("Application",),
        (("metadata", ANY_DEPTH), ("spec", ANY_DEPTH)),
    ),
    Convention(
        "argocd-projects",
        "What Argo CD may do",
        "Each project allows exactly the rendered kinds and their destinations, and the child objects that are worth "
        "seeing.",
        ("AppProject",),
        (("metadata", ANY_DEPTH), ("spec", ANY_DEPTH)),
    ),
    Convention(
        "language-defaults",
        "Defaults of the spec language",
        "The spec does not set the field; docs/language.md lists its default.",
        ("PersistentVolumeClaim", "Service", CLAIM, *WORKLOADS),
        (("spec", ANY_DEPTH),),
    ),
)


def convention_of(kind: str, path: KeyPath) -> Convention | None:
    """Return the convention that a leaf belongs to; `kind` is CLAIM for claims of any kind."""
    return next((convention for convention in CONVENTIONS if convention.covers(kind, path)), None)
