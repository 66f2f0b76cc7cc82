"""rendering: write a compiled platform to the output folder, or compare it with what is there.

In      a Request, its Outcome.
Out     a Rendering: all findings, what happened to the files, and the Answer for later runs.
Finds   rendered-stale, and what `safety` and `tree` find.
Never   writes if a finding is an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from platformc import tree
from platformc.cache import Answer
from platformc.diagnostics import Finding, Severity, Span, sort_findings
from platformc.pipeline import Outcome
from platformc.request import Request
from platformc.rules.output import RENDERED_STALE
from platformc.safety import against_rendered, findings, transitions
from platformc.snapshot import Comparison

STALE = {
    "missing": "this file is missing",
    "changed": "this file differs from what the spec renders",
    "extra": "the spec does not render this file",
}
"""The message about a difference, by the value of its kind."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """What happened to the output folder, or what to report about it."""

    findings: tuple[Finding, ...]
    answer: Answer
    """With the digest of the folder as it is, or would be, with all its files."""
    written: int = 0
    deleted: int = 0
    unchanged: int = 0
    recovered: tree.Outcome = tree.Outcome.NOTHING
    """What happened to the changes of a run that was interrupted."""

    @property
    def failed(self) -> bool:
        """Whether a finding is an error: then nothing was written, and nothing is remembered."""
        return _has_error(self.findings)


def recover(request: Request) -> tree.Outcome:
    """Finish or undo an interrupted run first, because its result is what will be replaced. Writing reports errors."""
    return tree.recover(request.output, prefix=request.output_name)[0]


def held_against_the_old(request: Request, outcome: Outcome, base: Comparison | None = None) -> Rendering:
    """All findings, including what the change does to data.

    It is compared with `base` or, without one, with the rendered files of the checkout, while they still exist.
    """
    if base is None and not outcome.failed:
        base = against_rendered(
            outcome.sources, outcome.places, request.output, outcome.trees, all_environments=not request.environments
        )
    return Rendering(sort_findings((*outcome.findings, *unsafe(request, base))), outcome.answer)


def unsafe(request: Request, comparison: Comparison | None) -> tuple[Finding, ...]:
    """What a change does to data; nothing if there is nothing to compare with."""
    return findings(transitions(comparison), comparison, request.output_name) if comparison is not None else ()


def compared(request: Request, outcome: Outcome, rendering: Rendering) -> Rendering:
    """Compare the folder with what rendering would make it; each difference is an error."""
    found = tree.stale(
        request.output,
        outcome.trees,
        unsealed=outcome.unsealed,
        all_environments=not request.environments,
        prefix=request.output_name,
    )
    findings = (*rendering.findings, *map(_stale, found.differences))
    return replace(rendering, findings=findings, answer=replace(outcome.answer, rendered=found.inventory))


def written(request: Request, outcome: Outcome, rendering: Rendering, *, discard_edits: bool) -> Rendering:
    """Write all files to the output folder; if a finding is an error, it stays as it was."""
    report = tree.write(
        request.output,
        outcome.trees,
        unsealed=outcome.unsealed,
        discard_edits=discard_edits,
        all_environments=not request.environments,
        prefix=request.output_name,
    )
    return Rendering(
        findings=(*rendering.findings, *report.findings),
        answer=replace(outcome.answer, rendered=report.inventory),
        written=len(report.written),
        deleted=len(report.deleted),
        unchanged=report.unchanged,
        recovered=report.recovered,
    )


def _stale(difference: tree.Difference) -> Finding:
    hint = "run `platformc render` and commit the changes"
    return RENDERED_STALE.at(Span(difference.path), STALE[difference.kind.value], hint)


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)
