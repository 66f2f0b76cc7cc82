"""write: write the trees to the disk, all environments together or not at all.

In      the folder rendered/, the trees, the files that the ownership index lists.
Out     WriteReport; the folder wholly new, or untouched if there is an error.
Finds   rendered-file-edited, rendered-file-foreign, rendered-symlink, ownership-index-broken, render-journal-broken.
Never   deletes or overwrites a file that the index does not list or that a person edited; rewrites equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from platformc.diagnostics import Finding, ToolError
from platformc.disk import Disk, FileSystem
from platformc.rendered_folder import HOME
from platformc.tree.build import Tree
from platformc.tree.journal import Outcome, Workspace, commit, is_interrupted
from platformc.tree.journal import recover as recover_journal
from platformc.tree.lock import Waiting, locked
from platformc.tree.plan import Difference, DifferenceKind, Plan, Request, make_plan, refused_symlinks


@dataclass(frozen=True, slots=True)
class WriteReport:
    """What a render did to the disk. Paths are relative to the repository root and sorted.

    With an error among `findings`, nothing was written. `recovered` is what happened to an earlier
    run that was interrupted. `inventory` is the digest of everything there now except for foreign
    files; empty if nothing could be written.
    """

    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unchanged: int = 0
    findings: tuple[Finding, ...] = ()
    recovered: Outcome = Outcome.NOTHING
    inventory: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the folder differs from what `write` would make it, sorted by path, and the digest of what it would be."""

    differences: tuple[Difference, ...]
    inventory: str = ""


def write(
    output: Path,
    trees: Sequence[Tree],
    *,
    unsealed: frozenset[str],
    discard_edits: bool,
    all_environments: bool,
    prefix: str = "",
    waiting: Waiting | None = None,
    filesystem: FileSystem | None = None,
) -> WriteReport:
    """Write these trees to the folder `output`; first finish or undo an interrupted run.

    `unsealed` are the environments that were rendered without all their secrets. `discard_edits`
    overwrites what people edited in our files. `all_environments` says that `trees` are complete,
    so that the files of every other environment are removed. `prefix` is `output` relative to the
    repository root, by default its name. Raises ToolError if another render does not end or the
    file system fails; changes up to then were undone, or will be by the next command.
    """
    work = _workspace(output, filesystem)
    root = prefix or output.name
    request = Request(trees, unsealed, discard_edits, all_environments, root)
    with _refusals(work, root):
        if findings := refused_symlinks(work, root):
            return WriteReport(findings=findings)
        work.files.make_folder(work.output)
        work.files.make_folder(work.at(HOME))
        with locked(work.at(HOME), waiting or Waiting()):
            return _write(work, request)


def recover(
    output: Path,
    *,
    prefix: str = "",
    waiting: Waiting | None = None,
    filesystem: FileSystem | None = None,
) -> tuple[Outcome, tuple[Finding, ...]]:
    """Finish or undo a run that was interrupted, so that the folder is wholly old or wholly new.

    Cheap if there is nothing to do. Returns the findings (all errors) that forbid it. Raises
    ToolError like `write`.
    """
    work = _workspace(output, filesystem)
    root = prefix or output.name
    with _refusals(work, root):
        if findings := refused_symlinks(work, root):
            return Outcome.NOTHING, findings
        if not is_interrupted(work):
            return Outcome.NOTHING, ()
        with locked(work.at(HOME), waiting or Waiting()):
            return recover_journal(work, root)


def stale(
    output: Path,
    trees: Sequence[Tree],
    *,
    unsealed: frozenset[str],
    all_environments: bool,
    prefix: str = "",
    filesystem: FileSystem | None = None,
) -> Comparison:
    """Compare the folder with what `write` would make it; writes nothing.

    Files that are not ours count as extra, since Argo CD would sync them; a symbolic link counts as itself.
    Raises ToolError if the folder cannot be read.
    """
    work = _workspace(output, filesystem)
    root = prefix or output.name
    with _refusals(work, root):
        if findings := refused_symlinks(work, root):
            return Comparison(tuple(Difference(finding.at.path, DifferenceKind.EXTRA) for finding in findings))
        request = Request(trees, unsealed, discard_edits=False, all_environments=all_environments, prefix=root)
        plan = make_plan(work, request)
        return Comparison(plan.differences, plan.inventory)


def _write(work: Workspace, request: Request) -> WriteReport:
    recovered, broken = recover_journal(work, request.prefix)
    if broken:
        return WriteReport(findings=broken)
    plan = make_plan(work, request)
    if plan.is_refused:
        return WriteReport(unchanged=plan.unchanged, findings=plan.findings, recovered=recovered)
    if plan.is_empty:
        return _report(plan, request.prefix, recovered)
    if commit(work, plan.changes, plan.contents, plan.index) is Outcome.UNDONE:
        # Someone changed a file between the check and the move. A new plan reports which, as a finding.
        again = make_plan(work, request)
        if not again.is_refused:
            raise ToolError(f"files in {request.prefix}/ keep changing; nothing was written")
        return WriteReport(unchanged=again.unchanged, findings=again.findings, recovered=recovered)
    return _report(plan, request.prefix, recovered)


def _report(plan: Plan, prefix: str, recovered: Outcome) -> WriteReport:
    return WriteReport(
        written=tuple(f"{prefix}/{change.path}" for change in plan.changes if change.after is not None),
        deleted=tuple(f"{prefix}/{change.path}" for change in plan.changes if change.after is None),
        unchanged=plan.unchanged,
        findings=plan.findings,
        recovered=recovered,
        inventory=plan.inventory,
    )


def _workspace(output: Path, filesystem: FileSystem | None) -> Workspace:
    return Workspace(str(output), filesystem or Disk())


@contextmanager
def _refusals(work: Workspace, prefix: str) -> Iterator[None]:
    """Turn errors of the file system into ToolError, and report the state of the folder."""
    try:
        yield
    except OSError as error:
        where = error.filename or work.output
        message = f"the file system reports an error in {prefix}/: {error.strerror or error} ({where})"
        try:
            interrupted = is_interrupted(work)
        except OSError:
            interrupted = True
        hint = "the next platformc command completes or undoes the write" if interrupted else "nothing was written"
        raise ToolError(message, hint=hint) from error
