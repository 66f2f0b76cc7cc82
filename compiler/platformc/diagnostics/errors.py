"""Errors that end a run. Each class owns its exit code; `cli.main` shows them.

PlatformcError
├── FindingsError    1   findings of severity error; carries them, so that 1 never comes without one
├── UsageError      64   the command line is wrong
├── ToolError       69   git, kubeconform or a cluster failed: command, its exit code, end of its stderr
└── BugReport       70   our own mistake: one line, the version, how to report it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from platformc.diagnostics.finding import Finding

STDERR_LINES = 20
"""How many of the last lines of a tool's stderr are worth showing."""


class PlatformcError(Exception):
    """The run cannot continue. `hint` says what to do about it."""

    exit_code: ClassVar[int] = 70

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FindingsError(PlatformcError):
    """The input has findings of severity error, so the run cannot continue."""

    exit_code: ClassVar[int] = 1

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].message, findings[0].hint)
        self.findings = tuple(findings)


class UsageError(PlatformcError):
    """The command line is wrong."""

    exit_code: ClassVar[int] = 64


class ToolError(PlatformcError):
    """A tool or service that platformc calls failed.

    `command` is its argument list, `status` its exit code (None if it has none, as for a
    cluster), `output` the end of what it wrote to stderr.
    """

    exit_code: ClassVar[int] = 69

    def __init__(
        self, message: str, *, command: Sequence[str] = (), status: int | None = None, output: str = "", hint: str = ""
    ) -> None:
        super().__init__(message, hint)
        self.command = tuple(command)
        self.status = status
        self.output = "\n".join(output.splitlines()[-STDERR_LINES:])


class BugReport(PlatformcError):  # noqa: N818 - it is a report, with an exit code
    """The compiler broke one of its own promises; never the user's fault."""

    exit_code: ClassVar[int] = 70
