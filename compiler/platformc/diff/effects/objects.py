"""objects: which objects are made, changed, replaced, deleted, left behind, or taken over by another Application.

In      a Comparison.
Out     Effects of the kinds create, update, replace, delete, left-behind and move.
Never   says that something is deleted that Argo CD keeps, or the reverse; what is lost with it is judged elsewhere.

Sources: Argo CD 3.2.11, controller/appcontroller.go (finalizeApplicationDeletion, shouldBeDeleted) and
controller/state.go (what another Application tracks is not pruned); gitops-engine, pkg/sync/sync_context.go
(pruneObject, runTasks). Options are those of the old state, which the object on the cluster has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from platformc.check.policies.object_fields import below, text
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.contents import Contents, contents_of
from platformc.diff.effects.moves import moved
from platformc.diff.effects.pods import group_of, pods, replicas
from platformc.diff.effects.refused import is_refused
from platformc.diff.effects.syncing import (
    Application,
    Syncs,
    hook_policies,
    is_application,
    is_hook,
    is_kept_on_deletion,
    is_recreated,
    options_of,
    syncs_of,
)
from platformc.language.models.base import DocumentSpec
from platformc.lower.argocd import FOLDER
from platformc.snapshot import Comparison, FieldChange, ObjectChange, SnapshotObject

MOST_NAMED = 3
"""Changed values that a sentence names."""
OPEN_SERVICES = frozenset({"LoadBalancer", "NodePort"})
RUNS = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
"""What runs pods all the time."""
STOPS = frozenset({"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet", "StatefulSet"})


def object_effects(comparison: Comparison) -> Iterator[Effect]:
    """Judge what becomes of each object that differs."""
    syncs = syncs_of(comparison)
    contents = contents_of(comparison, syncs)
    renamed = _renamed(comparison)
    for change in comparison.changes:
        if change.before is None and change.after is not None:
            yield _created(change, change.after, comparison, contents)
        elif change.after is None and change.before is not None:
            yield _gone(change, change.before, comparison, syncs, contents, renamed)
        elif change.before is not None and change.after is not None:
            if change.is_moved:
                yield moved(change, change.before, change.after, comparison, syncs)
            application = syncs.head.get((change.after.environment, change.after.application))
            if change.fields and not is_refused(change, application, comparison.base):
                yield _updated(change, change.after, application)


def _created(change: ObjectChange, after: SnapshotObject, comparison: Comparison, contents: Contents) -> Effect:
    instance = after.object
    message = "is created"
    if is_application(change.key):
        message += f" {contents.of_new(after)}"
    if is_hook(instance):
        message = "is created, and runs with each sync of its Application"
    elif text(instance.get("kind")) in {"Deployment", "StatefulSet"} and group_of(instance) == "apps":
        message = f"is created with {pods(replicas(instance)).removeprefix('its ').replace('only pod', '1 pod')}"
    if after.environment not in comparison.base.environments:
        message += " when somebody bootstraps the environment"
    return Effect(
        EffectKind.CREATE,
        Verdict.ROUTINE,
        after.environment,
        change.key,
        message,
        (Basis(change.key, None, ()),),
    )


def _updated(change: ObjectChange, after: SnapshotObject, application: Application | None) -> Effect:
    basis = tuple(Basis(change.key, field.before_path, field.after_path) for field in change.fields)
    kind, verdict, message = EffectKind.UPDATE, Verdict.ROUTINE, in_place(change.fields)
    if is_hook(after.object):
        message = f"{message}, for its next run"
    elif is_recreated(after.object, application):
        kind, message = EffectKind.REPLACE, "is deleted and made again (Replace=true, Force=true)"
        if change.key.kind in STOPS:
            verdict, message = Verdict.DOWNTIME, f"{message}; its pods stop first"
    elif "Replace=true" in options_of(after.object, application):
        kind, message = EffectKind.REPLACE, "is replaced as a whole (Replace=true): what others set in it is lost"
    return Effect(kind, verdict, after.environment, change.key, message, basis, fields=change.fields)


def in_place(fields: Iterable[FieldChange]) -> str:
    """Which values change, in words."""
    told = list(dict.fromkeys(field.shown for field in fields if not field.same))
    if not told:
        return "is written differently, and means the same"
    if len(told) > MOST_NAMED:
        return f"changes in place: {len(told)} values"
    return f"changes in place: {', '.join(told)}"


def _gone(  # noqa: PLR0917 - all that decides it
    change: ObjectChange,
    before: SnapshotObject,
    comparison: Comparison,
    syncs: Syncs,
    contents: Contents,
    renamed: Mapping[tuple[str, str], str],
) -> Effect:
    kind, message = _fate(before, comparison, syncs)
    verdict = Verdict.ROUTINE
    details = tuple(contents.of_former(before)) if is_application(before.key) else ()
    if kind is EffectKind.DELETE and _is_open(before):
        # Inside, the compiler finds whoever still needs it; nobody knows who comes from outside.
        verdict, details = Verdict.DOWNTIME, ("whoever reaches it from outside of the cluster no longer does",)
    new = renamed.get((before.environment, before.owner))
    if new is not None and kind is EffectKind.DELETE and before.key.kind in RUNS and replicas(before.object):
        verdict = Verdict.DOWNTIME
        details = (f"its pods stop before those of its new name, {new}, are ready: a sync prunes before it creates",)
    basis = (Basis(change.key, (), None),)
    return Effect(kind, verdict, before.environment, change.key, message, basis, details)


def _renamed(comparison: Comparison) -> Mapping[tuple[str, str], str]:
    """Environment and former owner -> its new name, as the head's `moved` entries say."""
    return {
        (
            environment.name,
            f"{resource.id.kind} {resource.id.application}/{entry.from_.partition('.')[2]}",
        ): resource.name
        for environment in comparison.head.environments.values()
        if environment.program is not None
        for resource in environment.program.platform.resources
        if isinstance(resource.spec, DocumentSpec)
        for entry in resource.spec.moved
    }


