"""disk: the few file operations for reading and writing trees, so that a test can interrupt between any two.

In      absolute or relative paths as text; the callers join them.
Out     what is at a path, or a change of it.
Never   follows a symbolic link in the last part of a path, or blocks on a pipe.
"""
# ruff: noqa: PTH102, PTH104, PTH106, PTH108, PTH123
# Paths are text here: thousands of pathlib objects cost more than the operations themselves.

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Protocol

_CHUNK = 1 << 20
_FLUSHED_ONE_BY_ONE = 64
"""Up to this many files are synced one by one; beyond that, one sync of everything is faster."""

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_LINKS = {errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}


class EntryKind(StrEnum):
    """What is at a path."""

    FILE = "file"
    FOLDER = "folder"
    SYMLINK = "symlink"
    OTHER = "other"


class FileSystem(Protocol):
    """What writing needs from a file system. Every method can raise OSError."""

    def kind(self, path: str, /) -> EntryKind | None:
        """What is there; None for nothing."""

    def entries(self, folder: str, /) -> Sequence[tuple[str, EntryKind]]:
        """Names and kinds in a folder, sorted."""

    def read(self, path: str, /) -> bytes | None:
        """The bytes of a regular file; None if there is none."""

    def digest(self, path: str, /) -> str | None:
        """SHA-256 of a regular file in hexadecimal; None if there is none."""

    def create(self, path: str, content: bytes, /) -> None:
        """Write a file that must not exist yet."""

    def flush(self, paths: Sequence[str], /) -> None:
        """Return when these files and folders are durably on the disk."""

    def move(self, source: str, target: str, /) -> None:
        """Rename, replacing what is at the target."""

    def place(self, source: str, target: str, /) -> bool:
        """Make a file appear at the target with all its bytes; False, and no change, if something is there."""

    def remove(self, path: str, /) -> None:
        """Remove a file or symbolic link; nothing there is fine."""

    def make_folder(self, path: str, /) -> None:
        """Create one folder; one that exists is fine."""

    def remove_folder(self, path: str, /) -> bool:
        """Remove a folder; False, and no change, if it is missing or not empty."""


class Disk:
    """The real file system. `link` makes a hard link, as os.link does, or raises OSError if there are none."""

    __slots__ = ("_link",)

    def __init__(self, link: Callable[..., None] = os.link) -> None:
        self._link = link

    def kind(self, path: str) -> EntryKind | None:
        """See FileSystem."""
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        return _kind(mode)

    def entries(self, folder: str) -> Sequence[tuple[str, EntryKind]]:
        """See FileSystem."""
        with os.scandir(folder) as found:
            return sorted((entry.name, _entry_kind(entry)) for entry in found)

    def read(self, path: str) -> bytes | None:
        """See FileSystem."""
        opened = _open(path)
        if opened is None:
            return None
        with open(opened, "rb") as file:
            return file.read()

    def beginning(self, path: str, most: int) -> bytes | None:
        """The first `most` bytes of a regular file, or all of them; None if there is none."""
        opened = _open(path)
        if opened is None:
            return None
        try:
            expected = os.fstat(opened).st_size + 1
            content = b""
            while len(content) < most and (part := os.read(opened, min(most - len(content), expected))):
                content += part
            return content
        finally:
            os.close(opened)

    def digest(self, path: str) -> str | None:
        """See FileSystem."""
        opened = _open(path)
        if opened is None:
            return None
        try:
            result = hashlib.sha256()
            while chunk := os.read(opened, _CHUNK):
                result.update(chunk)
            return result.hexdigest()
        finally:
            os.close(opened)

    def create(self, path: str, content: bytes, mode: int = 0o666) -> None:
        """See FileSystem. `mode` as far as the user's umask allows."""
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
        with open(opened, "wb", buffering=0) as file:
            rest = memoryview(content)
            while rest:
                rest = rest[file.write(rest) :]

    def flush(self, paths: Sequence[str]) -> None:
        """See FileSystem."""
        if len(paths) > _FLUSHED_ONE_BY_ONE:
            os.sync()
            return
        for path in paths:
            opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)

    def move(self, source: str, target: str) -> None:
        """See FileSystem."""
        os.rename(source, target)

    def place(self, source: str, target: str) -> bool:
        """See FileSystem. Without hard links, it uses a check and a rename."""
        try:
            self._link(source, target, follow_symlinks=False)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if self.kind(target) is not None:
                return False
            os.rename(source, target)
        return True

    def remove(self, path: str) -> None:
        """See FileSystem."""
        with suppress(FileNotFoundError):
            os.unlink(path)

    def make_folder(self, path: str) -> None:
        """See FileSystem."""
        with suppress(FileExistsError):
            os.mkdir(path)

    def remove_folder(self, path: str) -> bool:
        """See FileSystem."""
        try:
            os.rmdir(path)
        except OSError as error:
            if error.errno in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT, errno.ENOTDIR}:
                return False
            raise
        return True


def _open(path: str) -> int | None:
    """A descriptor of the regular file at a path; None if there is none."""
    try:
        opened = os.open(path, _READ)
    except OSError as error:
        if error.errno in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO}:
            return None
        raise
    if stat.S_ISREG(os.fstat(opened).st_mode):
        return opened
    os.close(opened)
    return None


def _kind(mode: int) -> EntryKind:
    if stat.S_ISLNK(mode):
        return EntryKind.SYMLINK
    if stat.S_ISREG(mode):
        return EntryKind.FILE
    return EntryKind.FOLDER if stat.S_ISDIR(mode) else EntryKind.OTHER


def _entry_kind(entry: os.DirEntry[str]) -> EntryKind:
    if entry.is_symlink():
        return EntryKind.SYMLINK
    if entry.is_file(follow_symlinks=False):
        return EntryKind.FILE
    return EntryKind.FOLDER if entry.is_dir(follow_symlinks=False) else EntryKind.OTHER
