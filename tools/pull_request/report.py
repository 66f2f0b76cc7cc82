"""report: the untrusted half: what a pull request changes, as a report, annotations and a summary of the job.

In      the event of CI, or two sides; a clone with both; the compiler's program.
Out     FOLDER/report.json; with --check FOLDER/findings.sarif, too; FOLDER/comment.md; annotations on stdout.
Never   holds or needs a secret; runs anything that the pull request brings: both sides are read as git objects, and only
        `check` reads the files that are checked out.

`python -P -m tools.pull_request.report --platformc PROGRAM --folder FOLDER [--base REF --head REF] [--check]
[--fail-on KIND,…] [--details-url URL] [-- OPTION…]`, with GITHUB_EVENT_NAME, GITHUB_EVENT_PATH, GITHUB_SHA and
GITHUB_STEP_SUMMARY as GitHub, Gitea and Forgejo set them. Options after `--` go to every command of the compiler. The exit
code is that of the first command that failed; the others run all the same, as each tells something else.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.pull_request.sides import Sides, SidesError, sides_of

EXIT_USAGE, EXIT_TOOL = 64, 69


@dataclass(frozen=True, slots=True)
class Job:
    """What one run of this is asked for."""

    platformc: Path
    folder: Path
    sides: Sides
    options: tuple[str, ...]
    summary: Path | None
    check: bool
    fail_on: str
    details_url: str


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Make the report, and all that is shown of it; the exit code."""
    try:
        job = _job(arguments, environ)
    except argparse.ArgumentError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    except (SidesError, OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_TOOL
    job.folder.mkdir(parents=True, exist_ok=True)
    print(f"comparing {job.sides.head} with {job.sides.base}", flush=True)  # noqa: T201
    codes = [*(_check(job) if job.check else ()), *_diff(job)]
    return next((code for code in codes if code), 0)


def _job(arguments: Sequence[str], environ: Mapping[str, str]) -> Job:
    parser = argparse.ArgumentParser(prog="python -P -m tools.pull_request.report", exit_on_error=False)
    parser.add_argument("--platformc", required=True, type=Path)
    parser.add_argument("--folder", required=True, type=Path)
    parser.add_argument("--base", default="")
    parser.add_argument("--head", default="")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--fail-on", default="")
    parser.add_argument("--details-url", default="")
    parser.add_argument("options", nargs="*")
    asked = parser.parse_args(arguments)
    sha = environ.get("GITHUB_SHA", "")
    if asked.base:
        sides = Sides(asked.base, asked.head or sha or "HEAD")
    else:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
        sides = sides_of(environ.get("GITHUB_EVENT_NAME", ""), event, sha, Path())
    summary = environ.get("GITHUB_STEP_SUMMARY", "")
    return Job(
        asked.platformc,
        asked.folder.absolute(),
        sides,
        tuple(asked.options),
        Path(summary) if summary else None,
        asked.check,
        asked.fail_on,
        asked.details_url,
    )


def _check(job: Job) -> list[int]:
    """Findings of what is checked out, as annotations and as SARIF; the second run is remembered, and takes no time."""
    words = ["check", *job.options, f"--against={job.sides.base}"]
    told = _platformc(job, *words, "--format=github")
    with (job.folder / "findings.sarif").open("wb") as file:
        _platformc(job, *words, "--format=sarif", stdout=file)
    return [told]


def _diff(job: Job) -> list[int]:
    report = job.folder / "report.json"
    sides = [f"--base={job.sides.base}", f"--head={job.sides.head}"]
    made = _platformc(job, "diff", *job.options, *sides, "--format=json", f"--output={report}")
    if made:
        return [made]
    again = ["diff", f"--from-report={report}"]
    annotated = _platformc(job, *again, "--format=github")
    comment = job.folder / "comment.md"
    link = [f"--details-url={job.details_url}"] if job.details_url else []
    written = _platformc(job, *again, "--format=markdown", *link, f"--output={comment}")
    if not written and job.summary is not None:
        with job.summary.open("ab") as file:
            file.write(comment.read_bytes() + b"\n")
    gated = [_platformc(job, *again, "--format=text", f"--fail-on={job.fail_on}")] if job.fail_on else []
    return [annotated, written, *gated]


def _platformc(job: Job, *words: str, stdout: object = None) -> int:
    ran = subprocess.run([str(job.platformc), *words], stdin=subprocess.DEVNULL, stdout=stdout, check=False)  # type: ignore[call-overload]  # noqa: S603 - an argument list
    return int(ran.returncode)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
