"""shards: the options of `check` for a run that several machines share, and the two halves of it.

In      a shard, the folder for its file; or the folder with the files of all.
Out     the Answer, and the texts that findings point into.
Never   remembers an answer that came from files of other machines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from platformc.cli.global_options import Options
from platformc.diagnostics import UsageError

if TYPE_CHECKING:
    from platformc.cache import Answer, Asked
    from platformc.compiled import Shard

FOLDER = click.Path(file_okay=False, path_type=Path)
_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})", re.ASCII)


class ShardType(click.ParamType[Any]):
    """K/N: the Kth of N parts."""

    name = "K/N"

    def convert(self, value: Any, _parameter: click.Parameter | None, _context: click.Context | None) -> Shard:
        """Return the Shard. Raises UsageError."""
        from platformc.compiled import MOST_SHARDS, Shard

        found = _SHARD.fullmatch(str(value))
        shard = Shard(int(found[1]), int(found[2])) if found is not None else None
        if shard is None or not shard.is_possible:
            hint = f"write K/N with K from 1 to N, and N at most {MOST_SHARDS}: 3/10"
            raise UsageError(f"{value!a} is not a shard", hint)
        return shard


def refuse_mixtures(
    environments: tuple[str, ...],
    against: str | None,
    shard: Shard | None,
    footprints: Path | None,
    together: Path | None,
) -> None:
    """Raise UsageError for options of `check` that contradict each other."""
    if (shard is None) != (footprints is None):
        raise UsageError("--shard and --footprints belong together", "write `--shard 1/10 --footprints DIR`")
    if shard is None and together is None:
        return
    if shard is not None and together is not None:
        raise UsageError("--together compiles nothing, so it cannot be used with --shard", "remove one of them")
    if environments:
        raise UsageError("shards are parts of all environments", "remove --environment")
    if against is not None:
        raise UsageError("shards keep no objects that could be compared", "use --against in a run of its own")


def compile_part(
    options: Options, asked: Asked, shard: Shard, folder: Path, *, jobs: int | None
) -> tuple[Answer, Mapping[str, str]]:
    """Compile a shard and leave its file in the folder."""
    from platformc.compiled import Memory
    from platformc.cores import available_cores
    from platformc.sharding import compile_shard

    with options.progress() as progress:
        outcome = compile_shard(asked, options.tools, progress, shard, folder, jobs=jobs or available_cores())
    Memory(asked, None).keep(outcome.memorable)
    return outcome.answer, outcome.texts


def judge_together(options: Options, asked: Asked, folder: Path) -> tuple[Answer, Mapping[str, str]]:
    """Judge the files of all shards."""
    from platformc.sharding import judge_shards

    with options.progress() as progress:
        judged, sources = judge_shards(asked, options.tools, progress, folder)
    return judged.answer, sources.texts
