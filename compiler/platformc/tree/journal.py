"""journal: change many files so that after any interruption they are wholly old or wholly new.

In      changes with the digests before and after, new bytes, the new index; all below rendered/.
Out     FINISHED or UNDONE; rendered/.platformc/ holds the index alone afterwards.
Finds   render-journal-broken.
Never   overwrites or deletes bytes whose digest it did not expect: those are a person's, and stay.

    staging/<n>.new   new bytes, synced           staging/<n>.old    the old file, moved away, until the end
    staging/index     the new index, synced       staging/<n>.undone new bytes taken back
    journal.json      the commit record: from here on the run will be finished ...
    undo.json         ... unless it was renamed to this: from here on it will be undone

Every step can be repeated: `recover` does what is left after a process died at any point.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from platformc.diagnostics import Finding, Span
from platformc.disk import EntryKind, FileSystem
from platformc.rendered_folder import HOME, INDEX
from platformc.rules.output import RENDER_JOURNAL_BROKEN
from platformc.tree.layout import is_rendered_path
from platformc.tree.ownership import digest, is_digest, unique_pairs

_VERSION = 1


class Outcome(StrEnum):
    """How a run ended. UNDONE: a person edited a file in the meantime, or the file system failed."""

    NOTHING = "nothing"
    FINISHED = "finished"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Change:
    """One file below rendered/: SHA-256 before and after, None if there is no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Journal:
    """All changes of one run, over all environments, and the digest of the index that closes it."""

    changes: tuple[Change, ...]
    index: str


@dataclass(frozen=True, slots=True)
class Workspace:
    """The working area of one run: the folder rendered/ and the operations on it."""

    output: str
    files: FileSystem

    def at(self, path: str) -> str:
        """A path below rendered/ in the file system."""
        return f"{self.output}/{path}"

    def home(self, name: str) -> str:
        """A file in rendered/.platformc/."""
        return f"{self.output}/{HOME}/{name}"

    def staged(self, number: int | str, role: str) -> str:
        """A file in the staging folder."""
        return f"{self.output}/{HOME}/staging/{number}.{role}"


class _ConflictError(Exception):
    """A file is where none was expected; the run is undone."""


def commit(work: Workspace, changes: Sequence[Change], contents: Mapping[str, bytes], index: bytes) -> Outcome:
    """Make all changes and replace the index last, or undo all of them.

    `contents` has the new bytes of every change with new bytes. Raises OSError if the file system
    fails; then nothing has changed, or the next `recover` undoes it.
    """
    journal = Journal(tuple(changes), digest(index))
    try:
        _stage(work, journal, contents, index)
    except OSError:
        _sweep(work)
        raise
    try:
        return _finish(work, journal)
    except OSError:
        if not _is_over(work, journal):
            _undo(work, journal)
        raise


def recover(work: Workspace, prefix: str) -> tuple[Outcome, tuple[Finding, ...]]:
    """Finish or undo what an earlier process left. Expects the lock to be held.

    A journal that cannot be read is a finding, and nothing is touched. `prefix` is rendered/
    relative to the repository root. Raises OSError if the file system fails.
    """
    for name, undoing in (("undo.json", True), ("journal.json", False)):
        content = work.files.read(work.home(name))
        if content is not None:
            try:
                journal = _parse(content)
            except (ValueError, RecursionError):
                return Outcome.NOTHING, (_broken(f"{prefix}/{HOME}/{name}", prefix),)
            if undoing or not _is_intact(work, journal):
                return _undo(work, journal), ()
            return _finish(work, journal), ()
    _sweep(work)
    return Outcome.NOTHING, ()


def is_interrupted(work: Workspace) -> bool:
    """Whether an earlier process left something for `recover`, or another one is at work now."""
    return any(
        work.files.kind(work.home(name)) is not None for name in ("undo.json", "journal.json", "staging", "lock")
    )


def _stage(work: Workspace, journal: Journal, contents: Mapping[str, bytes], index: bytes) -> None:
    """Write all new bytes and then the commit record durably to the disk."""
    files = work.files
    files.make_folder(work.home("staging"))
    made = []
    for number, change in enumerate(journal.changes):
        if change.after is not None:
            made.append(work.staged(number, "new"))
            files.create(made[-1], contents[change.path])
    record = work.staged("journal", "json")
    files.create(work.home("staging/index"), index)
    files.create(record, _dump(journal))
    files.flush([*made, work.home("staging/index"), record, work.home("staging")])
    files.move(record, work.home("journal.json"))
    files.flush([work.at(HOME)])


def _finish(work: Workspace, journal: Journal) -> Outcome:
    files = work.files
    if not _is_over(work, journal):
        made: set[str] = set()
        try:
            for number, change in enumerate(journal.changes):
                _apply(work, number, change, made)
        except _ConflictError:
            return _undo(work, journal)
        files.flush(_standing_folders(work, journal))
        files.move(work.home("staging/index"), work.at(INDEX))
        files.flush([work.at(HOME)])
    # The index is new, so the run is over: from here on, a person's change is an edit of the new tree.
    for change in journal.changes:
        if change.after is None:
            _remove_empty_folders(work, change)
    _close(work)
    return Outcome.FINISHED


def _apply(work: Workspace, number: int, change: Change, made: set[str]) -> None:
    """Move the old file away, check what was moved, and only then put the new one in place.

    `made` are the folders that are known to exist; those created here are added.
    """
    files, target = work.files, work.at(change.path)
    if not _are_folders(work, change):
        raise _ConflictError(change.path)
    if change.before is not None and _is_there_already(work, number, change):
        return
    if change.after is None:
        return
    for folder in _folders(change):
        if folder not in made:
            files.make_folder(work.at(folder))
            made.add(folder)
    if not files.place(work.staged(number, "new"), target) and files.digest(target) != change.after:
        raise _ConflictError(change.path)


