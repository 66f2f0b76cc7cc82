"""rendered_folder: the output folder as a whole: its own parts, and one digest of everything in it.

In      the folder; or the paths and digests of the files that should be there.
Out     a digest that is the same for both only if every byte is as it should be, and nothing else is there.
Never   follows a symbolic link, writes, or reports what differs: that is for `tree`, which reads everything again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from platformc.disk import Disk, EntryKind

HOME = ".platformc"
"""The folder below the output folder that is the compiler's own."""
INDEX = f"{HOME}/index.json"
"""The ownership index, below the output folder."""


def inventory_digest(files: Iterable[tuple[str, str]]) -> str:
    """One digest for files, in any order: each with its path below the output folder and its SHA-256."""
    lines = sorted(f"{digest}  {path}\n" for path, digest in files)
    return hashlib.sha256("".join(lines).encode(errors="surrogateescape")).hexdigest()


def folder_digest(output: Path) -> str | None:
    """The `inventory_digest` of the output folder; None if it has anything but files and folders.

    It differs if an interrupted run left something or another one is at work, because that is a file, too.
    """
    disk = Disk()
    try:
        if disk.kind(str(output)) is not EntryKind.FOLDER:
            return None
        return inventory_digest(_found(disk, str(output), ""))
    except (OSError, RecursionError, _StrangeError):  # folders can be nested deeper than Python's recursion limit
        return None


class _StrangeError(Exception):
    """Something is there that rendering never leaves."""


def _found(disk: Disk, output: str, below: str) -> Iterator[tuple[str, str]]:
    entries = disk.entries(f"{output}/{below}")
    if not entries:
        raise _StrangeError(below)
    for name, kind in entries:
        path = f"{below}{name}"
        if kind is EntryKind.FOLDER:
            yield from _found(disk, output, f"{path}/")
            continue
        digest = disk.digest(f"{output}/{path}") if kind is EntryKind.FILE else None
        if digest is None:
            raise _StrangeError(path)
        yield path, digest
