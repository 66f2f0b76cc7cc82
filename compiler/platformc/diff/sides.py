"""sides: what the two sides of a diff are called, and where each is read from.

In      `--base` and `--head` as they were written, a Repository.
Out     Sides, that can be made Snapshots.
Never   guesses between a folder and a ref of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from platformc.check import Tools
from platformc.diagnostics import UsageError
from platformc.git import label, open_repository, short
from platformc.pipeline import Progress
from platformc.request import Request
from platformc.snapshot import (
    Commit,
    Snapshot,
    snapshot_of_commit,
    snapshot_of_files_at,
    snapshot_of_files_in,
    snapshot_of_folder,
)

WORKING_TREE = "the working tree"
MERGE_PARENTS = 2


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder on the disk: that of a platform, or of what was rendered."""

    path: Path
    label: str
    is_rendered: bool


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit: its platform, or only what is rendered in it."""

    commit: Commit
    rendered: str
    """The output folder; empty for the platform."""


Side = Folder | Committed


def base_side(given: str | None, request: Request) -> Side:
    """The base: what was asked for; else what HEAD is merged into or will be.

    A detached HEAD that is a merge is what CI checks out for a pull request: its first parent is the branch that the
    request would be merged into. Otherwise it is the merge base with the remote's default branch.
    Raises UsageError or ToolError if it cannot be known.
    """
    if given is not None:
        return named_side(given, request)
    repository = open_repository(request.root)
    head = repository.commit("HEAD")
    parents = repository.parents(head)
    if repository.is_detached() and len(parents) == MERGE_PARENTS:
        base = repository.commit(parents[0])
        return Committed(Commit(repository, base, f"the first parent of the merge ({short(base)})"), "")
    branch = repository.default_branch()
    base = repository.merge_base(head, repository.commit(branch))
    return Committed(Commit(repository, base, f"the merge base with {branch} ({short(base)})"), "")


def head_side(given: str | None, request: Request) -> Side:
    """The head: what was asked for, else the working tree."""
    return named_side(given, request) if given is not None else Folder(request.root, WORKING_TREE, is_rendered=False)


def named_side(given: str, request: Request) -> Side:
    """A side by its name: a folder, a ref, or `REF:FOLDER` for what is rendered in a commit.

    Raises UsageError for a name that is none of these, or could be two.
    """
    folder = _folder(given, request)
    if given.startswith((".", "/")):
        if folder is None:
            raise UsageError(f"there is no folder {given}", "name a folder with specs, a rendered folder, or a ref")
        return folder
    try:
        repository = open_repository(request.root)
        ref, colon, rendered = given.partition(":")
        commit = repository.commit(ref)
    except UsageError:
        if folder is None:
            raise
        return folder
    if folder is not None:
        raise UsageError(f"{given} is a folder and a ref", f"write ./{given} for the folder, or refs/heads/{given}")
    known_as = label(ref, commit)
    if colon and not rendered:
        raise UsageError(f"{given} names no folder", f"write {ref}, or {ref}:{request.output_name}")
    return Committed(Commit(repository, commit, f"{rendered} of {known_as}" if rendered else known_as), rendered)


def _folder(given: str, request: Request) -> Folder | None:
    path = Path(given)
    if not path.is_dir():
        return None
    is_rendered = not (path / request.specs_name).is_dir()
    return Folder(path.resolve(), given, is_rendered)


def has_spec(side: Side) -> bool:
    """Whether a side is a platform, and not only what was rendered."""
    return not (side.is_rendered if isinstance(side, Folder) else side.rendered)


def snapshot_of(side: Side, request: Request, tools: Tools, progress: Progress, like: Snapshot | None) -> Snapshot:
    """Read a side; `like` names the clusters of a side that only has files, and has what both sides share."""
    if isinstance(side, Committed):
        if side.rendered:
            return snapshot_of_files_at(side.commit, side.rendered, like)
        return snapshot_of_commit(side.commit, request, tools, progress, like)
    if side.is_rendered:
        return snapshot_of_files_in(side.path, side.label, like)
    specs = side.path / request.specs_name
    return snapshot_of_folder(
        replace(request, root=side.path, specs=specs, output=side.path / request.output_name),
        side.label,
        tools,
        progress,
        like,
    )
