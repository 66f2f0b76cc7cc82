"""answer: the outcome of a run without errors, as a value and as bytes.

In      findings and counts; bytes from the cache folder, which may be damaged.
Out     Answer; bytes, with a digest of their own before them.
Never   contains a line of a file: if one is shown, the file is read again (D31).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from platformc.cache.digested import with_digest, without_digest
from platformc.cache.findings import finding_data, finding_of
from platformc.diagnostics import Finding, Severity


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that a verb reports about a run."""

    findings: tuple[Finding, ...]
    environments: int
    objects: int
    """Files of the requested environments."""
    valid: int | None
    """Objects that were validated; None if validation was skipped."""
    objects_without_schema: int = 0
    kinds_without_schema: tuple[str, ...] = ()
    """Their kinds for people: `Toy (example.com/v1)`. Sorted."""
    composed_without_schema: tuple[str, ...] = ()
    """The same for what Compositions compose."""
    rendered: str | None = None
    """The digest of an output folder with all its files and nothing else; None if it was not computed."""

    @property
    def failed(self) -> bool:
        """Whether a finding is an error, so that nothing may be written."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def dump_answer(answer: Answer) -> bytes:
    """Return the answer as bytes."""
    data = {
        "findings": [finding_data(finding) for finding in answer.findings],
        "environments": answer.environments,
        "objects": answer.objects,
        "valid": answer.valid,
        "objectsWithoutSchema": answer.objects_without_schema,
        "kindsWithoutSchema": answer.kinds_without_schema,
        "composedWithoutSchema": answer.composed_without_schema,
        "rendered": answer.rendered,
    }
    return with_digest(json.dumps(data, separators=(",", ":")).encode())


def parse_answer(content: bytes) -> Answer | None:
    """Return the answer; None for bytes that `dump_answer` did not write."""
    body = without_digest(content)
    if body is None:
        return None
    data = json.loads(body)
    return Answer(
        findings=tuple(finding_of(each) for each in data["findings"]),
        environments=data["environments"],
        objects=data["objects"],
        valid=data["valid"],
        objects_without_schema=data["objectsWithoutSchema"],
        kinds_without_schema=tuple(data["kindsWithoutSchema"]),
        composed_without_schema=tuple(data["composedWithoutSchema"]),
        rendered=data["rendered"],
    )
