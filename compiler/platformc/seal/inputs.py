"""inputs: values from files and from standard input.

In      `KEY=path` of the command line, a file of `KEY=value` lines.
Out     bytes by key, exactly as they stand there.
Never   takes a value from the command line itself, which every user of a machine can read; shows a line.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection
from pathlib import Path

from platformc.diagnostics import ToolError, UsageError

LARGEST_INPUT = 2 * 1024 * 1024
"""Bytes; a Secret as a whole may have half of it."""
QUOTES = ("'", '"')

Reader = Callable[[], bytes]


def from_files(given: tuple[str, ...], stdin: Reader) -> dict[str, bytes]:
    """The values of `KEY=path`; `-` is standard input. Raises UsageError, ToolError."""
    found: dict[str, bytes] = {}
    for number, one in enumerate(given, 1):
        key, equals, path = one.partition("=")
        if not equals or not key or not path:
            # What stands there may be a value that somebody gave by mistake.
            raise UsageError(
                f"--from-file number {number} is not KEY=PATH", "write --from-file KEY=PATH, or KEY=- for stdin"
            )
        if key in found:
            raise UsageError(f"--from-file gives {key} twice", "leave one of them out")
        found[key] = stdin() if path == "-" else _read(Path(path), f"the file that --from-file gives for {key}")
    return found


def from_env_file(path: str, stdin: Reader, known: Collection[str]) -> dict[str, bytes]:
    """The values of a file of `KEY=value` lines, as `kubectl create secret --from-env-file` reads it.

    Only `known` keys may be named, and no other name is shown: it may be a piece of a value of several lines.

    What stands behind the first `=` is the value, to the end of the line. Empty lines, and those that
    begin with #, are left out. Raises UsageError for a line that is none, ToolError.
    """
    data = stdin() if path == "-" else _read(Path(path), "the file that --from-env-file names")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError(f"{path} is text in UTF-16", "save it as UTF-8; PowerShell's `>` writes UTF-16")
    found: dict[str, bytes] = {}
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        stripped = line.removesuffix(b"\r")
        if not stripped.strip() or stripped.lstrip().startswith(b"#"):
            continue
        name, equals, value = stripped.partition(b"=")
        place = f"line {number} of {path}"
        if not equals:
            raise UsageError(f"{place} is not KEY=value", "a value of several lines needs --from-file")
        key = name.decode("latin-1")
        if key not in known:
            hint = f"known are: {', '.join(sorted(known))}; without spaces or `export`"
            raise UsageError(f"{place} names no key of the Secret before its `=`", hint)
        if key in found:
            raise UsageError(f"{place} gives {key} a second time", "leave one of them out")
        if len(value) > 1 and value[:1] == value[-1:] and value[:1].decode("latin-1") in QUOTES:
            hint = "leave the quotes out; where they belong to the value, use --from-file"
            raise UsageError(f"{place} has its value in quotes, which would be a part of it", hint)
        if value.strip(b" \t") != value or b" #" in value:
            what = "a comment behind its value" if b" #" in value else "white space around its value"
            hint = "delete it; where it belongs to the value, use --from-file"
            raise UsageError(f"{place} has {what}, which would be a part of it", hint)
        found[key] = value
    if not found:
        raise UsageError(f"{path} holds no line KEY=value")
    return found


def _read(path: Path, name: str) -> bytes:
    """A file's bytes. `name` is how messages call it: what was given as a path may be a value."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise ToolError(f"cannot read {name}: {error.strerror}") from None
    return within_limit(data, name)


def within_limit(data: bytes, where: str) -> bytes:
    """The data, where a Secret could hold it. Raises ToolError."""
    if len(data) > LARGEST_INPUT:
        raise ToolError(f"{where} has more than {LARGEST_INPUT} bytes, and a Secret may hold half of that")
    return data
