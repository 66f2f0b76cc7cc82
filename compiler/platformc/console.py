"""console: what a stage may say to a person, and ask of one, while it works.

In      lines, findings, questions.
Out     answers.
Never   decides how something is shown: a terminal, a pipe and a test each have a way of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from platformc.diagnostics import Finding


class Console(Protocol):
    """Somebody who waits for a result, and may be there to answer."""

    @property
    def answers(self) -> bool:
        """Whether a person is there who can be asked."""

    @property
    def longest_answer(self) -> int:
        """From how many bytes on the end of an answer may be lost."""

    def result(self, line: str) -> None:
        """Give one line of what was asked for."""

    def inform(self, text: str) -> None:
        """Tell about the run, if anybody wants to know."""

    def say(self, text: str) -> None:
        """Tell something to the person who answers."""

    def problem(self, message: str, hint: str = "") -> None:
        """Tell what is wrong and has no place in a file."""

    def show(self, findings: Sequence[Finding]) -> None:
        """Tell findings, while the work goes on."""

    def ask_hidden(self, question: str) -> bytes:
        """Ask for a line that nobody else may see; where the person gives up, the run ends."""

    def piped(self, most: int) -> bytes:
        """What stands in standard input, as far as `most` bytes."""
