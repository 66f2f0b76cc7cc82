"""txtar: several text files in one, in the form of Go's golang.org/x/tools/txtar.

In: text; first a comment, then each file below a line `-- path --`. Out: the comment and the files, and
back, byte for byte. Refuses what this form or an editor would not keep: characters that nobody sees, a
last line without an end, a line that reads like the start of a file, a path that leaves the folder.
Never guesses: what Go's reader would trim, complete or take twice is refused, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

OPENING, CLOSING = "-- ", " --"


class NotHeldError(ValueError):
    """What this form does not hold; the message says what and where."""


@dataclass(frozen=True, slots=True)
class Archive:
    """Text files by their paths, in their order, below a comment."""

    comment: str
    files: Mapping[str, str]


def parse(text: str) -> Archive:
    """The archive that a text is; `unparse` makes the same text of it again. Raises NotHeldError."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for number, line in _lines(text, "the archive"):
        name = _started(line)
        if name is None:
            parts[-1][1].append(line)
        elif line != (wanted := _marker(name)):
            raise NotHeldError(f"line {number} of the archive: write {wanted.strip()!r}")
        elif name in (other for other, _ in parts):
            raise NotHeldError(f"line {number} of the archive: a second file {name!r}")
        else:
            parts.append((name, []))
    (_, comment), *files = ((name, "".join(lines)) for name, lines in parts)
    return Archive(comment, dict(files))


def unparse(archive: Archive) -> str:
    """The text of an archive; `parse` makes the same archive of it again. Raises NotHeldError."""
    files = ((_marker(name), _content(text, name)) for name, text in archive.files.items())
    return _content(archive.comment, "the comment") + "".join(part for file in files for part in file)


def _marker(name: str) -> str:
    path = PurePosixPath(name)
    below = path.parts and not path.is_absolute() and ".." not in path.parts
    if not below or name != str(path) or name != name.strip() or not name.isprintable():
        raise NotHeldError(f"{name!r} is not a plain path to a file below the folder")
    return f"{OPENING}{name}{CLOSING}\n"


def _started(line: str) -> str | None:
    """The file that starts with this line, as Go reads it."""
    line = line.removesuffix("\n")
    if not line.startswith(OPENING) or not line.endswith(CLOSING):
        return None
    return line[len(OPENING) : -len(CLOSING)].strip() or None


def _content(text: str, where: str) -> str:
    for number, line in _lines(text, where):
        if _started(line) is not None:
            raise NotHeldError(f"line {number} of {where} would start another file")
    return text


def _lines(text: str, where: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that an editor shows as it is, counted from 1."""
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.replace("\t", " ").isprintable():
            raise NotHeldError(f"line {number} of {where} has a character that nobody sees")
        if number < len(lines):
            yield number, f"{line}\n"
        elif line:
            raise NotHeldError(f"line {number} of {where}, the last one, has no end")
