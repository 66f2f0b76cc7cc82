"""comment: the trusted half on GitHub: the report of a run that nobody vouches for becomes the one comment.

In      the id of a run, from the event workflow_run; the API; the compiler that is installed here.
Out     one comment, created or updated; what was done, on stdout.
Never   takes the number, a commit or a word from the artifact; runs or checks out anything of the pull request; posts
        for a commit that is no longer the pull request's head.

`python -P -m tools.pull_request.comment` reads GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, RUN_ID, PLATFORMC,
COMMENT_AUTHOR, and in WATCHED the paths beside .github/ whose change makes the report a mere claim. Exits with 0 also
where nothing was to be done; 1 where the report could not be used; 64 where a setting is missing; 69 where the API refused.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools.pull_request.api import Api, ApiError, bearer, download, get, items
from tools.pull_request.artifact import ArtifactError, only_file
from tools.pull_request.comment_text import WORKFLOWS, About, touched, with_report, without_report
from tools.pull_request.rendering import Rendered, ReportError, render
from tools.pull_request.sides import COMMIT
from tools.pull_request.sticky_comment import github, put

REPORT = "platformc-diff"
REPORT_BY_HEAD = "platformc-diff-by-head"
FILE = "report.json"
ZIP_LIMIT = 16 * 1024 * 1024
REPORT_LIMIT = 64 * 1024 * 1024
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
NOT_TRIED = {"cancelled", "skipped"}
"""Conclusions of a run that says nothing about the pull request."""

SETTINGS = ("GITHUB_API_URL", "GITHUB_REPOSITORY", "GITHUB_TOKEN", "RUN_ID", "PLATFORMC", "COMMENT_AUTHOR")
EXIT_UNUSABLE, EXIT_USAGE, EXIT_API = 1, 64, 69


class NothingToDo(Exception):  # noqa: N818 - no error: the text says why there is no comment to write
    """This run asks for no comment."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run, as the API tells it."""

    id: int
    head: str
    url: str
    conclusion: str
    head_owner: str
    head_branch: str


@dataclass(frozen=True, slots=True)
class Task:
    """What one run of this is asked for."""

    api: Api
    repository: str
    run_id: int
    platformc: Path
    author: str
    watched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """What is to stand there."""

    text: str
    only_update: bool = False
    usable: bool = True


def main(environ: Mapping[str, str]) -> int:
    """Do it once, and say what was done; the exit code."""
    missing = [name for name in SETTINGS if not environ.get(name)]
    if missing or not environ["RUN_ID"].isdecimal() or not REPOSITORY.fullmatch(environ["GITHUB_REPOSITORY"]):
        print(f"set {', '.join(missing) or 'RUN_ID and GITHUB_REPOSITORY properly'}", file=sys.stderr)  # noqa: T201
        return EXIT_USAGE
    try:
        task = Task(
            bearer(environ["GITHUB_API_URL"], environ["GITHUB_TOKEN"]),
            environ["GITHUB_REPOSITORY"],
            int(environ["RUN_ID"]),
            Path(environ["PLATFORMC"]),
            environ["COMMENT_AUTHOR"],
            tuple(dict.fromkeys((WORKFLOWS, *environ.get("WATCHED", "").split()))),
        )
        return _posted(task)
    except NothingToDo as reason:
        print(f"nothing to do: {reason}")  # noqa: T201 - this is what the job's log is for
        return 0
    except ApiError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_API
    except (KeyError, TypeError, ValueError) as error:
        print(f"error: the API does not answer as it is documented: {type(error).__name__}", file=sys.stderr)  # noqa: T201
        return EXIT_API


def _posted(task: Task) -> int:
    run = _run(task)
    number = _pull_request(task, run)
    comment = _comment(task, run, number)
    _still_its_head(task, run, number)  # again: rendering took a while
    thread = github(task.api, task.repository, number, task.author)
    print(f"#{number}: {put(thread, comment.text, only_update=comment.only_update)}")  # noqa: T201
    return 0 if comment.usable else EXIT_UNUSABLE


