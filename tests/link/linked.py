"""Programs for the tests of link and lowering: documents in a folder, resolved and linked."""

from __future__ import annotations

from pathlib import Path

from platformc.diagnostics import Finding, Severity
from platformc.kinds import KINDS
from platformc.language.crossplane import load_claim_api
from platformc.language.resolution import resolve
from platformc.language.sources import load
from platformc.link import Edge, Outside, Program, link

API = "apiVersion: platformc.dev/v1alpha1"
IMAGE = "ghcr.io/example/app:1.0.0@sha256:5f3c1a0d9b7e4c2f8a6d1e0b3c5f7a9d2e4b6c8f0a1d3e5b7c9f2a4d6e8b0c13"
POD = f"image: {IMAGE}, resources: {{cpu: 1m, memory: 1Mi}}, securityContext: {{runAsUser: 1}}, probes: none"

PLATFORM = f"""\
{API}
kind: Platform
metadata: {{name: example}}
spec:
  git: {{repoURL: "https://github.com/example/platform.git"}}
  kubernetes: {{version: "1.34"}}
  aws: {{region: eu-central-1, accountID: "123456789012"}}
"""
ENVIRONMENT = f"""\
{API}
kind: Environment
metadata: {{name: production}}
spec:
  destination: {{name: production}}
"""


def document(kind: str, name: str, spec: str = "") -> str:
    """One document; `spec` is what stands between the braces."""
    return f"---\n{API}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n"


def workload(name: str, spec: str = "ports: {main: 80}") -> str:
    """A Workload with what it cannot be without."""
    return document("Workload", name, f"{POD}, {spec}" if spec else POD)


def application(name: str, namespace: str = "") -> str:
    """An Application with a namespace of its own, or with another one's."""
    create = "true" if namespace in {"", name} else "false"
    return document("Application", name, f"namespace: {{name: {namespace or name}, create: {create}}}")


def program(folder: Path, applications: dict[str, str], environment: str = ENVIRONMENT) -> Program:
    """Link what stands in each application's folder, its Application document included."""
    specs = folder / "specs"
    texts = {"platform.yaml": PLATFORM, "environments/production.yaml": environment}
    texts |= {f"{name}/all.yaml": text for name, text in applications.items()}
    for name, text in texts.items():
        path = specs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    sources = load(specs, "specs", KINDS, load_claim_api(folder / "crossplane", "crossplane"))
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
