"""The trusted half against a server that plays GitHub: one comment, of the right commit, and nothing hostile does anything."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from code_hosts import BOT, HEAD, TOKEN, Host, of_a_fork, packed, pull, served

from tools.pull_request import comment
from tools.pull_request.comment_text import LONGEST
from tools.pull_request.sticky_comment import MARKER

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

COMPILER = """\
#!{python}
import json, os, sys
wanted = ["diff", "--from-report", "report.json", "--format", "markdown", "--exit-code"]
assert sys.argv[1:7] == wanted, sys.argv
assert len(sys.argv) == 9 and sys.argv[7].startswith("--details-url=https://github.example/"), sys.argv
assert sys.argv[8].startswith("--source-url=https://github.example/"), sys.argv
assert "{token}" not in "".join(os.environ.values())
report = json.load(open("report.json"))
if set(report) != {{"text", "changes"}}:
    sys.exit("the report is none: " + str(report))
print("{marker}")
print(report["text"])
sys.exit(2 if report["changes"] else 0)
"""

LONG = "one table is deleted\n" + "x" * 64_000


@pytest.fixture
def host() -> Iterator[Host]:
    """GitHub, with a run of a fork's pull request."""
    with served(of_a_fork()) as host:
        yield host


@pytest.fixture
def post(host: Host, tmp_path: Path) -> Callable[[], int]:
    """The job of diff-comment.yaml, with a compiler that refuses what is no report of its own."""
    compiler = tmp_path / "platformc"
    compiler.write_text(COMPILER.format(python=sys.executable, token=TOKEN, marker=MARKER), encoding="utf-8")
    compiler.chmod(0o755)
    environ = {
        "GITHUB_API_URL": host.address,
        "GITHUB_REPOSITORY": "acme/platform",
        "GITHUB_TOKEN": TOKEN,
        "RUN_ID": "42",
        "PLATFORMC": str(compiler),
        "COMMENT_AUTHOR": BOT["login"],
        "WATCHED": "compiler/ action.yml",
    }
    return lambda: comment.main(environ)


def report(text: str = "one table is deleted", *, changes: bool = True) -> bytes:
    """What the artifact of the untrusted job holds, as the compiler above takes it."""
    return packed(json.dumps({"text": text, "changes": changes}).encode())


class TestOneComment:
    """There is one, and it is kept up to date."""

    def test_it_is_created_and_then_updated(self, host: Host, post: Callable[[], int]) -> None:
        """The second push changes the same comment."""
        host.has_artifact("platformc-diff", report())
        assert post() == 0
        host.has_artifact("platformc-diff", report("two tables are deleted"))
        assert post() == 0
        assert host.changed == [
            "POST /repos/acme/platform/issues/7/comments",
            "PATCH /repos/acme/platform/issues/comments/1000",
        ]
        (one,) = host.comments
        assert one["body"].startswith(f"{MARKER}\ntwo tables are deleted\n")
        assert f"Commit {HEAD[:10]}, [run]({host.run['html_url']})" in one["body"]

    def test_the_same_again_changes_nothing(self, host: Host, post: Callable[[], int]) -> None:
        """Nobody is notified of nothing."""
        host.has_artifact("platformc-diff", report())
        assert (post(), post()) == (0, 0)
        assert len(host.changed) == 1

    def test_only_the_own_comment_is_changed(self, host: Host, post: Callable[[], int]) -> None:
        """Anybody can write a comment that begins with the marker; ours may be on a later page."""
        theirs = [{"id": number, "user": {"login": "mallory"}, "body": f"{MARKER}\nall is well"} for number in range(5)]
        host.comments += [
            *theirs,
            {"id": 9, "user": BOT, "body": f"{MARKER}\nold"},
            {"id": 10, "user": BOT, "body": "other"},
        ]
        host.has_artifact("platformc-diff", report())
        assert post() == 0
        assert host.changed == ["PATCH /repos/acme/platform/issues/comments/9"]
        assert [one["body"] for one in theirs] == [f"{MARKER}\nall is well"] * 5

    def test_where_nothing_changes_there_is_none(self, host: Host, post: Callable[[], int]) -> None:
        """Most pull requests of a repository change no platform."""
        host.has_artifact("platformc-diff", report("nothing changes", changes=False))
        assert post() == 0
        assert host.changed == []

    def test_where_nothing_changes_any_more_it_says_so(self, host: Host, post: Callable[[], int]) -> None:
        """A comment that stands there is about an older commit."""
        host.comments.append({"id": 9, "user": BOT, "body": f"{MARKER}\nold"})
        host.has_artifact("platformc-diff", report("nothing changes", changes=False))
        assert post() == 0
        assert "nothing changes" in host.comments[0]["body"]


