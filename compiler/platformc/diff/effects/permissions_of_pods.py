"""permissions_of_pods: what pods may do on their node, and with the Kubernetes API, more or less than before.

In      a Comparison.
Out     Effects: what the rules about privileges find in one of the states only; tokens; other settings of security.
Never   has rules of its own about privileges: `check` has them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformc.check.policies.object_fields import below, mapping, text
from platformc.check.policies.policy import Lowered
from platformc.check.policies.privileges import PRIVILEGES
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.reachability import in_words, pod_path
from platformc.language import DocumentId
from platformc.language.nodes import KeyPath
from platformc.lower import Manifest
from platformc.snapshot import Comparison, ObjectChange, ObjectKey, SnapshotObject

ENFORCED = "pod-security.kubernetes.io/enforce"
LEVELS = ("restricted", "baseline", "privileged")
"""Pod Security Standards, the strictest first; a namespace without the label has the last, unless the API server's own
configuration says otherwise. Kubernetes docs, "Enforce Pod Security Standards with Namespace Labels"."""
NOBODY = DocumentId("", "", "")
IDENTIFIERS = frozenset({"fsGroup", "runAsGroup", "runAsUser", "supplementalGroups"})
"""Settings that say who a process is; only root has more privileges than others, which a rule is about."""
JUDGED = frozenset(
    {
        "add",
        "allowPrivilegeEscalation",
        "drop",
        "privileged",
        "readOnlyRootFilesystem",
        "runAsNonRoot",
        "runAsUser",
        "seccompProfile",
        "type",
    }
)
"""Settings of a securityContext that the rules about privileges look at."""


def permission_effects_of_pods(comparison: Comparison) -> Iterator[Effect]:
    """Every changed object with pods, and every namespace that enforces another standard."""
    for change in comparison.changes:
        if change.key.kind == "Namespace" and not change.key.group:
            yield from _standard(change)
        elif change.key.kind == "ServiceAccount" and not change.key.group:
            yield from _token_of_account(change)
        elif pod_path(change.key.kind, change.present.object) is not None:
            yield from _privileges(change)
            yield from _token(comparison, change)
            yield from _other_settings(change)


def _problems(one: SnapshotObject | None) -> dict[str, KeyPath]:
    """What the rules about privileges say about an object, and where."""
    if one is None:
        return {}
    manifests = Lowered((Manifest(dict(one.object), NOBODY, one.application),))
    return {
        problem.message: problem.path
        for rule in PRIVILEGES
        if rule.of_objects is not None
        for problem in rule.of_objects(manifests)
    }


def _privileges(change: ObjectChange) -> Iterator[Effect]:
    if change.after is None:
        return  # what is gone has no privileges
    old, new = _problems(change.before), _problems(change.after)
    gained = [message for message in new if message not in old]
    lost = [message for message in old if message not in new]
    if gained:
        places = tuple(Basis(change.key, None, _known(change.after.object, new[one])) for one in gained)
        first = (
            "has more privileges: "
            if change.before is not None
            else "is new, and beyond the restricted Pod Security Standard: "
        )
        yield _effect(change, f"{first}{in_words(gained, 2)}", gained, places, Verdict.PERMISSIONS)
    if lost and change.before is not None:
        places = tuple(Basis(change.key, _known(change.before.object, old[one]), None) for one in lost)
        yield _effect(
            change, f"has fewer privileges, and no longer: {in_words(lost, 2)}", lost, places, Verdict.ROUTINE
        )


def _effect(
    change: ObjectChange, message: str, found: list[str], places: tuple[Basis, ...], verdict: Verdict
) -> Effect:
    details = tuple(found) if len(found) > 2 else ()  # noqa: PLR2004 - what the message names already
    facts = {"gained": verdict is Verdict.PERMISSIONS, "privileges": found}
    return Effect(EffectKind.PERMISSION, verdict, change.environment, change.key, message, places, details, data=facts)


def _known(found: Mapping[str, Any], path: KeyPath) -> KeyPath:
    """As much of a path as exists: a rule points at the field that should be there."""
    value: Any = found
    for count, step in enumerate(path):
        inside = isinstance(value, dict) and step in value
        inside = inside or (isinstance(value, list) and isinstance(step, int) and step < len(value))
        if not inside:
            return path[:count]
        value = value[step]
    return path


def _token(comparison: Comparison, change: ObjectChange) -> Iterator[Effect]:
    """Pods that get a token for the Kubernetes API, or no longer get one."""
    had = _has_token(change.before, comparison.before)
    has = _has_token(change.after, comparison.after)
    if had is has or change.after is None or (change.before is None and not has):
        return
    path = (*(pod_path(change.key.kind, change.after.object) or ()), "automountServiceAccountToken")
    known = [_known(side.object, path) if side is not None else None for side in (change.before, change.after)]
    words = (
        "gives its pods a token for the Kubernetes API"
        if has
        else "no longer gives its pods a token for the Kubernetes API"
    )
    yield Effect(
        EffectKind.PERMISSION,
        Verdict.PERMISSIONS if has else Verdict.ROUTINE,
        change.environment,
        change.key,
        words,
        (Basis(change.key, known[0], known[1]),),
    )


def _token_of_account(change: ObjectChange) -> Iterator[Effect]:
    """A service account whose pods get a token, or no longer get one, if they say nothing themselves."""
    if change.before is None or change.after is None:
        return  # its pods are judged
    had, has = (side.object.get("automountServiceAccountToken") is not False for side in (change.before, change.after))
    if had is has:
        return
    path = ("automountServiceAccountToken",)
    place = Basis(change.key, _known(change.before.object, path), _known(change.after.object, path))
    words = "gives" if has else "no longer gives"
    message = f"{words} its pods a token for the Kubernetes API, unless they say otherwise"
    verdict = Verdict.PERMISSIONS if has else Verdict.ROUTINE
    yield Effect(EffectKind.PERMISSION, verdict, change.environment, change.key, message, (place,))


def _has_token(one: SnapshotObject | None, side: Mapping[ObjectKey, SnapshotObject]) -> bool:
    """The pod's own word, else its service account's; without one it has a token. Kubernetes docs, "Service Accounts"."""
    path = pod_path(one.key.kind, one.object) if one is not None else None
    if one is None or path is None:
        return False
    spec = below(one.object, *(str(step) for step in path))
    account = text(below(spec, "serviceAccountName")) or "default"
    found = side.get(ObjectKey(one.key.cluster, "", "ServiceAccount", one.key.namespace, account))
    given = mapping(spec).get("automountServiceAccountToken")
    if given is None and found is not None:
        given = found.object.get("automountServiceAccountToken")
    return given is not False


def _other_settings(change: ObjectChange) -> Iterator[Effect]:
    """Changes of a securityContext that no rule is about."""
    if change.before is None or change.after is None:
        return
    for one in change.fields:
        path = one.after_path if len(one.after_path) >= len(one.before_path) else one.before_path
        if "securityContext" not in path:
            continue
        rest = [step for step in path[path.index("securityContext") + 1 :] if isinstance(step, str)]
        if rest and rest[-1] in JUDGED and "seLinuxOptions" not in rest:
            continue
        harmless = bool(rest) and rest[0] in IDENTIFIERS
        words = f"another {rest[0]}" if harmless else f"changed in a way that is not compared: {one.shown}"
        yield Effect(
            EffectKind.PERMISSION,
            Verdict.ROUTINE if harmless else Verdict.PERMISSIONS,
            change.environment,
            change.key,
            f"runs its processes with {words}" if harmless else words,
            (Basis(change.key, one.before_path, one.after_path),),
            fields=(one,),
        )


def _standard(change: ObjectChange) -> Iterator[Effect]:
    """A namespace that enforces another Pod Security Standard."""
    if change.after is None:
        return
    old, new = (
        text(below(side.object, "metadata", "labels", ENFORCED)) if side is not None else None
        for side in (change.before, change.after)
    )
    if old == new:
        return
    before, after = _level(old) if old is not None else 0, _level(new)
    if before == after:
        return
    path = ("metadata", "labels", ENFORCED)
    place = Basis(
        change.key,
        _known(change.before.object, path) if change.before is not None else None,
        _known(change.after.object, path),
    )
    weaker = after > before
    message = f"lets pods run that are {LEVELS[after]}" if weaker else f"refuses pods that are not {LEVELS[after]}"
    if weaker and old:
        message += f"; before, only {LEVELS[before]} ones"
    verdict = Verdict.PERMISSIONS if weaker else Verdict.ROUTINE
    yield Effect(EffectKind.PERMISSION, verdict, change.environment, change.key, message, (place,))


def _level(label: str | None) -> int:
    """How much a namespace allows; a word that is no standard is refused by the API server, and allows all."""
    return LEVELS.index(label) if label in LEVELS else len(LEVELS) - 1
