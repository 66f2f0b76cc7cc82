"""Source files: read untrusted bytes into text.

In      the path of a file, from a file system that may be hostile; or the bytes of one in a commit.
Out     SourceFile: text with the path as the user knows it.
Finds   file-too-large, file-not-text, file-unreadable, hidden-character, symlink-refused.
Never   follows a symbolic link, reads a file beyond the size limit, raises on bad input.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path

from platformc.diagnostics import Finding, Span
from platformc.rules.files import FILE_NOT_TEXT, FILE_TOO_LARGE, FILE_UNREADABLE, HIDDEN_CHARACTER, SYMLINK_REFUSED

LARGEST_FILE = 4 * 1024 * 1024
"""Bytes. A spec of a thousand services is far smaller; libyaml needs about 60 times a file's size."""

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


def read_source(path: Path, name: str) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """Read one file as UTF-8 text; findings show it as `name`. None if it cannot be used."""
    if name != printable(name):
        return None, (unreadable_name(name),)
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return None, (linked(name),)
        if not stat.S_ISREG(status.st_mode):
            return None, (irregular(name),)
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)  # the size that a file system reports may be wrong
    except OSError as error:
        return None, (FILE_UNREADABLE.at(Span(name), f"cannot read the file: {error.strerror}"),)
    return decoded(data, name, max(status.st_size, len(data)))


def unreadable_name(name: str) -> Finding:
    """The finding for a name that is not UTF-8: findings, and files named after it, could not be written."""
    return FILE_UNREADABLE.at(Span(printable(name)), "the file name is not valid UTF-8", "rename it")


def linked(name: str) -> Finding:
    """The finding for a symbolic link in the place of a file."""
    return SYMLINK_REFUSED.at(Span(name), "symbolic links are not followed", "replace it with the file itself")


def irregular(name: str) -> Finding:
    """The finding for a pipe, a device or a submodule in the place of a file."""
    return FILE_UNREADABLE.at(Span(name), "not a regular file", "remove it from the specs folder")


def printable(name: str) -> str:
    """Return a path with a replacement character for each byte that is not UTF-8."""
    return name.encode(errors="surrogateescape").decode(errors="replace")


def decoded(data: bytes, name: str, size: int) -> tuple[SourceFile | None, tuple[Finding, ...]]:
    """The bytes of a file as text; `data` need not have more than LARGEST_FILE + 1 of its `size` bytes."""
    if size > LARGEST_FILE:
        hint = f"split it; the limit is {LARGEST_FILE // 1024 // 1024} MiB"
        return None, (FILE_TOO_LARGE.at(Span(name), f"the file is {size / 1024 / 1024:.0f} MiB large", hint),)
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
