"""protections: what protects data, and is weaker or gone.

In      what is known of two states.
Out     transitions: data-unprotected, for each protection that is weaker.

What protects a claim's data is in the record of its kind; what Kubernetes, Argo CD and Crossplane offer is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.aws_resources import group_of, kind_of
from platformc.check.policies.object_fields import below, mapping, sequence, texts
from platformc.language.aws_facts import Protection
from platformc.language.nodes import KeyPath
from platformc.lower.argocd import FINALIZER
from platformc.rules.data import DATA_UNPROTECTED
from platformc.safety.claims import deletes, name_of
from platformc.safety.known import Known, Object, Pair, document_of
from platformc.safety.sync_options import (
    ANNOTATION,
    GUARDS,
    OF_APPLICATION,
    REPLACING,
    options_of,
    options_of_application,
    strength,
)
from platformc.safety.transition import Loss, Transition

Options = Callable[[Object], Mapping[str, str]]

APPLICATION = ("argoproj.io", "Application")
DEFINITION_GROUP = "apiextensions.crossplane.io"
IN_A_CHANGE_OF_ITS_OWN = "keep it until the data is really to go, and lift it in a change of its own"

RETAINED = (("whenDeleted", "are deleted with the StatefulSet"), ("whenScaled", "are deleted when it is scaled down"))
KUBERNETES: Mapping[tuple[str, str], tuple[Protection, ...]] = {
    ("apps", "StatefulSet"): tuple(
        Protection(
            ("spec", "persistentVolumeClaimRetentionPolicy", field),
            ("Retain", "Delete"),
            "Retain",
            f"its volumes {what}",
        )
        for field, what in RETAINED
    ),
    ("", "PersistentVolume"): (
        # Kubernetes API reference, PersistentVolumeSpec: what is provisioned by hand is retained unless it says otherwise.
        Protection(
            ("spec", "persistentVolumeReclaimPolicy"),
            ("Retain", "Recycle", "Delete"),
            "Retain",
            "the disk is deleted with its claim",
        ),
    ),
    APPLICATION: (
        Protection(
            claim=("spec", "syncPolicy", "automated", "prune"),
            strongest_first=(False, True),
            absent=False,
            consequence="Argo CD deletes what is no longer rendered, and nobody starts it",
        ),
    ),
}
"""What protects data in Kubernetes' and Argo CD's own kinds."""


@dataclass(frozen=True, slots=True)
class Weaker:
    """One protection that is weaker than before."""

    before: KeyPath
    after: KeyPath
    message: str
    hint: str = IN_A_CHANGE_OF_ITS_OWN


def judge(known: Known) -> Iterator[Transition]:
    """Yield every protection that is weaker, in objects that stay and in those that take their place."""
    for pair in known.pairs:
        old, new = pair.before.object, pair.after.object
        for found in _weaker(known, old, new):
            yield _transition(pair, found)


def _transition(pair: Pair, found: Weaker) -> Transition:
    return Transition(
        DATA_UNPROTECTED,
        Loss.UNPROTECTED,
        pair.after.environment,
        pair.after.key,
        f"{name_of(pair.after.object)}: {found.message}",
        found.hint,
        found.before,
        found.after,
        document=document_of(pair.after.owner),
    )


def _weaker(known: Known, old: Object, new: Object) -> Iterator[Weaker]:
    identity = (group_of(old), kind_of(old))
    holds = known.holds_data(old)
    data = known.claims.data(old)
    for protection in (*(data.protections if data is not None else ()), *KUBERNETES.get(identity, ())):
        yield from weaker_value(protection, old, new)
    if known.claims.of_managed(old) is not None:
        yield from _managed(old, new)
    if holds or identity == APPLICATION or identity[0] == DEFINITION_GROUP:
        yield from _guards(options_of, ANNOTATION, old, new)
        yield from _replacing(options_of, ANNOTATION, old, new)
        yield from _finalizers(old, new, is_application=identity == APPLICATION)
    if identity == APPLICATION:
        yield from _guards(options_of_application, OF_APPLICATION, old, new)
        yield from _replacing(options_of_application, OF_APPLICATION, old, new)


def weaker_value(protection: Protection, old: Object, new: Object) -> Iterator[Weaker]:
    """Yield a field that protects less with its new value."""
    steps = [str(step) for step in protection.claim]
    before, after = below(dict(old), *steps), below(dict(new), *steps)
    if is_weaker(protection, before, after):
        words = f"{'.'.join(steps)} goes from {_shown(before)} to {_shown(after)}: {protection.consequence}"
        yield Weaker(protection.claim, protection.claim, words)


def is_weaker(protection: Protection, before: Any, after: Any) -> bool:
    """Whether a value protects less than another one; absent ones stand for what the record says."""
    return _level(protection, after) > _level(protection, before)


def _level(protection: Protection, value: Any) -> int:
    meant = protection.absent if value is None else value
    for level, known in enumerate(protection.strongest_first):
        if type(meant) is type(known) and meant == known:
            return level
    return len(protection.strongest_first)


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _managed(old: Object, new: Object) -> Iterator[Weaker]:
    """A managed resource that AWS deletes from now on."""
    before, after = mapping(old.get("spec")), mapping(new.get("spec"))
    if deletes(after) and not deletes(before):
        field = "managementPolicies" if before.get("managementPolicies") else "deletionPolicy"
        path = ("spec", field)
        yield Weaker(path, path, f"spec.{field} changes: AWS deletes it, and all data in it, together with this object")


def _guards(options: Options, path: KeyPath, old: Object, new: Object) -> Iterator[Weaker]:
    before, after = options(old), options(new)
    for guard, consequence in GUARDS.items():
        if strength(after, guard) < strength(before, guard):
            message = f"{guard}={before[guard]} is lifted: Argo CD {consequence}"
            if strength(after, guard):
                message = f"{guard} goes from {before[guard]} to {after[guard]}: Argo CD {consequence}, once confirmed"
            yield Weaker(path, path, message)


def _replacing(options: Options, path: KeyPath, old: Object, new: Object) -> Iterator[Weaker]:
    """`Replace` makes Argo CD replace an object as a whole; with `Force`, it deletes it and makes it again."""
    before, after = options(old), options(new)
    for option in REPLACING:
        if after.get(option) == "true" and before.get(option) != "true":
            message = f"{option}=true is new: Argo CD may delete an object, and what it holds, to change it"
            yield Weaker(path, path, message, "leave it out where data is, or set it on the one object that needs it")


def _finalizers(old: Object, new: Object, *, is_application: bool) -> Iterator[Weaker]:
    path = ("metadata", "finalizers")
    before, after = (texts(sequence(below(dict(one), *path))) for one in (old, new))
    if is_application:
        # Argo CD, "App Deletion Finalizer": with it, deleting an Application deletes what it synced.
        if any(one.startswith(FINALIZER) for one in after) and not any(one.startswith(FINALIZER) for one in before):
            yield Weaker(path, path, "its finalizer is new: whoever deletes it deletes everything that it synced")
        return
    for gone in sorted(set(before) - set(after)):
        yield Weaker(path, path, f"the finalizer {gone} is gone: it is deleted without waiting for anything")
