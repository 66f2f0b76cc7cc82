"""removals: what holds data and is no longer rendered, or only under another name.

In      what is known of two states, and the volumes that other judgements have already found replaced.
Out     transitions: data-removed, volume-replaced.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from platformc.check.aws_resources import group_of, kind_of, name_in_aws
from platformc.check.policies.object_fields import below, text
from platformc.diagnostics import Severity
from platformc.rules.data import VOLUME_REPLACED
from platformc.rules.output import DATA_REMOVED
from platformc.safety.claims import is_deleted_with, left_behind, name_of
from platformc.safety.known import DEFINING, Known, Object, Pair, document_of
from platformc.safety.sync_options import STRENGTHS, options_of, strength
from platformc.safety.transition import Loss, Transition
from platformc.snapshot import ObjectKey, SnapshotObject

DELETED_WITH_IT = "Kubernetes deletes its volumes with it (persistentVolumeClaimRetentionPolicy)"
STAYS = "{} on the cluster, with {}, until someone deletes {} by hand"
NEVER = STRENGTHS["false"]
OTHERS = {
    "Namespace": "it and everything in it",
    "PersistentVolume": "it; its claim then has no disk",
    "PersistentVolumeClaim": "it, and its disk unless the storage class retains it",
}
"""Kubernetes' own kinds -> what goes with an object."""
WITH_IT = {
    "Namespace": "everything in it goes with it",
    "PersistentVolume": "its claim then has no disk",
    "PersistentVolumeClaim": "its disk goes with it, unless the storage class retains it",
}
"""The same, as sentences."""
CARRIED_OVER = frozenset({("", "PersistentVolumeClaim"), ("apps", "StatefulSet")})
KEEP_THE_NAME = "keep the former name, or copy the data: docs/operating.md has the steps"


def judge(known: Known, replaced: Collection[ObjectKey], switched: Collection[str]) -> Iterator[Transition]:
    """Yield what is gone, unless something takes its place and keeps the data, or it was found replaced before.

    The definitions of environments whose claim API has another form now are all replaced: that is one transition.
    """
    for old in known.deleted:
        if not known.holds_data(old.object) or old.key in replaced:
            continue
        if old.environment in switched and (old.key.group, old.key.kind) in DEFINING:
            continue
        pair = known.successor(old) if _can_be_replaced(known, old) else None
        if pair is None:
            yield _removed(known, old)
        elif kind_of(old.object) != "StatefulSet":  # its volumes are judged where they are mounted
            yield from _moved(known, pair)


def _can_be_replaced(known: Known, old: SnapshotObject) -> bool:
    """Whether another object can take over the data; with a namespace or a definition goes what is in it."""
    if (old.key.group, old.key.kind) in CARRIED_OVER:
        return True
    return known.claims.data(old.object) is not None or known.claims.of_managed(old.object) is not None


def _removed(known: Known, old: SnapshotObject) -> Transition:
    entry = known.moved(old)
    message, hint, advice = f"{name_of(old.object)} is no longer rendered", fate(known, old), ""
    if entry is None:
        advice = "if it was renamed, add `moved`" if known.claims.of(old.object) is not None else ""
        hint += f"; {advice}" if advice else ""
    else:
        message += f", and nothing of {entry.resource.id.kind} {entry.resource.name} takes its place"
    return Transition(
        DATA_REMOVED,
        Loss.LOST,
        old.environment,
        old.key,
        message,
        hint,
        (),
        None,
        at=entry.at if entry is not None else None,
        in_base=known.base_place(old),
        severity=Severity.ERROR if is_deleted_unasked(known, old.object) else None,
        document=entry.resource.id if entry is not None else None,
        becomes=becomes(known, old.object),
        advice=advice,
    )