def _run(task: Task) -> Run:
    told = get(task.api, f"/repos/{task.repository}/actions/runs/{task.run_id}")
    if told["event"] != "pull_request":
        raise NothingToDo(f"the run is for the event {told['event']}")
    head_repository = told["head_repository"]
    if head_repository is None:
        raise NothingToDo("the fork is gone")
    head = str(told["head_sha"])
    if not COMMIT.fullmatch(head):
        raise ApiError("the run has no commit")
    return Run(
        task.run_id,
        head,
        str(told["html_url"]),
        str(told["conclusion"]),
        str(head_repository["owner"]["login"]),
        str(told["head_branch"]),
    )


def _pull_request(task: Task, run: Run) -> int:
    """The number of the open pull request whose head the run's commit is.

    The run's own list `pull_requests` is empty for forks (github.com/github/docs/issues/22501), so the open ones are
    asked for by their branch, and compared by commit.
    """
    branch = quote(f"{run.head_owner}:{run.head_branch}", safe="")
    listed = items(task.api, f"/repos/{task.repository}/pulls?state=open&per_page=100&head={branch}")
    found = [one["number"] for one in listed if one["head"]["sha"] == run.head]
    if not found:
        raise NothingToDo(f"no open pull request has the head {run.head} any more")
    if len(found) > 1:
        raise NothingToDo(
            f"{len(found)} open pull requests have the head {run.head}, and a run is not told whose it is"
        )
    return int(found[0])


def _still_its_head(task: Task, run: Run, number: int) -> None:
    told = get(task.api, f"/repos/{task.repository}/pulls/{number}")
    if told["state"] != "open" or told["head"]["sha"] != run.head:
        raise NothingToDo(f"#{number} has moved on from {run.head}")


def _comment(task: Task, run: Run, number: int) -> Comment:
    about = About(run.head, run.url, _touched(task, number))
    ids = _artifacts(task, run)
    if REPORT not in ids:
        text = without_report(f"[the run]({run.url}) made none, and says why", about)
        return Comment(text, only_update=run.conclusion in NOT_TRIED, usable=run.conclusion != "success")
    try:
        report = _rendered(task, ids[REPORT], run)
    except (ArtifactError, ReportError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - fixed words and numbers, nothing of the report
        return Comment(without_report("what the run made is none that can be trusted", about), usable=False)
    by_head = None
    if REPORT_BY_HEAD in ids:
        try:
            by_head = _rendered(task, ids[REPORT_BY_HEAD], run)
        except (ArtifactError, ReportError) as error:
            print(f"the report of the pull request's own compiler is left out: {error}")  # noqa: T201
    changes = report.changes or bool(about.touched) or (by_head is not None and by_head.changes)
    return Comment(with_report(report, by_head, about), only_update=not changes)


def _touched(task: Task, number: int) -> tuple[str, ...]:
    """Which paths that make the report are changed; all of them where the API tells only a part of the files."""
    listed = list(items(task.api, f"/repos/{task.repository}/pulls/{number}/files?per_page=100"))
    # GitHub lists 3,000 files at most (docs.github.com/rest/pulls/pulls#list-pull-requests-files).
    if len(listed) < int(get(task.api, f"/repos/{task.repository}/pulls/{number}")["changed_files"]):
        return task.watched
    names = [str(one[key]) for one in listed for key in ("filename", "previous_filename") if one.get(key)]
    return touched(task.watched, names)


def _artifacts(task: Task, run: Run) -> dict[str, int]:
    """Name -> id of the run's artifacts; of several of one name, as a run that was tried again has, the newest."""
    found: dict[str, int] = {}
    listed: Iterator[Any] = items(
        task.api, f"/repos/{task.repository}/actions/runs/{run.id}/artifacts?per_page=100", "artifacts"
    )
    for one in sorted(listed, key=lambda one: int(one["id"])):
        if not one["expired"] and one["size_in_bytes"] <= ZIP_LIMIT:
            found[str(one["name"])] = int(one["id"])
    return found


def _rendered(task: Task, artifact: int, run: Run) -> Rendered:
    packed = download(task.api, f"/repos/{task.repository}/actions/artifacts/{artifact}/zip", ZIP_LIMIT)
    repository = run.url.partition("/actions/")[0]
    source = f"{repository}/blob/{run.head}" if repository != run.url else ""
    return render(only_file(packed, FILE, REPORT_LIMIT), task.platformc, run.url, source)


if __name__ == "__main__":
    sys.exit(main(os.environ))
