"""Schemas: every object of every environment held against its schema, in one call of kubeconform.

In      the finished trees, the claim API of the sources, the tools.
Out     how many objects are valid, and which kinds have no schema on this machine.
Finds   schema-invalid, schema-missing; both point into the spec.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from compiler.check.compositions import Unchecked
from compiler.check.kubeconform import Document, MissingSchema, SchemaProblem, validate
from compiler.check.kubeconform_binary import VERSION, find_kubeconform
from compiler.check.schema_store import SchemaStore
from compiler.diagnostics import Finding, Severity, Span, ToolError
from compiler.link import link
from compiler.lower import lower
from compiler.lower.manifest import Manifest
from compiler.origins import Anchor
from compiler.spec.load import Sources
from compiler.spec.resolve import resolve
from compiler.tree import Tree

MISSING_HINT = "run `platformc schemas fetch`, or `platformc schemas add DIR` with the folder of its CRD"


@dataclass(frozen=True, slots=True)
class Tools:
    """Where programs and caches are found; never changes a byte of output."""

    cache: Path
    path: str
    """Where programs are looked for, in the form of PATH."""


@dataclass(frozen=True, slots=True)
class Validated:
    """What validation covered."""

    valid: int
    missing: tuple[MissingSchema, ...]


def validate_schemas(
    sources: Sources, trees: Sequence[Tree], tools: Tools, *, strict: bool, paranoid: bool = False
) -> tuple[Validated, tuple[Finding, ...]]:
    """Validate all files of all trees. With `strict`, a kind without a schema is an error.

    Raises ToolError where kubeconform is missing or fails.
    """
    binary = find_kubeconform(tools.path, tools.cache)
    if binary is None:
        raise ToolError(
            f"kubeconform {VERSION} is not installed", hint="run `platformc setup`, or render with --no-validate"
        )
    documents = [
        Document(f"{tree.environment}/{path}", file.api_version, file.id.kind, file.id.name, file.content)
        for tree in trees
        for path, file in tree.files.items()
    ]
    verdict = validate(
        documents,
        kubernetes_version=_kubernetes_version(sources, trees),
        own_definitions=[one for one in sources.claim_api.objects if one["kind"] == "CompositeResourceDefinition"],
        store=SchemaStore(tools.cache / "schemas"),
        cache=tools.cache,
        binary=binary,
        paranoid=paranoid,
    )
    findings = list(_anchored(sources, trees, verdict.problems))
    if strict:
        findings += [_missing(sources, one) for one in verdict.missing]
    return Validated(verdict.valid, verdict.missing), tuple(findings)


def _kubernetes_version(sources: Sources, trees: Sequence[Tree]) -> str:
    return resolve(sources, trees[0].environment).settings.kubernetes.version if trees else "1.34"


def _anchored(sources: Sources, trees: Sequence[Tree], problems: Sequence[SchemaProblem]) -> list[Finding]:
    """Findings at the places in the spec that the problems come from; works only where there are any."""
    found: list[Finding] = []
    for tree in trees:
        own = [problem for problem in problems if problem.label.partition("/")[0] == tree.environment]
        if not own:
            continue
        program = link(resolve(sources, tree.environment))
        anchor = Anchor(program)
        manifests = {(manifest.application, manifest.id): manifest for manifest in lower(program)[0]}
        for problem in own:
            path = problem.label.partition("/")[2]
            manifest = manifests[path.partition("/")[0], tree.files[path].id]
            found.append(replace(_finding(anchor, manifest, problem), environment=tree.environment))
    return found


def _finding(anchor: Anchor, manifest: Manifest, problem: SchemaProblem) -> Finding:
    at = anchor.place(manifest, problem.path)
    where = ".".join(str(step) for step in problem.path)
    message = f"{manifest.id}: {f'{where}: ' if where else ''}{problem.message}"
    return Finding(
        at,
        "schema-invalid",
        Severity.ERROR,
        message,
        related=((Span(f"rendered/{problem.label}"), "the rendered file"),),
    )


def unchecked_compositions(unchecked: Sequence[Unchecked]) -> tuple[Finding, ...]:
    """What a strict run says of managed kinds that Compositions could not be held against."""
    return tuple(
        Finding(
            one.at,
            "schema-missing",
            Severity.ERROR,
            f"there is no schema for {one.kind} ({one.api_version}), so what is composed was not checked",
            MISSING_HINT,
        )
        for one in unchecked
    )


def _missing(sources: Sources, missing: MissingSchema) -> Finding:
    message = f"there is no schema for {missing.kind} ({missing.api_version}), so {len(missing.labels)} objects were not validated"
    return Finding(Span(sources.specs), "schema-missing", Severity.ERROR, message, MISSING_HINT)
