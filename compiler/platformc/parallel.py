"""parallel: several environments, compiled here one after the other, or by several processes at once.

In      Sources, names of environments, how they are compiled.
Out     what compiling each made, in the order of the names; the same whoever made it.
Never   raises what a process met: an environment that a process does not return is compiled here.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from platformc.check import LoweredEnvironment
from platformc.compiled import CompiledEnvironment, files_of
from platformc.compiling import Built, Compilation, compile_environment
from platformc.cores import FORK, SPAWN, Method, start_method
from platformc.language import Sources
from platformc.request import Request
from platformc.tree import Tree

LEAST = {FORK: 400, SPAWN: 4000}
"""Documents, in all environments together, from which processes pay. One takes about 0.6 ms to compile. A copy of this
process is ready after 20 ms; one that starts anew has to import and to read everything first."""

Load = Callable[[Request], Sources]


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


def compile_each(
    sources: Sources, names: Sequence[str], work: Work, jobs: int, *, built: Built, load: Load
) -> Generator[Made, None, None]:
    """Compile environments in at most `jobs` processes. Files of those to be validated are passed to `built`.

    `load` reads the sources of a request again, where a process cannot inherit them. To be closed by whoever does
    not take all of them.
    """
    method = start_method()
    count = _processes(len(names) * len(sources.documents), len(names), jobs, work.request, method)
    if count == 1 or work.keep_objects:
        yield from (compile_one(sources, name, work, built) for name in names)
        return
    from platformc.compile_worker import digest_of, serve, unpacked  # noqa: PLC0415 - a small platform starts no process
    from platformc.processes import answers  # noqa: PLC0415 - as above

    inherited = sources if method == FORK else None
    digest = b"" if method == FORK else digest_of(sources)
    with closing(answers(names, partial(serve, work, inherited, load, digest), count, method)) as found:
        for name, answer in zip(names, found, strict=True):
            if answer is None:
                yield compile_one(sources, name, work, built)
                continue
            made, to_validate, version = unpacked(answer)
            if to_validate is not None:
                built(to_validate, version)
            yield made


def _processes(documents: int, environments: int, jobs: int, request: Request, method: Method) -> int:
    """How many processes pay; 1 stands for none but this one."""
    if documents < LEAST[method] or (method == SPAWN and request.kinds is not None):
        return 1
    return max(1, min(jobs, environments))


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
