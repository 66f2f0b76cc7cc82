"""cloud: what would answer from outside of the control plane, played by patching statuses.

In      a connection to the API server.
Out     objects that look as if AWS, registries, disks, load balancers, nodes and External Secrets had done their part.
Never   creates, deletes or changes a spec. It writes statuses alone, and one annotation, told below.

What it plays, each as its controller would write it:

- the kubelet: pods run and are ready, those of jobs end well. Deployments, StatefulSets and Jobs get their statuses
  from the real controller manager, which counts these pods;
- the disk driver: PersistentVolumeClaims are bound;
- the cloud's load balancer: Services of type LoadBalancer have an address;
- the AWS provider: managed resources are Synced and Ready, and have what AWS would tell of them;
- Crossplane's package manager: Providers and Functions are Installed and Healthy. The real one is part of the core
  and would ask a registry for each package, so their annotation `crossplane.io/paused` keeps it away;
- External Secrets: its objects are Ready.

`hold` leaves objects of a part alone, and `refuse` lets AWS say no, so that tests can look at what is between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from typing import Any

from e2e.kubernetes_api import NOT_FOUND, KubernetesAPI, RefusedError
from e2e.provider import in_aws

JSON = Any
Status = Mapping[str, Any]

PAUSE = 0.5
"""Seconds between two looks at everything."""
ADDRESS = "203.0.113.10"
MANAGED = ".aws.m.upbound.io"
EXTERNAL_SECRETS = "external-secrets.io/v1"
PACKAGES = "pkg.crossplane.io/v1"
PAUSED = "crossplane.io/paused"


@dataclass(frozen=True, slots=True)
class Part:
    """One who answers: for which kinds, with which status; None where there is nothing to say."""

    name: str
    kinds: tuple[tuple[str, str], ...]
    status: Callable[[JSON], Status | None]


@dataclass(slots=True)
class Cloud:
    """Everything outside, in a thread of its own."""

    api: KubernetesAPI
    held: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    """Managed resource's kind and its claim's name -> what AWS says."""
    problem: Exception | None = None
    _stopped: Event = field(default_factory=Event)
    _thread: Thread | None = None

    def start(self) -> None:
        """Begin to answer."""
        self._thread = Thread(target=self._work, name="cloud", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; raises what went wrong in the end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        if self.problem is not None:
            raise self.problem

    def hold(self, *parts: str) -> None:
        """Leave these parts' objects as they are."""
        self.held |= set(parts)

    def release(self, *parts: str) -> None:
        """Answer for these parts again."""
        self.held -= set(parts)

    def _work(self) -> None:
        while not self._stopped.wait(PAUSE):
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - the API server is restarted on purpose; what stays is told by `stop`
                self.problem = error
            else:
                self.problem = None

    def _look(self) -> None:
        for part in self._parts():
            if part.name in self.held:
                continue
            for api_version, kind in part.kinds:
                for each in self._all(api_version, kind):
                    self._answer(each, part)

    def _parts(self) -> Iterator[Part]:
        yield from PARTS
        # Asked anew each time: a package brings its kinds one after the other.
        yield Part("aws", self.api.kinds(MANAGED), self._of_managed)

    def _all(self, api_version: str, kind: str) -> list[JSON]:
        try:
            return self.api.list(api_version, kind)
        except RefusedError as error:
            if error.code == NOT_FOUND:
                return []  # not installed yet
            raise

    def _answer(self, thing: JSON, part: Part) -> None:
        wanted = part.status(thing)
        if wanted is None or "deletionTimestamp" in thing["metadata"]:
            return
        before = thing.get("status") or {}
        after = {**wanted, **_merged_conditions(before, wanted)}
        try:
            if thing["apiVersion"] == PACKAGES and PAUSED not in (thing["metadata"].get("annotations") or {}):
                self.api.merge(thing, {"metadata": {"annotations": {PAUSED: "true"}}})
            if not _holds(before, after):
                self.api.set_status(thing, after)
        except RefusedError as error:
            if error.code != NOT_FOUND:  # it may have gone meanwhile
                raise

    def _of_managed(self, thing: JSON) -> Status:
        """What the AWS provider writes: the outcome of its last call, and what AWS tells of the resource."""
        labels = thing["metadata"].get("labels") or {}
        said = self.refused.get(f"{thing['kind']} {labels.get('crossplane.io/composite', '')}")
        if said is not None:
            return {"conditions": [_condition("Synced", "ReconcileError", status="False", message=said)]}
        return {
            "conditions": [_condition("Synced", "ReconcileSuccess"), _condition("Ready", "Available")],
            "atProvider": in_aws(thing),
        }


def _of_pod(thing: JSON) -> Status:
    if any(owner["kind"] == "Job" for owner in thing["metadata"].get("ownerReferences", ())):
        return {"phase": "Succeeded", "conditions": [_condition("Ready", "PodCompleted", status="False")]}
    return {"phase": "Running", "conditions": [_condition("Ready", ""), _condition("ContainersReady", "")]}


def _of_volume(thing: JSON) -> Status:
    spec = thing["spec"]
    return {"phase": "Bound", "accessModes": spec["accessModes"], "capacity": spec["resources"]["requests"]}


def _of_service(thing: JSON) -> Status | None:
    if thing["spec"]["type"] != "LoadBalancer":
        return None
    return {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}}


def _of_package(_: JSON) -> Status:
    return {"conditions": [_condition("Installed", "ActivePackageRevision"), _condition("Healthy", "HealthyPackage")]}


def _of_external_secret(_: JSON) -> Status:
    return {"conditions": [_condition("Ready", "SecretSynced")]}


PARTS = (
    Part("pods", (("v1", "Pod"),), _of_pod),
    Part("volumes", (("v1", "PersistentVolumeClaim"),), _of_volume),
    Part("load-balancer", (("v1", "Service"),), _of_service),
    Part("packages", ((PACKAGES, "Provider"), (PACKAGES, "Function")), _of_package),
    Part(
        "external-secrets",
        tuple(
            (EXTERNAL_SECRETS, kind)
            for kind in ("SecretStore", "ClusterSecretStore", "ExternalSecret", "ClusterExternalSecret")
        ),
        _of_external_secret,
    ),
)


def _condition(kind: str, reason: str, *, status: str = "True", message: str = "") -> JSON:
    found = {"type": kind, "status": status, "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return found | ({"reason": reason} if reason else {}) | ({"message": message} if message else {})


def _merged_conditions(before: Status, wanted: Status) -> Status:
    """Conditions are a list, which a patch replaces: those of others stay, and ours keep their time."""
    ours = {each["type"]: each for each in wanted.get("conditions", ())}
    if not ours:
        return {}
    kept = []
    for each in before.get("conditions") or ():
        mine = ours.pop(each["type"], None)
        same = mine is not None and mine["status"] == each["status"] and mine.get("message") == each.get("message")
        kept.append(each if mine is None or same else mine)
    return {"conditions": [*kept, *ours.values()]}


def _holds(found: Any, wanted: Any) -> bool:
    """Whether everything wanted is there already."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_holds(found.get(key), value) for key, value in wanted.items())
    return bool(found == wanted)
