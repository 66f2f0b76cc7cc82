"""order: what comes earlier or later than before, and what waits for whom.

In      a Comparison.
Out     Effects of the kind order: waves that change, syncs that wait for a person.
Never   tells the order of what is new: it is in the spec.

Sources: Argo CD, "Sync Phases and Waves". A wave begins when all of the one before is healthy. What must be confirmed
(Prune=confirm) is asked for at its wave, before anything else of that wave, and everything of that wave and of later
ones waits with it (runTasks in gitops-engine's pkg/sync/sync_context.go).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.syncing import (
    Application,
    Home,
    applications_of,
    is_application,
    is_hook,
    options_of,
    prune_waves,
    wave_of,
)
from platformc.language import DocumentId
from platformc.link import EdgeKind
from platformc.lower.metadata import WAVE
from platformc.snapshot import Comparison, ObjectChange, ObjectKey, Snapshot, SnapshotObject

MOST_NAMED = 3
"""Objects that a sentence names."""


def order_effects(comparison: Comparison) -> Iterator[Effect]:
    """Judge what comes in another order, and which syncs stop until somebody confirms something."""
    for change in comparison.changes:
        if change.before is not None and change.after is not None:
            yield from _another_wave(change, change.before, change.after, comparison)
    yield from _waits_for_a_person(comparison)


def _another_wave(
    change: ObjectChange, before: SnapshotObject, after: SnapshotObject, comparison: Comparison
) -> Iterator[Effect]:
    old, new = wave_of(before.object), wave_of(after.object)
    if old == new:
        return
    where = "among the Applications" if is_application(change.key) else "of its Application's sync"
    message = f"comes {'later' if new > old else 'earlier'}: in wave {new} instead of {old} {where}"
    details = tuple(_waits_for(before, after, comparison))
    path = ("metadata", "annotations", WAVE)
    fields = tuple(each for each in change.fields if path in (each.before_path, each.after_path))
    basis = tuple(Basis(change.key, each.before_path, each.after_path) for each in change.fields if each in fields)
    yield Effect(
        EffectKind.ORDER,
        Verdict.ROUTINE,
        change.environment,
        change.key,
        message,
        basis or (Basis(change.key, ("metadata",), ("metadata",)),),
        details,
        fields,
        data={"wave": {"before": old, "after": new}},
    )


def _waits_for(before: SnapshotObject, after: SnapshotObject, comparison: Comparison) -> Iterator[str]:
    """The `order` edges of its document that are new or gone."""
    old, new = _targets(before, comparison.base), _targets(after, comparison.head)
    for document in sorted(new - old):
        yield f"waits for {document.kind} {document.name}"
    for document in sorted(old - new):
        yield f"no longer waits for {document.kind} {document.name}"


def _targets(one: SnapshotObject, snapshot: Snapshot) -> set[DocumentId]:
    program = snapshot.program(one.environment)
    if program is None:
        return set()
    owner = next((document for document in program.outgoing if str(document) == one.owner), None)
    edges = program.edges_from(owner, EdgeKind.ORDER) if owner is not None else ()
    return {edge.target for edge in edges if isinstance(edge.target, DocumentId)}


def _waits_for_a_person(comparison: Comparison) -> Iterator[Effect]:
    """Each sync that stops at something that is only pruned on confirmation."""
    applications = applications_of(comparison.head)
    removed: defaultdict[Home, list[SnapshotObject]] = defaultdict(list)
    for change in comparison.changes:
        one = change.before
        if one is None or change.after is not None or is_hook(one.object):
            continue
        home = (one.environment, one.application)
        if home in applications:
            removed[home].append(one)
    waves, coming = prune_waves(comparison), _coming(comparison.changes)
    for home, objects in removed.items():
        if applications[home].prunes:
            yield from _stopped(applications[home], objects, coming[home], waves)


def _coming(changes: Iterable[ObjectChange]) -> Mapping[Home, list[SnapshotObject]]:
    """What else each sync has to do."""
    coming: defaultdict[Home, list[SnapshotObject]] = defaultdict(list)
    for change in changes:
        if change.after is not None:
            coming[change.after.environment, change.after.application].append(change.after)
    return coming


def _stopped(
    application: Application,
    removed: list[SnapshotObject],
    coming: list[SnapshotObject],
    waves: Mapping[ObjectKey, int],
) -> Iterator[Effect]:
    asked = [one for one in removed if "Prune=confirm" in options_of(one.object)]
    if not asked:
        return
    first = min(waves[one.key] for one in asked)
    held = sum(1 for one in coming if wave_of(one.object) >= first)
    names = [str(one.key) for one in asked[:MOST_NAMED]]
    if len(asked) > MOST_NAMED:
        names.append(f"{len(asked) - MOST_NAMED} more")
    message = f"its sync waits for a person: argocd app confirm-deletion, for {', '.join(names)}"
    details = (_meanwhile(held, first), "no later commit of this Application is synced meanwhile")
    basis = tuple(Basis(one.key, (), None) for one in asked)
    yield Effect(
        EffectKind.ORDER,
        Verdict.ROUTINE,
        application.source.environment,
        application.key,
        message,
        basis,
        details,
        data={"wave": first, "held": held, "confirm": len(asked)},
    )


def _meanwhile(held: int, wave: int) -> str:
    if not held:
        return "nothing else of this change waits with it"
    return f"{held} more of its changes, in wave {wave} or later, {'waits' if held == 1 else 'wait'} with it"
