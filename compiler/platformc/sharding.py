"""sharding: a run that several machines share: each compiles a part of the environments, one judges them all.

In      a Request with what is known about its inputs; a shard; the folder for footprints.
Out     the findings of a part, with a file for the one that judges; or the outcome of all parts.
Never   judges what environments share before all are there, or with a part of another run.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from platformc.cache import Asked
from platformc.check import Tools
from platformc.compiled import CompiledEnvironment, DamagedError, Memory, Shard, read_shards, write_shard
from platformc.diagnostics import ToolError, UsageError
from platformc.judging import Judged, check_together, judge
from platformc.language import Sources
from platformc.pipeline import Outcome, Progress, compile_platform, load_sources
from platformc.request import Request


def compile_shard(asked: Asked, tools: Tools, progress: Progress, shard: Shard, folder: Path, *, jobs: int) -> Outcome:
    """Compile the environments of a shard, and leave its file in `folder`, whatever was found.

    Raises UsageError if the inputs have no digest, ToolError if they change meanwhile or the file cannot be written.
    """
    inputs = _inputs(asked)
    outcome = compile_platform(asked.request, tools, progress, Memory(asked, None), jobs=jobs, shard=shard)
    if not asked.is_current:
        raise ToolError("the inputs changed while they were compiled", hint="run it again")
    try:
        write_shard(folder, shard, inputs, outcome.environments)
    except OSError as error:
        raise ToolError(f"cannot write to {folder}: {error.strerror}") from error
    return outcome


def judge_shards(asked: Asked, tools: Tools, progress: Progress, folder: Path) -> tuple[Judged, Sources]:
    """Judge what all shards left in `folder`: the findings are those of one run over all environments.

    Raises UsageError if that is not wholly what shards of a run with the same inputs leave.
    """
    inputs = _inputs(asked)
    progress("reading the specs")
    sources = load_sources(asked.request)
    progress("reading the footprints")
    try:
        environments = read_shards(folder, inputs, tuple(sources.environments))
    except DamagedError as error:
        hint = "compile all shards of this commit, with the same options, into one empty folder"
        raise UsageError(f"{folder} cannot be judged: {error}", hint) from error
    except OSError as error:
        raise ToolError(f"cannot read {folder}: {error.strerror}") from error
    progress("checking all environments together")
    together = check_together(tools, sources, environments)
    return judge(asked.request, sources, environments, together, failure=_failure(asked.request, environments)), sources


def _failure(request: Request, environments: Sequence[CompiledEnvironment]) -> ToolError | None:
    """Why not all environments were validated: the shard has told the reason."""
    for one in environments:
        if request.validate and one.files is not None and one.valid is None:
            return ToolError(
                f"kubeconform did not validate the environment {one.name}", hint="see the run of its shard"
            )
    return None


def _inputs(asked: Asked) -> str:
    if asked.inputs is None:
        message = "specs/, crossplane/ or the schemas contain something that is neither a file nor a folder"
        raise UsageError(f"{message}, so nobody can tell whether shards belong together", "remove it")
    return asked.inputs.run
