"""status: the state of an environment on its clusters, compared with what is rendered.

In      an environment's graph and objects; the cluster of its Argo CD, and its own if it can be reached.
Out     a Report: each Application with its objects, their sync and health, and what they wait for along the graph.
Never   writes; guesses: what cannot be seen from here is reported as Argo CD reports it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platformc.diagnostics import ToolError
from platformc.language import DocumentId
from platformc.link import EdgeKind, Program
from platformc.live.cluster import Cluster
from platformc.live.health import (
    DEGRADED,
    HEALTHY,
    MISSING,
    PROGRESSING,
    Health,
    application_health,
    health_of,
    is_assessed,
    why_pods_wait,
)
from platformc.lower import Manifest, ObjectId
from platformc.lower.argocd import API, FOLDER, ROOT, application_name
from platformc.lower.metadata import NAME_LABEL, WAVE

SYNCED, OUT_OF_SYNC, UNKNOWN = "Synced", "OutOfSync", "Unknown"
HOOK = "argocd.argoproj.io/hook"
WORKLOADS = frozenset({("apps", "Deployment"), ("apps", "StatefulSet"), ("batch", "Job")})
OURS = "app.kubernetes.io/managed-by=platformc"
FINE = frozenset({HEALTHY, ""})
"""A kind without health, such as a ConfigMap, is fine if it exists."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that an object waits for: the documents on the path to it, and the health of the last one."""

    path: tuple[str, ...]
    health: str
    message: str


