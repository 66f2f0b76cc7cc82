"""The rendered platform as a cluster has it after everything went well."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from fake_cluster import FakeCluster
from live_command import ROOT
from platformc.live.health import CHECKS, CLAIMS

READY = [{"type": "Synced", "status": "True"}, {"type": "Ready", "status": "True"}]
STATUSES: dict[str, dict[str, Any]] = {
    "Deployment": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
    "Job": {"conditions": [{"type": "Complete", "status": "True"}]},
    "PersistentVolumeClaim": {"phase": "Bound"},
    "SealedSecret": {"observedGeneration": 1, "conditions": [{"type": "Synced", "status": "True"}]},
    "StatefulSet": {"observedGeneration": 1, "readyReplicas": 1},
}


def rendered(environment: str, output: Path = ROOT / "rendered") -> dict[str, list[dict[str, Any]]]:
    """Every rendered object, by its folder; each test may change its own."""
    return copy.deepcopy(_read(output / environment))


@cache
def _read(environment: Path) -> dict[str, list[dict[str, Any]]]:
    """Read once: libyaml does it ten times as fast as Python, and still not in no time."""
    folders = sorted(environment.iterdir())
    return {
        folder.name: [yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in sorted(folder.rglob("*.yaml"))]
        for folder in folders
    }


def let_it_be_healthy(cluster: FakeCluster, environment: str, output: Path = ROOT / "rendered") -> None:
    """Put everything that is rendered onto the cluster, with statuses as controllers write them."""
    folders = rendered(environment, output)
    for application in folders["argocd"]:
        if application["kind"] == "Application":
            folder = application["spec"]["source"].get("path", "").rpartition("/")[2]
            application["status"] = {
                "sync": {
                    "status": "Synced",
                    "revision": "1234567",
                    "comparedTo": {"source": application["spec"]["source"]},
                },
                "health": {"status": "Healthy"},
                "history": [{"id": 0}],
                "operationState": {"phase": "Succeeded", "message": "successfully synced (all tasks run)"},
                "resources": [described(one) for one in folders.get(folder, ()) if folder != "argocd"],
            }
            cluster.add(application)
    for folder, objects in folders.items():
        for one in objects if folder != "argocd" else ():
            group = one["apiVersion"].rpartition("/")[0]
            if group == CLAIMS or (group, one["kind"]) in CHECKS:
                one["metadata"]["generation"] = 1
                one["status"] = copy.deepcopy(STATUSES.get(one["kind"], {"conditions": READY}))
                cluster.add(one)


def described(instance: dict[str, Any]) -> dict[str, Any]:
    """An object as the status of an Application lists it."""
    group, _, version = instance["apiVersion"].rpartition("/")
    found = {"group": group, "version": version, "kind": instance["kind"], "status": "Synced"}
    found |= {key: instance["metadata"][key] for key in ("name", "namespace") if key in instance["metadata"]}
    return {key: value for key, value in found.items() if value}
