"""Source files: reading bytes that nobody vouched for into text.

In      paths below the specs folder, from a file system that may be hostile.
Out     SourceFile: text with the path as the user knows it.
Finds   file-too-large, file-not-text, file-unreadable, hidden-character, symlink-refused.
Never   follows a symbolic link, reads a file beyond the size limit, raises for bad input.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics import Finding, Severity, Span

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes. A spec of a thousand services is far below it; libyaml needs about 60 times a file's size."""

# Control characters, and the characters that make a line read differently from what it says
# ("Trojan Source", CVE-2021-42574). A byte order mark in the middle of a file is one of them.
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file: its path relative to the root, and its text."""

    path: str
    text: str


def read_source(path: Path, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """Read one file as UTF-8 text. `name` is how findings call it; None where it cannot be used."""
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return None, (
                _error(name, "symlink-refused", "a symbolic link is not followed", "put the file itself here"),
            )
        if not stat.S_ISREG(status.st_mode):
            return None, (_error(name, "file-unreadable", "not a regular file", "remove it from the specs folder"),)
        if status.st_size > LARGEST_FILE:
            size = f"{status.st_size / 1024 / 1024:.0f} MiB"
            hint = f"split it; the limit is {LARGEST_FILE // 1024 // 1024} MiB"
            return None, (_error(name, "file-too-large", f"the file has {size}", hint),)
        data = path.read_bytes()
    except OSError as error:
        return None, (_error(name, "file-unreadable", f"cannot read the file: {error.strerror}"),)
    return _decode(data, name)


def _decode(data: bytes, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        hint = "save it as UTF-8"
        return None, (_error(name, "file-not-text", "the file is UTF-16, and spec files are UTF-8", hint),)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = len(data[data.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace")) + 1
        finding = Finding(
            Span(name, line, column, line, column + 1),
            "file-not-text",
            Severity.ERROR,
            "not valid UTF-8",
            "save the file as UTF-8",
        )
        return None, (finding,)
    hidden = HIDDEN.search(text)
    source = SourceFile(name, text)
    if hidden:
        line = text.count("\n", 0, hidden.start()) + 1
        column = hidden.start() - text.rfind("\n", 0, hidden.start())
        finding = Finding(
            Span(name, line, column, line, column + 1),
            "hidden-character",
            Severity.ERROR,
            f"the invisible character U+{ord(hidden.group()):04X} stands here",
            f'delete it, or write it as an escape in double quotes: "\\u{ord(hidden.group()):04x}"',
        )
        return None, (finding,)
    return source, ()


def _error(name: str, rule: str, message: str, hint: str = "") -> Finding:
    return Finding(Span(name), rule, Severity.ERROR, message, hint)
