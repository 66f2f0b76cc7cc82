"""restarts: which pods a change replaces, through which edge, and whether others answer meanwhile.

In      a Comparison.
Out     Effects of the kinds restart and downtime; of the kind update where a number of pods alone changes; of the kind
        run for hooks.
Never   says that pods restart where the API server refuses the change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from platformc.check.policies.object_fields import below, mapping, number, text
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.pods import (
    Rollout,
    answers_before_it_is_ready,
    group_of,
    pods,
    replicas,
    rollout_of,
    template_of,
)
from platformc.diff.effects.refused import is_refused
from platformc.diff.effects.syncing import (
    Application,
    Home,
    applications_of,
    hook_policies,
    is_hook,
    is_recreated,
    runs_with_each_sync,
    wave_of,
)
from platformc.diff.effects.template_changes import FIRST as IMAGE
from platformc.diff.effects.template_changes import Reason, in_words, reasons_of
from platformc.snapshot import Comparison, FieldChange, ObjectChange, ObjectKey, SnapshotObject, Verb

SCALED = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})
RUNS = frozenset({("", "Pod"), ("batch", "Job")})
"""Hooks that run something."""


def restart_effects(comparison: Comparison) -> Iterator[Effect]:
    """Judge what happens to the pods of objects that change, and to hooks that run with each sync."""
    applications = applications_of(comparison.head)
    surroundings = _Surroundings(comparison)
    for change in comparison.changes:
        if change.before is None or change.after is None or not change.fields or is_hook(change.after.object):
            continue
        application = applications.get((change.after.environment, change.after.application))
        if is_refused(change, application, comparison.base) or is_recreated(change.after.object, application):
            continue
        yield from _scaled(change, change.before, change.after, surroundings)
        reasons = reasons_of(change, comparison)
        if change.key.kind == "Pod":  # nothing else can change in place and stops a container
            reasons = tuple(reason for reason in reasons if reason.words.startswith(IMAGE))
        if reasons:
            yield from _restarted(change, change.before, change.after, reasons, surroundings)
    yield from _hooks(comparison, applications)


class _Surroundings:
    """What is beside a workload in the head: who scales it, and which Services send requests to its pods."""

    def __init__(self, comparison: Comparison) -> None:
        self.scaled: set[tuple[str, str, str, str]] = set()
        self.services: defaultdict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for one in comparison.head.objects:
            key = one.key
            if (key.group, key.kind) == ("autoscaling", "HorizontalPodAutoscaler"):
                target = mapping(below(dict(one.object), "spec", "scaleTargetRef"))
                self.scaled.add((key.cluster, key.namespace, text(target.get("kind")), text(target.get("name"))))
            elif (key.group, key.kind) == ("", "Service"):
                self.services[key.cluster, key.namespace].append(one.object)

    def is_scaled(self, key: ObjectKey) -> bool:
        return (key.cluster, key.namespace, key.kind, key.name) in self.scaled

    def services_of(self, key: ObjectKey, template: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        labels = mapping(below(dict(template), "metadata", "labels"))
        found = []
        for service in self.services[key.cluster, key.namespace]:
            selector = mapping(below(dict(service), "spec", "selector"))
            if selector and all(labels.get(name) == value for name, value in selector.items()):
                found.append(service)
        return found


def _scaled(
    change: ObjectChange, before: SnapshotObject, after: SnapshotObject, surroundings: _Surroundings
) -> Iterator[Effect]:
    """Another number of pods restarts none: the others stay."""
    if change.key.kind not in SCALED or group_of(after.object) != "apps":
        return
    fields = tuple(field for field in change.fields if ("spec", "replicas") in (field.before_path, field.after_path))
    old, new = replicas(before.object), replicas(after.object)
    if not fields or old == new:
        return
    if surroundings.is_scaled(change.key) and number(below(dict(after.object), "spec", "replicas")) is None:
        return  # the autoscaler alone says how many there are
    stops = new == 0
    message = f"{old} -> {new} pods" + (": nothing runs any more" if stops else "")
    kind, verdict = (EffectKind.DOWNTIME, Verdict.DOWNTIME) if stops else (EffectKind.UPDATE, Verdict.ROUTINE)
    basis = tuple(Basis(change.key, field.before_path, field.after_path) for field in fields)
    data = {"pods": {"before": old, "after": new}}
    yield Effect(kind, verdict, change.environment, change.key, message, basis, fields=fields, data=data)


def _restarted(
    change: ObjectChange,
    before: SnapshotObject,
    after: SnapshotObject,
    reasons: tuple[Reason, ...],
    surroundings: _Surroundings,
) -> Iterator[Effect]:
    why, kind = in_words(reasons), change.key.kind
    quiet = _without_restart(before.object, after.object)
    if quiet:
        message = f"{quiet}, although {why}" if kind != "CronJob" else f"{quiet}: {why}"
        yield _effect(change, EffectKind.RESTART, Verdict.ROUTINE, message, reasons, None)
        return
    if kind == "Pod":
        message = f"its containers stop and start again in the same pod, because {why}"
        yield _effect(change, EffectKind.DOWNTIME, Verdict.DOWNTIME, message, reasons, 1)
        return
    rollout = rollout_of(before.object, after.object, scaled_by_others=surroundings.is_scaled(change.key))
    if rollout is not None:
        template = template_of(after.object)
        unready = answers_before_it_is_ready(template, surroundings.services_of(change.key, template))
        yield _rolled(change, rollout, reasons, unready=unready)


def _rolled(change: ObjectChange, rollout: Rollout, reasons: tuple[Reason, ...], *, unready: bool) -> Effect:
    verb = "restarts"
    message = f"{verb} {pods(rollout.count)}, {rollout.how}, because {in_words(reasons)}"
    if rollout.stops:
        return _effect(change, EffectKind.DOWNTIME, Verdict.DOWNTIME, message, reasons, rollout.count)
    if unready:
        told = ("there is no readiness probe: new pods get requests, and old ones stop, before the new ones answer",)
        return _effect(change, EffectKind.DOWNTIME, Verdict.DOWNTIME, message, reasons, rollout.count, told)
    return _effect(change, EffectKind.RESTART, Verdict.RESTART, message, reasons, rollout.count)


UNTOUCHED: Mapping[str, str] = {
    "CronJob": "restarts nothing, its next run is another one",
    "Job": "restarts nothing, the Job is suspended",  # otherwise it would be refused
    "ReplicaSet": "restarts nothing, only pods that are made later are new",
    "ReplicationController": "restarts nothing, only pods that are made later are new",
}
"""Kind -> what a change of its template does, as no controller replaces its pods."""


def _without_restart(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    """Why running pods stay as they are although their template changes; empty if they do not."""
    kind, spec = text(after.get("kind")), mapping(after.get("spec"))
    if kind == "Deployment" and spec.get("paused") is True:
        return "restarts nothing while it is paused"
    if kind in {"DaemonSet", "StatefulSet"} and below(spec, "updateStrategy", "type") == "OnDelete":
        return "restarts nothing until somebody deletes its pods (OnDelete)"
    if kind == "StatefulSet" and replicas(before) > 0 and rollout_of(before, after, scaled_by_others=False) is None:
        return "restarts nothing, `partition` keeps all pods as they are"
    return UNTOUCHED.get(kind, "")


def _effect(  # noqa: PLR0917 - what an effect of this module consists of
    change: ObjectChange,
    kind: EffectKind,
    verdict: Verdict,
    message: str,
    reasons: tuple[Reason, ...],
    count: int | None,
    details: tuple[str, ...] = (),
) -> Effect:
    basis = tuple(dict.fromkeys(basis for reason in reasons for basis in reason.basis))
    fields = tuple(dict.fromkeys(field for reason in reasons for field in reason.fields))
    data = {"pods": count, "because": [reason.words for reason in reasons]}
    return Effect(kind, verdict, change.environment, change.key, message, basis, details, fields, data=data)


def _hooks(comparison: Comparison, applications: Mapping[Home, Application]) -> Iterator[Effect]:
    """A hook runs with each sync of its Application, and each change of something that is no hook starts one."""
    reasons: defaultdict[Home, list[ObjectChange]] = defaultdict(list)
    failing: dict[Home, int] = {}
    for change in comparison.changes:
        for home in _syncs_started_by(change):
            reasons[home].append(change)
            if is_refused(change, applications.get(home), comparison.base):
                failing[home] = min(wave_of(change.present.object), failing.get(home, wave_of(change.present.object)))
    known = {home for home in reasons if home not in applications or applications[home].is_automated}
    for one in comparison.head.objects:
        home = (one.environment, one.application)
        is_run = (one.key.group, one.key.kind) in RUNS and runs_with_each_sync(one.object)
        if one.environment not in comparison.base.environments:
            continue  # nobody syncs it before somebody bootstraps it
        arrives = home in known and wave_of(one.object) <= failing.get(home, wave_of(one.object))
        if is_run and arrives and one.key in comparison.before:
            yield _runs_again(one, comparison.by_key.get(one.key), reasons[home])


def _syncs_started_by(change: ObjectChange) -> Iterable[Home]:
    """The Applications that are no longer in sync by a change; hooks are not compared."""
    sides = [side for side in (change.before, change.after) if side is not None]
    if all(is_hook(side.object) for side in sides) or (change.verb is Verb.UPDATE and not _differs(change)):
        return ()
    return dict.fromkeys((side.environment, side.application) for side in sides)


def _differs(change: ObjectChange) -> bool:
    """Whether an update is one for the API server."""
    return change.is_moved or any(not field.is_stored_alike for field in change.fields)


def _runs_again(one: SnapshotObject, own: ObjectChange | None, changes: list[ObjectChange]) -> Effect:
    changed = own is not None and bool(own.fields)
    message = "runs again, changed" if changed else "runs again, as with each sync of its Application"
    details: tuple[str, ...] = ()
    if "BeforeHookCreation" not in hook_policies(one.object) and "HookSucceeded" not in hook_policies(one.object):
        details = ("nobody deletes its last run, so Argo CD applies it to that, and no pod runs",)
    because = (own,) if changed and own is not None else tuple(changes)
    basis = tuple(dict.fromkeys(each for change in because for each in _basis(change)))
    fields: tuple[FieldChange, ...] = own.fields if changed and own is not None else ()
    data = {"changed": changed}
    return Effect(EffectKind.RUN, Verdict.ROUTINE, one.environment, one.key, message, basis, details, fields, data=data)


def _basis(change: ObjectChange) -> Iterator[Basis]:
    if change.verb is Verb.UPDATE and change.fields:
        yield from (Basis(change.key, field.before_path, field.after_path) for field in change.fields)
    else:
        yield Basis(change.key, () if change.before is not None else None, () if change.after is not None else None)
