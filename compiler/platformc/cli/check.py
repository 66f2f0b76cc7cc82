"""check: everything that `render` does except for writing; the findings are the result."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

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
from platformc.cli.verbs import verb


@verb("check", "platformc check", "platformc check -e staging", "platformc check --format github --date 2026-11-24")
@compile_options
@click.option(
    "--date",
    "today",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="Today's date, for checks that depend on it, such as certificates that expire.",
)
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
) -> int:
    """Compile the platform and report every finding; write nothing.

    Findings go to stdout, in the format of --format. Checks that depend on the day, such as a certificate
    that expires, run only with --date: the same spec has the same findings on every day. Exits with 1 if
    a finding is an error.
    """
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
    answer = asked.answer
    if answer is not None:
        tell_remembered(options)
        texts: Mapping[str, str] = SourceTexts(request, answer)
    else:
        outcome = compile_with(options, request, asked, jobs=jobs)
        answer, texts = outcome.answer, outcome.texts
        asked.compare(answer)
        asked.keep(answer)
    options.terminal.out.write(format_findings(answer.findings, texts, options, options.terminal.out))
    if answer.failed:
        return 1
    validated = f", {counted(answer.valid, 'object')} valid" if answer.valid is not None else ""
    options.inform(f"checked {counted(answer.environments, 'environment')}{validated}")
    tell_validation(options, answer)
    return 0
