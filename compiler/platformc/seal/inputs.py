"""inputs: values from files and from standard input.

In      `KEY=path` of the command line, a file of `KEY=value` lines, standard input.
Out     bytes by key, exactly as they are there.
Never   reads a value from the command line itself, which every user of a machine can see; shows a line.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from platformc.diagnostics import ToolError, UsageError
from platformc.language import Resource
from platformc.language.models.secret import SecretSpec
from platformc.link import Program

LARGEST_INPUT = 2 * 1024 * 1024
"""Bytes; the limit of a whole Secret is half of that."""
QUOTES = ("'", '"')

Reader = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Given:
    """Where values come from, by the command line."""

    from_file: tuple[str, ...]
    from_env_file: str | None
    from_stdin: bool = field(kw_only=True)


def given_values(
    program: Program,
    secret: Resource[SecretSpec] | None,
    given: Given,
    names: Sequence[str],
    piped: Callable[[int], bytes],
) -> dict[str, bytes]:
    """Return the passed values by key. `names` are the Secret and its keys as on the command line.

    Raises UsageError if values contradict each other, ToolError if one cannot be read.
    """
    readers = [one for one in given.from_file if one.endswith("=-")]
    if len(readers) + (given.from_env_file == "-") + given.from_stdin > 1:
        raise UsageError("stdin can be read only once", "use files for the others")

    def stdin() -> bytes:
        return _within_limit(piped(LARGEST_INPUT + 1), "stdin")

    values = from_files(given.from_file, stdin)
    if given.from_env_file is not None:
        secrets = [one for one in program.platform.resources if one.id.kind == "Secret"]
        known = {key for one in ([secret] if secret else secrets) for key in one.spec.keys}
        more = from_env_file(given.from_env_file, stdin, known)
        if both := sorted(values.keys() & more.keys()):
            raise UsageError(f"{both[0]} is given twice", "remove one of the two")
        values |= more
    if given.from_stdin:
        if len(names) != 2:  # noqa: PLR2004 - a Secret and one key
            raise UsageError("--stdin works only with a single key", "write platformc seal SECRET KEY --stdin")
        values[names[1]] = stdin()
    return values


def from_files(given: tuple[str, ...], stdin: Reader) -> dict[str, bytes]:
    """The values of `KEY=path`; `-` is standard input. Raises UsageError, ToolError."""
    found: dict[str, bytes] = {}
    for number, one in enumerate(given, 1):
        key, equals, path = one.partition("=")
        if not equals or not key or not path:
            # The text may be a value that was passed by mistake.
            raise UsageError(
                f"--from-file number {number} is not KEY=PATH", "write --from-file KEY=PATH, or KEY=- for stdin"
            )
        if key in found:
            raise UsageError(f"--from-file gives {key} twice", "remove one of the two")
        found[key] = stdin() if path == "-" else _read(Path(path), f"the --from-file file for {key}")
    return found


def from_env_file(path: str, stdin: Reader, known: Collection[str]) -> dict[str, bytes]:
    """Return the values of a file of `KEY=value` lines, like `kubectl create secret --from-env-file`.

    Only `known` keys are allowed, and no other name is shown: it may be part of a value with several lines.

    The value is everything after the first `=`, to the end of the line. Empty lines, and lines that
    start with #, are skipped. Raises UsageError for any other line, ToolError.
    """
    data = stdin() if path == "-" else _read(Path(path), "the --from-env-file file")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError(f"{path} is UTF-16", "save it as UTF-8; PowerShell's `>` writes UTF-16")
    found: dict[str, bytes] = {}
    for number, line in enumerate(data.removeprefix(codecs.BOM_UTF8).split(b"\n"), 1):
        stripped = line.removesuffix(b"\r")
        if not stripped.strip() or stripped.lstrip().startswith(b"#"):
            continue
        name, equals, value = stripped.partition(b"=")
        place = f"line {number} of {path}"
        if not equals:
            raise UsageError(f"{place} is not KEY=value", "use --from-file for a value with several lines")
        key = name.decode("latin-1")
        if key not in known:
            hint = f"known are: {', '.join(sorted(known))}; write no spaces and no `export`"
            raise UsageError(f"{place} does not have a key of the Secret before its `=`", hint)
        if key in found:
            raise UsageError(f"{place} gives {key} a second time", "remove one of the two")
        if len(value) > 1 and value[:1] == value[-1:] and value[:1].decode("latin-1") in QUOTES:
            hint = "remove the quotes; if they are part of the value, use --from-file"
            raise UsageError(f"{place} has a quoted value; the quotes would become part of it", hint)
        if value.strip(b" \t") != value or b" #" in value:
            what = "a comment after its value" if b" #" in value else "white space around its value"
            hint = "remove it; if it is part of the value, use --from-file"
            raise UsageError(f"{place} has {what}, which would become part of it", hint)
        found[key] = value
    if not found:
        raise UsageError(f"{path} has no line KEY=value")
    return found


def _read(path: Path, name: str) -> bytes:
    """A file's bytes. Messages show it as `name`: what was passed as a path may be a value."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_INPUT + 1)
    except OSError as error:
        raise ToolError(f"cannot read {name}: {error.strerror}") from None
    return _within_limit(data, name)


def _within_limit(data: bytes, where: str) -> bytes:
    """Return the data if a Secret could contain it. Raises ToolError."""
    if len(data) > LARGEST_INPUT:
        raise ToolError(f"{where} is larger than {LARGEST_INPUT} bytes; the limit for a Secret is half of that")
    return data