def _is_open(before: SnapshotObject) -> bool:
    key = before.key
    if (key.group, key.kind) == ("networking.k8s.io", "Ingress"):
        return True
    kind = below(dict(before.object), "spec", "type")
    return (key.group, key.kind) == ("", "Service") and text(kind) in OPEN_SERVICES


def _fate(before: SnapshotObject, comparison: Comparison, syncs: Syncs) -> tuple[EffectKind, str]:
    """What becomes of an object that is no longer rendered, in words."""
    environment, home = before.environment, (before.environment, before.application)
    if environment not in comparison.head.environments:
        return (
            EffectKind.LEFT_BEHIND,
            "stays on its cluster: nothing of the environment is rendered, so nobody deletes it",
        )
    if _is_on_another_cluster(before, comparison):
        return EffectKind.LEFT_BEHIND, f"stays on {before.key.cluster}, where nobody deletes it any more"
    if home in syncs.head:
        return _pruned(before, syncs.head[home])
    if home in syncs.base:
        return _deleted_with(before, syncs.base[home], asks=home in syncs.asking)
    return EffectKind.DELETE, "is no longer rendered; nothing says which Application has it, and what becomes of it"


def _is_on_another_cluster(before: SnapshotObject, comparison: Comparison) -> bool:
    """Whether its environment now goes to another cluster, or its Argo CD is another one."""
    new = comparison.head.environments[before.environment]
    if before.application != FOLDER:
        return before.key.cluster != new.cluster
    clusters = {one.key.cluster for one in new.objects if one.application == FOLDER}
    return bool(clusters) and before.key.cluster not in clusters


def _pruned(before: SnapshotObject, application: Application) -> tuple[EffectKind, str]:
    """What its Application, which is still there, does with an object that is no longer in its folder."""
    options = options_of(before.object)
    if is_hook(before.object):
        if "HookSucceeded" in hook_policies(before.object):
            return EffectKind.DELETE, "no longer runs"
        return EffectKind.LEFT_BEHIND, "no longer runs; its last run stays until somebody deletes it"
    if not application.prunes:
        return EffectKind.LEFT_BEHIND, "stays: its Application does not prune"
    if "Prune=false" in options:
        told = "stays until somebody deletes it (Prune=false); its Application is OutOfSync as long as it is there"
        return EffectKind.LEFT_BEHIND, told
    with_it = _with_it(before)
    if "Prune=confirm" in options:
        return EffectKind.DELETE, f"is deleted{with_it} once somebody confirms it (Prune=confirm)"
    return EffectKind.DELETE, f"is deleted{with_it}"


def _with_it(before: SnapshotObject) -> str:
    """What else an Application takes with it."""
    if not is_application(before.key):
        return ""
    return ", and with it what it syncs," if Application(before).deletes_its_objects else ", without what it syncs,"


def _deleted_with(before: SnapshotObject, application: Application, *, asks: bool) -> tuple[EffectKind, str]:
    """What becomes of an object whose Application goes."""
    if not application.deletes_its_objects:
        return EffectKind.LEFT_BEHIND, "stays: its Application goes without the finalizer that would delete it"
    if is_kept_on_deletion(before.object):
        return EffectKind.LEFT_BEHIND, "stays when its Application is deleted (Delete=false)"
    confirmations = " once somebody confirms that" if application.is_removed_on_confirmation else ""
    if asks:  # as long as one of its objects does, none is deleted
        confirmations += f"{' and' if confirmations else ' once somebody confirms'} the deletion of what it holds"
    return EffectKind.DELETE, f"is deleted with its Application{confirmations}"
