"""health: the health of an object, and the one message about it that matters.

In      an object of the API server.
Out     Health in Argo CD's terms, or None for kinds without health, such as a ConfigMap.
Never   makes a request. For claims, SealedSecrets and Applications it agrees with the checks in argocd/health (a test
        compares both on the same statuses), for workloads with Argo CD's own checks (gitops-engine, pkg/health).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]

HEALTHY, PROGRESSING, DEGRADED, SUSPENDED, MISSING = "Healthy", "Progressing", "Degraded", "Suspended", "Missing"


@dataclass(frozen=True, slots=True)
class Health:
    """The health of an object."""

    status: str
    message: str = ""


def health_of(instance: Object) -> Health | None:
    """Return the health of an object; None if no health of its kind is known here."""
    check = _check(instance)
    if check is None:
        return None
    if "deletionTimestamp" in instance["metadata"]:
        return Health(PROGRESSING, "Being deleted")
    return check(instance)


def is_assessed(group: str, kind: str) -> bool:
    """Whether objects of a kind have a health that is known here."""
    return group == CLAIMS or (group, kind) in CHECKS


def _check(instance: Object) -> Callable[[Object], Health] | None:
    group = instance["apiVersion"].rpartition("/")[0]
    return _claim if group == CLAIMS else CHECKS.get((group, instance["kind"]))


def _claim(claim: Object) -> Health:
    status = claim.get("status") or {}
    own: dict[str, Object] = {}
    for condition in status.get("conditions") or ():
        if _is_stale(condition.get("observedGeneration"), claim):
            return Health(PROGRESSING, "Waiting for Crossplane to see the change")
        own[condition["type"]] = condition
    if not own:
        return Health(PROGRESSING, "Waiting for Crossplane")
    synced, ready = own.get("Synced", {}), own.get("Ready", {})
    if synced.get("status") == "False":
        paused = synced.get("reason") == "ReconcilePaused"
        return Health(SUSPENDED, "Paused") if paused else Health(DEGRADED, _words(synced))
    resources = _resources(status.get("resources") or {})
    if resources is not None:
        return resources
    if ready.get("status") == "True":
        return Health(HEALTHY, "Ready")
    return Health(PROGRESSING, _words(ready) if ready else "Waiting for Crossplane")


def _resources(resources: Mapping[str, Any]) -> Health | None:
    """The health of a claim's managed resources; None if there is nothing to report."""
    waiting = None
    for name, conditions in sorted(resources.items()):
        for condition in conditions:
            if condition.get("status") != "False":
                continue
            if condition["type"] in {"Synced", "LastAsyncOperation"}:
                return Health(DEGRADED, f"{name}: {_words(condition)}")
            if condition["type"] == "Ready" and waiting is None:
                waiting = Health(PROGRESSING, f"{name}: {_words(condition)}")
    return waiting


def _words(condition: Object) -> str:
    return condition.get("message") or condition.get("reason") or str(condition["type"])


def _is_stale(seen: int | None, instance: Object) -> bool:
    generation = instance["metadata"].get("generation")
    return seen is not None and generation is not None and seen < generation


def _sealed_secret(sealed: Object) -> Health:
    status = sealed.get("status") or {}
    if "conditions" not in status:
        return Health(PROGRESSING, "Waiting for the sealed-secrets controller")
    if _is_stale(status.get("observedGeneration"), sealed):
        return Health(PROGRESSING, "Waiting for the sealed-secrets controller to see the change")
    for condition in status["conditions"]:
        if condition["type"] == "Synced" and condition["status"] == "False":
            return Health(DEGRADED, condition.get("message", "The controller cannot open it"))
        if condition["type"] == "Synced" and condition["status"] == "True":
            return Health(HEALTHY, "The Secret is up to date")
    return Health(PROGRESSING, "Waiting for the sealed-secrets controller")


ERRORS = frozenset({"ComparisonError", "DeletionError", "InvalidSpecError", "SyncError", "UnknownError"})


def _application(application: Object) -> Health:
    """The health as one object among others: the root, which manages itself, waits for nothing."""
    metadata = application["metadata"]
    namespace, name = metadata.get("namespace", ""), metadata.get("name")
    tracking = (metadata.get("annotations") or {}).get("argocd.argoproj.io/tracking-id")
    if tracking == f"{name}:argoproj.io/Application:{namespace}/{name}":
        return Health(HEALTHY, "Brings itself")
    return application_health(application)


