"""pipeline: the stages in order.

In      a Request: the folders of a repository, the environments that are asked for.
Out     an Outcome: one Tree per environment, and all findings; what is wrong is never raised.
Never   writes below the repository; keeps the objects of one environment while it compiles the next.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from platformc.cache.answer import Answer
from platformc.cache.verdicts import CLAIMS, known_valid, remember_valid
from platformc.check.across_environments import Footprint, check_together, footprint
from platformc.check.aws_limits import check_aws_limits
from platformc.check.claim_api import Unchecked, check_claim_api, provider_facts
from platformc.check.claim_api.cel import check_claims
from platformc.check.kubeconform.documents import MissingSchema
from platformc.check.kubeconform.validation import (
    Tools,
    Validated,
    Validation,
    unchecked_compositions,
    unknown_kubernetes,
)
from platformc.check.policies.run import check_policies
from platformc.check.schemas.store import SchemaStore
from platformc.check.sealed_values import check_sealed
from platformc.check.sealing_certificate import check_certificate
from platformc.diagnostics import Finding, FindingsError, Severity, Span, UsageError, sort_findings
from platformc.kinds import KINDS
from platformc.language.crossplane import load_claim_api
from platformc.language.load import Sources, load, suggestion
from platformc.language.resolve import resolve
from platformc.link import has_unbound, link
from platformc.link.program import Program
from platformc.lower import lower
from platformc.lower.manifest import Manifest
from platformc.origins import Anchor
from platformc.request import CROSSPLANE, Request
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
class _Lowered:
    """One environment as its objects."""

    environment: str
    program: Program | None
    """None where it could not be resolved."""
    manifests: Sequence[Manifest]
    tree: Tree | None
    """Its files; None where an error was found on the way here."""
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Compilation:
    """One environment, compiled; its objects are dropped already."""

    environment: str
    tree: Tree | None
    footprint: Footprint | None
    findings: tuple[Finding, ...]
    claim_scope: str | None = None
    """The form of its claim API; None where it has no AWS, or could not be resolved."""
    valid_claims: tuple[bytes, ...] = ()
    """The keys of claims that keep the rules of their definitions, and were judged in this run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out."""

    findings: tuple[Finding, ...]
    trees: tuple[Tree, ...]
    sources: Sources
    """What was read."""
    validated: Validated | None
    """None where validation was switched off or failed; only what could be compiled is counted."""
    unchecked: tuple[Unchecked, ...]
    """Managed kinds in Compositions that have no schema here."""
    unsealed: frozenset[str]
    """Environments with a value that is not sealed yet."""

    @property
    def texts(self) -> Mapping[str, str]:
        """The files that findings point into, for snippets."""
        return self.sources.texts

    @property
    def failed(self) -> bool:
        """Whether a finding is an error, so that nothing may be written."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def answer(self) -> Answer:
        """What a verb tells of it."""
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


def compile_platform(request: Request, tools: Tools, progress: Progress) -> Outcome:
    """Compile the environments that are asked for, and check all of them together.

    Raises UsageError for an environment that does not exist. Where kubeconform fails and nothing else is
    wrong, raises what it failed with, a ToolError.
    """
    progress("reading the specs")
    sources = load_sources(request)
    with Validation(sources, tools, strict=request.strict_schemas, paranoid=request.paranoid) as validation:
        return _compile(request, tools, sources, validation, progress)


def _compile(request: Request, tools: Tools, sources: Sources, validation: Validation, progress: Progress) -> Outcome:
    chosen = _chosen(request, sources)
    known = known_valid(tools.cache, CLAIMS)
    compiled = []
    for environment in sources.environments:
        progress(f"compiling {environment}")
        validate = request.validate and environment in chosen
        compiled.append(_compile_one(request, sources, environment, known, validation if validate else None))
    if request.validate:  # without, nothing is written
        remember_valid(tools.cache, known, (key for one in compiled for key in one.valid_claims), CLAIMS)
    found = [*sources.findings, *(finding for one in compiled for finding in one.findings)]
    found += check_together([one.footprint for one in compiled if one.footprint])
    scopes = {one.claim_scope for one in compiled if one.claim_scope is not None}
    store = SchemaStore(tools.cache / "schemas")
    compositions = check_claim_api(sources.claim_api, scopes, store, provider_facts(sources.kinds))
    found += compositions.findings
    if request.strict_schemas:
        found += unchecked_compositions(compositions.unchecked)
    if not sources.environments and not _has_error(found):
        found.append(_no_environment(sources))
    trees = tuple(one.tree for one in compiled if one.tree is not None and one.environment in chosen)
    validated = None
    if request.validate:
        progress("validating")
        validated, more = validation.finish()
        broken = {finding.at.path for finding in compositions.findings if finding.severity is Severity.ERROR}
        found += (finding for finding in more if finding.at.path not in broken)  # one cause, one finding
        if validation.failure is not None and not _has_error(found):
            raise validation.failure
    unsealed = frozenset(
        one.environment for one in compiled if any(finding.rule == "secret-not-sealed" for finding in one.findings)
    )
    return Outcome(sort_findings(found), trees, sources, validated, compositions.unchecked, unsealed)


