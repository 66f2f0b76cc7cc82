"""difference: two snapshots -> the report of what the change does.

In      the base and the head, both compiled by this compiler where they have a spec.
Out     Report: what another compiler changes at the base, then entries by cause, then findings.
Never   looks at anything but the two sides: the same two give the same report.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from platformc.diff.acceptance import Acceptances, acceptances
from platformc.diff.assembly import Caused, entries
from platformc.diff.causes import Causes
from platformc.diff.effect import Effect
from platformc.diff.effects import JUDGES
from platformc.diff.file_changes import file_changes
from platformc.diff.findings import compared_findings
from platformc.diff.overlap import told_once
from platformc.diff.renames import renamed_together
from platformc.diff.report import (
    CauseKind,
    Entry,
    EnvironmentOfReport,
    Report,
    ReportedCause,
    SideOfReport,
)
from platformc.diff.spec_changes import SpecChanges, spec_changes
from platformc.snapshot import Comparison, ListKeys, Snapshot, Verb, compare, snapshot_of_files
from platformc.tree import digest

COMPILER = ReportedCause(CauseKind.COMPILER, "", "", "", "", "", None, in_base=False)
UNKNOWN = ReportedCause(CauseKind.UNKNOWN, "", "", "", "", "", None, in_base=False)

KeysOf = Callable[[Snapshot, Snapshot], ListKeys]
"""Finds the keys of lists for the kinds of objects in two snapshots."""


def difference(base: Snapshot, head: Snapshot, keys_of: KeysOf, version: str) -> Report:
    """What changes from the base to the head."""
    comparison = compare(base, head, keys_of(base, head))
    effects = judged(comparison)
    accepted = acceptances(comparison)
    changes = SpecChanges(())
    if base.sources is not None and head.sources is not None:
        changes = SpecChanges((*spec_changes(base.sources, head.sources).changes, *file_changes(base, head)))
    causes = Causes(comparison, changes)
    shared = frozenset(base.environments) & frozenset(head.environments)
    caused = [Caused(effect, causes.of(effect)) for effect in effects]
    otherwise = COMPILER if base.sources is not None and head.sources is not None else UNKNOWN
    made = entries(caused, shared, accepted, (otherwise,), _prefixes(head), together=renamed_together(changes.changes))
    return Report(
        base=_side(base),
        head=_side(head),
        compiler=version,
        environments=_environments(base, head, comparison),
        entries=made,
        upgrade=_upgrade(base, keys_of),
        findings=compared_findings(base, head),
        stale_acceptances=accepted.stale(effect for entry in made for effect in entry.effects),
        folded=dict(
            sorted(Counter(field.same for one in comparison.changes for field in one.fields if field.same).items())
        ),
        notes=tuple(_notes(base, head)),
    )


def judged(comparison: Comparison) -> tuple[Effect, ...]:
    """Every effect of a change, the gravest first."""
    found = told_once(effect for judge in JUDGES for effect in judge(comparison))
    return tuple(sorted(found, key=lambda one: (one.verdict, one.environment, one.key, one.kind, one.message)))


def _upgrade(base: Snapshot, keys_of: KeysOf) -> tuple[Entry, ...]:
    """What rendering the base again would change in what is committed there."""
    if base.sources is None or not base.rendered:
        return ()
    made = base.compiled_files
    # Of an environment with errors there are no files to compare with.
    failed = base.environments.keys() - {path.partition("/")[0] for path in made}
    rendered = {path: content for path, content in base.rendered.items() if path.partition("/")[0] not in failed}
    if rendered.keys() == made.keys() and all(digest(content) == made[path] for path, content in rendered.items()):
        return ()
    committed = snapshot_of_files(rendered, "what is committed", base.commit, like=base)
    committed = replace(committed, settings=base.settings)  # not rendered: they are the same for each compiler
    comparison = compare(committed, base, keys_of(committed, base))
    nothing = Acceptances(comparison, ())
    caused = [Caused(effect, ()) for effect in judged(comparison)]
    return entries(caused, frozenset(base.environments), nothing, (COMPILER,), _prefixes(base))


def _prefixes(snapshot: Snapshot) -> Mapping[str, tuple[str, ...]]:
    found = {}
    for name, environment in snapshot.environments.items():
        if environment.program is not None:
            target = environment.program.platform.target
            found[name] = tuple(prefix for prefix in (target.argocd.name_prefix, target.aws.name_prefix) if prefix)
    return found


def _side(snapshot: Snapshot) -> SideOfReport:
    without = tuple(name for name, one in snapshot.environments.items() if one.program is None)
    return SideOfReport(snapshot.label, snapshot.commit, without)


def _environments(base_side: Snapshot, head_side: Snapshot, comparison: Comparison) -> tuple[EnvironmentOfReport, ...]:
    base, head = base_side.environments, head_side.environments
    counts = Counter((change.environment, change.verb) for change in comparison.changes)
    found = []
    for name in sorted({*base, *head}):
        here = head.get(name) or base[name]
        unknown = [
            f"it {side.environments[name].unknown} in {side.label}"
            for side in (base_side, head_side)
            if name in side.environments and side.environments[name].unknown
        ]
        touched = counts[name, Verb.CREATE] + counts[name, Verb.UPDATE]
        found.append(
            EnvironmentOfReport(
                name=name,
                cluster=here.cluster,
                created=counts[name, Verb.CREATE],
                updated=counts[name, Verb.UPDATE],
                deleted=counts[name, Verb.DELETE],
                unchanged=len(head[name].objects) - touched if name in head and not unknown else 0,
                unknown=" and ".join(unknown),
            )
        )
    return tuple(found)


def _notes(base: Snapshot, head: Snapshot) -> Iterable[str]:
    for side in (base, head):
        if side.sources is None:
            yield f"{side.label} has no spec here, so effects have no causes"
            continue
        if not side.environments:
            yield f"{side.label} has no environment"
        for name, one in side.environments.items():
            if one.program is None and not one.unknown:  # what is not known at all stands at its environment
                yield f"the environment {name} does not compile in {side.label}: its rendered files stand for it"
