"""render: compile the platform and write its files, or show what would be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from platformc.cli.formats import format_shortly
from platformc.cli.global_options import OF_FINDINGS, Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import Finding, UsageError
from platformc.request import Request

if TYPE_CHECKING:
    from platformc.cache import Answer
    from platformc.pipeline import Outcome
    from platformc.rendering import Rendering


@verb(
    "render",
    "platformc render",
    "platformc render --check --against origin/main",
    "platformc render -e staging deployment/discord-bot",
    "platformc render --stdout | kubectl diff -f -",
)
@compile_options
@against_option
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if the output folder is stale.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print all objects as one YAML stream; write nothing.")
@click.option("--discard-edits", is_flag=True, help="Overwrite files that were edited by hand.")
@click.argument("objects", nargs=-1, metavar="[KIND/NAME]...")
def command(
    options: Options,
    objects: tuple[str, ...],
    environments: tuple[str, ...],
    *,
    against: str | None,
    check_only: bool,
    to_stdout: bool,
    discard_edits: bool,
    allow_unsealed: bool,
    strict_schemas: bool,
    no_validate: bool,
    paranoid: bool,
    jobs: int | None,
) -> int:
    """Compile the platform and write its files to the output folder.

    Nothing is written if a finding is an error. What the change does to data is judged against the files
    that it replaces or, with --against, against the specs at a commit. With KIND/NAME, only those objects are printed. Findings
    go to stderr, objects to stdout; with printed objects, warnings in text need -v. Only files that
    differ are written, and only files that an earlier run wrote are deleted.
    """
    only_formats(options, *OF_FINDINGS)
    if check_only and (to_stdout or objects or discard_edits):
        raise UsageError(
            "--check writes and prints nothing, so it cannot be used with another output", "remove one of them"
        )
    if discard_edits and (to_stdout or objects):
        raise UsageError("--discard-edits works only when files are written", "remove one of them")
    request = request_of(
        options,
        environments,
        allow_unsealed=allow_unsealed,
        strict_schemas=strict_schemas,
        no_validate=no_validate,
        paranoid=paranoid,
    )
    asked = ask(options.environment.cache, request)
    answer = None if to_stdout or objects or against is not None else asked.answer_of_rendered
    if answer is not None:
        return _unchanged(options, request, answer, check_only=check_only)
    comparison = None
    if against is None:
        outcome = compile_with(options, request, asked, rendered=request.output, jobs=jobs)
    else:
        outcome, comparison = compile_against(options, request, against)
    asked.compare(outcome.answer)
    from platformc import rendering

    if not (check_only or to_stdout or objects or outcome.failed):
        _tell_recovered(options, rendering.recover(request).value)
    made = rendering.held_against_the_old(request, outcome, comparison)
    if made.failed:
        _tell(options, made.findings, outcome.texts)
        return 1
    if to_stdout or objects:
        return _print(options, outcome, made.findings, objects)
    if check_only:
        made = rendering.compared(request, outcome, made)
    else:
        made = rendering.written(request, outcome, made, discard_edits=discard_edits)
    return _show(options, asked, outcome, made, check_only=check_only)


def _unchanged(options: Options, request: Request, answer: Answer, *, check_only: bool) -> int:
    """Report the outcome of a run that finds everything like the one before it."""
    tell_remembered(options)
    _tell(options, answer.findings, SourceTexts(request, answer))
    options.inform(_up_to_date(request, answer) if check_only else _counts(answer, unchanged=answer.objects))
    tell_validation(options, answer)
    return 0


def _print(options: Options, outcome: Outcome, findings: Sequence[Finding], objects: tuple[str, ...]) -> int:
    from platformc.tree import yaml_stream

    stream = yaml_stream(outcome.trees, objects)
    if options.verbose or options.format != "text":
        _tell(options, findings, outcome.texts)
    options.terminal.out.write(stream)
    tell_validation(options, outcome.answer)
    return 0


def _show(options: Options, asked: Asked, outcome: Outcome, made: Rendering, *, check_only: bool) -> int:
    """Report what happened to the folder, and remember it if all is well."""
    _tell(options, made.findings, outcome.texts)
    _tell_recovered(options, made.recovered.value)
    if made.failed and not check_only:
        return 1
    asked.keep(made.answer)
    if not check_only:
        options.inform(_counts(made.answer, made.written, made.deleted, made.unchanged))
    elif not made.failed:
        options.inform(_up_to_date(asked.request, made.answer))
    tell_validation(options, made.answer)
    return 1 if made.failed else 0


def _tell_recovered(options: Options, recovered: str) -> None:
    if recovered != "nothing":
        options.inform(f"an earlier run was interrupted; its changes were {recovered}")


def _tell(options: Options, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
    """Write findings to stderr; a format for tools is written even without findings."""
    options.terminal.err.write(format_shortly(findings, texts, options, options.terminal.err))


def _counts(answer: Answer, written: int = 0, deleted: int = 0, unchanged: int = 0) -> str:
    """Return one line about what happened to the files."""
    counts = ((written, "written"), (deleted, "deleted"), (unchanged, "unchanged"))
    files = ", ".join(f"{count} {word}" for count, word in counts if count or word == "written")
    validated = f" (validated {counted(answer.valid, 'object')})" if answer.valid is not None else ""
    return f"rendered {counted(answer.environments, 'environment')}: {files}{validated}"


def _up_to_date(request: Request, answer: Answer) -> str:
    return f"{request.output_name}/ is up to date ({counted(answer.environments, 'environment')})"
