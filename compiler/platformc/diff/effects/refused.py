"""refused: changes that the API server, or a claim's definition, does not take.

In      a Comparison.
Out     Effects of the kind refused: which field, by whom, and until when the sync of which Application fails.
Never   knows what is on a cluster: it is taken to be what the base rendered, applied by Argo CD.

Sources: safety.immutable for Kubernetes' own kinds, the records of kinds for claims; for what nobody owns,
structured-merge-diff's merge/update.go (prune) and e2e/test_server_side_apply.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.effects.pods import group_of, template_of, template_path
from platformc.diff.effects.syncing import (
    Application,
    applications_of,
    hook_policies,
    is_applied_by_the_server,
    is_hook,
    is_recreated,
)
from platformc.kinds import KINDS
from platformc.language.aws_facts import ClaimFacts
from platformc.language.nodes import KeyPath
from platformc.lower.claim import GROUP
from platformc.safety.immutable import refusals
from platformc.safety.sizes import is_smaller
from platformc.snapshot import Comparison, FieldChange, ObjectChange, Snapshot, snapshot_of_files

CLAIMS: Mapping[str, ClaimFacts] = {
    claim.kind: claim for kind in KINDS.values() if kind.aws is not None for claim in kind.aws.claims
}
SERVER = "the API server"
DEFINITION = "the claim's definition"
TWO_STEPS = (
    "publish `rollingUpdate` with its numbers first, and this when that is synced; docs/operating.md has the way out"
)


@dataclass(frozen=True, slots=True)
class Refused:
    """One change that is not taken."""

    field: str
    by: str
    message: str
    hint: str
    path: KeyPath
    """Where it is, in either state."""


def refused_effects(comparison: Comparison) -> Iterator[Effect]:
    """Judge which changes never arrive."""
    applications = applications_of(comparison.head)
    for change in comparison.changes:
        if change.after is not None:
            application = applications.get((change.after.environment, change.after.application))
            for refused in refused_in(change, application, comparison.base):
                yield _effect(change, refused)


def is_refused(change: ObjectChange, application: Application | None, base: Snapshot) -> bool:
    """Whether a change of an object is not taken at all: it is applied as a whole."""
    return next(refused_in(change, application, base), None) is not None


def refused_in(change: ObjectChange, application: Application | None, base: Snapshot) -> Iterator[Refused]:
    """Yield what is not taken in a change of an object that is in both states."""
    if change.before is None or change.after is None or not change.fields:
        return
    before, after = change.before.object, change.after.object
    if is_recreated(after, application) or (is_hook(after) and "BeforeHookCreation" in hook_policies(after)):
        return
    for one in refusals(before, after):
        message = f"`{one.field}` cannot change"
        yield Refused(one.field, SERVER, message, one.hint, one.path)
    yield from _claim(before, after)
    yield from _smaller_volume(before, after)
    if is_applied_by_the_server(after, application):
        yield from _owned_by_nobody(before, after, change, base)


def _claim(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Refused]:
    kind = after.get("kind")
    claim = CLAIMS.get(kind) if isinstance(kind, str) and group_of(after) == GROUP else None
    if claim is None:
        return
    for field in claim.immutable:
        path = tuple(map(str, field.claim))
        old, new = below(dict(before), *path), below(dict(after), *path)
        if old != new:
            name = ".".join(path)
            yield Refused(name, DEFINITION, f"`{name}` cannot change", field.hint, field.claim)
    for impossible in claim.changes(mapping(before.get("spec")), mapping(after.get("spec"))):
        name = ".".join(str(step) for step in impossible.place if isinstance(step, str))
        yield Refused(name, DEFINITION, impossible.message, impossible.hint, impossible.place)


def _smaller_volume(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Refused]:
    """A claim can grow only: ValidatePersistentVolumeClaimUpdate."""
    path = ("spec", "resources", "requests", "storage")
    if (group_of(after), after.get("kind")) == ("", "PersistentVolumeClaim"):
        old, new = below(dict(before), *path), below(dict(after), *path)
        if is_smaller(new, old):
            hint = "keep the size; less needs a new volume, and a copy of what is in this one"
            yield Refused(".".join(path), SERVER, f"a volume cannot shrink from {old} to {new}", hint, path)


def _owned_by_nobody(
    before: Mapping[str, Any], after: Mapping[str, Any], change: ObjectChange, base: Snapshot
) -> Iterator[Refused]:
    """What the API server itself added to the old state stays beside the new one, as Argo CD never applied it."""
    kind = (group_of(after), after.get("kind"))
    old, new = mapping(before.get("spec")), mapping(after.get("spec"))
    if kind == ("apps", "Deployment"):
        recreated = below(new, "strategy", "type") == "Recreate" and below(old, "strategy", "type") != "Recreate"
        if recreated and not _has_numbers(old, change, base):
            message = (
                "Recreate is refused beside the `rollingUpdate` that the API server added, and that nobody removes"
            )
            yield Refused("spec.strategy", SERVER, message, TWO_STEPS, ("spec", "strategy", "type"))
    # Only a strategy without a type is completed (SetDefaults_StatefulSet).
    typed = bool(below(old, "updateStrategy", "type"))
    if kind == ("apps", "StatefulSet") and not typed and below(new, "updateStrategy", "type") == "OnDelete":
        message = "OnDelete is refused beside the `rollingUpdate` that the API server added, and that nobody removes"
        yield Refused("spec.updateStrategy", SERVER, message, TWO_STEPS, ("spec", "updateStrategy", "type"))
    yield from _volumes(before, after)


def _has_numbers(old: Mapping[str, Any], change: ObjectChange, base: Snapshot) -> bool:
    """Whether the old state's numbers were applied: not by files of a compiler that did not write them (D75)."""
    path = change.before.path if change.before is not None else ""
    if path in base.rendered:
        committed = snapshot_of_files({path: base.rendered[path]}, base.label, like=base)
        for one in committed.objects:
            old = mapping(one.object.get("spec"))
    return bool(below(dict(old), "strategy", "rollingUpdate"))


