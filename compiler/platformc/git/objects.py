"""objects: what a commit holds at a path, as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class EntryType(StrEnum):
    """What is at a path of a commit."""

    FILE = "file"
    LINK = "link"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a tree that is not a folder."""

    type: EntryType
    size: int
    """Bytes; 0 for a submodule."""
    content: bytes
    """A file's bytes or a link's target; empty if it is larger than what was asked for."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of `git ls-tree -r -l -z`."""

    path: str
    type: EntryType
    id: str
    size: int


TYPES = {"100644": EntryType.FILE, "100755": EntryType.FILE, "100664": EntryType.FILE, "120000": EntryType.LINK}
"""Modes of blobs; git has written 100664 in its first years (fsck.c, FSCK_MSG_BAD_FILEMODE)."""
SUBMODULE = "160000"


def parse_listing(listing: bytes) -> Iterator[Listed]:
    """The entries of `git ls-tree -r -l -z`. Raises ValueError for a mode that git does not have.

    git-ls-tree(1): `<mode> SP <type> SP <object> SP <object size> TAB <file>`, and a size of `-` for what has none.
    """
    for line in listing.split(b"\0"):
        if not line:
            continue
        head, _, path = line.partition(b"\t")
        mode, _, identity, size = head.decode("ascii").split()
        kind = EntryType.SUBMODULE if mode == SUBMODULE else TYPES.get(mode)
        if kind is None:
            raise ValueError(f"unknown mode {mode}")
        yield Listed(path.decode(errors="surrogateescape"), kind, identity, 0 if size == "-" else int(size))
