"""Programs for the tests of link and lowering: documents in a folder, resolved and linked."""

from __future__ import annotations

from pathlib import Path

from platformc.diagnostics import Finding, Severity
from platformc.kinds import KINDS
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.resolution import resolve
from platformc.language.sources import load
from platformc.link import Edge, Outside, Program, link
from spec_documents import API, ENVIRONMENT, IMAGE, PLATFORM, POD, application, document, workload

__all__ = [
    "API",
    "ENVIRONMENT",
    "IMAGE",
    "PLATFORM",
    "POD",
    "application",
    "document",
    "errors",
    "program",
    "shown",
    "workload",
]


def program(folder: Path, applications: dict[str, str], environment: str = ENVIRONMENT) -> Program:
    """Link what stands in each application's folder, its Application document included."""
    specs = folder / "specs"
    texts = {"platform.yaml": PLATFORM, "environments/production.yaml": environment}
    texts |= {f"{name}/all.yaml": text for name, text in applications.items()}
    for name, text in texts.items():
        path = specs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sources = load(DiskFolder(specs), "specs", KINDS, load_claim_api(DiskFolder(folder / "crossplane"), "crossplane"))
    platform = resolve(sources, "production")
    found = [*sources.findings, *platform.findings]
    assert not found, found
    return link(platform)


def errors(linked: Program) -> list[Finding]:
    """The findings of link that are errors."""
    return [finding for finding in linked.findings if finding.severity is Severity.ERROR]


def shown(edge: Edge) -> str:
    """An edge on one line, without its place."""
    target = edge.target.name if isinstance(edge.target, Outside) else f"{edge.target.application}/{edge.target.name}"
    more = " ".join(filter(None, (edge.port, "+".join(edge.access), edge.key, "wait" if edge.wait else "")))
    return f"{edge.source.name} {edge.kind} {target} {more}".strip()
