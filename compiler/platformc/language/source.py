"""Source files: read untrusted bytes into text.

In      the specs folder, and paths below it, from a file system that may be hostile.
Out     the YAML files in it; SourceFile: text with the path as the user knows it.
Finds   file-too-large, file-not-text, file-unreadable, hidden-character, symlink-refused.
Never   follows a symbolic link, reads a file beyond the size limit, raises on bad input.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from platformc.diagnostics import Finding, Span
from platformc.rules.files import FILE_NOT_TEXT, FILE_TOO_LARGE, FILE_UNREADABLE, HIDDEN_CHARACTER, SYMLINK_REFUSED

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes. A spec of a thousand services is far smaller; libyaml needs about 60 times a file's size."""

DEEPEST_FOLDER = 60
"""Levels of folders below specs/. Walking uses Python's stack for each."""

# Control characters; line breaks that YAML counts and most editors do not show; characters that make a
# line look different from what it says ("Trojan Source", CVE-2021-42574), or that are invisible. A
# byte order mark in the middle of a file is one of them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]|\r(?!\n)"
)

BASIC_PLANE = 0xFFFF
"""The last character that four hexadecimal digits can express."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its path relative to the root, and its text."""

    path: str
    text: str


def spec_files(folder: Path, name: str) -> tuple[tuple[tuple[Path, str], ...], tuple[Finding, ...]]:
    """Every YAML file below a folder with its name for findings, in the order of that; hidden ones are skipped.

    `name` is the folder's own. Findings mean that files may be missing.
    """
    found: list[tuple[Path, str]] = []
    findings: list[Finding] = []

    def unreadable(error: OSError) -> None:
        relative = Path(error.filename).relative_to(folder).as_posix()
        place = printable(name if relative == "." else f"{name}/{relative}")
        findings.append(FILE_UNREADABLE.at(Span(place), f"cannot read the folder: {error.strerror}"))

    for base, folders, names in os.walk(folder, onerror=unreadable):
        relative = Path(base).relative_to(folder).as_posix()
        prefix = name if relative == "." else f"{name}/{relative}"
        if relative.count("/") >= DEEPEST_FOLDER and folders:
            message = f"folders are nested more than {DEEPEST_FOLDER} levels deep"
            findings.append(FILE_UNREADABLE.at(Span(printable(prefix)), message, "move the files further up"))
            folders.clear()
        for below in folders:
            if os.path.islink(f"{base}/{below}"):  # noqa: PTH114 - Path.is_symlink raises if a path is too long
                place = printable(f"{prefix}/{below}")
                message, hint = "symbolic links are not followed", "replace it with the folder itself"
                findings.append(SYMLINK_REFUSED.at(Span(place), message, hint))
        folders[:] = [below for below in folders if not below.startswith(".")]
        found += [
            (Path(base) / file, f"{prefix}/{file}")
            for file in names
            if file.endswith((".yaml", ".yml")) and not file.startswith(".")
        ]
    return tuple(sorted(found, key=lambda pair: pair[1])), tuple(findings)


def read_source(path: Path, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """Read one file as UTF-8 text; findings show it as `name`. None if it cannot be used."""
    if name != printable(name):  # findings, and files named after it, could not be written
        message = "the file name is not valid UTF-8"
        return None, (FILE_UNREADABLE.at(Span(printable(name)), message, "rename it"),)
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return None, (
                SYMLINK_REFUSED.at(Span(name), "symbolic links are not followed", "replace it with the file itself"),
            )
        if not stat.S_ISREG(status.st_mode):
            return None, (FILE_UNREADABLE.at(Span(name), "not a regular file", "remove it from the specs folder"),)
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)  # the size that a file system reports may be wrong
        if len(data) > LARGEST_FILE:
            size = f"{max(status.st_size, len(data)) / 1024 / 1024:.0f} MiB"
            hint = f"split it; the limit is {LARGEST_FILE // 1024 // 1024} MiB"
            return None, (FILE_TOO_LARGE.at(Span(name), f"the file is {size} large", hint),)
    except OSError as error:
        return None, (FILE_UNREADABLE.at(Span(name), f"cannot read the file: {error.strerror}"),)
    return _decode(data, name)


def printable(name: str) -> str:
    """Return a path with a replacement character for each byte that is not UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def _decode(data: bytes, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "save it as UTF-8"
        return None, (FILE_NOT_TEXT.at(Span(name), "the file is UTF-16; spec files must be UTF-8", hint),)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace")) + 1
        finding = FILE_NOT_TEXT.at(
            Span(name, line, column, line, column + 1), "not valid UTF-8", "save the file as UTF-8"
        )
        return None, (finding,)
    hidden = HIDDEN.search(text)
    source = SourceFile(name, text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        finding = HIDDEN_CHARACTER.at(
            Span(name, line, column, line, column + 1),
            f"invisible character U+{ord(hidden.group()):04X}",
            f'remove it, or write it as an escape sequence in double quotes: "{_escape(ord(hidden.group()))}"',
        )
        return None, (finding,)
    return source, ()


def _escape(code: int) -> str:
    """How YAML writes a character in double quotes."""
    return f"\\u{code:04x}" if code <= BASIC_PLANE else f"\\U{code:08x}"
