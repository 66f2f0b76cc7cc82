"""terminal: write to stdout and stderr, and show the progress of long work.

In      text that is ready to show.
Out     bytes on the two streams; which of them can have colour, and how wide they are.
Never   fails because a reader closed its end (`platformc check | head`): the rest is dropped, the exit code stays.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Self, TextIO

from platformc.cli.environment import Environment
from platformc.diagnostics import ToolError

WIDTH = 120
"""Columns if the number is not known: the same in every pipe and every CI."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One of the two streams. `terminal` says that a person is looking at it."""

    file: TextIO
    color: bool
    terminal: bool

    def painted(self, text: str, style: str) -> str:
        """Return the text in an SGR style, if the stream has colour."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.color else text

    def write(self, text: str) -> None:
        """Write text at once, as it is.

        Characters that the stream's encoding does not have are escaped. Raises ToolError if the
        write fails, for example on a full disk.
        """
        encoding = self.file.encoding or "utf-8"
        try:
            self.file.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self.file.flush()
        except BrokenPipeError:
            self._drop()
        except OSError as error:
            self._drop()
            raise ToolError(f"cannot write to {self.file.name}: {error.strerror}") from error

    def _drop(self) -> None:
        """Discard what is still buffered; otherwise Python tries again, and complains, when it exits."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.file.fileno())
        os.close(nowhere)


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a verb writes: results to `out`, everything else to `err`."""

    out: Stream
    err: Stream
    width: int
    live: bool
    """Whether lines on `err` can be rewritten."""


def open_terminal(environment: Environment, color: str = "auto") -> Terminal:
    """Decide once about colour (`auto`, `always` or `never`) and width."""
    out, err = (_stream(file, environment, color) for file in (sys.stdout, sys.stderr))
    return Terminal(out, err, environment.columns or _columns(out, err), err.terminal and environment.live)


def _stream(file: TextIO, environment: Environment, color: str) -> Stream:
    terminal = file.isatty()
    return Stream(file, color == "always" or (color == "auto" and terminal and not environment.no_color), terminal)


def _columns(*streams: Stream) -> int:
    for stream in streams:
        if stream.terminal:
            try:
                return os.get_terminal_size(stream.file.fileno()).columns or WIDTH
            except OSError:  # a terminal without a size, as some CI runners have
                return WIDTH
    return WIDTH


class Progress:
    """Shows what is being done: one line, rewritten, on a person's terminal; with -v, a timing per stage.

    Used in a `with` block, which ends with the line erased or the last timing written.
    """

    def __init__(self, terminal: Terminal, *, quiet: bool, verbose: bool) -> None:
        self._screen = terminal
        self._timings = verbose
        self._live = terminal.live and not quiet and not verbose
        self._stage = ""
        self._since = perf_counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self("")

    def __call__(self, stage: str) -> None:
        """Report that `stage` starts, and that the one before has ended."""
        now = perf_counter()
        if self._timings and self._stage:
            self._screen.err.write(f"{now - self._since:8.3f} s  {self._stage}\n")
        if self._live and (stage or self._stage):
            self._screen.err.write(f"\r\x1b[K{stage[: self._screen.width - 1]}")
        self._stage, self._since = stage, now
