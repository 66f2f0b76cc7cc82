"""Which two commits an event is about, in real repositories, shallow ones as CI makes them among them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tools.pull_request import sides
from tools.pull_request.sides import Sides, SidesError, sides_of

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

IDENTITY = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ci@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git(folder: Path, *words: str) -> str:
    """What git answers in a folder."""
    ran = subprocess.run(["git", "-C", str(folder), *words], env=IDENTITY, capture_output=True, check=True, text=True)
    return ran.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A repository whose main has moved on since a branch left it; `merge` is what the branch is merged to."""
    folder = tmp_path / "remote"
    git(tmp_path, "init", "--quiet", "--initial-branch=main", str(folder))
    for words in (
        ("commit", "--quiet", "--allow-empty", "--message=first"),
        ("checkout", "--quiet", "-b", "topic"),
        ("commit", "--quiet", "--allow-empty", "--message=change"),
        ("checkout", "--quiet", "main"),
        ("commit", "--quiet", "--allow-empty", "--message=another's change"),
    ):
        git(folder, *words)
    git(folder, "checkout", "--quiet", "--detach", "main")
    git(folder, "merge", "--quiet", "--no-ff", "--message=merge", "topic")
    git(folder, "branch", "merge")
    return folder


def clone(remote: Path, branch: str, depth: int) -> Path:
    """A shallow clone, as actions/checkout makes it."""
    folder = remote.parent / f"clone-{branch}-{depth}"
    git(remote.parent, "clone", "--quiet", f"--depth={depth}", f"--branch={branch}", f"file://{remote}", str(folder))
    return folder


def test_a_pull_request_is_its_merge_against_the_first_parent(remote: Path) -> None:
    """Against the tip of main, although the branch left it earlier: nobody else's change is shown backwards."""
    merge = git(remote, "rev-parse", "merge")
    here = clone(remote, "merge", 2)
    assert sides_of("pull_request", {}, merge, here) == Sides(git(remote, "rev-parse", "main"), merge)


def test_a_clone_that_is_too_shallow_is_told(remote: Path) -> None:
    """Git shows the merge commit as one without parents then: an empty diff would be the worst answer."""
    merge = git(remote, "rev-parse", "merge")
    here = clone(remote, "merge", 1)
    assert git(here, "rev-list", "--count", "HEAD") == "1"
    with pytest.raises(SidesError, match="fetch-depth: 2"):
        sides_of("pull_request", {}, merge, here)


def test_a_branch_instead_of_the_merge_is_refused(remote: Path) -> None:
    """Whoever checks out the head compares what will never be."""
    topic = git(remote, "rev-parse", "topic")
    with pytest.raises(SidesError, match="is not a merge commit"):
        sides_of("pull_request", {}, topic, clone(remote, "topic", 2))


def test_a_merge_group_is_against_what_the_queue_says(remote: Path) -> None:
    """That can be several commits."""
    first, merge = git(remote, "rev-parse", "main~1"), git(remote, "rev-parse", "merge")
    event = {"merge_group": {"base_sha": first, "head_sha": merge}}
    assert sides_of("merge_group", event, merge, remote) == Sides(first, merge)
    with pytest.raises(SidesError, match="fetch-depth: 0"):
        sides_of("merge_group", event, merge, clone(remote, "merge", 2))


@pytest.mark.parametrize("event", [{}, {"merge_group": []}, {"merge_group": {"base_sha": "--upload-pack=x"}}])
def test_a_merge_group_without_a_commit_is_refused(event: dict[str, Any], remote: Path) -> None:
    """What is no hash never reaches git."""
    with pytest.raises(SidesError, match="does not tell"):
        sides_of("merge_group", event, git(remote, "rev-parse", "merge"), remote)


@pytest.mark.parametrize("before", ["main~1", None], ids=["known", "a new branch"])
def test_a_push_is_against_what_was_there(before: str | None, remote: Path) -> None:
    """A branch that is new has zeros there: then it is the first parent."""
    merge, old = git(remote, "rev-parse", "merge"), "0" * 40 if before is None else git(remote, "rev-parse", before)
    wanted = git(remote, "rev-parse", "main" if before is None else before)
    assert sides_of("push", {"before": old}, merge, remote) == Sides(wanted, merge)


def test_the_first_commit_has_nothing_to_be_compared_with(remote: Path) -> None:
    """That is said, and is no empty diff."""
    with pytest.raises(SidesError, match="has no parent"):
        sides_of("push", {}, git(remote, "rev-parse", "main~1"), remote)


@pytest.mark.parametrize("sha", ["", "HEAD", "main", "--help", "a" * 39])
def test_a_name_is_no_commit(sha: str, remote: Path) -> None:
    """Only a full hash is."""
    with pytest.raises(SidesError, match="set GITHUB_SHA"):
        sides_of("push", {}, sha, remote)


def test_a_commit_that_is_not_there_is_told(remote: Path) -> None:
    """And nothing is fetched."""
    with pytest.raises(SidesError, match="check it out first"):
        sides_of("push", {}, "a" * 40, remote)


def test_an_event_that_is_not_known_is_refused(remote: Path) -> None:
    """No last else that guesses."""
    with pytest.raises(SidesError, match="an event `schedule` has no base"):
        sides_of("schedule", {}, git(remote, "rev-parse", "main"), remote)


def test_a_workflow_reads_the_base(
    remote: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As check.yaml does; what cannot be told fails the step."""
    monkeypatch.chdir(remote)
    event = remote / "event.json"
    event.write_text(json.dumps({}), encoding="utf-8")
    told = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_SHA": git(remote, "rev-parse", "merge"),
    }
    assert sides.main(told) == 0
    assert capsys.readouterr().out == git(remote, "rev-parse", "main") + "\n"
    assert sides.main({}) == sides.EXIT_TOOL
    assert capsys.readouterr() == ("", "error: GITHUB_EVENT_PATH names no event: outside of CI, name both sides\n")