class TestWhoseItIs:
    """Number and commit are the API's, whatever an artifact says."""

    def test_nothing_is_posted_once_the_head_has_moved(self, host: Host, post: Callable[[], int]) -> None:
        """The next run is about the new head."""
        host.has_artifact("platformc-diff", report())
        host.pulls[-1]["head"]["sha"] = "3" * 40
        assert post() == 0
        assert host.changed == []

    def test_nothing_is_posted_where_it_moves_meanwhile(self, host: Host, post: Callable[[], int]) -> None:
        """It is asked for again just before posting."""

        def push(path: str) -> None:
            if path.endswith("/zip"):
                host.pulls[-1]["head"]["sha"] = "3" * 40

        host.has_artifact("platformc-diff", report())
        host.after = push
        assert post() == 0
        assert any(one.endswith("/zip") for one in host.asked)
        assert host.changed == []

    def test_nothing_is_posted_on_a_closed_pull_request(self, host: Host, post: Callable[[], int]) -> None:
        """Nor is one looked for elsewhere."""
        host.has_artifact("platformc-diff", report())
        host.pulls[-1]["state"] = "closed"
        assert post() == 0
        assert host.changed == []

    def test_nothing_is_guessed_between_two(
        self, host: Host, post: Callable[[], int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One branch, two pull requests into different bases: a report of one is wrong for the other."""
        host.has_artifact("platformc-diff", report())
        host.pulls.append(pull(8, HEAD))
        assert post() == 0
        assert host.changed == []
        assert "2 open pull requests have the head" in capsys.readouterr().out

    def test_a_run_for_another_event_is_left_alone(self, host: Host, post: Callable[[], int]) -> None:
        """Such as that of a merge queue."""
        host.run["event"] = "merge_group"
        assert post() == 0
        assert host.changed == []

    def test_the_token_reaches_the_api_alone(self, host: Host, post: Callable[[], int]) -> None:
        """Artifacts lie on another host; the compiler above asserts that it is not given the token, either."""
        host.has_artifact("platformc-diff", report())
        assert post() == 0
        assert host.storage_saw == []


class TestHostileReports:
    """What the untrusted job uploads can be anything."""

    @pytest.mark.parametrize(
        "content",
        [
            packed(b'{"schemaVersion": 1, "number": 1, "comment": "@everyone"}'),
            packed(b"\x00\xff not json"),
            packed(b"{}", "../../report.json"),
            packed(b"{}", "/etc/passwd"),
            b"PK\x05\x06" + bytes(18),
            b"no zip at all",
            report("x" * 65_001),
        ],
        ids=["not ours", "not json", "traversal", "absolute", "empty", "no zip", "too long"],
    )
    def test_what_is_no_report_is_told_and_not_shown(
        self, content: bytes, host: Host, post: Callable[[], int], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A stale report must not stand there; nothing of the content reaches the comment or the log."""
        host.comments.append({"id": 9, "user": BOT, "body": f"{MARKER}\nold"})
        host.has_artifact("platformc-diff", content)
        assert post() == comment.EXIT_UNUSABLE
        (one,) = host.comments
        assert one["body"].startswith(f"{MARKER}\n**No report of what this changes:** what the run made is none")
        shown = one["body"] + "".join(capsys.readouterr())
        assert all(word not in shown for word in ("everyone", "passwd", "xxx", "\x00"))

    def test_a_bomb_is_not_unpacked(self, host: Host, post: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
        """The limit holds for what comes out, not for what the zip says."""
        monkeypatch.setattr(comment, "REPORT_LIMIT", 1000)
        host.has_artifact("platformc-diff", packed(b" " * 1_000_000))
        assert post() == comment.EXIT_UNUSABLE

    def test_one_that_is_too_large_is_not_downloaded(
        self, host: Host, post: Callable[[], int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor is one that is larger than the API says."""
        monkeypatch.setattr(comment, "ZIP_LIMIT", 100)
        host.has_artifact("platformc-diff", report())
        host.artifacts[0]["size_in_bytes"] = 100_000
        assert post() == comment.EXIT_UNUSABLE
        assert not any(one.endswith("/zip") for one in host.asked)
        host.artifacts[0]["size_in_bytes"] = 10
        assert post() == comment.EXIT_API

    def test_a_run_that_made_none_is_told(self, host: Host, post: Callable[[], int]) -> None:
        """Its link leads to why."""
        host.run["conclusion"] = "failure"
        assert post() == 0
        assert f"[the run]({host.run['html_url']}) made none" in host.comments[0]["body"]

    def test_a_run_that_was_cancelled_is_not_announced(self, host: Host, post: Callable[[], int]) -> None:
        """Unless a comment stands there, which is older than what is there now."""
        host.run["conclusion"] = "cancelled"
        assert post() == 0
        assert host.changed == []


class TestChangesOfWhatMakesTheReport:
    """Whoever changes the workflow or the compiler decides what the report says."""

    @pytest.mark.parametrize(
        ("changed", "names"),
        [
            ({"filename": ".github/workflows/diff.yaml"}, "`.github/`"),
            ({"filename": "docs/a.md", "previous_filename": "compiler/platformc/cli/diff.py"}, "`compiler/`"),
            ({"filename": "action.yml"}, "`action.yml`"),
        ],
    )
    def test_the_comment_says_so_first(
        self, changed: dict[str, str], names: str, host: Host, post: Callable[[], int]
    ) -> None:
        """On any page of the list of files, and for files that were moved away; also where nothing is said to change."""
        host.files.append(changed)
        host.has_artifact("platformc-diff", report("nothing changes", changes=False))
        assert post() == 0
        assert host.comments[0]["body"].startswith(
            f"{MARKER}\n> [!CAUTION]\n> This pull request changes what makes this report ({names})."
        )

    def test_a_list_of_files_that_is_cut_counts_as_all(self, host: Host, post: Callable[[], int]) -> None:
        """GitHub lists 3,000."""
        host.pulls[-1]["changed_files"] = 3500
        host.has_artifact("platformc-diff", report())
        assert post() == 0
        assert "(`.github/`, `compiler/`, `action.yml`)" in host.comments[0]["body"]

    def test_a_file_of_a_similar_name_is_none(self, host: Host, post: Callable[[], int]) -> None:
        """Only whole folders and whole names count."""
        host.files += [{"filename": "action.yml.md"}, {"filename": "specs/.github/x"}, {"filename": "compilers/x"}]
        host.has_artifact("platformc-diff", report())
        assert post() == 0
        assert "CAUTION" not in host.comments[0]["body"]

    def test_the_report_of_the_own_compiler_is_shown_as_such(self, host: Host, post: Callable[[], int]) -> None:
        """Folded, below the base's."""
        host.has_artifact("platformc-diff", report())
        host.has_artifact("platformc-diff-by-head", report("all is well"))
        assert post() == 0
        before, _, after = host.comments[0]["body"].partition(
            "<details><summary>What the compiler of this pull request"
        )
        assert "one table is deleted" in before
        assert "all is well" in after

    @pytest.mark.parametrize(
        "own", [report(LONG), report("y" * 60_000), packed(b"{}")], ids=["same", "too long", "none"]
    )
    def test_the_comment_is_never_too_long(self, own: bytes, host: Host, post: Callable[[], int]) -> None:
        """What does not fit is where the link leads."""
        host.has_artifact("platformc-diff", report(LONG))
        host.has_artifact("platformc-diff-by-head", own)
        assert post() == 0
        assert len(host.comments[0]["body"]) <= LONGEST
        assert "<details>" not in host.comments[0]["body"]


class TestFailures:
    """Somebody reads the log."""

    def test_a_refusal_is_told_on_one_line_without_the_token(
        self, host: Host, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A line of an answer could be a workflow command."""
        environ = {
            "GITHUB_API_URL": host.address,
            "GITHUB_REPOSITORY": "acme/platform",
            "GITHUB_TOKEN": "another-token",
            "RUN_ID": "42",
            "PLATFORMC": str(tmp_path),
            "COMMENT_AUTHOR": "bot",
        }
        assert comment.main(environ) == comment.EXIT_API
        told = capsys.readouterr().err
        assert (
            told
            == "error: GET /repos/acme/platform/actions/runs/42 answered 401: Bad credentials ::error::from the server\n"
        )

    def test_an_answer_of_another_shape_is_no_traceback(self, host: Host, post: Callable[[], int]) -> None:
        """Such as that of a server that is not GitHub."""
        del host.run["head_repository"]
        assert post() == comment.EXIT_API

    @pytest.mark.parametrize(
        "wrong", [{"RUN_ID": "42/../../"}, {"GITHUB_REPOSITORY": "acme/../x/y"}, {"GITHUB_TOKEN": ""}]
    )
    def test_settings_that_are_none_are_refused(self, wrong: dict[str, str]) -> None:
        """Before anything is asked."""
        environ = dict.fromkeys(comment.SETTINGS, "x") | {"RUN_ID": "42", "GITHUB_REPOSITORY": "acme/platform"}
        assert comment.main(environ | wrong) == comment.EXIT_USAGE
