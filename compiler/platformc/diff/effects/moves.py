"""moves: an object that another Application has now, and what the one that had it does.

In      an ObjectChange that is moved; the Applications of both states.
Out     an Effect of the kind move.

Sources: Argo CD 3.2.11. An object belongs to the Application in its annotation argocd.argoproj.io/tracking-id, which
each apply overwrites; until then the new one only warns (SharedResourceWarning in controller/state.go). The former one
prunes what still carries its own name: isSelfReferencedObj. Both sync by themselves, so nothing says which is first.
An Application whose folder is gone cannot compare, so it prunes nothing until it is deleted itself; the root prunes
before it creates in the same wave (runTasks in gitops-engine's pkg/sync/sync_context.go).
"""

from __future__ import annotations

from platformc.check.policies.object_fields import below, text
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.syncing import Application, Syncs, is_hook, is_kept_on_deletion, options_of, wave_of
from platformc.lower.claim import CLAIMS
from platformc.snapshot import Comparison, ObjectChange, SnapshotObject

ANSWERS = frozenset(
    {"DaemonSet", "Deployment", "Ingress", "Job", "Pod", "ReplicaSet", "Service", "StatefulSet", "Application"}
)
"""Kinds without which something does not answer: pods that run need no ConfigMap and no account a second time."""

Outcome = tuple[Verdict, str, tuple[str, ...]]
"""How grave it is, what happens, what to mind."""


def moved(
    change: ObjectChange, before: SnapshotObject, after: SnapshotObject, comparison: Comparison, syncs: Syncs
) -> Effect:
    """Judge an object that another Application, or another environment, has now."""
    if is_hook(after.object):
        outcome: Outcome = (Verdict.ROUTINE, "it runs with the syncs of the new one", ())
    elif before.environment not in comparison.head.environments:
        told = "nobody does anything with the old one, and it is taken over when somebody bootstraps the new one"
        outcome = (Verdict.ROUTINE, told, ())
    else:
        outcome = _taken_over(before, after, comparison, syncs)
    verdict, what, details = outcome
    if verdict is Verdict.DOWNTIME and change.key.kind not in ANSWERS:
        verdict = Verdict.ROUTINE
    places = [f"the environment {each.environment}" for each in (before, after)]
    if before.environment == after.environment:
        places = [f"the Application {each.application}" for each in (before, after)]
    message = f"moves from {places[0]} to {places[1]}: {what}"
    data = {"from": f"{before.environment}/{before.application}", "to": f"{after.environment}/{after.application}"}
    basis = (Basis(change.key, (), ()),)
    return Effect(EffectKind.MOVE, verdict, after.environment, change.key, message, basis, details, data=data)


def _taken_over(before: SnapshotObject, after: SnapshotObject, comparison: Comparison, syncs: Syncs) -> Outcome:
    """What the former Application does with an object that another one applies."""
    former = (before.environment, before.application)
    if former in syncs.head:
        return _beside(before, syncs.head[former])
    old = syncs.base.get(former)
    if old is None or not old.deletes_its_objects or is_kept_on_deletion(before.object):
        return Verdict.ROUTINE, "it is taken over as it is, and nothing deletes it with the old one", ()
    new = syncs.head.get((after.environment, after.application))
    if new is None or new.key in comparison.before:
        asked = "somebody confirms that the old one goes" if old.is_removed_on_confirmation else "the old one goes"
        return Verdict.ROUTINE, f"it is taken over as it is, as long as the new one syncs before {asked}", ()
    return _instead(before, old, new, syncs)


def _beside(before: SnapshotObject, still: Application) -> Outcome:
    """The former Application stays, and is synced at the same time."""
    options = options_of(before.object)
    if not still.prunes or "Prune=false" in options:
        return Verdict.ROUTINE, "it is taken over as it is, and the old one never prunes it", ()
    if "Prune=confirm" in options:
        told = "it is taken over as it is, as long as nobody confirms its deletion in the old one"
        return Verdict.ROUTINE, told, ("the old one stops asking as soon as the new one has it",)
    told = "whichever syncs first decides whether it is taken over as it is, or deleted and made again"
    return Verdict.DOWNTIME, told, ()


def _instead(before: SnapshotObject, old: Application, new: Application, syncs: Syncs) -> Outcome:
    """The root makes the new Application and prunes the old one, in the order of their waves."""
    pruned, made = syncs.prune_waves.get(old.key, wave_of(old.source.object)), wave_of(new.source.object)
    if made < pruned:  # a wave begins when the one before is healthy, so the new one has it by then
        return Verdict.ROUTINE, "it is taken over as it is, before the old one goes", ()
    when = "when somebody confirms that the old one goes, " if old.is_removed_on_confirmation else ""
    asks = (before.environment, before.application) in syncs.asking
    details: tuple[str, ...] = ()
    if not _has_claims(new):
        details = (f"`syncWave: {pruned - 1}` on the new Application, for this change, lets it take all over first",)
    if made == pruned and "Delete=confirm" in options_of(before.object):
        told = "it is taken over as it is, as long as nobody confirms the deletion of what the old one holds"
        return Verdict.ROUTINE, f"{when}{told}", details
    if made == pruned:
        told = "the new one is made at the same time, so that this may be deleted and made again"
        return Verdict.DOWNTIME, f"{when}{told}", details
    second = ", after a second confirmation for what it holds," if asks else ""
    return Verdict.DOWNTIME, f"{when}this is deleted with it{second} before the new one makes it again", details


def _has_claims(application: Application) -> bool:
    """Whether an Application has the claims of a document, so that its wave is fixed."""
    return text(below(dict(application.source.object), "spec", "source", "path")).endswith(CLAIMS)
