"""console: how a stage talks to a person while it works.

In      lines, findings, questions.
Out     answers.
Never   decides how something is shown: a terminal, a pipe and a test each show it in their own way.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from platformc.diagnostics import Finding


class Console(Protocol):
    """A person or process that waits for a result, and may be able to answer."""

    @property
    def answers(self) -> bool:
        """Whether there is a person to ask."""

    @property
    def longest_answer(self) -> int:
        """The number of bytes after which the end of an answer may be lost."""

    def result(self, line: str) -> None:
        """Print one line of the result."""

    def inform(self, text: str) -> None:
        """Print a line about the run, unless the output is quiet."""

    def say(self, text: str) -> None:
        """Print something for the person who answers."""

    def problem(self, message: str, hint: str = "") -> None:
        """Report a problem without a place in a file."""

    def show(self, findings: Sequence[Finding]) -> None:
        """Report findings while the work continues."""

    def ask_hidden(self, question: str) -> bytes:
        """Ask for a line that nobody else may see; if the person gives up, the run ends."""

    def piped(self, most: int) -> bytes:
        """The first `most` bytes of standard input."""
