"""compiling: one environment, from what was read to its files and what is kept of it.

In      Sources, the name of an environment, how it is compiled.
Out     a Compilation: a Tree, a Footprint, and all findings; what is wrong is never raised.
Never   writes; keeps the objects that it made, unless a caller compares whole platforms.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from platformc.check import (
    ENVIRONMENT_CHECKS,
    OBJECT_CHECKS,
    Footprint,
    LoweredEnvironment,
    Remark,
    ValidClaim,
    footprint,
    unknown_kubernetes,
)
from platformc.diagnostics import Finding, FindingsError, Severity
from platformc.language import DocumentId, Sources, resolve
from platformc.link import Program, has_unbound, link
from platformc.lower import lower
from platformc.origins import Places
from platformc.tree import Tree, build

Built = Callable[[Tree, str], None]
"""Gets the files of an environment as soon as they are made, and its version of Kubernetes."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """One environment, compiled; its objects are already dropped, unless they were asked for."""

    environment: str
    tree: Tree | None
    footprint: Footprint | None
    findings: tuple[Finding, ...]
    claim_scope: str | None = None
    """The form of its claim API; None if it has no AWS, or could not be resolved."""
    valid_claims: tuple[bytes, ...] = ()
    """The keys of claims that satisfy the rules of their definitions, and were checked in this run."""
    certificate: str | None = None
    """The file with its sealing certificate, below the specs folder: the only one that an environment names itself."""
    lowered: LoweredEnvironment | None = None
    """Its objects, if they were asked for, whatever was found; None if it could not be resolved."""


def compile_environment(
    sources: Sources,
    environment: str,
    *,
    allow_unsealed: bool = False,
    today: date | None = None,
    known_claims: Container[bytes] = (),
    paranoid: bool = False,
    built: Built | None = None,
    keep_objects: bool = False,
) -> Compilation:
    """Compile one environment to a Tree and a Footprint; no tree if an error forbids it.

    Claims whose keys are known are not checked again, except with `paranoid`. If its files are to be validated,
    `built` gets them as soon as they are made, so that kubeconform works while objects are checked and the next
    environment is compiled.
    """
    try:
        one, found = lower_environment(sources, environment)
    except FindingsError as error:
        return Compilation(environment, None, None, _in(environment, error.findings))
    program, manifests, is_whole = one.program, one.manifests, one.is_whole
    platform = program.platform
    one = replace(
        one,
        allow_unsealed=allow_unsealed,
        today=today,
        known_claims=known_claims,
        paranoid=paranoid,
        is_whole=True,
    )
    found += findings_in(remark for check in ENVIRONMENT_CHECKS for remark in check(one))
    is_sound = not has_error(found) and not has_error(sources.findings)
    tree = build(environment, manifests) if is_sound else None
    if tree is not None and built is not None:
        unknown = unknown_kubernetes(platform)
        found += unknown
        if not unknown:
            built(tree, platform.settings.kubernetes.version)
    sound = one.only(_sound_documents(program, found), is_whole=not has_error((*found, *sources.findings)))
    remarks = [remark for check in OBJECT_CHECKS for remark in check(sound)]
    found += findings_in(remarks)
    return Compilation(
        environment,
        None if has_error(found) else tree,
        footprint(program, manifests),
        _in(environment, found),
        platform.settings.crossplane.scope if platform.settings.aws is not None else None,
        tuple(remark.key for remark in remarks if isinstance(remark, ValidClaim)),
        platform.target.sealing.certificate,
        replace(one, is_whole=is_whole) if keep_objects else None,
    )


def lower_environment(sources: Sources, environment: str) -> tuple[LoweredEnvironment, list[Finding]]:
    """The objects of one environment, and what was found while they were made; without a check.

    Raises FindingsError if it cannot be resolved.
    """
    platform = resolve(sources, environment)
    program = link(platform)
    manifests, lower_findings = lower(program)
    found = [*platform.findings, *program.findings, *lower_findings]
    is_whole = not has_error((*found, *sources.findings))
    return LoweredEnvironment(program, manifests, Places(lambda: platform), sources.folder, is_whole=is_whole), found


def _sound_documents(program: Program, found: Iterable[Finding]) -> frozenset[DocumentId]:
    """The documents without errors: problems of their objects have a cause of their own."""
    broken = {finding.at.path for finding in found if finding.severity is Severity.ERROR}
    # For an application that failed, not even the namespace is known.
    failed = {identity.name for identity in program.platform.failed if identity.kind == "Application"}
    return frozenset(
        identity
        for identity, resource in program.resources.items()
        if resource.name_span.path not in broken and identity.application not in failed
        if not has_unbound(resource, program.values)
    )


def findings_in(remarks: Iterable[Remark]) -> Iterator[Finding]:
    """The findings among remarks."""
    yield from (remark for remark in remarks if isinstance(remark, Finding))


def has_error(findings: Iterable[Finding]) -> bool:
    """Whether a finding is an error, so that nothing is written."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def _in(environment: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(finding, environment=environment) for finding in findings)
