"""docs/ci.md is copied by people: its shell is played, its workflows are linted, its commands are held to their options."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from code_hosts import COMMENTS, NOTES, TOKEN, Host, of_a_fork, served

from tools.pull_request import post, report

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(found[1], found[2]) for found in FENCED.finditer(PAGE)]
IDENTITY = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "ci@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
TOPIC = "specs/discord-bot/bot.yaml"


def git(folder: Path, *words: str) -> str:
    """What git answers in a folder."""
    ran = subprocess.run(["git", *words], cwd=folder, env=IDENTITY, capture_output=True, check=True, text=True)
    return ran.stdout.strip()


def change(folder: Path, old: str, new: str) -> None:
    """Commit a change of one line, which goes where nothing is to stand there."""
    lines = (folder / TOPIC).read_text(encoding="utf-8").splitlines(keepends=True)
    (number,) = (number for number, line in enumerate(lines) if old in line)
    lines[number] = lines[number].replace(old, new) if new else ""
    (folder / TOPIC).write_text("".join(lines), encoding="utf-8")
    git(folder, "commit", "--quiet", "--all", "--message=change")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of a remote with a branch `topic`, which main has moved on from; the compiler lies in it as the page says."""
    remote, folder = tmp_path / "remote", tmp_path / "clone"
    for name in ("specs", "crossplane", "argocd", "rendered"):
        shutil.copytree(ROOT / name, remote / name)
    git(remote, "init", "--quiet", "--initial-branch=main")
    git(remote, "add", "--all")
    git(remote, "commit", "--quiet", "--message=platform")
    git(remote, "checkout", "--quiet", "-b", "topic")
    change(remote, "workload: dev-sandbox, port: shell}", "")
    git(remote, "checkout", "--quiet", "main")
    (remote / "README.md").write_text("another's change\n", encoding="utf-8")
    git(remote, "add", "--all")
    git(remote, "commit", "--quiet", "--message=another's change")
    git(tmp_path, "clone", "--quiet", f"file://{remote}", str(folder))
    (folder / "compiler").symlink_to(ROOT)
    program = folder / "installed" / "bin" / "platformc"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m platformc "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return folder


def play(folder: Path, block: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run a block as a CI does: the first command that fails ends it."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder.parent),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "compiler"), str(ROOT)]),
        "LANG": "C.UTF-8",
        **IDENTITY,
        **values,
    }
    return subprocess.run(
        ["bash", "-e", "-c", block], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def plain_shell() -> str:
    """The only block of shell."""
    (block,) = (text for language, text in BLOCKS if language == "sh")
    return block


@pytest.mark.slow
class TestPlainShell:
    """Against a real remote, with the real compiler."""

    def test_the_report_is_about_the_merge(self, clone: Path) -> None:
        """What the branch changes is there, what main has changed since is not; nothing is checked out."""
        ran = play(clone, plain_shell())
        assert (ran.returncode, ran.stderr) == (0, "")
        comment = (clone / "comment.md").read_text(encoding="utf-8")
        assert comment.startswith("<!-- platformc diff -->\n")
        assert TOPIC in comment
        assert "dev-sandbox" in comment
        assert "port: shell" in (clone / TOPIC).read_text(encoding="utf-8")
        assert git(clone, "status", "--porcelain", "--untracked-files=no") == ""

    def test_a_conflict_ends_it(self, clone: Path) -> None:
        """There is no merge to look at; it is said."""
        remote = clone.parent / "remote"
        change(remote, "workload: dev-sandbox, port: shell}", "workload: dev-sandbox, port: other}")
        ran = play(clone, plain_shell())
        assert (ran.returncode, ran.stderr) == (
            1,
            "origin/topic does not merge into " + git(remote, "rev-parse", "main") + " without conflicts\n",
        )
        assert not (clone / "report.json").exists()

    def test_gates_are_words_of_the_compiler(self, clone: Path) -> None:
        """All that the page names."""
        named = {word for words in re.findall(r'fail-on:? "?([a-z,-]+)', PAGE) for word in words.split(",")}
        assert named == {"refused", "data-loss"}
        ran = play(clone, "installed/bin/platformc diff --base HEAD --head HEAD --fail-on " + ",".join(sorted(named)))
        assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.slow
class TestOtherHosts:
    """Their scripts, with what is installed already in place of what they install; the variables as each host sets them."""

    def test_gitlab(self, clone: Path, host: Host) -> None:
        """A pipeline that is not one for merged results, whose commit is the tip of the branch: it merges by itself."""
        jobs = yaml.safe_load(next(text for _, text in BLOCKS if text.startswith("# .gitlab-ci.yml")))
        values = {
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
            "CI_COMMIT_SHA": git(clone, "rev-parse", "origin/topic"),
            "CI_JOB_URL": "https://gitlab.example/job",
            "CI_API_V4_URL": host.address,
            "CI_MERGE_REQUEST_PROJECT_ID": "acme/platform",
            "CI_MERGE_REQUEST_IID": "7",
            "PLATFORM_COMMENT_TOKEN": TOKEN,
        }
        for name in ("platform-report", "platform-comment"):
            ran = play(clone, installed("\n".join(jobs[name]["script"]), clone), **values)
            assert (ran.returncode, ran.stderr) == (0, ""), name
        assert host.changed == [f"POST {NOTES}"]
        assert f"{TOPIC}:86" in host.comments[0]["body"]

    def test_forgejo(self, clone: Path, host: Host) -> None:
        """The workflow fetches both sides into an empty folder."""
        remote = clone.parent / "remote"
        git(remote, "update-ref", "refs/pull/7/head", "topic")
        (text,) = (text for _, text in BLOCKS if text.startswith("# .forgejo/"))
        _, made, posted = yaml.safe_load(text)["jobs"]["report"]["steps"]
        folder = clone.parent / "empty"
        folder.mkdir()
        values = {"BASE": "main", "NUMBER": "7", "URL": f"file://{remote}", "TOKEN": TOKEN}
        assert set(made["env"]) | set(posted["env"]) == set(values)
        ids = {"GITHUB_API_URL": host.address, "GITHUB_REPOSITORY": "acme/platform"}
        for step in (made, posted):
            ran = play(
                folder,
                installed(step["run"], clone).replace("--number", "--author=github-actions[bot] --number"),
                **values,
                **ids,
            )
            assert (ran.returncode, ran.stderr) == (0, "")
        assert host.changed == [f"POST {COMMENTS}"]
        assert f"{TOPIC}:86" in host.comments[0]["body"]


@pytest.fixture
def host() -> Iterator[Host]:
    """Both hosts in one."""
    with served(of_a_fork()) as host:
        yield host


SOURCES, PROGRAMS = "/tmp/compiler", "/tmp/installed/bin"  # noqa: S108 - where the page's jobs put them


def installed(script: str, clone: Path) -> str:
    """The script with this compiler where it expects the one that it has installed."""
    script = script.replace(f"{PROGRAMS}/platformc", f"{clone}/installed/bin/platformc")
    script = script.replace(f"{PROGRAMS}/python", sys.executable)
    script = script.replace(f"PYTHONPATH={SOURCES}", f"PYTHONPATH={ROOT}:{ROOT}/compiler").replace(SOURCES, str(ROOT))
    assert "/tmp/installed" not in script  # noqa: S108
    return script


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("origin/main",), 64, "usage: merge-result.sh BASE HEAD\n"),
        (("origin/main", "nowhere"), 69, "nowhere is not in this clone: fetch it\n"),
        (("--all", "origin/main"), 69, "--all is not in this clone: fetch it\n"),
    ],
)
def test_a_merge_that_cannot_be_made_is_told(words: tuple[str, ...], code: int, told: str, tmp_path: Path) -> None:
    """Before anything is written."""
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "commit", "--quiet", "--allow-empty", "--message=first")
    git(tmp_path, "update-ref", "refs/remotes/origin/main", "HEAD")
    ran = subprocess.run([str(ROOT / "tools" / "ci" / "merge-result.sh"), *words], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False)  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (code, "", told)


