"""One comment on each kind of host, written by a job that is trusted as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from code_hosts import TOKEN, Host, of_a_fork, served

from tools.pull_request import post
from tools.pull_request.sticky_comment import MARKER

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms


@pytest.fixture
def host() -> Iterator[Host]:
    """All hosts in one."""
    with served(of_a_fork()) as host:
        yield host


@pytest.fixture
def write(host: Host, tmp_path: Path) -> Callable[..., int]:
    """Post a text."""

    def run(name: str, text: str, *more: str) -> int:
        (tmp_path / "unchanged.md").write_text(text, encoding="utf-8")
        if "nothing" not in text:
            (tmp_path / "comment.md").write_text(text, encoding="utf-8")
        words = [name, f"--api={host.address}/", "--project=acme/platform", "--number=7", *more, str(tmp_path)]
        return post.main(words, {"TOKEN": TOKEN})

    return run


@pytest.mark.parametrize(
    ("name", "more", "paths"),
    [
        ("gitlab", (), ("POST /projects/acme%2Fplatform/merge_requests/7/notes", "PUT /projects/acme%2Fplatform/merge_requests/7/notes/1000")),
        ("github", ("--author=github-actions[bot]",), ("POST /repos/acme/platform/issues/7/comments", "PATCH /repos/acme/platform/issues/comments/1000")),
        ("forgejo", ("--author=github-actions[bot]",), ("POST /repos/acme/platform/issues/7/comments", "PATCH /repos/acme/platform/issues/comments/1000")),
        ("gitea", ("--author=github-actions[bot]",), ("POST /repos/acme/platform/issues/7/comments", "PATCH /repos/acme/platform/issues/comments/1000")),
    ],
)  # fmt: skip
def test_it_is_created_updated_and_left(
    name: str, more: tuple[str, ...], paths: tuple[str, str], host: Host, write: Callable[..., int]
) -> None:
    """Of three runs, the third has nothing to change."""
    assert [write(name, f"{MARKER}\n{text}\n", *more) for text in ("one", "two", "two")] == [0, 0, 0]
    assert tuple(host.changed) == paths
    assert [one["body"] for one in host.comments] == [f"{MARKER}\ntwo\n"]


def test_where_nothing_changes_it_is_only_updated(host: Host, write: Callable[..., int]) -> None:
    """Most requests change no platform; one that did before says that it does no longer."""
    assert write("gitlab", f"{MARKER}\nnothing changes\n") == 0
    assert host.changed == []
    host.comments.append({"id": 3, "author": {"username": "bot"}, "body": f"{MARKER}\none\n"})
    assert write("gitlab", f"{MARKER}\nnothing changes\n") == 0
    assert [one["body"] for one in host.comments] == [f"{MARKER}\nnothing changes\n"]


def test_a_folder_without_a_comment_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The job before has failed."""
    words = ["gitlab", "--api=http://127.0.0.1:1", "--project=a/b", "--number=7", str(tmp_path)]
    assert post.main(words, {"TOKEN": TOKEN}) == post.EXIT_USAGE
    assert "unchanged.md" in capsys.readouterr().err


def test_the_author_is_asked_for_where_none_is_named(host: Host, write: Callable[..., int]) -> None:
    """It is whose token this is."""
    host.comments.append({"id": 3, "author": {"username": "mallory"}, "body": f"{MARKER}\nall is well"})
    assert write("gitlab", f"{MARKER}\none\n") == 0
    assert host.asked[0] == "GET /user"
    assert [one["body"] for one in host.comments] == [f"{MARKER}\nall is well", f"{MARKER}\none\n"]


def test_a_text_without_the_marker_is_refused(host: Host, write: Callable[..., int]) -> None:
    """It would be written anew by every run."""
    assert write("github", "hello", "--author=bot") == post.EXIT_USAGE
    assert host.changed == []


def test_a_host_that_refuses_is_told(host: Host, write: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    """With its own words."""
    assert write("github", f"{MARKER}\n", "--author=bot", "--number=8") == post.EXIT_API
    assert host.changed == []
    assert capsys.readouterr().err == "error: GET /repos/acme/platform/issues/8/comments answered 404: Not Found\n"


@pytest.mark.parametrize("words", [["bitbucket"], ["github"], ["github", "--api=x", "--project=y", "--number=z", "f"]])
def test_a_wrong_command_line_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With 64, as everywhere."""
    assert post.main(words, {"TOKEN": TOKEN}) == post.EXIT_USAGE
    assert capsys.readouterr().err.startswith("error: ")


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    """A file is not read for an answer."""
    file = tmp_path / "comment.md"
    file.write_text(MARKER, encoding="utf-8")
    words = ["gitlab", "--api=file:///etc", "--project=a/b", "--number=7", str(tmp_path)]
    assert post.main(words, {"TOKEN": TOKEN}) == post.EXIT_API
    assert post.main(words, {}) == post.EXIT_USAGE
