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

from collections.abc import Mapping

from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.syncing import (
    Application,
    Home,
    is_hook,
    is_kept_on_deletion,
    options_of,
    prune_waves,
    wave_of,
)
from platformc.lower.argocd import FOLDER
from platformc.snapshot import Comparison, ObjectChange, SnapshotObject


def moved(  # noqa: PLR0917 - both sides, and what is known of them
    change: ObjectChange,
    before: SnapshotObject,
    after: SnapshotObject,
    comparison: Comparison,
    base: Mapping[Home, Application],
    head: Mapping[Home, Application],
) -> Effect:
    """Judge an object that another Application, or another environment, has now."""
    old, new = (before.environment, before.application), (after.environment, after.application)
    verdict, what, details = _taken_over(before, after, comparison, base.get(old), head.get(old), head.get(new))
    places = [f"the environment {each.environment}" for each in (before, after)]
    if before.environment == after.environment:
        places = [f"the Application {each.application}" for each in (before, after)]
    message = f"moves from {places[0]} to {places[1]}: {what}"
    basis = (Basis(change.key, (), ()),)
    data = {"from": "/".join(old), "to": "/".join(new)}
    return Effect(EffectKind.MOVE, verdict, after.environment, change.key, message, basis, details, data=data)


def _taken_over(  # noqa: PLR0911, PLR0917 - one return for each way in which it ends
    before: SnapshotObject,
    after: SnapshotObject,
    comparison: Comparison,
    old: Application | None,
    still: Application | None,
    new: Application | None,
) -> tuple[Verdict, str, tuple[str, ...]]:
    """How grave it is, what happens, and what to mind; `still` is the former Application, if it stays."""
    if is_hook(after.object):
        return Verdict.ROUTINE, "it runs with the syncs of the new one", ()
    if before.environment not in comparison.head.environments:
        told = "nobody does anything with the old one, and it is taken over when somebody bootstraps the new one"
        return Verdict.ROUTINE, told, ()
    options = options_of(before.object)
    if still is not None:
        if not still.prunes or "Prune=false" in options:
            return Verdict.ROUTINE, "it is taken over as it is, and the old one never prunes it", ()
        if "Prune=confirm" in options:
            told = "it is taken over as it is, as long as nobody confirms its deletion in the old one"
            return Verdict.ROUTINE, told, ("the old one stops waiting as soon as the new one has it",)
        told = "whichever syncs first decides whether it is taken over as it is, or deleted and made again"
        return Verdict.DOWNTIME, told, ("sync the new Application first, with pruning of the old one switched off",)
    if old is None or not old.deletes_its_objects or is_kept_on_deletion(before.object):
        return Verdict.ROUTINE, "it is taken over as it is, and nothing deletes it with the old one", ()
    if new is not None and _is_there_before(old, new, comparison):
        told = "it is taken over as it is, as long as the new one syncs before somebody confirms that the old one goes"
        return Verdict.ROUTINE, told, ()
    told = "the root makes the new one only after somebody confirms that the old one goes, which deletes this first"
    details = ("create the new Application with a commit of its own, and remove the old one when that is synced",)
    if "Delete=confirm" in options:
        told += ", after a second confirmation"
    return Verdict.DOWNTIME, told, details


def _is_there_before(old: Application, new: Application, comparison: Comparison) -> bool:
    """Whether the new Application exists before the root comes to pruning the old one."""
    if new.key in comparison.before:
        return True
    if not old.is_removed_on_confirmation:
        return False  # both at once: the old one may have deleted it first
    removed = [
        change.before
        for change in comparison.changes
        if change.after is None
        and change.before is not None
        and (change.before.environment, change.before.application) == (old.source.environment, FOLDER)
    ]
    waves = dict(zip((each.key for each in removed), prune_waves([each.object for each in removed]), strict=True))
    first = min(
        (wave for key, wave in waves.items() if "Prune=confirm" in options_of(comparison.before[key].object)),
        default=wave_of(old.source.object),
    )
    return wave_of(new.source.object) < first
