"""folder: a folder of the spec, on the disk or in a commit.

In      a path in a file system that may be hostile; or the entries of a commit, which may be, too.
Out     the YAML files below it, and each of them as text.
Finds   what source finds; symlink-refused and file-unreadable for folders.
Never   follows a symbolic link, leaves the folder, raises on bad input.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from platformc.diagnostics import Finding, Span
from platformc.git import Entry, EntryType
from platformc.language.source import (
    SourceFile,
    decoded,
    irregular,
    linked,
    printable,
    read_source,
    unreadable_name,
)
from platformc.rules.files import FILE_UNREADABLE, SYMLINK_REFUSED

DEEPEST_FOLDER = 60
"""Levels of folders below specs/. Walking uses Python's stack for each."""


class SourceFolder(Protocol):
    """A folder that sources are read from. Paths are relative to it, with `/` between their parts."""

    def exists(self) -> bool:
        """Whether there is such a folder."""

    def files(self, name: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """Every YAML file, sorted; hidden files and folders are skipped.

        `name` is what findings call the folder. Findings mean that files may be missing.
        """

    def source(self, path: str, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
        """One file as UTF-8 text, which findings call `name`. None if it cannot be used."""

    def beginning(self, path: str, most: int) -> bytes | str:
        """The first bytes of any file; or why there are none, as the end of a sentence about it."""


@dataclass(frozen=True, slots=True)
class DiskFolder:
    """A folder in the file system."""

    path: Path

    def exists(self) -> bool:
        """See SourceFolder."""
        return self.path.exists()

    def files(self, name: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """See SourceFolder."""
        return _walked(self.path, name)

    def source(self, path: str, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
        """See SourceFolder."""
        return read_source(self.path / path, name)

    def beginning(self, path: str, most: int) -> bytes | str:
        """See SourceFolder."""
        place = self.path
        try:
            for step in path.split("/"):
                place /= step
                if stat.S_ISLNK(place.lstat().st_mode):
                    return "is or goes through a symbolic link, which is not followed"
            if not stat.S_ISREG(place.lstat().st_mode):
                return "is not a file"
            with place.open("rb") as file:
                return file.read(most)
        except FileNotFoundError:
            return "does not exist"
        except OSError as error:
            return f"cannot be read: {error.strerror}"


@dataclass(frozen=True, slots=True)
class CommittedFolder:
    """A folder of a commit: what is below it, by path."""

    entries: Mapping[str, Entry]

    def exists(self) -> bool:
        """See SourceFolder. git has no empty folders."""
        return bool(self.entries)

    def files(self, name: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
        """See SourceFolder. A link in the place of a folder is a finding, as on the disk."""
        found: list[str] = []
        findings: dict[str, Finding] = {}
        for path, entry in sorted(self.entries.items()):
            *folders, file = path.split("/")
            if any(part.startswith(".") for part in folders):
                continue
            if len(folders) > DEEPEST_FOLDER:
                top = "/".join((name, *folders[:DEEPEST_FOLDER]))
                findings.setdefault(top, _too_deep(top))
            elif _is_source(file):
                found.append(path)
            elif entry.type is EntryType.LINK and not self._is_file(path, entry):
                findings[path] = _linked_folder(f"{name}/{path}")
        return tuple(found), tuple(findings.values())

    def _is_file(self, link: str, entry: Entry) -> bool:
        """Whether a link leads to a file of this folder; where others lead, a commit does not say."""
        target = entry.content.decode(errors="surrogateescape")
        found = self.entries.get(os.path.normpath(f"{os.path.dirname(link)}/{target}").lstrip("/"))  # noqa: PTH120 - a path in git
        return found is not None and found.type is EntryType.FILE

    def source(self, path: str, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
        """See SourceFolder."""
        entry = self.entries[path]
        if name != printable(name):
            return None, (unreadable_name(name),)
        if entry.type is EntryType.LINK:
            return None, (linked(name),)
        if entry.type is not EntryType.FILE:
            return None, (irregular(name),)
        return decoded(entry.content, name, entry.size)

    def beginning(self, path: str, most: int) -> bytes | str:
        """See SourceFolder."""
        entry = self.entries.get(path)
        if entry is not None and entry.type is EntryType.FILE:
            return entry.content[:most]
        parts = path.split("/")
        through = (self.entries.get("/".join(parts[:length])) for length in range(1, len(parts) + 1))
        if any(one is not None and one.type is EntryType.LINK for one in through):
            return "is or goes through a symbolic link, which is not followed"
        is_folder = any(one.startswith(f"{path}/") for one in self.entries)
        return "is not a file" if is_folder or entry is not None else "does not exist"


def _walked(folder: Path, name: str) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    found: list[str] = []
    findings: list[Finding] = []

    def unreadable(error: OSError) -> None:
        relative = Path(error.filename).relative_to(folder).as_posix()
        place = printable(name if relative == "." else f"{name}/{relative}")
        findings.append(FILE_UNREADABLE.at(Span(place), f"cannot read the folder: {error.strerror}"))

    for base, folders, names in os.walk(folder, onerror=unreadable):
        relative = Path(base).relative_to(folder).as_posix()
        prefix = name if relative == "." else f"{name}/{relative}"
        if relative.count("/") >= DEEPEST_FOLDER and folders:
            findings.append(_too_deep(prefix))
            folders.clear()
        links = [below for below in folders if os.path.islink(f"{base}/{below}")]  # noqa: PTH114 - Path.is_symlink raises if a path is too long
        findings += [_linked_folder(f"{prefix}/{below}") for below in links]
        folders[:] = [below for below in folders if not below.startswith(".")]
        below_folder = "" if relative == "." else f"{relative}/"
        found += [f"{below_folder}{file}" for file in names if _is_source(file)]
    return tuple(sorted(found)), tuple(findings)


def _is_source(file: str) -> bool:
    return file.endswith((".yaml", ".yml")) and not file.startswith(".")


def _too_deep(folder: str) -> Finding:
    message = f"folders are nested more than {DEEPEST_FOLDER} levels deep"
    return FILE_UNREADABLE.at(Span(printable(folder)), message, "move the files further up")


def _linked_folder(folder: str) -> Finding:
    return SYMLINK_REFUSED.at(
        Span(printable(folder)), "symbolic links are not followed", "replace it with the folder itself"
    )
