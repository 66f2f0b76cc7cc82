"""diff: what a change of the spec does to the running platform, and why."""

from platformc.diff.run import report_of

__all__ = [
    "report_of",
]
