"""Conventions: the values that no scalar of the spec sets, each with a name and its reason.

A leaf of the output either carries the scalars that it was made from, or belongs to one of these. The
table is searched from the top; `docs/conventions.md` is made from it.
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
"""Stands for all kinds of claims, which only the records of kinds know."""


@dataclass(frozen=True, slots=True)
class Convention:
    """One convention: which leaves belong to it, and why they are as they are."""

    id: str
    title: str
    reason: str
    kinds: tuple[str, ...]
    """Kinds of objects; empty for all."""
    paths: tuple[tuple[str, ...], ...]
    """Patterns of a path: a part is a key or position; `*` matches inside a part, `**` any parts."""
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
        "The kind of the document decides which objects are rendered and in which API version.",
        (),
        (("apiVersion",), ("kind",)),
    ),
    Convention(
        "standard-labels",
        "Kubernetes' recommended labels",
        "Every object shows what it is, what it belongs to and what made it, so that people and tools find it.",
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
        "The order of the sync",
        "Inside an Application access and configuration come first (-3), then secrets (-2), then what runs (0), jobs "
        "(1), then along `order`; of the claim API definitions (0), then Compositions (1). Of the Applications "
        "themselves: projects (-50), namespaces (-30), charts (-20, or their `syncWave`), Crossplane's packages and the "
        "platform's own objects (-15), its way into AWS (-12), the claim API (-10), claims (-5), then each by its "
        "`syncWave` (10), and the default-deny last (20).",
        (),
        (("metadata", "annotations", "argocd.argoproj.io/sync-wave"),),
    ),
    Convention(
        "confirmed-removal",
        "Data is deleted only on purpose",
        "Namespaces, claims, Applications and Crossplane's packages need a confirmation before they are pruned, and objects "
        "with data also before they are deleted with their Application (`Delete=confirm`); volumes and the claim API "
        "are never pruned. `SkipDryRunOnMissingResource` is set if an earlier wave installs the kind itself.",
        (),
        (("metadata", "annotations", "argocd.argoproj.io/sync-options"),),
    ),
    Convention(
        "job-hooks",
        "Jobs run on every sync",
        "Jobs are immutable, so each sync deletes the old one and creates a new one; a checksum on a tracked "
        "object makes a change of just the job a reason to sync.",
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
        "The pod's group gets the files of a volume once",
        "Kubernetes would change the whole volume at every start; with OnRootMismatch it does so only if the owner of "
        "its root differs.",
        WORKLOADS,
        ((*POD, "securityContext", "fsGroupChangePolicy"),),
    ),
    Convention(
        "restricted-baseline",
        "Pods run with no more rights than they need",
        "Kubernetes' restricted Pod Security Standard: not root, no new privileges, no capabilities, the default "
        "system call filter, and a root file system that nobody can write to.",
        WORKLOADS,
        ((*POD, "securityContext", ANY_DEPTH),),
    ),
    Convention(
        "service-account-tokens",
        "Only pods with rights in the Kubernetes API get a token",
        "A token that a pod does not need would only help an intruder.",
        ("ServiceAccount", *WORKLOADS),
        (("automountServiceAccountToken",), (*POD, "automountServiceAccountToken"), (*POD, "serviceAccountName")),
    ),
    Convention(
        "no-service-links",
        "Services set no variables",
        "A Service called `redis` would set REDIS_PORT=tcp://… in every pod of its namespace.",
        WORKLOADS,
        ((*POD, "enableServiceLinks"),),
    ),
    Convention(
        "mounted-files",
        "Mounted files are read-only, and only the pod's group can read them",
        "Mode 0440 with the pod's fsGroup.",
        WORKLOADS,
        ((*POD, "defaultMode"), (*POD, "volumeMounts", "*", "readOnly")),
    ),
    Convention(
        "scratch-folders",
        "Scratch folders are deleted with the pod",
        "With a read-only root file system, processes need folders to write to; they are empty at each start.",
        WORKLOADS,
        ((*POD, "volumes", "*", "emptyDir"),),
    ),
    Convention(
        "wait-containers",
        "Pods wait at their start for what they need",
        "`wait: true` adds an init container that tries the port until it responds.",
        WORKLOADS,
        ((*POD, "initContainers", ANY_DEPTH),),
    ),
    Convention(
        "checksums",
        "Pods are rolled when what they read changes",
        "Processes read configuration once, at their start; an annotation with a checksum makes a change a rollout.",
        WORKLOADS,
        ((*POD, "annotations", "platformc.dev/*"),),
        is_computed=True,
    ),
    Convention(
        "rollout-deadline",
        "A rollout has more time than its slowest start",
        "Where the startup probe allows ten minutes or more, the deadline is that time (initialDelaySeconds, and "
        "failureThreshold times periodSeconds) and ten minutes more.",
        ("Deployment",),
        (("spec", "progressDeadlineSeconds"),),
        is_computed=True,
    ),
    Convention(
        "spread-and-budget",
        "Replicas are spread, and evicted one at a time",
        "With two or more replicas, pods are spread over nodes, and a drain of a node waits for the next pod.",
        ("PodDisruptionBudget", *WORKLOADS),
        ((*POD, "topologySpreadConstraints", ANY_DEPTH), ("spec", "maxUnavailable")),
    ),
    Convention(
        "stateful-sets",
        "Replicas with names and volumes of their own",
        "A headless Service gives each its DNS name; volumes stay when replicas or the whole set are deleted.",
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
        "Two versions cannot share a volume with a single writer, so the old one of such a workload stops first.",
        ("Deployment",),
        (("spec", "strategy", "type"),),
    ),
    Convention(
        "isolation",
        "Pods connect to what their edges say, and to nothing else",
        "One NetworkPolicy isolates the pods of a workload in both directions and allows what its edges need, "
        "DNS included; a default-deny for everything else in the namespace is synced last.",
        ("NetworkPolicy",),
        (("spec", ANY_DEPTH), ("metadata", "name")),
    ),
    Convention(
        "namespaces",
        "Labels of every namespace",
        "Pod Security levels are enforced, and pull secrets select the namespace by a label.",
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
        "How the controller fills a Secret",
        "The scope that the values were sealed for, and the type of the Secret.",
        ("SealedSecret",),
        (("spec", "template", ANY_DEPTH), ("metadata", "annotations", "sealedsecrets.bitnami.com/*")),
    ),
    Convention(
        "claim-api",
        "What the claim API adds for Argo CD",
        "Definitions are synced before claims, and never deleted with them.",
        ("Composition", "CompositeResourceDefinition"),
        ((ANY_DEPTH,),),
    ),
    Convention(
        "crossplane-packages",
        "What Crossplane gets besides the claim API",
        "Providers and functions as written; of a provider's kinds, exactly those that a Composition makes are "
        "activated; the kind of its configuration for AWS depends on the scope of the claims.",
        ("ClusterProviderConfig", "Function", "ManagedResourceActivationPolicy", "Provider", "ProviderConfig"),
        ((ANY_DEPTH,),),
    ),
    Convention(
        "pull-secrets",
        "How a pull secret is renewed",
        "A token of ECR is valid for twelve hours. One namespace has the key and gets a token; External Secrets copies "
        "the token, never the key, to the namespaces with its label, with an account that can read only this Secret.",
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
        "Automatic, with pruning and self-healing, by server-side apply; a retry uses the newest commit, so that "
        "a fix overtakes what it fixes; deletion is in the foreground, so that nothing is left behind.",
        ("Application",),
        (("metadata", ANY_DEPTH), ("spec", ANY_DEPTH)),
    ),
    Convention(
        "argocd-projects",
        "What Argo CD is allowed to sync",
        "Each project allows exactly what is rendered and its destinations, and the children that are worth showing.",
        ("AppProject",),
        (("metadata", ANY_DEPTH), ("spec", ANY_DEPTH)),
    ),
    Convention(
        "language-defaults",
        "Defaults of the spec language",
        "The field is not set; docs/language.md has its default.",
        ("PersistentVolumeClaim", "Service", CLAIM, *WORKLOADS),
        (("spec", ANY_DEPTH),),
    ),
)


def convention_of(kind: str, path: KeyPath) -> Convention | None:
    """The convention that a leaf belongs to; `kind` is CLAIM for claims of any kind."""
    return next((convention for convention in CONVENTIONS if convention.covers(kind, path)), None)
