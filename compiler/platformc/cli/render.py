"""render: compile the platform and write its files, or show what would be written."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from platformc.cache.remembering import Asked, SourceTexts, ask
from platformc.cli.compile_options import (
    compile_options,
    compile_with,
    counted,
    request_of,
    tell_remembered,
    tell_validation,
)
from platformc.cli.formats import format_shortly
from platformc.cli.global_options import Options
from platformc.cli.verbs import verb
from platformc.diagnostics import Finding, Severity, Span, UsageError

if TYPE_CHECKING:
    from platformc.cache.answer import Answer
    from platformc.pipeline import Outcome
    from platformc.tree import Difference

STALE = {
    "missing": "this file is missing",
    "changed": "this file is not what the spec gives",
    "extra": "the spec gives no such file",
}
"""What is said of a difference, by the value of its kind."""


@verb(
    "render",
    "platformc render",
    "platformc render --check",
    "platformc render -e staging deployment/discord-bot",
    "platformc render --stdout | kubectl diff -f -",
)
@compile_options
@click.option("--check", "check_only", is_flag=True, help="Write nothing; exit with 1 if the output folder is stale.")
@click.option("--stdout", "to_stdout", is_flag=True, help="Print all objects as one YAML stream; write nothing.")
@click.option("--discard-edits", is_flag=True, help="Overwrite files that were edited by hand.")
@click.argument("objects", nargs=-1, metavar="[KIND/NAME]...")
def command(
    options: Options,
    objects: tuple[str, ...],
    environments: tuple[str, ...],
    *,
    check_only: bool,
    to_stdout: bool,
    discard_edits: bool,
    allow_unsealed: bool,
    strict_schemas: bool,
    no_validate: bool,
    paranoid: bool,
) -> int:
    """Compile the platform and write its files to the output folder.

    Nothing is written when a finding is an error. With KIND/NAME only those objects are printed.
    Findings go to stderr, objects to stdout; beside printed objects, warnings in text need -v. Only
    files that differ are written, and only files that an earlier run wrote are deleted.
    """
    if check_only and (to_stdout or objects or discard_edits):
        raise UsageError("--check writes and prints nothing, so it goes with no other output", "leave one of them out")
    if discard_edits and (to_stdout or objects):
        raise UsageError("--discard-edits is for writing, not for printing", "leave one of them out")
    request = request_of(
        options,
        environments,
        allow_unsealed=allow_unsealed,
        strict_schemas=strict_schemas,
        no_validate=no_validate,
        paranoid=paranoid,
    )
    asked = ask(options.environment.cache, request)
    answer = None if to_stdout or objects else asked.answer_of_rendered
    if answer is not None:
        return _unchanged(options, answer, SourceTexts(request, answer), check_only=check_only)
    outcome = compile_with(options, request)
    asked.compare(outcome.answer)
    if not (check_only or to_stdout or objects or outcome.failed):
        _recover(options)  # first, as what it leaves is what will be replaced
    findings = _against_the_old(options, outcome)
    if any(finding.severity is Severity.ERROR for finding in findings):
        _tell(options, findings, outcome.texts)
        return 1
    if check_only:
        return _check(options, asked, outcome, findings)
    if to_stdout or objects:
        from platformc.tree.yaml_stream import yaml_stream

        stream = yaml_stream(outcome.trees, objects)
        if options.verbose or options.format != "text":
            _tell(options, findings, outcome.texts)
        options.screen.out.write(stream)
        tell_validation(options, outcome.answer)
        return 0
    return _write(options, asked, outcome, findings, discard_edits=discard_edits)


def _unchanged(options: Options, answer: Answer, texts: Mapping[str, str], *, check_only: bool) -> int:
    """Tell what a run says that finds everything as the one before it."""
    tell_remembered(options)
    _tell(options, answer.findings, texts)
    options.inform(_up_to_date(options, answer) if check_only else _written(answer, unchanged=answer.objects))
    tell_validation(options, answer)
    return 0


def _recover(options: Options) -> None:
    """Finish or undo an earlier run; what forbids it is told by writing."""
    from platformc import tree

    _tell_recovered(options, tree.recover(options.output, prefix=_prefix(options))[0].value)


def _tell_recovered(options: Options, recovered: str) -> None:
    if recovered != "nothing":
        options.inform(f"an earlier run was interrupted; its changes were {recovered}")


def _against_the_old(options: Options, outcome: Outcome) -> tuple[Finding, ...]:
    """All findings, also of what replacing the rendered files would break, while they still stand."""
    from platformc.diagnostics import sort_findings
    from platformc.replacing.trees import check_replaced

    if outcome.failed:
        return outcome.findings
    found = check_replaced(outcome.sources, options.output, _prefix(options), outcome.trees)
    return sort_findings((*outcome.findings, *found))


def _write(
    options: Options, asked: Asked, outcome: Outcome, findings: tuple[Finding, ...], *, discard_edits: bool
) -> int:
    from platformc import tree

    report = tree.write(
        options.output,
        outcome.trees,
        unsealed=outcome.unsealed,
        discard_edits=discard_edits,
        all_environments=not asked.request.environments,
        prefix=_prefix(options),
    )
    _tell(options, (*findings, *report.findings), outcome.texts)
    _tell_recovered(options, report.recovered.value)
    if any(finding.severity is Severity.ERROR for finding in report.findings):
        return 1
    answer = replace(outcome.answer, rendered=report.inventory)
    asked.keep(answer)
    options.inform(_written(answer, len(report.written), len(report.deleted), report.unchanged))
    tell_validation(options, answer)
    return 0


def _check(options: Options, asked: Asked, outcome: Outcome, findings: tuple[Finding, ...]) -> int:
    from platformc import tree

    compared = tree.stale(
        options.output,
        outcome.trees,
        unsealed=outcome.unsealed,
        all_environments=not asked.request.environments,
        prefix=_prefix(options),
    )
    _tell(options, (*findings, *map(_stale, compared.differences)), outcome.texts)
    answer = replace(outcome.answer, rendered=compared.inventory)
    asked.keep(answer)
    if not compared.differences:
        options.inform(_up_to_date(options, answer))
    tell_validation(options, answer)
    return 1 if compared.differences else 0


def _tell(options: Options, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
    """Write findings to stderr; a format for programs is written even when there is none."""
    options.screen.err.write(format_shortly(findings, texts, options, options.screen.err))


def _written(answer: Answer, written: int = 0, deleted: int = 0, unchanged: int = 0) -> str:
    """Say in one line what became of the files."""
    counts = ((written, "written"), (deleted, "deleted"), (unchanged, "unchanged"))
    files = ", ".join(f"{count} {word}" for count, word in counts if count or word == "written")
    validated = f" (validated {counted(answer.valid, 'object')})" if answer.valid is not None else ""
    return f"rendered {counted(answer.environments, 'environment')}: {files}{validated}"


def _up_to_date(options: Options, answer: Answer) -> str:
    return f"{_prefix(options)}/ is up to date ({counted(answer.environments, 'environment')})"


def _stale(difference: Difference) -> Finding:
    return Finding(
        Span(difference.path),
        "rendered-stale",
        Severity.ERROR,
        STALE[difference.kind.value],
        hint="run `platformc render` and commit what it changes",
    )


def _prefix(options: Options) -> str:
    """Name the output folder as findings name files: from the root of the repository."""
    return os.path.relpath(options.output, options.root).replace(os.sep, "/")
