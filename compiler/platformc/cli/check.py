"""check: everything that `render` does except for writing; the findings are the result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from platformc.cache import SourceTexts, ask
from platformc.cli.compile_options import (
    compile_options,
    compile_with,
    counted,
    request_of,
    tell_remembered,
    tell_validation,
)
from platformc.cli.formats import format_findings
from platformc.cli.global_options import Options
from platformc.cli.shards import FOLDER, ShardType, compile_part, judge_together
from platformc.cli.verbs import verb
from platformc.diagnostics import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from platformc.compiled import Shard


@verb("check", "platformc check", "platformc check -e staging", "platformc check --format github --date 2026-11-24")
@compile_options
@click.option(
    "--date",
    "today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Today's date, for checks that depend on it, such as certificates that expire.",
)
@click.option("--shard", type=ShardType(), help="Compile only this part of the environments.")
@click.option("--footprints", type=FOLDER, metavar="DIR", help="Where a shard leaves its file.")
@click.option("--together", type=FOLDER, metavar="DIR", help="Compile nothing: judge the files that all shards left.")
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    allow_unsealed: bool,
    strict_schemas: bool,
    no_validate: bool,
    paranoid: bool,
    jobs: int | None,
    today: datetime | None,
    shard: Shard | None,
    footprints: Path | None,
    together: Path | None,
) -> int:
    """Compile the platform and report every finding; write nothing.

    Findings go to stdout, in the format of --format. Checks that depend on the day, such as a certificate
    that expires, run only with --date: the same spec has the same findings on every day. Exits with 1 if
    a finding is an error.

    Several machines can share a run. Each compiles a part, as `--shard 3/10 --footprints DIR`, and reports what it
    finds there. `--together DIR`, with the files of all shards and the same other options, reports what one run would.
    """
    _refuse_mixtures(environments, shard, footprints, together)
    request = request_of(
        options,
        environments,
        allow_unsealed=allow_unsealed,
        strict_schemas=strict_schemas,
        no_validate=no_validate,
        paranoid=paranoid,
        today=today.date() if today else None,
    )
    asked = ask(options.environment.cache, request)
    answer = asked.answer if shard is None and together is None else None
    if answer is not None:
        tell_remembered(options)
        texts: Mapping[str, str] = SourceTexts(request, answer)
    elif together is not None:
        answer, texts = judge_together(options, asked, together)
    elif shard is not None and footprints is not None:
        answer, texts = compile_part(options, asked, shard, footprints, jobs=jobs)
    else:
        outcome = compile_with(options, request, asked, jobs=jobs)
        answer, texts = outcome.answer, outcome.texts
        asked.compare(answer)
        asked.keep(answer)
    options.terminal.out.write(format_findings(answer.findings, texts, options, options.terminal.out))
    if answer.failed:
        return 1
    validated = f", {counted(answer.valid, 'object')} valid" if answer.valid is not None else ""
    of = f" of shard {shard}" if shard is not None else ""
    options.inform(f"checked {counted(answer.environments, 'environment')}{of}{validated}")
    tell_validation(options, answer)
    return 0


def _refuse_mixtures(
    environments: tuple[str, ...], shard: Shard | None, footprints: Path | None, together: Path | None
) -> None:
    """Raise UsageError for options that contradict each other."""
    if (shard is None) != (footprints is None):
        raise UsageError("--shard and --footprints belong together", "write `--shard 1/10 --footprints DIR`")
    if together is not None and shard is not None:
        raise UsageError("--together compiles nothing, so it cannot be used with --shard", "remove one of them")
    if environments and (shard is not None or together is not None):
        raise UsageError("shards are parts of all environments", "remove --environment")