def _volumes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Refused]:
    """A volume without a source gets an empty folder (SetDefaults_Volume), and can then have no other one."""
    path = template_path(after)
    if path is None:
        return
    old = sequence(below(template_of(before), "spec", "volumes"))
    bare = {name for each in old if (name := text(mapping(each).get("name"))) and len(mapping(each)) == 1}
    for position, each in enumerate(sequence(below(template_of(after), "spec", "volumes"))):
        volume = mapping(each)
        if text(volume.get("name")) in bare and len(volume) > 1 and "emptyDir" not in volume:
            message = f"the volume {volume['name']} keeps the empty folder that the API server gave it"
            place = (*path, "spec", "volumes", position)
            yield Refused("volumes", SERVER, message, "give the volume another name", place)


def _effect(change: ObjectChange, refused: Refused) -> Effect:
    where = f"the Application {change.present.application} is not synced any further until that is undone"
    message = f"{refused.by} refuses it: {refused.message}; {where}"
    waiting = "what the same sync has in later waves does not arrive either"
    inside = tuple(field for field in change.fields if _meets(field, refused.path))
    basis = tuple(Basis(change.key, field.before_path, field.after_path) for field in inside) or (
        Basis(change.key, (), ()),
    )
    data = {"field": refused.field, "by": refused.by, "hint": refused.hint}
    return Effect(
        EffectKind.REFUSED,
        Verdict.REFUSED,
        change.environment,
        change.key,
        message,
        basis,
        (refused.hint, waiting),
        inside,
        data=data,
    )


def _meets(field: FieldChange, path: KeyPath) -> bool:
    """Whether a changed value is at a path, below it, or above it; where it is absent, its path ends too early."""
    own = max(field.before_path, field.after_path, key=len)
    shorter = min(len(own), len(path))
    return own[:shorter] == path[:shorter]
