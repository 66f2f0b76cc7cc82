"""pipeline: the stages in order.

In      a Request: the folders of a repository, the requested environments.
Out     an Outcome: one Tree per environment, and all findings; what is wrong is never raised.
Never   writes below the repository; keeps the objects of one environment while it compiles the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from platformc.cache import CLAIMS, Answer, counts_for_all, known_valid, remember_valid
from platformc.check import LoweredEnvironment, Tools, Unchecked, Validated, Validation
from platformc.compiled import CompiledEnvironment, Memory, Shard, read_tree
from platformc.compiling import Compilation, compile_environment, has_error
from platformc.diagnostics import Finding, UsageError, suggestion
from platformc.judging import Judged, check_together, judge
from platformc.kinds import KINDS
from platformc.language import DiskFolder, SourceFolder, Sources, load, load_claim_api
from platformc.origins import Places
from platformc.parallel import compile_each
from platformc.request import CROSSPLANE, Request
from platformc.rules.secrets import SECRET_NOT_SEALED
from platformc.tree import Tree
from platformc.work import Made, Work

__all__ = [
    "Compilation",
    "Outcome",
    "Progress",
    "Request",
    "Tools",
    "compile_environment",
    "compile_platform",
    "load_folders",
    "load_sources",
]

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run."""

    judged: Judged
    trees: tuple[Tree, ...]
    """The files of the requested environments, except for those that nobody needs; see Memory."""
    sources: Sources
    """What was read."""
    places: Mapping[str, Places]
    """The way back to the spec, of each environment."""
    environments: tuple[CompiledEnvironment, ...]
    """What is kept of each."""
    memorable: tuple[CompiledEnvironment, ...]
    """Those that were compiled in this run, and that a later run with the same inputs need not compile."""
    recalled: frozenset[str]
    """Those that an earlier run with the same inputs compiled, without errors."""
    lowered: Mapping[str, LoweredEnvironment]
    """The objects of each environment that this run compiled and could resolve, if they were asked for; else empty."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, sorted."""
        return self.judged.findings

    @property
    def validated(self) -> Validated | None:
        """None if validation was switched off or failed; only what could be compiled is counted."""
        return self.judged.validated

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        """Managed kinds in Compositions that have no schema here."""
        return self.judged.unchecked

    @property
    def unsealed(self) -> frozenset[str]:
        """Environments with a value that is not sealed yet."""
        return frozenset(
            one.name
            for one in self.environments
            if any(finding.rule == SECRET_NOT_SEALED.id for finding in one.findings)
        )

    @property
    def texts(self) -> Mapping[str, str]:
        """The files that findings point into, for snippets."""
        return self.sources.texts

    @property
    def failed(self) -> bool:
        """Whether a finding is an error, so that nothing is written."""
        return has_error(self.findings)

    @property
    def answer(self) -> Answer:
        """What a verb reports of it."""
        return self.judged.answer


