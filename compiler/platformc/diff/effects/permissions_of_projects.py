"""permissions_of_projects: AppProjects that let Argo CD do more, or less.

In      a Comparison.
Out     Effects.
Never   keeps silent about a field of a project that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformc.check.policies.object_fields import mapping
from platformc.diff.access.projects import Widened, compare_projects
from platformc.diff.effect import Basis, Effect, EffectKind, Verdict
from platformc.diff.reachability import in_words
from platformc.snapshot import Comparison, ObjectChange

ARGOCD = "argoproj.io"
SHOWN = 40


def permission_effects_of_projects(comparison: Comparison) -> Iterator[Effect]:
    """Every changed AppProject."""
    for change in comparison.changes:
        if (change.key.group, change.key.kind) == (ARGOCD, "AppProject"):
            environment = comparison.head.environments.get(change.environment)
            yield from _project(change, environment.cluster if environment is not None else "")


def _project(change: ObjectChange, own: str) -> Iterator[Effect]:
    old, new = (mapping(one.object.get("spec")) if one is not None else {} for one in (change.before, change.after))
    gained, lost, others = compare_projects(old, new, own.removeprefix("the cluster "))
    if gained:
        yield _effect(change, "lets its Applications", gained, Verdict.PERMISSIONS)
    if lost:
        yield _effect(change, "no longer lets its Applications", lost, Verdict.ROUTINE)
    for name in others:
        if change.before is not None and change.after is not None:
            place = _places(change, [name])
            message = f"changed in a way that is not compared: spec.{name}"
            yield Effect(EffectKind.PERMISSION, Verdict.PERMISSIONS, change.environment, change.key, message, place)


def _effect(change: ObjectChange, words: str, found: Sequence[Widened], verdict: Verdict) -> Effect:
    said = [one.phrase for one in found]
    details = said if len(said) > 3 else []  # noqa: PLR2004 - what the message names already
    if len(details) > SHOWN:
        details = [*details[:SHOWN], f"{len(details) - SHOWN} more"]
    return Effect(
        EffectKind.PERMISSION,
        verdict,
        change.environment,
        change.key,
        f"{words} {in_words(said, 3)}",
        _places(change, sorted({one.field for one in found})),
        tuple(details),
        data={"gained": verdict is Verdict.PERMISSIONS, "allows": said},
    )


def _places(change: ObjectChange, fields: Sequence[str]) -> tuple[Basis, ...]:
    """The changed values below some fields; the fields themselves if the project is new or gone."""
    if change.before is None or change.after is None:
        sides = [() if side is not None else None for side in (change.before, change.after)]
        return (Basis(change.key, sides[0], sides[1]),)
    return tuple(
        Basis(change.key, one.before_path, one.after_path)
        for one in change.fields
        if {*one.before_path[1:2], *one.after_path[1:2]} & set(fields)
    )
