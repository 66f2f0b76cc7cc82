"""words: what every format for people says of effects, and in which order.

In      a Report, its effects.
Out     the headline, counts in words, labels; effects that differ only in their object, together.
Never   calms: that nothing is lost is said only if both states of everything are known.

The texts hold names from the spec as they are: each format makes them safe in its own way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from platformc.diagnostics import Span
from platformc.diff.effect import EffectKind, Verdict
from platformc.diff.report import CauseKind, Entry, FindingState, Report, ReportedCause, ReportedEffect, ReportedField

NOUNS = {
    Verdict.REFUSED: ("refused change", "refused changes"),
    Verdict.DATA_LOSS: ("loss of data", "losses of data"),
    Verdict.UNPROTECTED: ("loss of protection", "losses of protection"),
    Verdict.EXPOSURE: ("new exposure", "new exposures"),
    Verdict.PERMISSIONS: ("wider permission", "wider permissions"),
    Verdict.CERTIFICATE: ("changed certificate", "changed certificates"),
    Verdict.DOWNTIME: ("downtime", "downtimes"),
    Verdict.RESTART: ("restart", "restarts"),
}
"""What is counted of a verdict; routine effects are counted by their kind."""

ROUTINE_NOUNS = {
    EffectKind.CREATE: ("creation", "creations"),
    EffectKind.UPDATE: ("update", "updates"),
    EffectKind.DELETE: ("deletion", "deletions"),
    EffectKind.LEFT_BEHIND: ("object left behind", "objects left behind"),
    EffectKind.MOVE: ("move", "moves"),
    EffectKind.REFUSED: ("refusal", "refusals"),
    EffectKind.REPLACE: ("replacement", "replacements"),
    EffectKind.RESTART: ("routine restart", "routine restarts"),
    EffectKind.DOWNTIME: ("routine downtime", "routine downtimes"),
    EffectKind.RUN: ("run of a Job", "runs of Jobs"),
    EffectKind.ORDER: ("change of order", "changes of order"),
    EffectKind.DATA: ("change around data", "changes around data"),
    EffectKind.EXPOSURE: ("change of reachability", "changes of reachability"),
    EffectKind.PERMISSION: ("change of permissions", "changes of permissions"),
    EffectKind.SECRET: ("change of a secret", "changes of secrets"),
    EffectKind.CERTIFICATE: ("change of a certificate", "changes of certificates"),
    EffectKind.MANAGED: ("change in AWS", "changes in AWS"),
    EffectKind.ARGOCD: ("change in Argo CD", "changes in Argo CD"),
    EffectKind.CHART: ("change of a chart", "changes of charts"),
}

ABSENT = {Verdict.REFUSED: "refused", Verdict.DATA_LOSS: "lost", Verdict.EXPOSURE: "opened"}
"""What the headline says does not happen, where it does not."""

DANGER = frozenset(verdict for verdict in Verdict if verdict <= Verdict.DOWNTIME)
"""What no reader may overlook: it is shown unfolded, and annotated as a warning."""

MOST_NAMED = 4
"""Environments that are named in a sentence; more are counted."""


def count(number: int, one: str, many: str) -> str:
    """A number and its noun.

    >>> count(1204, "line", "lines")
    '1,204 lines'
    """
    return f"{number:,} {one if number == 1 else many}"


def joined(parts: Sequence[str], word: str = "and") -> str:
    """Words as a sentence lists them.

    >>> joined(["a", "b", "c"]), joined(["a", "b"], "or")
    ('a, b and c', 'a or b')
    """
    return f" {word} ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


LABELS = {
    EffectKind.MANAGED: "in AWS",
    EffectKind.ARGOCD: "Argo CD",
    EffectKind.LEFT_BEHIND: "left behind",
    EffectKind.RESTART: "routine restart",
    EffectKind.DOWNTIME: "routine downtime",
}
"""Kinds whose words alone do not say enough, or are those of a verdict."""


def label(effect: ReportedEffect) -> str:
    """What an effect is called: its verdict; its kind if that is routine."""
    if effect.verdict is Verdict.ROUTINE:
        return LABELS.get(effect.kind, effect.kind.value)
    return effect.verdict.word.replace("-", " ")


def entry_label(entry: Entry) -> str:
    """What an entry is called: the gravest of its effects; of routine ones, what goes before what comes or runs."""
    return label(min(entry.effects, key=lambda effect: (effect.verdict, *_weight(effect.kind))))


def _weight(kind: EffectKind) -> tuple[bool, bool, int]:
    goes = kind in {EffectKind.DELETE, EffectKind.LEFT_BEHIND, EffectKind.REPLACE}
    return not goes, kind is EffectKind.RUN, _ORDER[kind]


def elsewhere(group: Alike, environments: Sequence[str]) -> str:
    """Where it is not so, if that stands out; empty otherwise. `environments` are those of which something is known."""
    others = [name for name in environments if name not in group.environments]
    return f"not so in {joined_environments(others)}" if group.effect.differs and others else ""


def elsewhere_of_all(entry: Entry, environments: Sequence[str]) -> str:
    """The same of an entry whose effects all stand out alike, so that it is said once; empty otherwise."""
    marks = {elsewhere(group, environments) for group in alike(entry.effects)}
    return marks.pop() if len(marks) == 1 else ""


NAMED = (
    None,  # graver than routine
    EffectKind.CREATE,
    EffectKind.DELETE,
    EffectKind.LEFT_BEHIND,
    EffectKind.MOVE,
    EffectKind.REPLACE,
    EffectKind.CHART,
)
"""Kinds that a headline names in any case."""

MOST_PHRASES = 4
"""Counts in a headline beyond which changes of other kinds are counted together."""

One = tuple[str, str, str]
"""An object in an environment."""


def tally(
    effects: Iterable[ReportedEffect],
    environments: Collection[str] = (),
    *,
    beside: Iterable[ReportedEffect] = (),
    most: int = len(Verdict) + len(EffectKind),
) -> list[str]:
    """Counts of what happens to objects, gravest first: `1 loss of data (accepted)`, `3 updates`.

    Objects of several environments count in each, unless only some environments are asked for. That an object is updated
    is not counted where something graver happens to it, by these effects or by those `beside` them. With more than
    `most` counts, those of little weight are one.
    """
    groups: dict[tuple[Verdict, EffectKind | None], dict[One, bool]] = {}
    grave = {one for effect in beside if effect.verdict is not Verdict.ROUTINE for one in _ones(effect, ())}
    for effect in effects:
        is_routine = effect.verdict is Verdict.ROUTINE
        found = groups.setdefault((effect.verdict, effect.kind if is_routine else None), {})
        for one in _ones(effect, environments):
            found[one] = found.get(one, True) and effect.accepted is not None
            if not is_routine:
                grave.add(one)
    if EffectKind.UPDATE in {kind for _, kind in groups}:
        updates = groups[Verdict.ROUTINE, EffectKind.UPDATE]
        groups[Verdict.ROUTINE, EffectKind.UPDATE] = {one: ok for one, ok in updates.items() if one not in grave}
    counted = [(key, found) for key, found in sorted(groups.items(), key=_gravest_first) if found]
    merged = [one for (_, kind), found in counted if kind not in NAMED for one in found] if len(counted) > most else []
    phrases = [
        count(len(found), *(NOUNS[verdict] if kind is None else ROUTINE_NOUNS[kind])) + _accepted([*found.values()])
        for (verdict, kind), found in counted
        if not merged or kind in NAMED
    ]
    return [*phrases, count(len(merged), "other change", "other changes")] if merged else phrases


def _ones(effect: ReportedEffect, environments: Collection[str]) -> list[One]:
    return [
        (name, effect.group, effect.object) for name in effect.environments if not environments or name in environments
    ]


_ORDER = {kind: index for index, kind in enumerate(EffectKind)}


def _gravest_first(group: tuple[tuple[Verdict, EffectKind | None], object]) -> tuple[int, int]:
    (verdict, kind), _ = group
    return verdict, _ORDER[kind] if kind is not None else 0


def _accepted(each: Sequence[bool]) -> str:
    if all(each):
        return " (accepted)"
    return f" ({sum(each)} accepted)" if any(each) else ""


def headline(report: Report) -> str:
    """The whole report in one sentence without a full stop."""
    unknown = [environment.name for environment in report.environments if environment.unknown]
    parts = [*_own(report, sure=not unknown)]
    if report.upgrade:
        parts.append(f"rendering the base again makes {joined(tally(_upgraded(report), most=MOST_PHRASES))}")
    if unknown:
        parts.append(f"nothing is known of {joined_environments(unknown)}")
    return "; ".join(parts)


def _own(report: Report, *, sure: bool) -> Iterator[str]:
    """What the change itself does."""
    counted = tally(report.effects, most=MOST_PHRASES)
    if counted:
        yield f"{joined(counted)} in {joined_environments(affected(report))}"
        yield from _calm(report, sure=sure)
        return
    yield "nothing changes" if sure else "nothing is known to change"
    same = sum(report.folded.values())
    if same:
        yield f"{count(same, 'difference means', 'differences mean')} the same as before"


def _calm(report: Report, *, sure: bool) -> Iterator[str]:
    """What does not happen, as far as it is known."""
    absent = [said for verdict, said in ABSENT.items() if verdict not in report.verdicts]
    charts = {effect.object for effect in report.effects if effect.kind is EffectKind.CHART}
    if absent:
        yield f"nothing is {'' if sure and not charts else 'known to be '}{joined(absent, 'or')}"
    if charts:
        yield f"what {count(len(charts), 'chart does', 'charts do')} is not known"


def affected(report: Report) -> list[str]:
    """The environments that something happens to, in the report's order."""
    touched = {name for effect in report.effects for name in effect.environments}
    return [environment.name for environment in report.environments if environment.name in touched]


