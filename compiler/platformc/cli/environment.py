"""environment: the few environment variables that platformc reads, read once.

In      the process environment.
Out     the places of caches and tools, and the properties of the terminal. Nothing here changes a rendered byte.

PLATFORMC_CACHE, XDG_CACHE_HOME, HOME   where caches are
PATH                                    where tools are
NO_COLOR, TERM, COLUMNS, CI             how to write to a terminal
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """The environment variables of this run."""

    variables: Mapping[str, str]
    """All of them, for tools that we start."""
    no_color: bool
    """Whether NO_COLOR is set and not empty (no-color.org), or the terminal is a dumb one."""
    live: bool
    """Whether a terminal, if there is one, belongs to a person, so that lines can be rewritten."""
    columns: int | None
    """The width to use, if one is given."""

    @property
    def path(self) -> str:
        """Where tools are: the value of PATH."""
        return self.variables.get("PATH", "")

    @property
    def cache(self) -> Path:
        """The folder for everything that can be recreated; see `cache_folder`.

        PLATFORMC_CACHE can be relative to the working folder.
        """
        from platformc.cache import cache_folder  # imports modules that `--help` does not need

        given = self.variables.get("PLATFORMC_CACHE", "")
        return Path(given).absolute() if given else cache_folder(self.variables)


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Read the variables named above."""
    columns = variables.get("COLUMNS", "")
    dumb = variables.get("TERM", "") == "dumb"
    return Environment(
        variables=variables,
        no_color=bool(variables.get("NO_COLOR", "")) or dumb,
        live=not dumb and not variables.get("CI", ""),
        columns=int(columns) if columns.isdecimal() and int(columns) > 0 else None,
    )
