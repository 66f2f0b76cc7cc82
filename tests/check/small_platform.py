"""A small platform in a folder: plain spec files around the documents that a test is about."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from platformc.diagnostics import Finding, Span
from platformc.pipeline import Outcome, Request, Tools, compile_platform

CROSSPLANE = Path(__file__).parents[2] / "crossplane"

API = "apiVersion: platformc.dev/v1alpha1"
DIGEST = "@sha256:5f3c1a0d9b7e4c2f8a6d1e0b3c5f7a9d2e4b6c8f0a1d3e5b7c9f2a4d6e8b0c13"
HERE = "# here"

FILES = {
    "platform.yaml": f"""\
        {API}
        kind: Platform
        metadata: {{name: example}}
        spec:
          git: {{repoURL: https://github.com/example/platform.git}}
          kubernetes: {{version: "1.34"}}
          aws: {{region: eu-central-1, accountID: "123456789012"}}
          imagePullSecrets:
            ecr: {{registry: ecr, identity: "${{identity.puller}}", sourceNamespace: app}}
        """,
    "environments/production.yaml": f"""\
        {API}
        kind: Environment
        metadata: {{name: production}}
        spec: {{destination: {{name: production}}}}
        """,
    "app/application.yaml": f"""\
        {API}
        kind: Application
        metadata: {{name: app}}
        spec: {{namespace: {{name: app, create: true, imagePullSecrets: [ecr]}}}}
        ---
        {API}
        kind: Identity
        metadata: {{name: puller}}
        spec: {{needs: [{{repository: app, access: [pull]}}]}}
        ---
        {API}
        kind: Repository
        metadata: {{name: app}}
        spec: {{}}
        """,
}
WORKLOAD = {
    "image": f"ghcr.io/example/bot:1.4.2{DIGEST}",
    "ports": "{http: 3000}",
    "probes": "{liveness: /health, readiness: /ready}",
    "resources": "{cpu: 100m, memory: 64Mi}",
    "securityContext": "{runAsUser: 1000}",
}
POD = {
    "automountServiceAccountToken": "false",
    "securityContext": "{runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}",
}
CONTAINER = {
    "name": "tool",
    "image": f"ghcr.io/example/tool:1.0.0{DIGEST}",
    "resources": "{requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 16Mi}}",
    "securityContext": "{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}",
}


def document(kind: str, name: str, spec: str) -> str:
    """A document; `spec` is YAML below `spec`."""
    body = textwrap.indent(textwrap.dedent(spec).strip("\n"), "  ")
    return f"{API}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{body}\n"


def line(kind: str, name: str, spec: str) -> str:
    """A document on one line, with the mark of the line that is meant."""
    return f"{{apiVersion: platformc.dev/v1alpha1, kind: {kind}, metadata: {{name: {name}}}, spec: {spec}}}  {HERE}\n"


def workload(name: str = "bot", **fields: str | None) -> str:
    """A Workload that no rule objects to, but for its fields given here; None leaves one out."""
    return document("Workload", name, _fields({**WORKLOAD, **fields}))


def job(name: str = "task", **fields: str | None) -> str:
    """A Job that no rule objects to, but for its fields given here."""
    given = {field: WORKLOAD[field] for field in ("image", "resources", "securityContext")}
    return document("Job", name, _fields({**given, "run": "OnSync", **fields}))


def pod(container: dict[str, str | None] | None = None, **fields: str | None) -> str:
    """A RawManifest with a pod that no rule objects to, but for what is given here."""
    of_container = _fields({**CONTAINER, **(container or {})})
    first, _, rest = of_container.partition("\n")
    listed = "  - " + first + "\n" + textwrap.indent(rest, "    ")
    spec = _fields({**POD, **fields}) + "\ncontainers:\n" + listed
    return raw("apiVersion: v1\nkind: Pod\nmetadata: {name: tool}\nspec:\n" + textwrap.indent(spec, "  "))


def raw(*objects: str) -> str:
    """A RawManifest with objects."""
    items = []
    for one in objects:
        first, _, rest = textwrap.dedent(one).strip("\n").partition("\n")
        items.append("  - " + first + "\n" + textwrap.indent(rest, "    "))
    return document("RawManifest", "raw", "objects:\n" + "\n".join(items))


def secret(name: str, keys: str, files: str = "{}") -> str:
    """A Secret."""
    return document("Secret", name, f"keys: {keys}\nfiles: {files}")


def _fields(fields: dict[str, str | None]) -> str:
    made = []
    for field, value in fields.items():
        if value is not None:
            body = textwrap.dedent(value)
            made.append(
                f"{field}:\n{textwrap.indent(body.strip(chr(10)), '  ')}" if body[:1] == "\n" else f"{field}: {body}"
            )
    return "\n".join(made)


@dataclass(frozen=True)
class Compiled:
    """What compiling a small platform found."""

    findings: tuple[Finding, ...]
    texts: dict[str, str]

    def of(self, rule: str) -> tuple[Finding, ...]:
        """The findings of one rule."""
        return tuple(finding for finding in self.findings if finding.rule == rule)

    def line_of(self, span: Span) -> str:
        """The line that a span begins on."""
        return self.texts[span.path].split("\n")[span.line - 1]

    def underlined(self, span: Span) -> str:
        """The text that a span means, as far as it stands on its first line."""
        found = self.line_of(span)
        return found[span.column - 1 : span.end_column - 1] if span.end_line == span.line else found[span.column - 1 :]


def written(root: Path, documents: Iterable[str], files: dict[str, str] | None = None) -> dict[str, str]:
    """Write a platform with these documents in its application `app`; returns its files."""
    texts = {**FILES, **(files or {}), "app/documents.yaml": "---\n".join(documents)}
    made = {name: textwrap.dedent(text) for name, text in texts.items()}
    for name, text in made.items():
        path = root / "specs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return made


def compiled(root: Path, documents: Iterable[str], files: dict[str, str] | None = None) -> Compiled:
    """Write a platform with these documents in its application `app`, and compile it."""
    texts = written(root, documents, files)
    request = Request(root, root / "specs", root / "rendered", allow_unsealed=True, validate=False)
    outcome = compile_platform(request, Tools(root / "cache", ""), lambda _stage: None)
    return Compiled(outcome.findings, {f"specs/{name}": text for name, text in texts.items()})


def compiled_wholly(
    root: Path,
    tools: Tools,
    document: str,
    files: dict[str, str] | None = None,
    *,
    validate: bool = True,
    progress: Callable[[str], None] = lambda _stage: None,
) -> Outcome:
    """The same with our claim API and, if not told otherwise, validation, as `platformc check --strict-schemas` does it.

    `files` replace or add files below the root: `specs/...`, `crossplane/...`.
    """
    written(root, [document])
    shutil.copytree(CROSSPLANE, root / "crossplane")
    for name, text in (files or {}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(textwrap.dedent(text), encoding="utf-8")
    request = Request(root, root / "specs", root / "rendered", strict_schemas=validate, validate=validate)
    return compile_platform(request, tools, progress)
