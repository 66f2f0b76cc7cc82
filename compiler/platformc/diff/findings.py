"""findings: those of both sides, compared: new, fixed, standing.

In      two Snapshots.
Out     ReportedFindings: the head's in their order, then what is fixed.
Never   counts a finding as new because a line moved, or because its message names another value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from platformc.diagnostics import Finding, Span
from platformc.diff.report import FindingState, ReportedFinding
from platformc.origins.documents import Documents
from platformc.snapshot import Snapshot


def compared_findings(base: Snapshot, head: Snapshot) -> tuple[ReportedFinding, ...]:
    """Pair the findings of both sides: first by what they say, then by the value of the spec that they are about."""
    before, after = list(base.findings), list(head.findings)
    standing = _paired(list(map(_text, before)), list(map(_text, after)))
    left = [position for position in range(len(before)) if position not in standing]
    said = set(standing.values())
    new = [position for position in range(len(after)) if position not in said]
    values = _paired(_values(base, [before[one] for one in left]), _values(head, [after[one] for one in new]))
    standing |= {left[old]: new[now] for old, now in values.items()}
    known = set(standing.values())
    found = [
        ReportedFinding(FindingState.STANDING if position in known else FindingState.NEW, finding)
        for position, finding in enumerate(after)
    ]
    found += [
        ReportedFinding(FindingState.FIXED, finding)
        for position, finding in enumerate(before)
        if position not in standing
    ]
    return tuple(found)


def _paired(before: Sequence[Hashable], after: Sequence[Hashable]) -> dict[int, int]:
    """Positions of equal items, each once."""
    places: dict[Hashable, list[int]] = defaultdict(list)
    for position, one in enumerate(after):
        places[one].append(position)
    return {position: places[one].pop(0) for position, one in enumerate(before) if one is not None and places[one]}


def _text(finding: Finding) -> Finding:
    """What a finding says, and about which file."""
    return replace(finding, at=Span(finding.at.path), related=(), hint="")


def _values(side: Snapshot, findings: Sequence[Finding]) -> list[Hashable]:
    """The rule, and the value of the spec that each finding is about; None if it is about none."""
    if side.sources is None or not findings:
        return [None] * len(findings)
    documents = Documents.of(side.sources)
    values: list[Hashable] = []
    for finding in findings:
        document, path = documents.at(finding.at)
        values.append((finding.rule, finding.environment, document, path) if document else None)
    return values
