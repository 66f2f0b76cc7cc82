"""The verb `diff`: its sides, its gates, its formats; on repositories that are made for it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from platformc.cli import main

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

BASE = Path(__file__).parents[1] / "cases/base"
BOT = "specs/bot/bot.yaml"
CANARY = "hunter2-correct-horse"


def git(folder: Path, *words: str) -> str:
    """Run git as the author of the platform."""
    settings = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    command = ["git", *settings, "-c", "commit.gpgsign=false", *words]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The small platform, committed and rendered on main."""
    folder = tmp_path / "repository"
    shutil.copytree(BASE, folder)
    git(folder, "init")
    assert main(["--specs", str(folder / "specs"), "render", "--no-validate", "-q"]) == 0
    git(folder, "add", "--all")
    git(folder, "commit", "-m", "all")
    return folder


@pytest.fixture
def diff(repository: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run the verb in the repository; returns stdout, or stderr if there is no other output."""
    monkeypatch.chdir(repository)
    capsys.readouterr()

    def run(*words: str, code: int = 0) -> str:
        found = main(["--no-color", "diff", *words])
        out, err = capsys.readouterr()
        assert found == code, out + err
        return out or err

    return run


def edit(repository: Path, old: str, new: str, file: str = BOT) -> None:
    """Replace a text where it stands first in a file."""
    path = repository / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def report(text: str) -> Any:
    """The report as JSON."""
    return json.loads(text)


def effects(text: str) -> set[tuple[str, str]]:
    """Kind and object of every effect of a report."""
    return {(effect["kind"], effect["object"]) for entry in report(text)["entries"] for effect in entry["effects"]}


class TestSides:
    """What is compared."""

    def test_the_working_tree_with_a_ref(self, repository: Path, diff: Callable[..., str]) -> None:
        """A new image restarts the bot, because of one line of the spec."""
        edit(repository, ":1.0.0@", ":1.1.0@")
        (entry,) = report(diff("--base", "main", "--format", "json"))["entries"]
        assert [(cause["document"], cause["field"], cause["at"]["line"]) for cause in entry["causes"]] == [
            ("Workload bot/bot", "image", 5)
        ]
        assert {effect["object"] for effect in entry["effects"]} == {"Deployment bot/bot", "Job bot/migrate"}

    def test_two_refs_and_the_other_way_round(self, repository: Path, diff: Callable[..., str]) -> None:
        """The working tree does not matter."""
        edit(repository, ":1.0.0@", ":1.1.0@")
        git(repository, "commit", "-am", "new image")
        edit(repository, "replicas: ${values.botReplicas}", "replicas: 7")
        there = diff("--base", "HEAD~1", "--head", "HEAD", "--format", "json")
        back = diff("--base", "HEAD", "--head", "HEAD~1", "--format", "json")
        assert effects(there) == effects(back)
        (one,), (other,) = report(there)["entries"], report(back)["entries"]
        assert one["causes"][0]["before"] == other["causes"][0]["after"]

    def test_two_folders(self, repository: Path, tmp_path: Path, diff: Callable[..., str]) -> None:
        """Neither need be a repository."""
        shutil.copytree(BASE, tmp_path / "other")
        edit(tmp_path / "other", ":1.0.0@", ":1.1.0@")
        assert effects(diff("--base", str(tmp_path / "other"), "--head", str(repository), "--format", "json"))

    def test_what_was_rendered(self, repository: Path, diff: Callable[..., str]) -> None:
        """In a folder or in a commit: effects without causes, and a note that says so."""
        edit(repository, ":1.0.0@", ":1.1.0@")
        for side in ("./rendered", "main:rendered"):
            found = report(diff("--base", side, "--format", "json"))
            assert [cause["kind"] for entry in found["entries"] for cause in entry["causes"]] == ["unknown"]
            assert any("no spec" in note for note in found["notes"])

    def test_what_is_rendered_is_what_is_compiled(self, diff: Callable[..., str]) -> None:
        """The same objects have the same identity, whichever way they are read."""
        assert report(diff("--base", "main:rendered", "--format", "json"))["entries"] == []

    def test_the_default_base_is_the_merge_base(
        self, repository: Path, tmp_path: Path, diff: Callable[..., str]
    ) -> None:
        """What others merged meanwhile is not this branch's."""
        git(tmp_path, "clone", "--bare", str(repository), "origin.git")
        git(repository, "remote", "add", "origin", str(tmp_path / "origin.git"))
        git(repository, "switch", "-c", "change")
        edit(repository, ":1.0.0@", ":1.1.0@")
        git(repository, "commit", "-am", "new image")
        git(repository, "switch", "main")
        edit(repository, "cpu: 100m..500m", "cpu: 200m..500m")
        git(repository, "commit", "-am", "of others")
        git(repository, "push", "origin", "main")
        git(repository, "remote", "set-head", "origin", "main")
        git(repository, "switch", "change")
        found = report(diff("--format", "json"))
        assert [cause["field"] for entry in found["entries"] for cause in entry["causes"]] == ["image"]
        assert found["base"]["label"].startswith("the merge base with origin/main")

    def test_a_detached_merge_is_compared_with_its_first_parent(
        self, repository: Path, diff: Callable[..., str]
    ) -> None:
        """As CI has it for a pull request, when main has moved on."""
        git(repository, "switch", "-c", "change")
        edit(repository, ":1.0.0@", ":1.1.0@")
        git(repository, "commit", "-am", "new image")
        git(repository, "switch", "main")
        git(repository, "commit", "--allow-empty", "-m", "of others")
        git(repository, "switch", "--detach", "main")
        git(repository, "merge", "--no-ff", "-m", "merge", "change")
        found = report(diff("--format", "json"))
        assert [cause["field"] for entry in found["entries"] for cause in entry["causes"]] == ["image"]
        assert found["base"]["label"].startswith("the first parent of the merge")

    @pytest.mark.parametrize(
        ("words", "code", "message"),
        [
            (["--base", "nowhere"], 64, "there is no commit nowhere"),
            (["--base", "./nowhere"], 64, "there is no folder ./nowhere"),
            ([], 64, "the default branch of the remote origin is not known"),
            (["--base", "main", "-e", "elsewhere"], 64, "neither side has an environment elsewhere"),
            (["--base", "main", "--fail-on", "dataloss"], 64, "`dataloss` is not an effect"),
            (["--base", "main", "--fail-on", ""], 64, "`` is not an effect"),
            (["--base", "main", "--format", "sarif"], 64, "does not support the format `sarif`"),
            (["--from-report", "nowhere.json"], 64, "cannot read nowhere.json"),
            (["--from-report", "x", "--base", "main"], 64, "--from-report shows a whole report"),
            (["--from-report", "x", "--allow-unsealed"], 64, "--from-report compiles nothing"),
            (["--base", "main", "--details-url", "https://example.com"], 64, "only Markdown has links"),
        ],
    )
    def test_mistakes_are_told(self, diff: Callable[..., str], words: list[str], code: int, message: str) -> None:
        """Before anything is compiled, where that is possible."""
        assert message in diff(*words, code=code)

    def test_a_name_that_is_a_folder_and_a_ref(self, repository: Path, diff: Callable[..., str]) -> None:
        """Nobody guesses."""
        git(repository, "branch", "specs")
        assert "specs is a folder and a ref" in diff("--base", "specs", code=64)


class TestGates:
    """Exit codes."""

    def test_nothing_changes(self, diff: Callable[..., str]) -> None:
        """Not even with all flags."""
        diff("--base", "main", "--exit-code", "--expect-none", "--fail-on", "routine,restart,refused")

    def test_something_changes(self, repository: Path, diff: Callable[..., str]) -> None:
        """Zero without flags; a gate wins over --exit-code."""
        edit(repository, ":1.0.0@", ":1.1.0@")
        diff("--base", "main")
        diff("--base", "main", "--exit-code", code=2)
        diff("--base", "main", "--expect-none", code=2)
        diff("--base", "main", "--fail-on", "refused,data-loss")
        diff("--base", "main", "--exit-code", "--fail-on", "restart,downtime", code=3)

    def test_comments_and_layout_are_no_change(self, repository: Path, diff: Callable[..., str]) -> None:
        """And a document that moved to another file."""
        text = (repository / BOT).read_text(encoding="utf-8")
        first, rest = text.split("\n---\n", 1)
        (repository / BOT).write_text(rest, encoding="utf-8")
        (repository / "specs/bot/other.yaml").write_text(f"# moved\n{first}\n", encoding="utf-8")
        diff("--base", "main", "--expect-none")

    def test_an_accepted_effect_passes_the_gate_and_leads(self, repository: Path, diff: Callable[..., str]) -> None:
        """The entry is in the report with its reason and its line; after the merge it is a note."""
        edit(repository, ":1.0.0@", ":1.1.0@")
        accepted = diff("--base", "main", "--fail-on", "restart,downtime", "--format", "json", code=3)
        (effect,) = report(accepted)["entries"][0]["effects"][:1]
        entry = f"{{effect: {effect['verdict']}, object: {effect['object']}, reason: the fix is urgent}}"
        edit(repository, "spec:\n  image:", f"spec:\n  accept: [{entry}]\n  image:")
        found = report(diff("--base", "main", "--fail-on", "restart,downtime", "--format", "json"))
        (first, *_) = [one for entry in found["entries"] for one in entry["effects"]]
        assert first["accepted"]["reason"] == "the fix is urgent"
        assert first["accepted"]["at"]["line"] == 5
        git(repository, "commit", "-am", "new image")
        stale = report(diff("--base", "HEAD", "--format", "json"))["staleAcceptances"]
        assert [one["reason"] for one in stale] == ["the fix is urgent"]

    def test_what_a_rule_about_data_is_allowed_for_passes_too(self, repository: Path, diff: Callable[..., str]) -> None:
        """`allow` silences the finding of `check --against`, and lifts the same gate here."""
        store = next((repository / "specs/store").glob("*.yaml"), None)
        path = next(each for each in (repository / "specs").rglob("*.yaml") if "size: 1Gi" in each.read_text("utf-8"))
        assert store is not None
        place = path.relative_to(repository).as_posix()
        edit(repository, "size: 1Gi", "size: 512Mi", place)
        refused = diff("--base", "main", "--fail-on", "refused", "--format", "json", code=3)
        rules = {one["data"].get("rule") for entry in report(refused)["entries"] for one in entry["effects"]}
        (rule,) = rules - {None}
        edit(
            repository,
            "  controller: StatefulSet\n",
            f"  controller: StatefulSet\n  allow: [{{rule: {rule}, reason: empty}}]\n",
            place,
        )
        found = report(diff("--base", "main", "--fail-on", "refused", "--format", "json"))
        accepted = [one["accepted"] for entry in found["entries"] for one in entry["effects"] if one["accepted"]]
        assert [one["reason"] for one in accepted] == ["empty"]

    def test_an_environment_that_is_gone_is_accepted_on_the_platform(
        self, repository: Path, diff: Callable[..., str]
    ) -> None:
        """It has no document any more."""
        (repository / "specs/environments/staging.yaml").unlink()
        shutil.rmtree(repository / "specs/sealed/staging")
        gates = "data-loss,unprotected,refused,downtime"
        refused = report(diff("--base", "main", "--fail-on", gates, "--format", "json", code=3))
        grave = [one for entry in refused["entries"] for one in entry["effects"] if one["verdict"] in gates.split(",")]
        assert {name for one in grave for name in one["environments"]} == {"staging"}
        entries = ", ".join(
            f"{{effect: {one['verdict']}, object: {one['object']}, reason: nobody uses it}}" for one in grave
        )
        edit(repository, "spec:\n", f"spec:\n  accept: [{entries}]\n", "specs/platform.yaml")
        diff("--base", "main", "--fail-on", gates)


class TestBrokenSides:
    """What does not compile."""

    def test_a_broken_head_says_nothing_of_its_environment(self, repository: Path, diff: Callable[..., str]) -> None:
        """Documents that are missing because they are wrong are not deleted; the finding is new."""
        edit(repository, "replicas: ${values.botReplicas}", "replicas: many")
        found = report(diff("--base", "main", "--format", "json"))
        assert found["entries"] == []
        assert all("does not compile" in one["unknown"] for one in found["environments"])
        assert "new" in {one["state"] for one in found["findings"]}
        for flag in ("--exit-code", "--expect-none"):
            diff("--base", "main", flag, code=2)
        diff("--base", "main", "--fail-on", "refused", code=3)

    def test_a_broken_base_is_what_was_rendered(self, repository: Path, diff: Callable[..., str]) -> None:
        """Its files stand for it, and nothing has a cause."""
        edit(repository, "replicas: ${values.botReplicas}", "replicas: many")
        git(repository, "commit", "-am", "broken")
        edit(repository, "replicas: many", "replicas: ${values.botReplicas}")
        edit(repository, ":1.0.0@", ":1.1.0@")
        found = report(diff("--base", "HEAD", "--format", "json"))
        assert {effect["object"] for entry in found["entries"] for effect in entry["effects"]} == {
            "Deployment bot/bot",
            "Job bot/migrate",
        }
        assert {one["state"] for one in found["findings"]} == {"fixed"}

    def test_a_base_that_was_not_rendered_again(self, repository: Path, diff: Callable[..., str]) -> None:
        """What is stale at the base is not this change's."""
        edit(repository, "cpu: 100m..500m", "cpu: 200m..500m")
        git(repository, "commit", "-am", "not rendered")
        edit(repository, ":1.0.0@", ":1.1.0@")
        found = report(diff("--base", "HEAD", "--format", "json"))
        assert [cause["field"] for entry in found["entries"] for cause in entry["causes"]] == ["image"]
        assert [cause["kind"] for entry in found["upgrade"] for cause in entry["causes"]] == ["compiler"]


class TestFormats:
    """The same report for everyone."""

    @pytest.mark.parametrize("form", ["text", "markdown", "github", "json"])
    def test_a_report_that_was_written_is_shown_alike(
        self, repository: Path, diff: Callable[..., str], form: str
    ) -> None:
        """Without the repository, and byte for byte."""
        edit(repository, ":1.0.0@", ":1.1.0@")
        (repository / "report.json").write_text(diff("--base", "main", "--format", "json"), encoding="utf-8")
        again = diff("--from-report", "report.json", "--format", form)
        assert again == diff("--base", "main", "--format", form)

    @pytest.mark.parametrize("form", ["text", "markdown", "github", "json"])
    def test_no_secret_is_shown(self, repository: Path, diff: Callable[..., str], form: str) -> None:
        """Wherever somebody has put one in clear text: before, after, in a file, in a new document."""
        places = [f"TOKEN: {CANARY}", f'URL: "redis://:{CANARY}@redis:6379"', f"API_KEY: {CANARY}"]
        for position, place in enumerate(places):
            edit(
                repository,
                "    QUEUE_URL: $",
                f"    {place.replace(':', f'_{position}:', 1) if position else 'OTHER_' + place}\n    QUEUE_URL: $",
            )
            assert CANARY not in diff("--base", "main", "--format", form, "-v")
        git(repository, "commit", "-am", "secrets in clear text")
        edit(repository, CANARY, f"{CANARY}-2")
        assert CANARY not in diff("--base", "HEAD", "--format", form, "-v")
        assert CANARY not in diff("--base", "HEAD~1", "--head", "HEAD", "--format", form, "-v")