def application_health(application: Object) -> Health:
    """The health of an Application, of the root with everything that it syncs."""
    status = application.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition["type"] in ERRORS:
            return Health(DEGRADED, f"{condition['type']}: {condition.get('message', '')}")
    sync, own = status.get("sync") or {}, status.get("health") or {}
    if "status" not in sync or "status" not in own:
        return Health(PROGRESSING, "Not compared yet")
    compared, source = (sync.get("comparedTo") or {}).get("source"), application.get("spec", {}).get("source")
    if compared and source and any(compared.get(one) != source.get(one) for one in SOURCE_FIELDS):
        return Health(PROGRESSING, "Not compared since it changed")
    if sync["status"] != "Synced" and not status.get("history"):
        return _first_sync(status.get("operationState") or {})
    return Health(PROGRESSING, "Objects are missing") if own["status"] == MISSING else Health(**_plain(own))


def _first_sync(operation: Object) -> Health:
    if operation.get("phase") in {"Failed", "Error"}:
        return Health(DEGRADED, operation.get("message", "The first sync failed"))
    return Health(PROGRESSING, operation.get("message", "Not synced yet"))


def _plain(health: Object) -> dict[str, str]:
    return {"status": health["status"], "message": health.get("message", "")}


SOURCE_FIELDS = ("repoURL", "path", "chart", "targetRevision")


def _deployment(deployment: Object) -> Health:
    spec, status = deployment["spec"], deployment.get("status") or {}
    if spec.get("paused"):
        return Health(SUSPENDED, "Paused")
    if _is_stale(status.get("observedGeneration", 0), deployment):
        return Health(PROGRESSING, "Waiting for the rollout to begin")
    for condition in status.get("conditions") or ():
        if condition["type"] == "Progressing" and condition.get("reason") == "ProgressDeadlineExceeded":
            return Health(DEGRADED, condition.get("message", "The rollout takes too long"))
    return _replicas(spec.get("replicas", 1), status)


def _replicas(wanted: int, status: Object) -> Health:
    updated, available = status.get("updatedReplicas", 0), status.get("availableReplicas", 0)
    if updated < wanted:
        return Health(PROGRESSING, f"{updated} of {wanted} replicas are new")
    if status.get("replicas", 0) > updated:
        return Health(PROGRESSING, f"{status['replicas'] - updated} old replicas have to go")
    if available < updated:
        return Health(PROGRESSING, f"{available} of {updated} replicas are available")
    return Health(HEALTHY)


def _stateful_set(stateful_set: Object) -> Health:
    spec, status = stateful_set["spec"], stateful_set.get("status") or {}
    if not status.get("observedGeneration") or _is_stale(status["observedGeneration"], stateful_set):
        return Health(PROGRESSING, "Waiting for the rollout to begin")
    wanted, ready = spec.get("replicas", 1), status.get("readyReplicas", 0)
    if ready < wanted:
        return Health(PROGRESSING, f"{ready} of {wanted} replicas are ready")
    if status.get("updateRevision") != status.get("currentRevision"):
        return Health(PROGRESSING, "Some replicas are old")
    return Health(HEALTHY)


def _job(job: Object) -> Health:
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition["status"] == "True" and condition["type"] == "Failed":
            return Health(DEGRADED, condition.get("message", "Failed"))
        if condition["status"] == "True" and condition["type"] == "Complete":
            return Health(HEALTHY, condition.get("message", ""))
        if condition["status"] == "True" and condition["type"] == "Suspended":
            return Health(SUSPENDED, condition.get("message", ""))
    return Health(PROGRESSING, "Running")


def _volume_claim(claim: Object) -> Health:
    phase = (claim.get("status") or {}).get("phase", "Pending")
    return Health({"Bound": HEALTHY, "Lost": DEGRADED}.get(phase, PROGRESSING), phase)


CLAIMS = "aws.platformc.dev"
CHECKS: Mapping[tuple[str, str], Callable[[Object], Health]] = {
    ("", "PersistentVolumeClaim"): _volume_claim,
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("argoproj.io", "Application"): _application,
    ("batch", "Job"): _job,
    ("bitnami.com", "SealedSecret"): _sealed_secret,
}
"""Kind -> its check; claims have one for all kinds of their group."""


def why_pods_wait(pods: list[Object]) -> str:
    """Why the first pod that does not run fails: the container, Kubernetes' reason, its message."""
    for pod in sorted(pods, key=lambda one: str(one["metadata"].get("name"))):
        status = pod.get("status") or {}
        for container in (*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())):
            waiting = (container.get("state") or {}).get("waiting")
            if waiting and waiting.get("reason") not in (None, "PodInitializing", "ContainerCreating"):
                said = waiting.get("message", "")
                return f"{container['name']}: {waiting['reason']}" + (f": {said}" if said else "")
        for condition in status.get("conditions") or ():
            if condition["type"] == "PodScheduled" and condition["status"] == "False":
                return f"{condition.get('reason', 'Unschedulable')}: {condition.get('message', '')}"
    return ""
