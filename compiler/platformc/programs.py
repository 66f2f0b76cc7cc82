"""programs: an environment's graph, for verbs that show it and compile nothing.

In      a Request, and names of environments.
Out     the sources, and a Program for each environment.
Finds   nothing: if the spec has errors, there is nothing to show, and they are raised as FindingsError.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc.diagnostics import Finding, FindingsError, Severity, UsageError, did_you_mean
from platformc.language import Sources, resolve
from platformc.link import Program, link
from platformc.pipeline import load_sources
from platformc.request import Request


def sound_sources(request: Request) -> Sources:
    """Read the spec. Raises FindingsError if it has errors."""
    sources = load_sources(request)
    _refuse_errors(sources.findings)
    return sources


def chosen_environments(sources: Sources, wanted: Sequence[str]) -> tuple[str, ...]:
    """The named environments, each once, or all. Raises UsageError for one that does not exist."""
    for name in wanted:
        if name not in sources.environments:
            hint = did_you_mean(name, sources.environments) or f"known are: {', '.join(sources.environments)}"
            raise UsageError(f"there is no environment {name}", hint)
    chosen = tuple(dict.fromkeys(wanted)) or tuple(sources.environments)
    if not chosen:
        raise UsageError("the specs contain no environment", "add specs/environments/<name>.yaml")
    return chosen


def one_environment(sources: Sources, wanted: Sequence[str]) -> str:
    """The one environment that is meant. Raises UsageError if it could be several."""
    chosen = chosen_environments(sources, wanted)
    if len(chosen) > 1:
        raise UsageError("this command works on one environment", f"name it: -e {' or -e '.join(chosen)}")
    return chosen[0]


def program_of(sources: Sources, environment: str) -> Program:
    """An environment's graph. Raises FindingsError if a reference is not bound: edges would be missing."""
    program = link(resolve(sources, environment))
    _refuse_errors([*program.platform.findings, *program.findings])
    return program


def _refuse_errors(findings: Sequence[Finding]) -> None:
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    if errors:
        raise FindingsError(errors)
