"""against: what was compiled and the platform of a commit, as two states.

In      a Request and its Outcome with all objects; a name of git for a commit.
Out     a Comparison of the requested environments.
Never   checks out, fetches, or reads a file of the working tree for the commit's side.
"""

from __future__ import annotations

from dataclasses import replace

from platformc.check import Tools
from platformc.git import label, open_repository
from platformc.pipeline import Outcome, Progress
from platformc.request import Request
from platformc.snapshot import Commit, Comparison, ListKeys, compare, snapshot_of_commit, snapshot_of_outcome


def against_commit(request: Request, outcome: Outcome, ref: str, tools: Tools, progress: Progress) -> Comparison:
    """Compare what was compiled with what this compiler makes of the specs at a commit.

    Raises UsageError for a name that stands for no commit, and ToolError if git cannot answer.
    """
    repository = open_repository(request.root)
    commit = repository.commit(ref)
    everything = replace(
        request, environments=(), allow_unsealed=True, validate=False, strict_schemas=False, paranoid=False, today=None
    )
    base = snapshot_of_commit(Commit(repository, commit, label(ref, commit)), everything, tools, progress)
    progress("comparing")
    head = snapshot_of_outcome(outcome, "the working tree")
    return compare(base.only(request.environments), head.only(request.environments), ListKeys())
