"""check: everything that `render` does except for writing; the findings are the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from platformc.cache import Asked, SourceTexts, ask
from platformc.cli.compile_options import (
    against_option,
    compile_against,
    compile_options,
    compile_with,
    counted,
    request_of,
    tell_remembered,
    tell_validation,
)
from platformc.cli.formats import format_findings
from platformc.cli.global_options import OF_FINDINGS, Options, only_formats
from platformc.cli.shards import FOLDER, ShardType, compile_part, judge_together, refuse_mixtures
from platformc.cli.verbs import verb

if TYPE_CHECKING:
    from pathlib import Path

    from platformc.cache import Answer
    from platformc.compiled import Shard


@verb("check", "platformc check", "platformc check -e staging", "platformc check --against origin/main --format github")
@compile_options
@against_option
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
    against: str | None,
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

    Findings go to stdout, in the format of --format. With --against, the specs at a commit are compiled
    too, read from git's objects; whatever the change loses, empties or leaves less protected is a finding,
    unless the specs allow it. Nothing else in the working tree can silence it. Checks that depend on the day,
    such as a certificate that expires, run only with --date: the same spec has the same findings on every day. Exits with 1 if
    a finding is an error.

    Several machines can share a run. Each compiles a part, as `--shard 3/10 --footprints DIR`, and reports what it
    finds there. `--together DIR`, with the files of all shards and the same other options, reports what one run would.
    """
    only_formats(options, *OF_FINDINGS)
    refuse_mixtures(environments, against, shard, footprints, together)
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
    is_one_run = against is None and shard is None and together is None
    answer = asked.answer if is_one_run else None  # both sides have to be compiled, and shards judged anew
    if answer is not None:
        tell_remembered(options)
        texts: Mapping[str, str] = SourceTexts(request, answer)
    elif together is not None:
        answer, texts = judge_together(options, asked, together)
    elif shard is not None and footprints is not None:
        answer, texts = compile_part(options, asked, shard, footprints, jobs=jobs)
    elif against is None:
        outcome = compile_with(options, request, asked, jobs=jobs)
        answer, texts = outcome.answer, outcome.texts
        asked.compare(answer)
        asked.keep(answer)
    else:
        answer, texts = _against(options, asked, against)
    options.terminal.out.write(format_findings(answer.findings, texts, options, options.terminal.out))
    if answer.failed:
        return 1
    validated = f", {counted(answer.valid, 'object')} valid" if answer.valid is not None else ""
    of = f" of shard {shard}" if shard is not None else ""
    options.inform(f"checked {counted(answer.environments, 'environment')}{of}{validated}")
    tell_validation(options, answer)
    return 0


def _against(options: Options, asked: Asked, ref: str) -> tuple[Answer, Mapping[str, str]]:
    """The answer with what the change from a commit does to data, and the files that findings point into.

    What is remembered for later runs knows nothing of a commit.
    """
    outcome, comparison = compile_against(options, asked.request, ref)
    asked.compare(outcome.answer)
    asked.keep(outcome.answer)
    from platformc.rendering import held_against_the_old

    made = held_against_the_old(asked.request, outcome, comparison)
    return replace(outcome.answer, findings=made.findings), outcome.texts
