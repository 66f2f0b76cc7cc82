"""console: the terminal, or whatever else the command runs in, as a Console for stages.

In      the options of the command line.
Out     a Console.
Never   shows what was typed.
"""

from __future__ import annotations

import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from platformc.cli.formats import format_findings
from platformc.cli.global_options import Options
from platformc.diagnostics import Finding

LONGEST_LINE = 1023 if sys.platform == "darwin" else 4095
"""Bytes that a terminal accepts as one line; the rest is lost silently (termios(3), canonical mode)."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """Results on stdout, everything else on stderr, answers from the terminal."""

    options: Options

    @property
    def answers(self) -> bool:
        """See Console."""
        return sys.stdin.isatty()

    @property
    def longest_answer(self) -> int:
        """See Console."""
        return LONGEST_LINE

    def result(self, line: str) -> None:
        """See Console."""
        self.options.terminal.out.write(f"{line}\n")

    def inform(self, text: str) -> None:
        """See Console."""
        self.options.inform(text)

    def say(self, text: str) -> None:
        """See Console."""
        self.options.terminal.err.write(f"{text}\n")

    def problem(self, message: str, hint: str = "") -> None:
        """See Console."""
        self.options.problem(message, hint)

    def show(self, findings: Sequence[Finding]) -> None:
        """See Console. Without snippets, to be short beside a question."""
        self.options.terminal.err.write(format_findings(findings, {}, self.options, self.options.terminal.err))

    def ask_hidden(self, question: str) -> bytes:
        """See Console."""
        try:
            return getpass.getpass(question).encode("utf-8", "surrogateescape")
        except EOFError:
            raise click.Abort from None

    def piped(self, most: int) -> bytes:
        """See Console."""
        return sys.stdin.buffer.read(most)
