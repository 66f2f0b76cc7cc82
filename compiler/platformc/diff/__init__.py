"""diff: what a change of the spec does to the running platform, and why."""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.diff.effect import Verdict
    from platformc.diff.formats.github import render_github
    from platformc.diff.formats.json_format import dump_report, parse_report
    from platformc.diff.formats.markdown import render_markdown
    from platformc.diff.formats.text import render_text
    from platformc.diff.report import Report
    from platformc.diff.run import report_of
    from platformc.diff.sides import base_side, has_spec, head_side
else:
    __getattr__ = lazily(
        __name__,
        {
            "effect": ("Verdict",),
            "formats.github": ("render_github",),
            "formats.json_format": ("dump_report", "parse_report"),
            "formats.markdown": ("render_markdown",),
            "formats.text": ("render_text",),
            "report": ("Report",),
            "run": ("report_of",),
            "sides": ("base_side", "has_spec", "head_side"),
        },
    )

__all__ = [
    "Report",
    "Verdict",
    "base_side",
    "dump_report",
    "has_spec",
    "head_side",
    "parse_report",
    "render_github",
    "render_markdown",
    "render_text",
    "report_of",
]