def _is_there_already(work: Workspace, number: int, change: Change) -> bool:
    """Move the old file to the staging folder, unless the new bytes are already in its place."""
    files, target, old = work.files, work.at(change.path), work.staged(number, "old")
    if files.kind(old) is None and files.kind(target) is not None:
        current = files.digest(target)
        if current is not None and current == change.after:
            return True
        if current != change.before:
            raise _ConflictError(change.path)
        files.move(target, old)
    # A person may have edited the file between the check and the move; undoing restores the edited file.
    if files.kind(old) is not None and files.digest(old) != change.before:
        raise _ConflictError(change.path)
    return False


def _undo(work: Workspace, journal: Journal) -> Outcome:
    files = work.files
    if files.kind(work.home("undo.json")) is None:
        files.move(work.home("journal.json"), work.home("undo.json"))
        files.flush([work.at(HOME)])
    for number, change in enumerate(journal.changes):
        if _are_folders(work, change):
            _take_back(work, number, change)
    files.flush(_standing_folders(work, journal))
    _close(work)
    return Outcome.UNDONE


def _take_back(work: Workspace, number: int, change: Change) -> None:
    """Remove the new file if it still is what was written, and restore the old one if nothing is in its place."""
    files, target, old = work.files, work.at(change.path), work.staged(number, "old")
    was_moved = files.kind(old) is not None
    if change.after is not None and (was_moved or change.before is None) and files.digest(target) == change.after:
        undone = work.staged(number, "undone")
        files.move(target, undone)
        if files.digest(undone) != change.after:
            files.place(undone, target)
    if was_moved:
        for folder in _folders(change):
            files.make_folder(work.at(folder))
        files.place(old, target)
    elif change.before is None:
        _remove_empty_folders(work, change)


def _close(work: Workspace) -> None:
    """End the run: without a record, the staging folder has no meaning."""
    for name in ("journal.json", "undo.json"):
        work.files.remove(work.home(name))
    work.files.flush([work.at(HOME)])
    _sweep(work)


def _sweep(work: Workspace) -> None:
    staging = work.home("staging")
    if work.files.kind(staging) is EntryKind.FOLDER:
        for name, _ in work.files.entries(staging):
            work.files.remove(f"{staging}/{name}")
        work.files.remove_folder(staging)


def _folders(change: Change) -> Iterator[str]:
    """The folders above a file, from the environment's down."""
    parts = change.path.split("/")
    for length in range(1, len(parts)):
        yield "/".join(parts[:length])


def _are_folders(work: Workspace, change: Change) -> bool:
    """Whether the path to a file has only real folders, so that no symbolic link redirects a change."""
    return all(work.files.kind(work.at(folder)) in {None, EntryKind.FOLDER} for folder in _folders(change))


def _standing_folders(work: Workspace, journal: Journal) -> list[str]:
    """The folders to sync to make the changes durable: all on their paths, as new ones are entries of their parents."""
    parents = {change.path.rpartition("/")[0]: change for change in journal.changes}
    folders = {folder for change in parents.values() for folder in _folders(change)}
    paths = [work.output, *(work.at(folder) for folder in sorted(folders))]
    return [path for path in paths if work.files.kind(path) is EntryKind.FOLDER]


def _remove_empty_folders(work: Workspace, change: Change) -> None:
    if _are_folders(work, change):
        for folder in reversed(tuple(_folders(change))):
            if not work.files.remove_folder(work.at(folder)):
                return


def _is_over(work: Workspace, journal: Journal) -> bool:
    """Whether the new index is in place, after all changes.

    Its bytes alone do not show it: if a run only restores files that a person deleted or edited, the index is the same.
    """
    staged = work.files.kind(work.home("staging/index"))
    return staged is None and work.files.digest(work.at(INDEX)) == journal.index


def _is_intact(work: Workspace, journal: Journal) -> bool:
    """Whether the staged bytes are those that were recorded; a committed journal need not be ours."""
    if _is_over(work, journal):
        return True
    return work.files.digest(work.home("staging/index")) == journal.index and all(
        change.after is None or work.files.digest(work.staged(number, "new")) == change.after
        for number, change in enumerate(journal.changes)
    )


def _dump(journal: Journal) -> bytes:
    changes = [[change.path, change.before, change.after] for change in journal.changes]
    return json.dumps({"version": _VERSION, "index": journal.index, "changes": changes}).encode()


def _parse(content: bytes) -> Journal:
    """Read a commit record. Raises ValueError for anything that `_dump` cannot have written."""
    data = json.loads(content, object_pairs_hook=unique_pairs)
    if not isinstance(data, dict) or data.keys() != {"version", "index", "changes"} or data["version"] != _VERSION:
        raise ValueError("not a commit record of this version")
    if not is_digest(data["index"]) or not isinstance(data["changes"], list):
        raise ValueError("no digest of the index, or no list of changes")
    return Journal(tuple(_change(entry) for entry in data["changes"]), data["index"])


def _change(entry: object) -> Change:
    match entry:
        case [str(path), str() | None as before, str() | None as after] if is_rendered_path(path):
            if all(value is None or is_digest(value) for value in (before, after)):
                return Change(path, before, after)
    raise ValueError("not a change that this module records")


def _broken(path: str, prefix: str) -> Finding:
    message = "an interrupted render left a journal that cannot be read"
    hint = f"restore the folder and remove the journal: git restore {prefix} && git clean -fd {prefix}/{HOME}"
    return RENDER_JOURNAL_BROKEN.at(Span(path), message, hint)
