"""sides: which two commits an event of CI is about.

In      the event's name and content as GitHub, Gitea and Forgejo tell them; a repository with these commits.
Out     base and head, both as full hashes.
Never   takes the tip of a pull request's branch for what it will be merged to: a branch that is behind would show
        other people's changes backwards. Guesses for an event that it does not know. Runs a hook or a filter.

`python3 -m tools.pull_request.sides` prints the base, from GITHUB_EVENT_NAME, GITHUB_EVENT_PATH and GITHUB_SHA. Exits with
69 where it cannot be told.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
NO_COMMIT = re.compile(r"0+")
SECONDS = 60
EXIT_TOOL = 69


class SidesError(Exception):
    """The two commits cannot be told, or are not there; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two commits that are compared."""

    base: str
    head: str


def sides_of_environment(environ: Mapping[str, str], repository: Path) -> Sides:
    """The commits of the event that CI's variables tell of. Raises SidesError."""
    try:
        event = json.loads(Path(environ.get("GITHUB_EVENT_PATH", "")).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SidesError("GITHUB_EVENT_PATH names no event: outside of CI, name both sides") from error
    return sides_of(environ.get("GITHUB_EVENT_NAME", ""), event, environ.get("GITHUB_SHA", ""), repository)


def sides_of(event_name: str, event: Mapping[str, Any], sha: str, repository: Path) -> Sides:
    """The commits of an event; `sha` is what CI says that it runs for (GITHUB_SHA).

    pull_request: the merge commit against its first parent. merge_group: the group against what it is merged into,
    which is several commits where the queue batches. push: against what the branch was before, or, where that is
    unknown, against the commit's first parent. Raises SidesError.
    """
    if not COMMIT.fullmatch(sha):
        raise SidesError("the commit that this run is for is not told: set GITHUB_SHA")
    if event_name == "pull_request":
        return Sides(_merged_into(repository, sha), sha)
    if event_name == "merge_group":
        base = str(_section(event, "merge_group").get("base_sha", ""))
        if not COMMIT.fullmatch(base):
            raise SidesError("the event does not tell the commit that the merge group is based on")
        return Sides(_present(repository, base), sha)
    if event_name == "push":
        before = str(event.get("before", ""))
        if COMMIT.fullmatch(before) and not NO_COMMIT.fullmatch(before) and _has(repository, before):
            return Sides(before, sha)
        return Sides(_parents(repository, sha)[0], sha)
    raise SidesError(f"an event `{event_name}` has no base: name it with --base")


def _merged_into(repository: Path, sha: str) -> str:
    parents = _parents(repository, sha)
    if len(parents) < 2:  # noqa: PLR2004 - what a merge is
        raise SidesError(
            f"{sha} is not a merge commit: check out what the pull request is merged to, which is the default of"
            " actions/checkout, and not its branch"
        )
    return parents[0]


def _parents(repository: Path, sha: str) -> list[str]:
    """The parents that a commit names, the first one present; from the object itself, as a shallow clone hides them."""
    told = _git(repository, "cat-file", "commit", f"{sha}^{{commit}}")
    if told is None:
        raise SidesError(f"{sha} is not in this clone: check it out first")
    header = told.partition("\n\n")[0]
    parents = [line.removeprefix("parent ") for line in header.splitlines() if line.startswith("parent ")]
    if not parents:
        raise SidesError(f"{sha} has no parent: there is nothing to compare it with")
    return [_present(repository, parents[0]), *parents[1:]]


def _present(repository: Path, commit: str) -> str:
    if not _has(repository, commit):
        raise SidesError(
            f"{commit} is not in this clone, which is too shallow: check out with `fetch-depth: 2`, or with"
            " `fetch-depth: 0` for merge groups"
        )
    return commit


def _has(repository: Path, commit: str) -> bool:
    return _git(repository, "cat-file", "-e", f"{commit}^{{commit}}") is not None


def _section(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = event.get(name)
    return found if isinstance(found, dict) else {}


def _git(repository: Path, *words: str) -> str | None:
    """What git answers, None where it refuses. Objects only: neither hooks nor filters run, and nothing is fetched."""
    ran = subprocess.run(  # noqa: S603 - an argument list; every commit was matched with COMMIT
        ["git", "-c", "protocol.allow=never", "-C", str(repository), *words],  # noqa: S607 - the user's git
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    return ran.stdout.decode(errors="replace") if ran.returncode == 0 else None


def main(environ: Mapping[str, str]) -> int:
    """Print the base; the exit code."""
    try:
        print(sides_of_environment(environ, Path()).base)  # noqa: T201 - what a workflow reads
    except SidesError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_TOOL
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