def known(report: Report) -> list[str]:
    """The environments that were compared."""
    return [environment.name for environment in report.environments if not environment.unknown]


def without_causes(report: Report) -> Iterator[tuple[str, str]]:
    """The label of each side of which only files are known in some environments, and these."""
    compared = known(report)
    for side in (report.base, report.head):
        bare = [name for name in side.without_graph if name in compared]
        if bare:
            yield side.label, joined_environments(bare)


def _upgraded(report: Report) -> list[ReportedEffect]:
    return [effect for entry in report.upgrade for effect in entry.effects]


def joined_environments(names: Sequence[str]) -> str:
    """Environments in a sentence; many are counted."""
    return joined(names) if len(names) <= MOST_NAMED else f"{len(names)} environments"


def upgrade_headline(report: Report) -> str:
    """What rendering the base again changes, in one sentence."""
    why = "another compiler, or a base that was not rendered"
    return f"without this change, rendering the base again ({why}) makes {joined(tally(_upgraded(report), most=MOST_PHRASES))}"


def findings_words(state: FindingState, number: int) -> str:
    """How many findings are new, fixed, or as before."""
    if state is FindingState.NEW:
        return count(number, "new finding", "new findings")
    return f"{count(number, 'finding', 'findings')} {'fixed' if state is FindingState.FIXED else 'as before'}"


