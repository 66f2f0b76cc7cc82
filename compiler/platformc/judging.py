"""judging: what only all environments together show, from what is kept of each.

In      Sources, every CompiledEnvironment: from this run, from an earlier one, or from another machine.
Out     Judged: all findings, what was validated, and what could not be checked.
Never   compiles, or needs an object of an environment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from platformc.cache import Answer
from platformc.check import (
    PLATFORM_CHECKS,
    Checked,
    MissingSchema,
    Remark,
    SchemaStore,
    Tools,
    Unchecked,
    Validated,
    WholePlatform,
    in_all,
    unchecked_compositions,
)
from platformc.compiled import CompiledEnvironment
from platformc.compiling import findings_in, has_error
from platformc.diagnostics import Finding, Severity, Span, sort_findings
from platformc.language import Sources
from platformc.request import CROSSPLANE, Request
from platformc.rules.environments import ENVIRONMENT_MISSING


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of a run, except for the files."""

    findings: tuple[Finding, ...]
    environments: int
    """The requested ones that have files."""
    objects: int
    """Their files."""
    validated: Validated | None
    """None if validation was switched off or failed; only what could be compiled is counted."""
    unchecked: tuple[Unchecked, ...]
    """Managed kinds in Compositions that have no schema here."""

    @property
    def answer(self) -> Answer:
        """What a verb reports of it."""
        missing = self.validated.missing if self.validated else ()
        return Answer(
            findings=self.findings,
            environments=self.environments,
            objects=self.objects,
            valid=self.validated.valid if self.validated else None,
            objects_without_schema=sum(len(one.labels) for one in missing),
            kinds_without_schema=_told(missing),
            composed_without_schema=_told(self.unchecked),
        )


def check_together(tools: Tools, sources: Sources, environments: Sequence[CompiledEnvironment]) -> Sequence[Remark]:
    """Check what only all environments together show. kubeconform may still be at work on them."""
    whole = WholePlatform(
        sources,
        [one.footprint for one in environments if one.footprint is not None],
        frozenset(one.claim_scope for one in environments if one.claim_scope is not None),
        SchemaStore(tools.cache / "schemas"),
    )
    return [remark for check in PLATFORM_CHECKS for remark in check(whole)]


def judge(
    request: Request,
    sources: Sources,
    environments: Sequence[CompiledEnvironment],
    together: Sequence[Remark],
    *,
    failure: Exception | None = None,
) -> Judged:
    """Collect what was found in each environment, and in all together.

    `failure` is why kubeconform did not validate all of them; it is raised if nothing else is wrong.
    """
    found = [*sources.findings, *(finding for one in environments for finding in one.findings)]
    unchecked = tuple(remark for remark in together if isinstance(remark, Unchecked))
    found += findings_in(together)
    if request.strict_schemas:
        found += unchecked_compositions(unchecked)
    if not sources.environments and not has_error(found):
        found.append(_no_environment(sources))
    validated = None
    if request.validate:
        checked = (Checked(one.valid, one.missing, one.refused) for one in environments if one.valid is not None)
        validated, more = in_all(sources, checked, strict=request.strict_schemas)
        found += _without_known_causes(more, together)
        if failure is not None:
            validated = None
            if not has_error(found):
                raise failure
    chosen = request.environments or tuple(sources.environments)
    sizes = [len(one.files) for one in environments if one.files is not None and one.name in chosen]
    return Judged(sort_findings(found), len(sizes), sum(sizes), validated, unchecked)


def _without_known_causes(found: Iterable[Finding], together: Iterable[Remark]) -> Iterator[Finding]:
    """Findings of kubeconform except in files of the claim API that already have errors: one cause, one finding."""
    errors = (finding.at.path for finding in findings_in(together) if finding.severity is Severity.ERROR)
    broken = {path for path in errors if path.startswith(f"{CROSSPLANE}/")}
    yield from (finding for finding in found if finding.at.path not in broken)


def _no_environment(sources: Sources) -> Finding:
    message = "the specs contain no environment"
    return ENVIRONMENT_MISSING.at(
        Span(f"{sources.specs}/environments"), message, f"add {sources.specs}/environments/<name>.yaml"
    )


def _told(kinds: Iterable[MissingSchema | Unchecked]) -> tuple[str, ...]:
    """Kinds for people, each once, sorted."""
    return tuple(sorted({f"{each.kind} ({each.api_version})" for each in kinds}))
