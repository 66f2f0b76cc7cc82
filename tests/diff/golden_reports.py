"""What each format makes of each sample report; `python -m golden_reports` rewrites it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from platformc.diff.formats.github import render_github
from platformc.diff.formats.json_format import dump_report
from platformc.diff.formats.markdown import render_markdown
from platformc.diff.formats.text import render_text
from platformc.diff.report import Report
from sample_reports import SAMPLES

GOLDEN = Path(__file__).parent / "golden"
HEAD = "https://github.com/example/platform/blob/9f8e7d6c5b4a39281706f5e4d3c2b1a098765432"
BASE = "https://github.com/example/platform/blob/1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"
DETAILS = "https://github.com/example/platform/actions/runs/1"


def as_markdown(report: Report) -> str:
    """As the trusted workflow writes it."""
    return render_markdown(report, details_url=DETAILS, source_url=HEAD, base_source_url=BASE)


def as_text(report: Report) -> str:
    """As on a terminal of 100 columns, short and then with everything."""
    parts = (render_text(report, color=False, width=100, verbose=verbose) for verbose in (False, True))
    return "=== and with -v ===\n".join(parts)


FORMATS: Mapping[str, Callable[[Report], str]] = {
    "md": as_markdown,
    "txt": as_text,
    "json": dump_report,
    "github": render_github,
}
"""The end of a golden file's name -> what makes it."""


def golden() -> Mapping[str, str]:
    """Name of a golden file -> what it should hold."""
    return {f"{name}.{ending}": made(sample()) for name, sample in SAMPLES.items() for ending, made in FORMATS.items()}


def rewrite() -> None:
    """Write all golden files, and remove those of samples that are gone."""
    wanted = golden()
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, content in wanted.items():
        (GOLDEN / name).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    rewrite()
