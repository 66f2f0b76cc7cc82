"""report: the untrusted half: what a pull request changes, as a report, annotations and a summary of the job.

In      the event of CI, or two sides; a clone with both; the compiler's program.
Out     FOLDER/report.json; FOLDER/comment.md, or FOLDER/unchanged.md where nothing changes; with --check
        FOLDER/findings.sarif, too; annotations on stdout.
Never   holds or needs a secret; runs anything that the pull request brings: both sides are read as git objects, and only
        `check` reads the files that are checked out.

`python -P -m tools.pull_request.report --platformc PROGRAM --folder FOLDER [--base REF] [--head REF] [--check]
[--strict-schemas] [--fail-on KIND,…] [--details-url URL] [--specs DIR]`, with GITHUB_EVENT_NAME, GITHUB_EVENT_PATH,
GITHUB_SHA and GITHUB_STEP_SUMMARY as GitHub, Gitea and Forgejo set them. The exit code is that of the first command that
failed; the others run all the same, as each tells something else.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tools.pull_request.rendering import CHANGES
from tools.pull_request.sides import Sides, SidesError, sides_of_environment

COMMENT, UNCHANGED = "comment.md", "unchanged.md"
EXIT_USAGE, EXIT_TOOL = 64, 69


@dataclass(frozen=True, slots=True)
class Job:
    """What one run of this is asked for."""

    platformc: Path
    folder: Path
    sides: Sides
    summary: Path | None
    specs: str
    check: bool
    strict_schemas: bool
    fail_on: str
    details_url: str


@click.command()
@click.option("--platformc", required=True, type=click.Path(path_type=Path), help="The compiler's program.")
@click.option("--folder", required=True, type=click.Path(path_type=Path), help="Where everything is written to.")
@click.option("--base", default="", help="By default the event decides.")
@click.option("--head", default="", help="By default what the event is for.")
@click.option("--specs", default="specs", show_default=True)
@click.option("--check", is_flag=True, help="Report the findings of what is checked out, too.")
@click.option("--strict-schemas", is_flag=True, help="Passed to `check`.")
@click.option("--fail-on", default="", help="Kinds of effects to fail at.")
@click.option("--details-url", default="", help="Where the whole report is.")
@click.pass_obj
def _report(
    environ: Mapping[str, str],
    /,
    *,
    platformc: Path,
    folder: Path,
    base: str,
    head: str,
    specs: str,
    check: bool,
    strict_schemas: bool,
    fail_on: str,
    details_url: str,
) -> int:
    """Make the report of what a pull request changes, and all that is shown of it."""
    try:
        sides = _sides(environ, base, head)
    except SidesError as error:
        click.echo(f"error: {error}", err=True)
        return EXIT_TOOL
    summary = environ.get("GITHUB_STEP_SUMMARY", "")
    job = Job(
        platformc,
        folder.absolute(),
        sides,
        Path(summary) if summary else None,
        specs,
        check,
        strict_schemas,
        fail_on,
        details_url,
    )
    job.folder.mkdir(parents=True, exist_ok=True)
    click.echo(f"comparing {sides.head} with {sides.base}")
    codes = [*(_check(job) if job.check else ()), *_diff(job)]
    return next((code for code in codes if code), 0)


def _sides(environ: Mapping[str, str], base: str, head: str) -> Sides:
    """What was asked for, and for the rest what the event is about. Raises SidesError."""
    if base:
        return Sides(base, head or environ.get("GITHUB_SHA", "") or "HEAD")
    event = sides_of_environment(environ, Path())
    return Sides(event.base, head or event.head)


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Make the report once; the exit code."""
    try:
        return int(_report.main(list(arguments), standalone_mode=False, obj=environ) or 0)
    except click.UsageError as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return EXIT_USAGE


def _check(job: Job) -> list[int]:
    """Findings of what is checked out, as annotations and as SARIF; the second run is remembered, and takes no time."""
    strict = ["--strict-schemas"] if job.strict_schemas else []
    words = ["check", f"--specs={job.specs}", f"--against={job.sides.base}", *strict]
    told = _platformc(job, *words, "--format=github")
    _platformc(job, *words, "--format=sarif", into=job.folder / "findings.sarif")
    return [told]


def _diff(job: Job) -> list[int]:
    report, markdown = job.folder / "report.json", job.folder / UNCHANGED
    sides = [f"--specs={job.specs}", f"--base={job.sides.base}", f"--head={job.sides.head}"]
    made = _platformc(job, "diff", *sides, "--format=json", into=report)
    if made:
        report.unlink()  # what is in it is cut
        return [made]
    again = ["diff", f"--from-report={report}"]
    annotated = _platformc(job, *again, "--format=github")
    link = [f"--details-url={job.details_url}"] if job.details_url else []
    written = _platformc(job, *again, "--format=markdown", *link, "--exit-code", into=markdown)
    if written == CHANGES:
        markdown = markdown.replace(job.folder / COMMENT)
    if written in {0, CHANGES} and job.summary is not None:
        with job.summary.open("ab") as file:
            file.write(markdown.read_bytes() + b"\n")
    gated = [_platformc(job, *again, "--format=text", f"--fail-on={job.fail_on}")] if job.fail_on else []
    return [annotated, 0 if written == CHANGES else written, *gated]


def _platformc(job: Job, *words: str, into: Path | None = None) -> int:
    """Run the compiler, its output into a file or into the job's log; its exit code."""
    command = [str(job.platformc), *words]
    if into is None:
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode  # noqa: S603 - a list
    with into.open("wb") as file:
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, check=False).returncode  # noqa: S603 - a list


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
