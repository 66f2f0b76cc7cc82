"""render: compile the platform and write its files, or show what would be written."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from compiler.cli.chosen_objects import yaml_stream
from compiler.cli.compile_options import compile_options, compile_with, counted, tell_validation
from compiler.cli.formats import format_shortly
from compiler.cli.global_options import Options
from compiler.cli.verbs import verb
from compiler.diagnostics import Finding, Severity, Span, UsageError

if TYPE_CHECKING:
    from compiler.pipeline import Outcome
    from compiler.tree import Difference, WriteReport

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
    Findings go to stderr, objects to stdout. Only files that differ are written, and only files that
    an earlier run wrote are deleted.
    """
    if check_only and (to_stdout or objects or discard_edits):
        raise UsageError("--check writes and prints nothing, so it goes with no other output", "leave one of them out")
    if discard_edits and (to_stdout or objects):
        raise UsageError("--discard-edits is for writing, not for printing", "leave one of them out")
    outcome = compile_with(
        options,
        environments,
        allow_unsealed=allow_unsealed,
        strict_schemas=strict_schemas,
        no_validate=no_validate,
        paranoid=paranoid,
    )
    outcome = _against_the_old(options, outcome)
    if outcome.failed:
        _tell(options, outcome, outcome.findings)
        return 1
    if check_only:
        return _check(options, outcome, all_environments=not environments)
    if to_stdout or objects:
        stream = yaml_stream(outcome.trees, objects)
        if options.verbose:
            _tell(options, outcome, outcome.findings)
        options.screen.out.write(stream)
        tell_validation(options, outcome)
        return 0
    return _write(options, outcome, discard_edits=discard_edits, all_environments=not environments)


def _against_the_old(options: Options, outcome: Outcome) -> Outcome:
    """Add what replacing the rendered files would break, while they still stand."""
    from compiler.diagnostics import sort_findings
    from compiler.diff.replaced import check_replaced

    if outcome.failed:
        return outcome
    found = check_replaced(outcome.sources, options.output, _prefix(options), outcome.trees)
    return replace(outcome, findings=sort_findings((*outcome.findings, *found)))


def _write(options: Options, outcome: Outcome, *, discard_edits: bool, all_environments: bool) -> int:
    from compiler import tree

    report = tree.write(
        options.output,
        outcome.trees,
        unsealed=outcome.unsealed,
        discard_edits=discard_edits,
        all_environments=all_environments,
        prefix=_prefix(options),
    )
    _tell(options, outcome, (*outcome.findings, *report.findings))
    if report.recovered is not tree.Outcome.NOTHING:
        options.inform(f"an earlier run was interrupted; its changes were {report.recovered}")
    if any(finding.severity is Severity.ERROR for finding in report.findings):
        return 1
    options.inform(_written(outcome, report))
    tell_validation(options, outcome)
    return 0


def _check(options: Options, outcome: Outcome, *, all_environments: bool) -> int:
    from compiler import tree

    differences = tree.stale(
        options.output,
        outcome.trees,
        unsealed=outcome.unsealed,
        all_environments=all_environments,
        prefix=_prefix(options),
    )
    _tell(options, outcome, (*outcome.findings, *map(_stale, differences)))
    if not differences:
        options.inform(f"{_prefix(options)}/ is up to date ({counted(len(outcome.trees), 'environment')})")
    tell_validation(options, outcome)
    return 1 if differences else 0


def _tell(options: Options, outcome: Outcome, findings: Sequence[Finding]) -> None:
    """Write findings to stderr; a format for programs is written even when there is none."""
    text = format_shortly(findings, outcome.texts, options, options.screen.err)
    options.screen.err.write(text)


def _written(outcome: Outcome, report: WriteReport) -> str:
    """Say in one line what became of the files."""
    counts = ((len(report.written), "written"), (len(report.deleted), "deleted"), (report.unchanged, "unchanged"))
    files = ", ".join(f"{count} {word}" for count, word in counts if count or word == "written")
    validated = f" (validated {counted(outcome.validated.valid, 'object')})" if outcome.validated else ""
    return f"rendered {counted(len(outcome.trees), 'environment')}: {files}{validated}"


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
