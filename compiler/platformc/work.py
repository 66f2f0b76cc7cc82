"""work: one environment, compiled as a run asks for it, whichever process does it.

In      Sources, the name of an environment, the Work of a run.
Out     Made: what is kept of the environment, and what only this run needs.
Never   starts a process, or knows in which one it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from platformc.check import LoweredEnvironment
from platformc.compiled import CompiledEnvironment, files_of
from platformc.compiling import Built, Compilation, compile_environment
from platformc.language import Sources
from platformc.request import Request
from platformc.tree import Tree

Load = Callable[[Request], Sources]
"""Reads the sources of a request."""


@dataclass(frozen=True, slots=True)
class Work:
    """How environments are compiled."""

    request: Request
    known_claims: Mapping[bytes, None]
    validated: frozenset[str]
    """Environments whose files go to kubeconform."""
    with_files: frozenset[str]
    """Environments whose files are needed."""
    keep_objects: bool = False
    """Whether all objects are needed, which are not handed from one process to another."""


@dataclass(frozen=True, slots=True)
class Made:
    """What compiling one environment made."""

    kept: CompiledEnvironment
    tree: Tree | None
    """None if an error forbids it, or nobody needs it."""
    valid_claims: tuple[bytes, ...]
    certificate: str | None
    lowered: LoweredEnvironment | None = None
    """Its objects, if they were asked for."""


def compile_one(sources: Sources, name: str, work: Work, built: Built) -> Made:
    """Compile one environment in this process."""
    request = work.request
    one = compile_environment(
        sources,
        name,
        allow_unsealed=request.allow_unsealed,
        today=request.today,
        known_claims=work.known_claims,
        paranoid=request.paranoid,
        built=built if name in work.validated else None,
        keep_objects=work.keep_objects,
    )
    return Made(_kept(one), one.tree, one.valid_claims, one.certificate, one.lowered)


def _kept(one: Compilation) -> CompiledEnvironment:
    return CompiledEnvironment(
        name=one.environment,
        findings=one.findings,
        footprint=one.footprint,
        claim_scope=one.claim_scope,
        files=files_of(one.tree) if one.tree is not None else None,
    )