def _moved(known: Known, pair: Pair) -> Iterator[Transition]:
    """What is lost although another object takes the place of the old one."""
    old, new = pair.before, pair.after
    claim = known.claims.of(old.object)
    lost = left_behind(claim.name, old.object, new.object) if claim is not None and claim.name is not None else None
    rule = DATA_REMOVED
    if kind_of(old.object) == "PersistentVolumeClaim" and not is_filled(new.object):
        what = f"{new.key.namespace}/{new.key.name}" if new.key.namespace != old.key.namespace else new.key.name
        rule, lost = VOLUME_REPLACED, (f"its data stays in the old volume: {what} is new and empty", KEEP_THE_NAME)
    elif claim is None and known.claims.of_managed(old.object) is not None:
        before, after = name_in_aws(known.claims, old.object), name_in_aws(known.claims, new.object)
        if before != after:
            lost = f"its data stays in {before}: the new object creates {after}", "keep its external name"
        elif is_deleted_with(known.claims, old.object):
            lost = f"AWS deletes {before} with the former object", "orphan it first, render and sync, then rename it"
    if lost is None:
        return
    yield Transition(
        rule,
        Loss.LOST,
        new.environment,
        old.key,
        f"{name_of(old.object)}: {lost[0]}",
        lost[1],
        (),
        None,
        at=pair.moved.at if pair.moved is not None else None,
        in_base=known.base_place(old),
        document=pair.moved.resource.id if pair.moved is not None else document_of(new.owner),
    )


def is_filled(claim: Object) -> bool:
    """Whether a new volume claim names its disk, or what it is copied from."""
    spec = below(dict(claim), "spec")
    return any(below(spec, field) is not None for field in ("volumeName", "dataSource", "dataSourceRef"))


def is_deleted_unasked(known: Known, old: Object) -> bool:
    """Whether the data of an object that is no longer rendered is deleted, and Argo CD asks nobody."""
    kind = kind_of(old)
    if strength(options_of(old), "Prune"):
        return False
    if kind == "StatefulSet":
        return _when_deleted(old) == "Delete"
    return kind in OTHERS or (group_of(old), kind) in DEFINING or is_deleted_with(known.claims, old)


def becomes(known: Known, old: Object) -> str:
    """What becomes of the data in an object when the object goes."""
    kind = kind_of(old)
    if kind == "StatefulSet":
        return DELETED_WITH_IT if _when_deleted(old) == "Delete" else "its volumes stay, with their disks"
    if (group_of(old), kind) in DEFINING:
        return "with it go all objects of the kinds that it defines"
    if kind in WITH_IT:
        return WITH_IT[kind]
    if is_deleted_with(known.claims, old):
        return f"AWS deletes the {kind.lower()} and everything in it"
    return f"the {kind.lower()} stays in AWS with everything in it, and nobody manages it any longer"


def _when_deleted(stateful_set: Object) -> str:
    return text(below(dict(stateful_set), "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted"))


def fate(known: Known, removed: SnapshotObject) -> str:
    """What happens to an object that is no longer rendered, and to its data."""
    old = removed.object
    kind, pruned = kind_of(old), strength(options_of(old), "Prune")
    argocd = ("Argo CD deletes", "Argo CD asks before it deletes", "it stays until someone deletes")[pruned]
    if kind == "StatefulSet":
        return (
            DELETED_WITH_IT
            if _when_deleted(old) == "Delete"
            else STAYS.format("its volumes stay", "their disks", "them")
        )
    if kind == "PersistentVolumeClaim" and (found := _of_volume(known, removed, pruned)):
        return found
    if (group_of(old), kind) in DEFINING:
        return f"{argocd} it, and with it all objects of the kinds that it defines"
    if kind in OTHERS:
        return f"{argocd} {OTHERS[kind]}"
    what = "the claim" if known.claims.of(old) is not None else "it"
    if is_deleted_with(known.claims, old):
        return f"{argocd} {what}, and with it the resource in AWS (deletionPolicy: Delete)"
    return f"{argocd} {what}; the resource in AWS stays"


def _of_volume(known: Known, removed: SnapshotObject, pruned: int) -> str:
    """What happens to a volume claim that is not simply pruned; empty otherwise."""
    goes_along = (removed.environment, removed.application) in known.deleted_applications
    deleted = strength(options_of(removed.object), "Delete")
    if goes_along and deleted != NEVER:
        argocd = "Argo CD asks before it deletes it" if deleted else "Argo CD deletes it"
        return f"{argocd} with its Application; its disk goes with it, unless the storage class retains it"
    return STAYS.format("it stays", "its disk", "it") if pruned == NEVER else ""
