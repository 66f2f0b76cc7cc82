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

from platformc.diagnostics import Finding, Severity, Span


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a verb tells of a run."""

    findings: tuple[Finding, ...]
    environments: int
    objects: int
    """Files of the environments that were asked for."""
    valid: int | None
    """Objects that were validated; None where validation was left out."""
    objects_without_schema: int = 0
    kinds_without_schema: tuple[str, ...] = ()
    """Their kinds as people read them: `Toy (example.com/v1)`. Sorted."""
    composed_without_schema: tuple[str, ...] = ()
    """The same for what Compositions compose."""
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
        "objectsWithoutSchema": answer.objects_without_schema,
        "kindsWithoutSchema": answer.kinds_without_schema,
        "composedWithoutSchema": answer.composed_without_schema,
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
        objects_without_schema=data["objectsWithoutSchema"],
        kinds_without_schema=tuple(data["kindsWithoutSchema"]),
        composed_without_schema=tuple(data["composedWithoutSchema"]),
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