@dataclass(frozen=True, slots=True)
class ObjectStatus:
    """One object."""

    id: ObjectId
    sync: str
    health: str
    """Empty for kinds that have none."""
    message: str
    waits_for: tuple[Wait, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether it needs no attention."""
        return self.sync == SYNCED and self.health in FINE

    @property
    def is_absent(self) -> bool:
        """Whether it is missing on the cluster."""
        return MISSING in (self.sync, self.health)


@dataclass(frozen=True, slots=True)
class ApplicationStatus:
    """One Application of Argo CD's."""

    name: str
    """Its name in Argo CD."""
    folder: str
    """Without the environment's prefix."""
    wave: int
    sync: str
    health: str
    message: str
    revision: str
    """The commit or chart version that it was last compared with."""
    objects: tuple[ObjectStatus, ...]

    @property
    def is_fine(self) -> bool:
        """Whether it needs no attention."""
        return self.sync == SYNCED and self.health in FINE and all(one.is_fine for one in self.objects)


@dataclass(frozen=True, slots=True)
class Report:
    """One environment, its Applications in the order of their waves, the root first."""

    environment: str
    applications: tuple[ApplicationStatus, ...]

    @property
    def is_fine(self) -> bool:
        """Whether everything is synced and healthy."""
        return all(one.is_fine for one in self.applications)


async def report(program: Program, manifests: Sequence[Manifest], argocd: Cluster, own: Cluster | None) -> Report:
    """Read the state of an environment. Raises ToolError if there is no Argo CD, or a cluster rejects a request."""
    namespace = program.platform.settings.argocd.namespace
    selector = f"{OURS},platformc.dev/environment={program.platform.environment}"
    found = await argocd.list(API, "Application", namespace, selector)
    if found is None:
        raise ToolError(
            f"Argo CD is not installed on the cluster of {argocd.access.name}: there is no kind Application",
            hint="choose Argo CD's cluster with --context NAME; see `platformc bootstrap` to begin",
        )
    applications = {one["metadata"]["name"]: one for one in found}
    live = await _objects(manifests, own) if own else {}
    standing = _Standing(program, manifests, applications, live)
    expected = [one for one in manifests if one.application == FOLDER and one.id.kind == "Application"]
    expected.sort(key=lambda one: (one.id.name != application_name(program, ROOT), _wave(one), one.id.name))
    return Report(program.platform.environment, tuple(standing.application(one) for one in expected))


def _wave(manifest: Manifest) -> int:
    return int(manifest.object["metadata"]["annotations"][WAVE])


async def _objects(manifests: Sequence[Manifest], own: Cluster) -> dict[ObjectId, dict[str, Any]]:
    """Every rendered object with a health, as on its cluster; one request for each kind and namespace."""
    wanted = sorted(
        {
            (one.object["apiVersion"], one.id.kind, one.id.namespace)
            for one in manifests
            if one.application != FOLDER and is_assessed(one.id.group, one.id.kind)
        }
    )
    found: dict[ObjectId, dict[str, Any]] = {}
    for version, kind, namespace in wanted:  # one by one: kr8s loses track of its connections if it starts with many
        found |= {_id(one): one for one in await own.list(version, kind, namespace, OURS) or ()}
    for identity, one in found.items():
        if (identity.group, identity.kind) in WORKLOADS and not _is_fine(health_of(one)):
            pods = await own.list("v1", "Pod", identity.namespace, f"{NAME_LABEL}={_label(one)}")
            one[PODS] = pods or []
    return found


API_GROUPS = frozenset({"apiextensions.crossplane.io", "pkg.crossplane.io"})
"""Objects that everything depends on and that wait for nothing; their owner, the Platform, refers to many documents."""

PODS = "pods of platformc status"
"""The key for the pods of an unhealthy workload, beside the fields of the API server."""


def _label(instance: Mapping[str, Any]) -> str:
    return str(instance["metadata"].get("labels", {}).get(NAME_LABEL, instance["metadata"]["name"]))


def _id(instance: Mapping[str, Any]) -> ObjectId:
    metadata = instance["metadata"]
    return ObjectId(
        instance["apiVersion"].rpartition("/")[0], instance["kind"], metadata.get("namespace", ""), metadata["name"]
    )


def _is_fine(health: Health | None) -> bool:
    return health is None or health.status in FINE


class _Standing:
    """Everything that was read, joined with what is rendered."""

    def __init__(
        self,
        program: Program,
        manifests: Sequence[Manifest],
        applications: Mapping[str, Mapping[str, Any]],
        live: Mapping[ObjectId, Mapping[str, Any]],
    ) -> None:
        self.program = program
        self.applications = applications
        self.live = live
        self.folders: dict[str, list[Manifest]] = defaultdict(list)
        self.seen: dict[ObjectId, ObjectStatus] = {}
        self.owner: dict[ObjectId, DocumentId] = {}
        self.of_document: dict[DocumentId, list[ObjectId]] = defaultdict(list)
        for manifest in manifests:
            self.folders[manifest.application].append(manifest)
            if manifest.application != FOLDER:
                self.of_document[manifest.owner].append(manifest.id)
                self.owner[manifest.id] = manifest.owner
        for folder, found in self.folders.items():
            told = self._told(application_name(program, folder))
            for manifest in found if folder != FOLDER else ():
                self.seen[manifest.id] = self._object(manifest, told)

    def _told(self, name: str) -> dict[ObjectId, Mapping[str, Any]]:
        """What Argo CD reports about the objects of an Application."""
        status = self.applications.get(name, {}).get("status") or {}
        return {
            ObjectId(one.get("group", ""), one["kind"], one.get("namespace", ""), one["name"]): one
            for one in status.get("resources") or ()
        }

    def _object(self, manifest: Manifest, told: Mapping[ObjectId, Mapping[str, Any]]) -> ObjectStatus:
        identity = manifest.id
        said = told.get(identity, {})
        health = said.get("health") or {}
        status, message = health.get("status", ""), health.get("message", "")
        instance = self.live.get(identity)
        assessed = health_of(instance) if instance is not None else None
        if instance is not None and assessed is not None:
            status, message = assessed.status, assessed.message
            pods = why_pods_wait(list(instance.get(PODS, ())))
            message = f"{message}; {pods}" if pods and message else pods or message
        # Argo CD does not list hooks, such as jobs: only whether one exists is known, and from here not even that.
        is_hook = HOOK in manifest.object["metadata"].get("annotations", {})
        is_there = instance is not None or (is_hook and not self.live)
        sync = said.get("status", SYNCED if is_there else MISSING)
        return ObjectStatus(identity, sync, status, message)

    def application(self, manifest: Manifest) -> ApplicationStatus:
        """One Application with its objects."""
        name = manifest.id.name
        folder = name.removeprefix(self.program.platform.target.argocd.name_prefix)
        rendered = "path" in manifest.object["spec"]["source"] and folder != ROOT
        instance = self.applications.get(name)
        if instance is None:
            return ApplicationStatus(name, folder, _wave(manifest), MISSING, MISSING, "not there yet", "", ())
        health = application_health(instance)
        status = instance.get("status") or {}
        sync = (status.get("sync") or {}).get("status", UNKNOWN)
        expected = [one.id for one in self.folders.get(FOLDER if folder == ROOT else folder, ())]
        objects = [self._with_waits(one) for one in expected if rendered]
        objects += self._to_be_pruned(name, set(expected)) if "path" in manifest.object["spec"]["source"] else ()
        return ApplicationStatus(
            name=name,
            folder=folder,
            wave=_wave(manifest),
            sync=sync,
            health=health.status,
            message=_said(status, health),
            revision=(status.get("sync") or {}).get("revision", ""),
            objects=tuple(objects),
        )

    def _to_be_pruned(self, name: str, expected: set[ObjectId]) -> Iterator[ObjectStatus]:
        """What is still on the cluster but no longer rendered."""
        for identity, one in sorted(self._told(name).items()):
            if identity not in expected and one.get("requiresPruning"):
                health = (one.get("health") or {}).get("status", "")
                yield ObjectStatus(identity, one.get("status", UNKNOWN), health, "no longer rendered, to be pruned")

    def _with_waits(self, identity: ObjectId) -> ObjectStatus:
        found = self.seen[identity]
        if found.is_fine or identity.group in API_GROUPS:
            return found
        return replace(found, waits_for=tuple(self._waits(self.owner[identity])))

    def _waits(self, document: DocumentId) -> list[Wait]:
        """The nearest documents along the edges that are not fine and wait for nothing themselves.

        If all wait for each other in a cycle, the next ones.
        """
        known = {document}
        waiting: list[tuple[DocumentId, tuple[str, ...]]] = [(document, ())]
        causes, next_ones = [], []
        for source, path in waiting:
            targets = list(self._sick_targets(source))
            for target in targets:
                if target not in known:
                    known.add(target)
                    waiting.append((target, (*path, f"{target.kind} {target.name}")))
            if path:
                worst = self._worst(source)
                found = Wait(path, worst.health or worst.sync, worst.message)
                causes += [] if targets else [found]
                next_ones += [found] if len(path) == 1 else []
        return causes or next_ones

    def _sick_targets(self, source: DocumentId) -> Iterator[DocumentId]:
        for edge in self.program.outgoing.get(source, ()):
            target = edge.target
            if edge.kind is EdgeKind.ACCESS and self.program.resources[source].kind.aws is not None:
                continue  # a policy names what it allows, and needs none of it
            if isinstance(target, DocumentId) and target != source and self.of_document.get(target):
                worst = self._worst(target)
                if not worst.is_fine:
                    yield target

    def _worst(self, document: DocumentId) -> ObjectStatus:
        order = (DEGRADED, MISSING, PROGRESSING)

        def rank(one: ObjectStatus) -> tuple[bool, int, bool]:
            how_bad = order.index(one.health) if one.health in order else len(order)
            return one.is_fine, how_bad, (one.id.group, one.id.kind) not in WORKLOADS

        return min((self.seen[one] for one in self.of_document[document]), key=rank)


def _said(status: Mapping[str, Any], health: Health) -> str:
    """The one message about an Application: an error, else what its sync waits for, else its health's message."""
    if health.status == DEGRADED and health.message:
        return health.message
    operation = status.get("operationState") or {}
    if operation.get("phase") in {"Running", "Failed", "Error"} and operation.get("message"):
        return str(operation["message"])
    return health.message
