"""pipeline: the stages in order.

In      a Request: the folders of a repository, the requested environments.
Out     an Outcome: one Tree per environment, and all findings; what is wrong is never raised.
Never   writes below the repository; keeps the objects of one environment while it compiles the next, unless a
        caller compares whole platforms.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from platformc.cache import CLAIMS, Answer, known_valid, remember_valid
from platformc.check import (
    ENVIRONMENT_CHECKS,
    OBJECT_CHECKS,
    PLATFORM_CHECKS,
    Footprint,
    LoweredEnvironment,
    MissingSchema,
    Remark,
    SchemaStore,
    Tools,
    Unchecked,
    Validated,
    Validation,
    ValidClaim,
    WholePlatform,
    footprint,
    unchecked_compositions,
)
from platformc.diagnostics import Finding, FindingsError, Severity, Span, UsageError, sort_findings, suggestion
from platformc.kinds import KINDS
from platformc.language import DiskFolder, DocumentId, Sources, load, load_claim_api, resolve
from platformc.link import Program, has_unbound, link
from platformc.lower import lower
from platformc.origins import Places
from platformc.request import CROSSPLANE, Request
from platformc.rules.environments import ENVIRONMENT_MISSING
from platformc.rules.secrets import SECRET_NOT_SEALED
from platformc.tree import Tree, build

__all__ = [
    "Compilation",
    "Outcome",
    "Progress",
    "Request",
    "Tools",
    "compile_environment",
    "compile_platform",
    "load_sources",
]

Progress = Callable[[str], None]


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
    lowered: LoweredEnvironment | None = None
    """Its objects, if they were asked for, whatever was found; None if it could not be resolved."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run."""

    findings: tuple[Finding, ...]
    trees: tuple[Tree, ...]
    sources: Sources
    """What was read."""
    places: Mapping[str, Places]
    """The way back to the spec, of each environment."""
    validated: Validated | None
    """None if validation was switched off or failed; only what could be compiled is counted."""
    unchecked: tuple[Unchecked, ...]
    """Managed kinds in Compositions that have no schema here."""
    unsealed: frozenset[str]
    """Environments with a value that is not sealed yet."""
    lowered: Mapping[str, LoweredEnvironment]
    """The objects of each environment that could be resolved, if they were asked for; else empty."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The files that findings point into, for snippets."""
        return self.sources.texts

    @property
    def failed(self) -> bool:
        """Whether a finding is an error, so that nothing is written."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def answer(self) -> Answer:
        """What a verb reports of it."""
        missing = self.validated.missing if self.validated else ()
        return Answer(
            findings=self.findings,
            environments=len(self.trees),
            objects=sum(len(tree.files) for tree in self.trees),
            valid=self.validated.valid if self.validated else None,
            objects_without_schema=sum(len(one.labels) for one in missing),
            kinds_without_schema=_told(missing),
            composed_without_schema=_told(self.unchecked),
        )


def compile_platform(
    request: Request,
    tools: Tools,
    progress: Progress,
    *,
    read: Callable[[Request], Sources] | None = None,
    keep_objects: bool = False,
) -> Outcome:
    """Compile the requested environments, and check all of them together.

    `read` reads the sources from elsewhere than the request's folders; `keep_objects` keeps all objects in `lowered`.

    Raises UsageError for an environment that does not exist. If kubeconform fails and nothing else is
    wrong, raises its ToolError.
    """
    progress("reading the specs")
    sources = (read or load_sources)(request)
    places = {environment: Places.of(sources, environment) for environment in sources.environments}
    chosen = _chosen(request, sources)
    with Validation(sources, places, tools, strict=request.strict_schemas, paranoid=request.paranoid) as validation:
        compiled = _compile_all(
            request, tools, sources, chosen, validation=validation, progress=progress, keep_objects=keep_objects
        )
        found = [*sources.findings, *(finding for one in compiled for finding in one.findings)]
        together = _check_platform(tools, sources, compiled)
        unchecked = tuple(remark for remark in together if isinstance(remark, Unchecked))
        found += _findings(together)
        if request.strict_schemas:
            found += unchecked_compositions(unchecked)
        if not sources.environments and not _has_error(found):
            found.append(_no_environment(sources))
        validated = None
        if request.validate:
            progress("validating")
            validated, more = validation.finish()
            found += _without_known_causes(more, together)
            if validation.failure is not None and not _has_error(found):
                raise validation.failure
    return Outcome(
        findings=sort_findings(found),
        trees=tuple(one.tree for one in compiled if one.tree is not None and one.environment in chosen),
        sources=sources,
        places=places,
        validated=validated,
        unchecked=unchecked,
        unsealed=frozenset(
            one.environment for one in compiled if any(finding.rule == SECRET_NOT_SEALED.id for finding in one.findings)
        ),
        lowered={one.environment: one.lowered for one in compiled if one.lowered is not None},
    )


def _compile_all(
    request: Request,
    tools: Tools,
    sources: Sources,
    chosen: frozenset[str],
    *,
    validation: Validation,
    progress: Progress,
    keep_objects: bool,
) -> Sequence[Compilation]:
    """Compile every environment, even if only one is requested: only this finds what two of them share."""
    known = known_valid(tools.cache, CLAIMS)
    compiled = []
    for environment in sources.environments:
        progress(f"compiling {environment}")
        made = compile_environment(
            sources,
            environment,
            allow_unsealed=request.allow_unsealed,
            today=request.today,
            known_claims=known,
            paranoid=request.paranoid,
            validation=validation if request.validate and environment in chosen else None,
            keep_objects=keep_objects,
        )
        compiled.append(made)
    if request.validate:  # without, nothing is written
        remember_valid(tools.cache, known, (key for one in compiled for key in one.valid_claims), CLAIMS)
    return compiled


def compile_environment(
    sources: Sources,
    environment: str,
    *,
    allow_unsealed: bool = False,
    today: date | None = None,
    known_claims: Container[bytes] = (),
    paranoid: bool = False,
    validation: Validation | None = None,
    keep_objects: bool = False,
) -> Compilation:
    """Compile one environment to a Tree and a Footprint; no tree if an error forbids it.

    Claims whose keys are known are not checked again, except with `paranoid`. Its files are passed to `validation`
    as soon as they are made, so that kubeconform works while objects are checked and the next environment is compiled.
    """
    try:
        platform = resolve(sources, environment)
    except FindingsError as error:
        return Compilation(environment, None, None, _in(environment, error.findings))
    program = link(platform)
    manifests, lower_findings = lower(program)
    one = LoweredEnvironment(
        program,
        manifests,
        Places(lambda: platform),
        sources.folder,
        allow_unsealed=allow_unsealed,
        today=today,
        known_claims=known_claims,
        paranoid=paranoid,
    )
    found = [*platform.findings, *program.findings, *lower_findings]
    is_whole = not _has_error((*found, *sources.findings))
    found += _findings(remark for check in ENVIRONMENT_CHECKS for remark in check(one))
    is_sound = not _has_error(found) and not _has_error(sources.findings)
    tree = build(environment, manifests) if is_sound else None
    if tree is not None and validation is not None:
        found += validation.add(tree, platform)
    sound = one.only(_sound_documents(program, found), is_whole=not _has_error((*found, *sources.findings)))
    remarks = [remark for check in OBJECT_CHECKS for remark in check(sound)]
    found += _findings(remarks)
    return Compilation(
        environment,
        None if _has_error(found) else tree,
        footprint(program, manifests),
        _in(environment, found),
        platform.settings.crossplane.scope if platform.settings.aws is not None else None,
        tuple(remark.key for remark in remarks if isinstance(remark, ValidClaim)),
        replace(one, is_whole=is_whole) if keep_objects else None,
    )


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


def _check_platform(tools: Tools, sources: Sources, compiled: Sequence[Compilation]) -> Sequence[Remark]:
    """What only all environments together show."""
    whole = WholePlatform(
        sources,
        [one.footprint for one in compiled if one.footprint],
        frozenset(one.claim_scope for one in compiled if one.claim_scope is not None),
        SchemaStore(tools.cache / "schemas"),
    )
    return [remark for check in PLATFORM_CHECKS for remark in check(whole)]


def _without_known_causes(found: Iterable[Finding], together: Iterable[Remark]) -> Iterator[Finding]:
    """Findings of kubeconform except in files of the claim API that already have errors: one cause, one finding."""
    errors = (finding.at.path for finding in _findings(together) if finding.severity is Severity.ERROR)
    broken = {path for path in errors if path.startswith(f"{CROSSPLANE}/")}
    yield from (finding for finding in found if finding.at.path not in broken)


def load_sources(request: Request) -> Sources:
    """Read the specs and the claim API, once for all environments."""
    kinds = KINDS if request.kinds is None else request.kinds
    claim_api = load_claim_api(DiskFolder(request.crossplane), CROSSPLANE)
    return load(DiskFolder(request.specs), request.specs_name, kinds, claim_api)


def _chosen(request: Request, sources: Sources) -> frozenset[str]:
    for name in request.environments:
        if name not in sources.environments and not sources.incomplete:
            raise UsageError(f"there is no environment {name}", suggestion(name, sources.environments))
    return frozenset(request.environments or sources.environments)


def _no_environment(sources: Sources) -> Finding:
    message = "the specs contain no environment"
    return ENVIRONMENT_MISSING.at(
        Span(f"{sources.specs}/environments"), message, f"add {sources.specs}/environments/<name>.yaml"
    )


def _findings(remarks: Iterable[Remark]) -> Iterator[Finding]:
    yield from (remark for remark in remarks if isinstance(remark, Finding))


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _told(kinds: Iterable[MissingSchema | Unchecked]) -> tuple[str, ...]:
    """Kinds for people, each once, sorted."""
    return tuple(sorted({f"{each.kind} ({each.api_version})" for each in kinds}))


def _in(environment: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(finding, environment=environment) for finding in findings)
