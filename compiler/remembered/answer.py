"""answer: what a run without errors said, as a value and as bytes.

In      findings and counts; bytes from the cache folder, which anything may have happened to.
Out     Answer; bytes, with a digest of their own before them.
Never   holds a line of a file: where one is shown, it is read anew (D31).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from compiler.diagnostics.finding import Finding, Severity, Span


@dataclass(frozen=True, slots=True, order=True)
class Unvalidated:
    """A kind that nobody has a schema for, and how many objects were not validated for it."""

    api_version: str
    kind: str
    objects: int


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a verb tells of a run."""

    findings: tuple[Finding, ...]
    environments: int
    objects: int
    """Files of the environments that were asked for."""
    valid: int | None
    """Objects that were validated; None where validation was left out."""
    unvalidated: tuple[Unvalidated, ...] = ()
    rendered: str | None = None
    """The digest of the output folder that holds all its files and nothing else; None where nobody looked."""

    @property
    def failed(self) -> bool:
        """Whether a finding is an error, so that nothing may be written."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def dump_answer(answer: Answer) -> bytes:
    """The answer as bytes."""
    data = {
        "findings": [_finding_data(finding) for finding in answer.findings],
        "environments": answer.environments,
        "objects": answer.objects,
        "valid": answer.valid,
        "unvalidated": [[each.api_version, each.kind, each.objects] for each in answer.unvalidated],
        "rendered": answer.rendered,
    }
    content = json.dumps(data, separators=(",", ":")).encode()
    return f"{hashlib.sha256(content).hexdigest()}\n".encode() + content


def parse_answer(content: bytes) -> Answer | None:
    """The answer; None for bytes that `dump_answer` did not write."""
    digest, _, body = content.partition(b"\n")
    if digest != hashlib.sha256(body).hexdigest().encode():
        return None
    data = json.loads(body)
    return Answer(
        findings=tuple(_finding(each) for each in data["findings"]),
        environments=data["environments"],
        objects=data["objects"],
        valid=data["valid"],
        unvalidated=tuple(Unvalidated(*each) for each in data["unvalidated"]),
        rendered=data["rendered"],
    )


def _finding_data(finding: Finding) -> dict[str, Any]:
    return {
        "at": finding.at,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "related": finding.related,
        "environment": finding.environment,
        "confidential": finding.confidential,
    }


def _finding(data: dict[str, Any]) -> Finding:
    related = tuple((Span(*span), label) for span, label in data["related"])
    return Finding(**{**data, "at": Span(*data["at"]), "severity": Severity(data["severity"]), "related": related})
