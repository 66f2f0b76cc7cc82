"""permissions_of_projects: AppProjects that let Argo CD do more, or less.

In      a Comparison.
Out     Effects.
Never   keeps silent about a field of a project that it does not know.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from platformc.check.policies.object_fields import mapping
from platformc.diff.access.projects import Kind, Widened, compare_projects
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.reachability import in_words
from platformc.snapshot import Comparison, FieldChange, ObjectChange, Verb

ARGOCD = "argoproj.io"
SHOWN = 40


def permission_effects_of_projects(comparison: Comparison) -> Iterator[Effect]:
    """Every changed AppProject."""
    synced: defaultdict[str, dict[Kind, list[ObjectChange]]] = defaultdict(dict)
    for change in comparison.changes:
        if change.key.namespace and change.verb is not Verb.UPDATE:
            synced[change.environment].setdefault((change.key.group, change.key.kind), []).append(change)
    for change in comparison.changes:
        if (change.key.group, change.key.kind) == (ARGOCD, "AppProject"):
            environment = comparison.head.environments.get(change.environment)
            own = environment.cluster if environment is not None else ""
            yield from _project(change, own, synced[change.environment])


def _project(change: ObjectChange, own: str, synced: Mapping[Kind, Sequence[ObjectChange]]) -> Iterator[Effect]:
    """What a project allows. `synced` are the environment's objects in namespaces that are new or gone, by kind.

    That a kind is allowed because the spec now renders such an object is routine: the object has effects of its own.
    Every other thing that a project newly allows is more than it needs for what is rendered, or reaches further: a
    repository, a destination, a kind of the whole cluster, a pattern.
    """
    old, new = (mapping(one.object.get("spec")) if one is not None else {} for one in (change.before, change.after))
    gained, lost, others = compare_projects(old, new, own.removeprefix("the cluster "))
    if gained:
        own_kinds = [one for one in gained if one.kind in synced]
        wider = [one for one in gained if one.kind not in synced]
        if wider:
            yield _effect(change, "lets its Applications", wider, Verdict.PERMISSIONS, synced)
        if own_kinds:
            yield _effect(change, "lets its Applications", own_kinds, Verdict.ROUTINE, synced)
    if lost:
        yield _effect(change, "no longer lets its Applications", lost, Verdict.ROUTINE, synced)
    for name in others:
        if change.before is not None and change.after is not None:
            place = _places(change, [name])
            message = f"changed in a way that is not compared: spec.{name}"
            yield Effect(EffectKind.PERMISSION, Verdict.PERMISSIONS, change.environment, change.key, message, place)


def _effect(
    change: ObjectChange,
    words: str,
    found: Sequence[Widened],
    verdict: Verdict,
    synced: Mapping[Kind, Sequence[ObjectChange]],
) -> Effect:
    said = [one.phrase for one in found]
    details = said if len(said) > 3 else []  # noqa: PLR2004 - what the message names already
    if len(details) > SHOWN:
        details = [*details[:SHOWN], f"{len(details) - SHOWN} more"]
    fields = sorted({one.field for one in found})
    because = tuple(
        Basis(each.key, None if each.before is None else (), None if each.after is None else ())
        for one in found
        for each in (synced.get(one.kind, ()) if one.kind is not None else ())
    )
    return Effect(
        EffectKind.PERMISSION,
        verdict,
        change.environment,
        change.key,
        f"{words} {in_words(said, 3)}",
        because or _places(change, fields),
        tuple(details),
        fields=_fields(change, fields),
        data={"gained": not words.startswith("no longer"), "allows": said},
    )


def _places(change: ObjectChange, fields: Sequence[str]) -> tuple[Basis, ...]:
    """The changed values below some fields; the fields themselves if the project is new or gone."""
    if change.before is None or change.after is None:
        sides = [() if side is not None else None for side in (change.before, change.after)]
        return (Basis(change.key, sides[0], sides[1]),)
    return tuple(Basis(change.key, one.before_path, one.after_path) for one in _fields(change, fields))


def _fields(change: ObjectChange, names: Sequence[str]) -> tuple[FieldChange, ...]:
    """The changed values below some fields of a project's spec."""
    return tuple(one for one in change.fields if {*one.before_path[1:2], *one.after_path[1:2]} & set(names))
