"""environment: the few environment variables that platformc reads, read once.

In      the process environment.
Out     where caches and programs are, and what the terminal is like. Nothing here changes a rendered byte.

PLATFORMC_CACHE, XDG_CACHE_HOME, HOME   where caches are
PATH                                    where programs are
NO_COLOR, TERM, COLUMNS, CI             how to write to a terminal
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """What the environment says."""

    variables: Mapping[str, str]
    """All of it, for programs that we start."""
    no_color: bool
    """NO_COLOR is set and not empty (no-color.org), or the terminal is a dumb one."""
    live: bool
    """A terminal, if there is one, belongs to a person: lines may be rewritten."""
    columns: int | None
    """The width to use, where one is given."""

    @property
    def path(self) -> str:
        """Where programs are: the value of PATH."""
        return self.variables.get("PATH", "")

    @property
    def cache(self) -> Path:
        """The folder for everything that can be made again; see `cache_folder`.

        PLATFORMC_CACHE may be relative to the working folder.
        """
        from platformc.cache import cache_folder  # loads modules for files that `--help` can do without

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