@pytest.mark.parametrize("module", [report, post], ids=lambda module: module.__name__.rpartition(".")[2])
def test_commands_have_the_options_that_are_shown(module: object) -> None:
    """Of each `python -m tools.pull_request.…` on the page, up to the end of its step."""
    name = str(vars(module)["__name__"])
    command = vars(module)["_report" if module is report else "_post"]
    known = {option for parameter in command.params for option in parameter.opts}
    flat = PAGE.replace("\\\n", " ").replace("\n      --", " --")
    shown = re.findall(rf"-m {re.escape(name)} (.*)", flat)
    assert len(shown) == 2
    assert {option for line in shown for option in re.findall(r"--[a-z-]+", line)} <= known


@pytest.mark.slow
def test_its_workflows_are_sound(tmp_path: Path) -> None:
    """As ours are: by actionlint, with a commit in place of the words to be replaced."""
    found = re.findall(
        r"^```yaml\n# (\.(?:github|forgejo)/workflows/(\S+))\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
    assert {path for path, _, _ in found} >= {".github/workflows/platform.yaml", ".forgejo/workflows/platform.yaml"}
    files = []
    for path, _, text in found:
        file = tmp_path / path.replace("/", "-").lstrip(".")
        file.write_text(text.replace("OWNER/platformc@COMMIT", f"acme/platformc@{'a' * 40}"), encoding="utf-8")
        files.append(str(file))
    ignored = 'label "docker" is unknown'  # a runner of Forgejo
    words = ["tool", "actionlint", "-shellcheck=", "-pyflakes=", f"-ignore={ignored}", *files]
    ran = subprocess.run(
        ["go", "-C", str(ROOT / "tools" / "actionlint"), *words], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "")


def test_it_names_each_workflow_and_each_job() -> None:
    """A new one has to be explained."""
    for path in sorted((ROOT / ".github" / "workflows").glob("*.yaml")):
        if path.stem != "nightly":
            assert f"../.github/workflows/{path.name}" in PAGE


def test_the_action_takes_six_lines() -> None:
    """What another repository writes to use it, below the job's name."""
    (text,) = (
        text for language, text in BLOCKS if language == "yaml" and text.startswith("# .github/workflows/platform.yaml")
    )
    job = text.partition("  report:\n")[2].rstrip("\n").splitlines()
    assert len([line for line in job if "timeout-minutes" not in line]) == 6