def _compile_one(
    request: Request, sources: Sources, environment: str, known: Mapping[bytes, None], validation: Validation | None
) -> Compilation:
    """One environment; a function of its own, so that its objects are gone before the next one is compiled."""
    lowered = _lower_environment(sources, environment, allow_unsealed=request.allow_unsealed, today=request.today)
    if validation is not None and lowered.program is not None and lowered.tree is not None:
        unknown = unknown_kubernetes(lowered.program.platform)
        if not unknown:
            validation.add(lowered.tree, lowered.program.platform.settings.kubernetes.version)
        lowered = replace(lowered, findings=(*lowered.findings, *unknown))
    return _check_environment(sources, lowered, known_claims=known, paranoid=request.paranoid)


def compile_environment(
    sources: Sources,
    environment: str,
    *,
    allow_unsealed: bool = False,
    today: date | None = None,
    known_claims: Container[bytes] = (),
    paranoid: bool = False,
) -> Compilation:
    """Compile one environment to a Tree and a Footprint; no tree where an error forbids it.

    Claims whose keys are known are not judged again, but with `paranoid`.
    """
    lowered = _lower_environment(sources, environment, allow_unsealed=allow_unsealed, today=today)
    return _check_environment(sources, lowered, known_claims=known_claims, paranoid=paranoid)


def _lower_environment(
    sources: Sources, environment: str, *, allow_unsealed: bool = False, today: date | None = None
) -> _Lowered:
    """Compile one environment as far as its files; what they hold is not judged yet."""
    try:
        platform = resolve(sources, environment)
    except FindingsError as error:
        return _Lowered(environment, None, (), None, error.findings)
    program = link(platform)
    manifests, lower_findings = lower(program)
    found = [*platform.findings, *program.findings, *lower_findings]
    found += check_aws_limits(program, manifests)
    found += check_sealed(program, allow_unsealed=allow_unsealed)
    found += check_certificate(program, sources.folder, today)
    sound = not _has_error(found) and not _has_error(sources.findings)
    tree = build(environment, manifests) if sound else None
    return _Lowered(environment, program, manifests, tree, tuple(found))


def _check_environment(
    sources: Sources, lowered: _Lowered, *, known_claims: Container[bytes] = (), paranoid: bool = False
) -> Compilation:
    """Judge what an environment's objects say, by the rules of their claims and by policy.

    Claims whose keys are known are not judged again, but with `paranoid`.
    """
    environment, program, manifests = lowered.environment, lowered.program, lowered.manifests
    if program is None:
        return Compilation(environment, None, None, _in(environment, lowered.findings))
    found = list(lowered.findings)
    broken = {finding.at.path for finding in found if finding.severity is Severity.ERROR}
    # Of an application that failed, not even the namespace is known.
    failed = {identity.name for identity in program.platform.failed if identity.kind == "Application"}
    sound_documents = {
        identity
        for identity, resource in program.resources.items()
        if resource.name_span.path not in broken and identity.application not in failed
        if not has_unbound(resource, program.values)
    }
    sound = [manifest for manifest in manifests if manifest.owner in sound_documents]
    anchor = Anchor(program)
    claims = check_claims(program, sound, anchor, known_claims, paranoid=paranoid)
    found += claims.findings
    policies = check_policies(program, sound, anchor)
    if broken or _has_error(sources.findings):  # an exception may be for what was not looked at
        policies = (finding for finding in policies if finding.rule != "allow-unused")
    found += policies
    settings = program.platform.settings
    return Compilation(
        environment,
        None if _has_error(found) else lowered.tree,
        footprint(program, manifests),
        _in(environment, found),
        settings.crossplane.scope if settings.aws is not None else None,
        claims.valid,
    )


def load_sources(request: Request) -> Sources:
    """Read the specs and the claim API, once for all environments."""
    kinds = KINDS if request.kinds is None else request.kinds
    return load(request.specs, request.specs_name, kinds, load_claim_api(request.crossplane, CROSSPLANE))


def _chosen(request: Request, sources: Sources) -> frozenset[str]:
    for name in request.environments:
        if name not in sources.environments and not sources.incomplete:
            raise UsageError(f"there is no environment {name}", suggestion(name, sources.environments))
    return frozenset(request.environments or sources.environments)


def _no_environment(sources: Sources) -> Finding:
    message = "the specs hold no environment"
    return Finding(
        Span(f"{sources.specs}/environments"),
        "environment-missing",
        Severity.ERROR,
        message,
        f"add {sources.specs}/environments/<name>.yaml",
    )


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.ERROR for finding in findings)


def _told(kinds: Iterable[MissingSchema | Unchecked]) -> tuple[str, ...]:
    """Kinds as people read them, each once, sorted."""
    return tuple(sorted({f"{each.kind} ({each.api_version})" for each in kinds}))


def _in(environment: str, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(finding, environment=environment) for finding in findings)
