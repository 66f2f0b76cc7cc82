"""applications: what Argo CD says about its Applications, and what people say to it.

In      a connection to the API server.
Out     Applications as Argo CD has them; waiting until they stand as they should.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from e2e.argocd import NAMESPACE
from e2e.kubernetes_api import KubernetesAPI, eventually

JSON = Any

API_VERSION = "argoproj.io/v1alpha1"
REFRESH = "argocd.argoproj.io/refresh"
WAVE = "argocd.argoproj.io/sync-wave"
PATIENCE = 240
"""Seconds until everything is well again, where other programs keep the machine busy."""


def application(api: KubernetesAPI, name: str) -> JSON:
    """One that must be there."""
    found = api.get(API_VERSION, "Application", name, NAMESPACE)
    assert found is not None, f"there is no Application {name}"
    return found


def applications(api: KubernetesAPI) -> dict[str, JSON]:
    """All, by name."""
    return {each["metadata"]["name"]: each for each in api.list(API_VERSION, "Application", NAMESPACE)}


def refresh(api: KubernetesAPI, names: Iterable[str] = ()) -> None:
    """Let Argo CD look at the repository now, as a webhook would; without names, for all Applications."""
    for name in names or applications(api):
        api.merge(
            {"apiVersion": API_VERSION, "kind": "Application", "metadata": {"name": name, "namespace": NAMESPACE}},
            {"metadata": {"annotations": {REFRESH: "normal"}}},
        )


def folder_of(application: JSON) -> str:
    """The folder below rendered/<environment> that it syncs; a chart has none."""
    return str(application["spec"]["source"].get("path", "")).rpartition("/")[2]


def sync_of(application: JSON) -> str:
    """Synced, OutOfSync, Unknown; nothing before the first look."""
    return str((application.get("status") or {}).get("sync", {}).get("status", ""))


def health_of(application: JSON) -> str:
    """Healthy, Progressing, Degraded, Missing; nothing before the first look."""
    return str((application.get("status") or {}).get("health", {}).get("status", ""))


def operation_of(application: JSON) -> JSON:
    """The last or running operation."""
    return (application.get("status") or {}).get("operationState", {})


def health_of_object(application: JSON, kind: str, name: str) -> tuple[str, str]:
    """Health and message of one of its objects, as Argo CD keeps them."""
    for each in (application.get("status") or {}).get("resources", ()):
        if (each["kind"], each["name"]) == (kind, name):
            found = each.get("health", {})
            return found.get("status", ""), found.get("message", "")
    return "", ""


def is_settled(application: JSON, revision: str, health: str = "Healthy") -> bool:
    """Whether it is at that commit (a chart has none), and nothing is going on or wrong."""
    status = application.get("status") or {}
    if REFRESH in application["metadata"].get("annotations", {}):
        return False
    at = "chart" in application["spec"]["source"] or status.get("sync", {}).get("revision") == revision
    idle = "operation" not in application and operation_of(application).get("phase") == "Succeeded"
    return bool(
        at and idle and sync_of(application) == "Synced" and health_of(application) == health
    ) and not status.get("conditions")


def wait_until_settled(
    api: KubernetesAPI, revision: str, names: Iterable[str] = (), *, health: str = "Healthy"
) -> dict[str, JSON]:
    """Wait until Applications (without names, all) are at a commit and well; they as they then are."""

    def look() -> dict[str, JSON]:
        found = applications(api)
        chosen = {name: found[name] for name in names or found}
        return chosen if all(is_settled(each, revision, health) for each in chosen.values()) else {}

    return eventually(
        f"{', '.join(names) or 'all Applications'} at {revision[:7]} and {health}",
        look,
        seconds=PATIENCE,
        seen=lambda: summary(applications(api), revision),
    )


def summary(found: Mapping[str, JSON], revision: str) -> Mapping[str, Any]:
    """What keeps those that are not settled."""
    return {
        name: {
            "sync": sync_of(each),
            "health": (each.get("status") or {}).get("health"),
            "revision": (each.get("status") or {}).get("sync", {}).get("revision"),
            "conditions": (each.get("status") or {}).get("conditions"),
            "phase": operation_of(each).get("phase"),
            "message": operation_of(each).get("message"),
            "objects": [
                f"{one['kind']} {one['name']}: {one.get('status')} {one.get('health', {})}"
                for one in (each.get("status") or {}).get("resources", ())
                if one.get("status") != "Synced" or one.get("health", {}).get("status", "Healthy") != "Healthy"
            ],
        }
        for name, each in found.items()
        if not is_settled(each, revision)
    }