def counts(created: int, updated: int, deleted: int) -> str:
    """What happens to the objects of an environment; empty if nothing does."""
    parts = ((created, "created"), (updated, "updated"), (deleted, "deleted"))
    return ", ".join(f"{number:,} {done}" for number, done in parts if number)


@dataclass(frozen=True, slots=True)
class Alike:
    """Effects that say the same of the same objects."""

    effects: tuple[ReportedEffect, ...]
    """All of them; at least one."""
    objects: tuple[str, ...]
    environments: tuple[str, ...]
    """Those that have it."""

    @property
    def effect(self) -> ReportedEffect:
        """The first of them, which tells of all."""
        return self.effects[0]

    @property
    def fields(self) -> tuple[ReportedField, ...]:
        """The changed values, those that mean the same as before last."""
        return tuple(sorted(self.effect.fields, key=lambda field: bool(field.same)))


def alike(effects: Iterable[ReportedEffect]) -> tuple[Alike, ...]:
    """Put effects together that differ only in their object, in the order in which the first of each group comes."""
    by_object: dict[tuple[object, ...], list[ReportedEffect]] = {}
    for effect in effects:  # the same of one object twice: only the facts for programs differ
        by_object.setdefault((*_said(effect), effect.group, effect.object), []).append(effect)
    found: dict[tuple[object, ...], list[list[ReportedEffect]]] = {}
    for group in by_object.values():
        places = tuple(name for effect in group for name in effect.environments)
        found.setdefault((*_said(group[0]), places), []).append(group)
    return tuple(
        Alike(
            tuple(effect for group in groups for effect in group),
            tuple(group[0].object for group in groups),
            tuple(dict.fromkeys(name for effect in groups[0] for name in effect.environments)),
        )
        for groups in found.values()
    )


def _said(effect: ReportedEffect) -> tuple[object, ...]:
    said = effect.kind, effect.verdict, effect.differs, effect.message, effect.details, effect.accepted
    return *said, effect.fields


WHAT = {
    CauseKind.SPEC: "the specs",
    CauseKind.CLAIM_API: "the specs",
    CauseKind.ARGOCD: "Argo CD's settings",
    CauseKind.COMPILER: "the compiler",
    CauseKind.UNKNOWN: "a cause that is not known",
}
"""What a cause is called if it names no document."""


@dataclass(frozen=True, slots=True)
class CauseWords:
    """A cause in parts that each format marks up by itself; a part can be empty."""

    plain: str
    """Our own words: `the compiler`."""
    document: str
    field: str
    change: str
    """`added`, `removed`, `changed`; empty if `before` and `after` say it."""
    before: str
    after: str


def cause_words(cause: ReportedCause) -> CauseWords:
    """What a cause is, in parts."""
    both = bool(cause.before and cause.after)
    return CauseWords(
        "" if cause.document else WHAT[cause.kind],
        cause.document,
        cause.field,
        "" if both else cause.change,
        cause.before,
        cause.after,
    )


def place_of(cause: ReportedCause) -> Span | None:
    """Where a cause is; None if nobody knows, or if it is a whole file, which its name says already."""
    return cause.at if cause.at is not None and cause.at.path != cause.document else None


def is_dangerous(entry: Entry) -> bool:
    """Whether no reader may overlook an entry."""
    return entry.verdict in DANGER
