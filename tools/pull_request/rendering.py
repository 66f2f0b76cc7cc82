"""rendering: a report that somebody else wrote, as the Markdown of the compiler that is installed here.

In      the report's bytes, the compiler's program, a link to what made the report.
Out     Markdown, and whether anything changes; or that the report is none.
Never   gives the compiler the environment of this process, in which a token may be; shows what the compiler says of a
        report that it refuses, as that may quote the report.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tools.pull_request.sticky_comment import MARKER

SECONDS = 120
CHANGES = 2
"""The exit code of `platformc diff --exit-code` where something changes."""

LONGEST = 65_000
"""What `platformc diff --format markdown` promises, in characters."""


class ReportError(Exception):
    """The compiler refuses the report, or made something of it that is no comment."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A report as Markdown."""

    markdown: str
    changes: bool


def render(report: bytes, platformc: Path, details_url: str, source_url: str = "") -> Rendered:
    """The Markdown of a report, made in an empty folder with an empty environment. Raises ReportError.

    `source_url` is where files of the head are shown; without it, places are no links.
    """
    with tempfile.TemporaryDirectory(prefix="platformc-report-") as folder:
        (Path(folder) / "report.json").write_bytes(report)
        words = ["diff", "--from-report", "report.json", "--format", "markdown", "--exit-code"]
        try:
            ran = subprocess.run(  # noqa: S603 - an argument list; the report is a file of a fixed name
                [str(platformc), *words, f"--details-url={details_url}", f"--source-url={source_url}"],
                cwd=folder,
                env={"HOME": folder, "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ReportError(f"the compiler did not read the report within {SECONDS} seconds") from error
    if ran.returncode not in {0, CHANGES}:
        raise ReportError(f"the compiler does not take the report: it left with {ran.returncode}")
    markdown = ran.stdout.decode(errors="replace")
    if not markdown.startswith(MARKER) or len(markdown) > LONGEST:
        raise ReportError("the compiler made something of the report that is no comment")
    return Rendered(markdown, ran.returncode == CHANGES)