def compile_platform(
    request: Request,
    tools: Tools,
    progress: Progress,
    memory: Memory | None = None,
    *,
    jobs: int = 1,
    shard: Shard | None = None,
    read: Callable[[Request], Sources] | None = None,
    keep_objects: bool = False,
) -> Outcome:
    """Compile the requested environments, and check all of them together.

    What `memory` has of an environment with the same inputs is not computed again; the others are compiled by at
    most `jobs` processes, with the same outcome. With `shard`, only its environments are compiled, and what only all of
    them show is not checked. `read` reads the sources from elsewhere than the request's folders; `keep_objects` keeps
    the objects of what is compiled in `lowered`, made in this process. Raises UsageError for an environment that does
    not exist. If kubeconform fails and nothing else is wrong, raises its ToolError.
    """
    progress("reading the specs")
    sources = (read or load_sources)(request)
    places = {environment: Places.of(sources, environment) for environment in sources.environments}
    chosen = _chosen(request, sources)
    # What an error in the sources does to an environment depends on the files of all others.
    names = tuple(sources.environments) if shard is None else shard.part(tuple(sources.environments))
    is_sound = not sources.incomplete and not has_error(sources.findings)
    recalled = _recall(request, names, chosen, memory if is_sound else None)
    with Validation(sources, places, tools, paranoid=request.paranoid) as validation:
        known = known_valid(tools.cache, CLAIMS)
        work = Work(
            request,
            known,
            validated=chosen if request.validate else frozenset(),
            with_files=chosen if memory is None or memory.rendered is not None else frozenset(),
            keep_objects=keep_objects,
        )
        compiled = _compile_all(sources, names, recalled, work, jobs, validation=validation, progress=progress)
        if request.validate or keep_objects:  # a mere `check --no-validate` writes nothing
            remember_valid(tools.cache, known, (key for one in compiled.values() for key in one.valid_claims), CLAIMS)
        environments = tuple(recalled[name][0] if name in recalled else compiled[name].kept for name in names)
        together = check_together(tools, sources, environments) if shard is None else ()
        if request.validate:
            progress("validating")
            checked = validation.finish()
            environments = tuple(
                one.validated(checked[one.name]) if one.name in checked else one for one in environments
            )
        judged = judge(request, sources, environments, together, failure=validation.failure)
    trees = {name: tree for name, (_, tree) in recalled.items()} | {name: one.tree for name, one in compiled.items()}
    return Outcome(
        judged=judged,
        trees=tuple(tree for name in names if (tree := trees[name]) is not None and name in chosen),
        sources=sources,
        places=places,
        environments=environments,
        memorable=tuple(one for one in environments if is_sound and _is_memorable(compiled.get(one.name))),
        recalled=frozenset(recalled),
        lowered={name: one.lowered for name, one in compiled.items() if one.lowered is not None},
    )


def _is_memorable(made: Made | None) -> bool:
    """Whether an environment was compiled in this run, and from nothing but what its key has."""
    return made is not None and (made.certificate is None or counts_for_all(made.certificate))


Recalled = Mapping[str, tuple[CompiledEnvironment, Tree | None]]
"""Environments that need not be compiled, by name; with their files, if these are needed."""


def _recall(request: Request, names: Sequence[str], chosen: frozenset[str], memory: Memory | None) -> Recalled:
    found: dict[str, tuple[CompiledEnvironment, Tree | None]] = {}
    if memory is None:
        return found
    for name in names:
        known = memory.recall(name, validated=request.validate and name in chosen)
        if known is None:
            continue
        if memory.rendered is None or name not in chosen:
            found[name] = (known, None)
        elif (tree := read_tree(memory.rendered, known)) is not None:
            found[name] = (known, tree)
    return found


def _compile_all(
    sources: Sources,
    names: Sequence[str],
    recalled: Recalled,
    work: Work,
    jobs: int,
    *,
    validation: Validation,
    progress: Progress,
) -> Mapping[str, Made]:
    """Compile every environment, even if only one is requested: only this finds what two of them share."""
    for name in recalled:
        progress(f"recalling {name}")
    left = [name for name in names if name not in recalled]
    compiled: dict[str, Made] = {}
    with closing(compile_each(sources, left, work, jobs, built=validation.add, load=load_sources)) as made:
        for name in left:
            progress(f"compiling {name}")
            compiled[name] = next(made)
    return compiled


def load_sources(request: Request) -> Sources:
    """Read the specs and the claim API, once for all environments."""
    return load_folders(request, DiskFolder(request.specs), DiskFolder(request.crossplane))


def load_folders(
    request: Request, specs: SourceFolder, claim_api: SourceFolder, known: Sources | None = None
) -> Sources:
    """The same from other folders than the request's; files that `known` has are not read again."""
    kinds = KINDS if request.kinds is None else request.kinds
    files = {} if known is None else known.files
    return load(specs, request.specs_name, kinds, load_claim_api(claim_api, CROSSPLANE, files), files)


def _chosen(request: Request, sources: Sources) -> frozenset[str]:
    for name in request.environments:
        if name not in sources.environments and not sources.incomplete:
            raise UsageError(f"there is no environment {name}", suggestion(name, sources.environments))
    return frozenset(request.environments or sources.environments)
