"""diff: what a change of the spec does to the running platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from platformc.cli.compile_options import environment_option, request_of
from platformc.cli.global_options import Options, only_formats
from platformc.cli.verbs import verb
from platformc.diagnostics import UsageError, suggestion

if TYPE_CHECKING:
    from platformc.diff import Report, Verdict


@dataclass(frozen=True, slots=True)
class URLs:
    """Where Markdown links to."""

    details: str
    source: str
    base_source: str


CHANGES = 2
"""The exit code of --exit-code and --expect-none if something changes, or if that is not known."""
FAILED = 3
"""The exit code of --fail-on, also if the effects in an environment are not known."""


@verb(
    "diff",
    "platformc diff",
    "platformc diff --base main -e production",
    "platformc diff --base v1.4.0 --head v1.5.0",
    "platformc diff --base HEAD^1 --format markdown --fail-on refused,data-loss",
    "platformc diff --base main:rendered --expect-none",
)
@click.option("--base", metavar="SIDE", help="What to compare with.  [default: the merge base with origin/HEAD]")
@click.option("--head", metavar="SIDE", help="What to look at.  [default: the working tree]")
@click.option("--exit-code", is_flag=True, help="Exit with 2 if something changes, or if that is not known.")
@click.option(
    "--fail-on",
    metavar="EFFECT,...",
    help="Exit with 3 for these effects, unless the spec accepts them; also if they are not known.",
)
@click.option("--expect-none", is_flag=True, help="The change is a refactoring: exit with 2 if anything changes.")
@click.option("--allow-unsealed", is_flag=True, help="Allow Secrets whose values are not sealed yet.")
@click.option(
    "--from-report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Show a report that --format json wrote; nothing is compiled.",
)
@click.option("--details-url", metavar="URL", default="", help="Where the whole report is, for one that is cut.")
@click.option(
    "--source-url", metavar="URL", default="", help="Where files of the head are shown, for links in Markdown."
)
@click.option("--base-source-url", metavar="URL", default="", help="The same for files of the base.")
@environment_option
def command(
    options: Options,
    environments: tuple[str, ...],
    *,
    base: str | None,
    head: str | None,
    exit_code: bool,
    fail_on: str | None,
    expect_none: bool,
    allow_unsealed: bool,
    report_file: Path | None,
    details_url: str,
    source_url: str,
    base_source_url: str,
) -> int:
    """Report what a change does to the running platform, and why.

    A SIDE is a ref of git, a folder with specs/, a rendered folder, or REF:FOLDER for what is rendered in a
    commit. Refs are read from git's objects: nothing is checked out or fetched. Both sides are compiled by
    this compiler; kubeconform does not run, because `check` does that. In a detached merge commit, as CI has
    it for a pull request, the base is its first parent.

    EFFECT is refused, data-loss, unprotected, exposure, permissions, certificate, downtime, restart or routine.
    """
    only_formats(options, "text", "json", "github", "markdown")
    from platformc.diff import Verdict

    words = {verdict.word: verdict for verdict in Verdict}
    gates = _gates(fail_on, words)
    if options.format != "markdown" and (details_url or source_url or base_source_url):
        raise UsageError("only Markdown has links", "write --format markdown, or leave out the URLs")
    if report_file is not None:
        if base is not None or head is not None or environments:
            raise UsageError("--from-report shows a whole report", "leave out --base, --head and --environment")
        if allow_unsealed:
            raise UsageError("--from-report compiles nothing", "leave out --allow-unsealed")
        from platformc.diff import parse_report

        try:
            report = parse_report(report_file.read_bytes())
        except OSError as error:
            raise UsageError(f"cannot read {report_file}: {error.strerror}") from error
    else:
        report = _report(options, base, head, environments, allow_unsealed=allow_unsealed)
    options.terminal.out.write(_written(report, options, URLs(details_url, source_url, base_source_url)))
    unknown = [one.name for one in report.environments if one.unknown]
    if not gates.isdisjoint(report.gating):
        return FAILED
    if gates and unknown:
        options.problem(
            f"--fail-on cannot pass, because nothing is known of the effects in {', '.join(unknown)}",
            "make both sides compile: `platformc check` reports what is wrong",
        )
        return FAILED
    return CHANGES if (exit_code or expect_none) and (report.effects or unknown) else 0


def _gates(given: str | None, words: Mapping[str, Verdict]) -> frozenset[Verdict]:
    """The effects of --fail-on. Raises UsageError for a word that is none."""
    found = set()
    for word in (given or "").split(","):
        if not word.strip() and given is None:
            continue
        if word.strip() not in words:
            raise UsageError(f"`{word.strip()}` is not an effect", suggestion(word.strip(), words))
        found.add(words[word.strip()])
    return frozenset(found)


def _report(
    options: Options, base: str | None, head: str | None, environments: tuple[str, ...], *, allow_unsealed: bool
) -> Report:
    """Compile both sides and compare them."""
    from platformc.diff import base_side, has_spec, head_side, report_of

    request = request_of(
        options,
        (),
        allow_unsealed=allow_unsealed,
        strict_schemas=False,
        no_validate=True,
        paranoid=False,
        needs_specs=head is None,
    )
    sides = base_side(base, request), head_side(head, request)
    if not any(map(has_spec, sides)):
        options.inform("neither side has a spec, so effects have no causes")
    with options.progress() as progress:
        return report_of(*sides, request=request, tools=options.tools, progress=progress, environments=environments)


def _written(report: Report, options: Options, urls: URLs) -> str:
    """The report in the chosen format."""
    if options.format == "json":
        from platformc.diff import dump_report

        return dump_report(report)
    if options.format == "github":
        from platformc.diff import render_github

        return render_github(report)
    if options.format == "markdown":
        from platformc.diff import render_markdown

        return render_markdown(
            report, details_url=urls.details, source_url=urls.source, base_source_url=urls.base_source
        )
    from platformc.diff import render_text

    return render_text(report, color=options.terminal.out.color, width=options.terminal.width, verbose=options.verbose)
