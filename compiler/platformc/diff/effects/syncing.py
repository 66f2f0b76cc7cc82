"""syncing: which of Argo CD's Applications syncs an object, and with what options.

In      a Snapshot; objects of any shape.
Out     Applications by the folder that they sync; options, wave and hook of an object.
Never   judges a change.

Sources: Argo CD, "Sync Options", "Sync Phases and Waves", "Resource Hooks"; gitops-engine as of Argo CD 3.2.11,
pkg/sync/sync_context.go.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text, texts
from platformc.lower.argocd import API, FINALIZER, FOLDER
from platformc.lower.metadata import SYNC_OPTIONS, WAVE
from platformc.snapshot import Comparison, ObjectKey, Snapshot, SnapshotObject

HOOK = "argocd.argoproj.io/hook"
HOOK_DELETE_POLICY = "argocd.argoproj.io/hook-delete-policy"
HELM_HOOK = "helm.sh/hook"
HELM_POLICY = "helm.sh/resource-policy"
RUN_BY_EACH_SYNC = frozenset({"PreSync", "Sync", "PostSync"})
"""The other phases are for a sync that fails, and for Applications that are deleted."""

Object = Mapping[str, Any]
Home = tuple[str, str]
"""An environment, and a folder of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """One of Argo CD's Applications that sync a folder."""

    source: SnapshotObject

    @property
    def key(self) -> ObjectKey:
        """What identifies it."""
        return self.source.key

    @property
    def name(self) -> str:
        """Its name in Argo CD."""
        return self.source.key.name

    @property
    def is_automated(self) -> bool:
        """Whether it syncs by itself. `automated: {}` does."""
        automated = below(self.source.object, "spec", "syncPolicy", "automated")
        return isinstance(automated, dict) and automated.get("enabled") is not False

    @property
    def prunes(self) -> bool:
        """Whether it deletes what is no longer in its folder."""
        return below(self.source.object, "spec", "syncPolicy", "automated", "prune") is True

    @property
    def deletes_its_objects(self) -> bool:
        """Whether its objects are deleted when it is; `…/background` is a finalizer of its own."""
        finalizers = texts(below(self.source.object, "metadata", "finalizers"))
        return any(each.split("/")[0] == FINALIZER for each in finalizers)

    @property
    def options(self) -> frozenset[str]:
        """The options for all of its objects."""
        return frozenset(texts(below(self.source.object, "spec", "syncPolicy", "syncOptions")))

    @property
    def is_removed_on_confirmation(self) -> bool:
        """Whether the root asks before it deletes the Application."""
        return "Prune=confirm" in options_of(self.source.object)


def applications_of(snapshot: Snapshot) -> Mapping[Home, Application]:
    """All Applications of a snapshot that sync a folder, by that folder; charts have none."""
    found: dict[Home, Application] = {}
    for one in snapshot.objects:
        if one.application == FOLDER and is_application(one.key):
            path = text(below(one.object, "spec", "source", "path")).split("/")
            if len(path) > 1 and path[-2] == one.environment:
                found[one.environment, path[-1]] = Application(one)
    return found


def is_application(key: ObjectKey) -> bool:
    """Whether an object is one of Argo CD's Applications."""
    return key.kind == "Application" and key.group == API.rpartition("/")[0]


def annotations_of(instance: Object) -> dict[str, Any]:
    """The annotations of an object."""
    return mapping(below(dict(instance), "metadata", "annotations"))


def _list(instance: Object, annotation: str) -> frozenset[str]:
    return frozenset(each.strip() for each in text(annotations_of(instance).get(annotation)).split(",") if each.strip())


def options_of(instance: Object, application: Application | None = None) -> frozenset[str]:
    """The sync options of an object: its own, and those of its Application."""
    return _list(instance, SYNC_OPTIONS) | (application.options if application is not None else frozenset())


def is_kept_on_deletion(instance: Object) -> bool:
    """Whether it stays when its Application is deleted (shouldBeDeleted in Argo CD's controller/appcontroller.go)."""
    kept = "Delete=false" in options_of(instance) or "keep" in _list(instance, HELM_POLICY)
    return kept or instance.get("kind") == "CustomResourceDefinition"


def wave_of(instance: Object) -> int:
    """The wave of an object in its Application; 0 for none, or one that is no number."""
    try:
        return int(text(annotations_of(instance).get(WAVE)))
    except ValueError:
        return 0


def is_hook(instance: Object) -> bool:
    """Whether Argo CD runs it as part of a sync, and does not compare or prune it."""
    phases = _list(instance, HOOK)
    return phases != {"Skip"} if phases else bool(_list(instance, HELM_HOOK))


def runs_with_each_sync(instance: Object) -> bool:
    """Whether it is a hook of a phase that each sync has."""
    return is_hook(instance) and (not _list(instance, HOOK) or bool(_list(instance, HOOK) & RUN_BY_EACH_SYNC))


def hook_policies(instance: Object) -> frozenset[str]:
    """When Argo CD deletes a hook: before its next run, if nothing is said."""
    return _list(instance, HOOK_DELETE_POLICY) or frozenset({"BeforeHookCreation"})


def is_recreated(instance: Object, application: Application | None) -> bool:
    """Whether a change deletes and creates it; Force alone does nothing for a server-side apply.

    Namespaces and CRDs are updated in place all the same (applyObject in gitops-engine's pkg/sync/sync_context.go).
    """
    if instance.get("kind") in {"CustomResourceDefinition", "Namespace"}:
        return False
    return {"Replace=true", "Force=true"} <= options_of(instance, application)


def is_applied_by_the_server(instance: Object, application: Application | None) -> bool:
    """Whether its changes are merged by the API server."""
    own = options_of(instance)
    if "ServerSideApply=false" in own or "Replace=true" in options_of(instance, application):
        return False
    return application is None or "ServerSideApply=true" in own | application.options


def prune_waves(comparison: Comparison) -> Mapping[ObjectKey, int]:
    """When each object that its folder no longer has is pruned: what came last goes first.

    The waves of what one sync prunes are swapped with each other, the first with the last (getSyncTasks).
    """
    removed: defaultdict[Home, list[SnapshotObject]] = defaultdict(list)
    for change in comparison.changes:
        if change.after is None and change.before is not None and not is_hook(change.before.object):
            removed[change.before.environment, change.before.application].append(change.before)
    found: dict[ObjectKey, int] = {}
    for objects in removed.values():
        waves = sorted({wave_of(each.object) for each in objects})
        swapped = dict(zip(waves, reversed(waves), strict=True))
        found |= {each.key: swapped[wave_of(each.object)] for each in objects}
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Syncs:
    """Who syncs what, before and after."""

    base: Mapping[Home, Application]
    head: Mapping[Home, Application]
    prune_waves: Mapping[ObjectKey, int]
    asking: frozenset[Home]
    """Homes in the base with objects whose deletion with their Application must be confirmed."""


def syncs_of(comparison: Comparison) -> Syncs:
    """Who syncs what in two states."""
    asking = {
        (one.environment, one.application)
        for one in comparison.base.objects
        if "Delete=confirm" in options_of(one.object)
    }
    return Syncs(
        applications_of(comparison.base),
        applications_of(comparison.head),
        prune_waves(comparison),
        frozenset(asking),
    )


def names_in(value: Any, field: str) -> list[str]:
    """The texts in one field of the objects in a list."""
    return [found for each in sequence(value) if (found := text(mapping(each).get(field)))]
