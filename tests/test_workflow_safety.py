"""Who opens a pull request gets nothing but a run: no secret, no write, no word in a shell, no code beside a token."""

from __future__ import annotations

import base64
import gzip
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.pull_request import comment

ROOT = Path(__file__).parents[1]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
PAGE = ROOT / "docs" / "ci.md"
FENCED = re.compile(r"^```yaml\n# (\.github/workflows/\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAY_WRITE = {
    "check/code-scanning": {"actions": "read", "security-events": "write"},
    "diff-comment/comment": {"actions": "read", "contents": "read", "pull-requests": "write"},
    "docs/ci.md: platform-comment/comment": {"actions": "read", "contents": "read", "pull-requests": "write"},
}
"""The only jobs that may do more than read the repository."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """One workflow: ours, or one that docs/ci.md tells to copy."""

    name: str
    text: str

    @property
    def content(self) -> dict[Any, Any]:
        """What it says."""
        content: dict[Any, Any] = yaml.safe_load(self.text)
        return content

    @property
    def events(self) -> set[str]:
        """When it runs. YAML 1.1 reads the key `on` as true."""
        told = self.content[True]
        return {told} if isinstance(told, str) else set(told)

    @property
    def jobs(self) -> dict[str, dict[str, Any]]:
        """Label -> job."""
        return {f"{self.name}/{name}": job for name, job in self.content["jobs"].items()}


def _workflows() -> tuple[Workflow, ...]:
    ours = [
        Workflow(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
    ]
    copied = [
        Workflow(f"docs/ci.md: {Path(found[1]).stem}", found[2])
        for found in FENCED.finditer(PAGE.read_text(encoding="utf-8"))
    ]
    return (*ours, *copied)


WORKFLOWS = _workflows()
JOBS = {label: job for workflow in WORKFLOWS for label, job in workflow.jobs.items()}
DIFF, COMMENT = (next(one for one in WORKFLOWS if one.name == name) for name in ("diff", "diff-comment"))


def checkouts(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The inputs of each checkout of a job."""
    return [step.get("with", {}) for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]


def is_opened_by_anybody(workflow: Workflow) -> bool:
    """Whether a pull request decides what runs."""
    return bool(workflow.events & {"pull_request", "merge_group"})


def test_all_are_looked_at() -> None:
    """Those of the page, too: it is copied."""
    names = {"check", "diff", "diff-comment", "nightly", "docs/ci.md: platform", "docs/ci.md: platform-comment"}
    assert names <= {one.name for one in WORKFLOWS}
    assert {one.name for one in WORKFLOWS if is_opened_by_anybody(one)} >= {"check", "diff", "docs/ci.md: platform"}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda one: one.name)
class TestEach:
    """What holds for every workflow."""

    def test_nothing_runs_a_pull_request_with_the_rights_of_the_base(self, workflow: Workflow) -> None:
        """pull_request_target and its like hold secrets; workflow_run is for what shows a report."""
        known = {"pull_request", "merge_group", "push", "schedule", "workflow_dispatch", "workflow_run"}
        assert workflow.events <= known
        assert not ({"workflow_run"} & workflow.events and len(workflow.events) > 1)

    def test_permissions_are_the_least(self, workflow: Workflow) -> None:
        """A workflow reads; the few jobs that write say what, and nothing beside it."""
        assert workflow.content["permissions"] in ({}, {"contents": "read"})
        told = {label: job["permissions"] for label, job in workflow.jobs.items() if "permissions" in job}
        assert told == {label: may for label, may in MAY_WRITE.items() if label in workflow.jobs}

    def test_no_value_reaches_the_text_of_a_shell(self, workflow: Workflow) -> None:
        """A branch may be named `$(curl …)`: values are variables of the environment, all of them."""
        runs = [step["run"] for job in workflow.jobs.values() for step in job["steps"] if "run" in step]
        assert [run for run in runs if "${{" in run] == []

    def test_no_secret_is_named(self, workflow: Workflow) -> None:
        """There is none; the token of a job is `github.token`, with the permissions above."""
        assert "secrets." not in workflow.text
        assert "secrets:" not in workflow.text

    def test_no_checkout_leaves_the_token_behind(self, workflow: Workflow) -> None:
        """Where any later step could read it."""
        found = [told for job in workflow.jobs.values() for told in checkouts(job)]
        assert [told for told in found if told.get("persist-credentials") is not False] == []

    def test_no_checkout_asks_for_another_commit(self, workflow: Workflow) -> None:
        """By default it is the merge in a pull request, and the default branch in workflow_run: never the head."""
        found = [told for job in workflow.jobs.values() for told in checkouts(job)]
        assert [told for told in found if {"ref", "repository"} & told.keys()] == []

    def test_every_job_ends(self, workflow: Workflow) -> None:
        """Six hours are GitHub's default."""
        assert [label for label, job in workflow.jobs.items() if job.get("timeout-minutes", 360) > 90] == []


def test_no_code_of_a_pull_request_runs_beside_a_right_to_write() -> None:
    """A job that may write, in a workflow that anybody starts, checks nothing out."""
    writing = [
        job
        for workflow in WORKFLOWS
        if is_opened_by_anybody(workflow)
        for job in workflow.jobs.values()
        if "write" in job.get("permissions", {}).values()
    ]
    assert len(writing) == 1
    assert [checkouts(job) for job in writing] == [[]]
    assert [step for job in writing for step in job["steps"] if step.get("uses", "").startswith("./")] == []


def test_the_action_puts_no_value_into_the_text_of_a_shell() -> None:
    """The same for its steps."""
    runs = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert len(runs) > 5
    assert [run for run in runs if "${{" in run] == []
    assert [run for run in runs if re.search(r"bin/python\"(?! -P )", run)] == []


def test_the_action_describes_each_input() -> None:
    """They are its documentation."""
    assert [
        name for name, told in ACTION["inputs"].items() if not told["description"].rstrip().endswith((".", "`."))
    ] == []


def test_an_input_that_is_given_is_one() -> None:
    """GitHub only warns of one that is misspelt, and goes on without it."""
    given = {
        name
        for job in JOBS.values()
        for step in job["steps"]
        if step.get("uses", "") == "./" or "/platformc@" in step.get("uses", "")
        for name in step.get("with", {})
    }
    assert {"task", "check", "artifact", "watched"} <= given
    assert given <= ACTION["inputs"].keys()


class TestTheUntrustedHalf:
    """diff.yaml."""

    def test_it_writes_no_cache(self) -> None:
        """What it writes is nobody's to read but its own."""
        used = [step.get("uses", "").partition("@")[0] for job in DIFF.jobs.values() for step in job["steps"]]
        assert set(used) == {"", "./", "actions/checkout", "actions/cache/restore"}

    def test_the_base_is_checked_out_before_anything_is_run(self) -> None:
        """In the job that speaks for the base: checkout, switch, and only then the base's own action."""
        steps = DIFF.jobs["diff/report"]["steps"]
        assert [step.get("uses", "").partition("@")[0] or step["id"] for step in steps] == [
            "actions/checkout",
            "sides",
            "actions/cache/restore",
            "./",
        ]
        assert steps[1]["run"].startswith('git switch --quiet --detach "$BASE"\n')

    def test_the_artifacts_are_those_that_the_other_half_takes(self) -> None:
        """By their names."""
        (own,) = (
            step["with"]["artifact"] for step in DIFF.jobs["diff/report-by-head"]["steps"] if step["uses"] == "./"
        )
        assert (ACTION["inputs"]["artifact"]["default"], own) == (comment.REPORT, comment.REPORT_BY_HEAD)
        (upload,) = (
            step for step in ACTION["runs"]["steps"] if step.get("uses", "").startswith("actions/upload-artifact@")
        )
        assert Path(upload["with"]["path"]).name == comment.FILE

    @pytest.mark.parametrize(
        ("changed", "told"), [("specs/a.yaml", "same"), ("compiler/a.py", "changed"), ("action.yml", "changed")]
    )
    def test_the_step_leaves_only_the_base(self, changed: str, told: str, tmp_path: Path) -> None:
        """Played in a clone like CI's: what the pull request brings is gone from the folder, and still in git."""
        remote, here = tmp_path / "remote", tmp_path / "here"
        for name in ("specs/a.yaml", "compiler/a.py", "constraints.txt", "pyproject.toml", "tools/a.py"):
            (remote / name).parent.mkdir(parents=True, exist_ok=True)
            (remote / name).write_text("base\n", encoding="utf-8")
        commit(remote, "init", "--initial-branch=main", ".")
        commit(remote, "add", "--all")
        commit(remote, "commit", "--message=base")
        commit(remote, "checkout", "-b", "topic")
        (remote / changed).write_text("changed\n", encoding="utf-8")
        (remote / "sitecustomize.py").write_text("raise SystemExit\n", encoding="utf-8")
        commit(remote, "add", "--all")
        commit(remote, "commit", "--message=topic")
        commit(remote, "checkout", "main")
        commit(remote, "merge", "--no-ff", "--message=merge", "topic")
        commit(tmp_path, "clone", "--depth=2", f"file://{remote}", str(here))
        merge = commit(here, "rev-parse", "HEAD")
        step = DIFF.jobs["diff/report"]["steps"][1]
        assert step["env"] == {"BASE": "${{ github.event.merge_group.base_sha || format('{0}^1', github.sha) }}"}
        output = play(step["run"], here, GITHUB_SHA=merge, BASE=f"{merge}^1")
        assert output == f"compiler={told}\n"
        assert commit(here, "rev-parse", "HEAD") == commit(remote, "rev-parse", "main^1")
        assert not (here / "sitecustomize.py").exists()
        assert not (here / "action.yml").exists()
        assert "topic" in commit(here, "log", "-1", "--format=%s", f"{merge}^2")

    def test_what_makes_the_report_is_one_list(self) -> None:
        """For running the pull request's compiler, and for the warning in the comment."""
        (command,) = re.findall(r"-- (.+) \|\|", DIFF.jobs["diff/report"]["steps"][1]["run"])
        (watched,) = (
            step["with"]["watched"] for step in COMMENT.jobs["diff-comment/comment"]["steps"] if step["uses"] == "./"
        )
        assert command.split() == [path.rstrip("/") for path in watched.split()]
        assert [path for path in watched.split() if (ROOT / path).is_dir() != path.endswith("/")] == []


class TestTheTrustedHalf:
    """diff-comment.yaml, and its like on the page."""

    @pytest.mark.parametrize(
        ("trusted", "untrusted"), [("diff-comment", "diff"), ("docs/ci.md: platform-comment", "docs/ci.md: platform")]
    )
    def test_it_waits_for_the_other(self, trusted: str, untrusted: str) -> None:
        """By its name, which nothing else checks."""
        named = {one.name: one for one in WORKFLOWS}
        assert named[trusted].content[True]["workflow_run"]["workflows"] == [named[untrusted].content["name"]]
        assert {job["if"] for job in named[trusted].jobs.values()} == {
            "github.event.workflow_run.event == 'pull_request'"
        }

    def test_it_uses_no_cache_and_downloads_by_itself(self) -> None:
        """Only its own code touches what a pull request wrote."""
        used = [step.get("uses", "").partition("@")[0] for job in COMMENT.jobs.values() for step in job["steps"]]
        assert used == ["actions/checkout", "./"]


def test_data_safety_is_judged_against_the_base_everywhere() -> None:
    """In a pull request that holds the new output, there is nothing else to compare with."""
    runs = [step["run"] for job in JOBS.values() for step in job["steps"] if "run" in step]
    judged = [run for run in runs if re.search(r"platformc (check|render --check)\b", run)]
    assert len(judged) == 6
    parts = [run for run in judged if re.search(r"--(shard|together) ", run)]
    assert len(parts) == 2, "of a fleet, whose data is judged by a third job (D79)"
    assert [run for run in judged if '--against "$BASE"' not in run] == parts


def test_findings_become_alerts(tmp_path: Path) -> None:
    """The step of check.yaml, with a `gh` that writes down what it is asked for."""
    (step,) = JOBS["check/code-scanning"]["steps"]
    programs = tmp_path / "bin"
    programs.mkdir()
    gh = programs / "gh"
    gh.write_text(
        f'#!/bin/bash\nif [ "$1" = run ]; then echo "the findings" > findings.sarif; fi\nprintf "%s\\n" "$*" >> {tmp_path}/log\n',
        encoding="utf-8",
    )
    gh.chmod(0o755)
    values = {
        "GITHUB_RUN_ID": "42",
        "GITHUB_REPOSITORY": "acme/platform",
        "GITHUB_SHA": "a" * 40,
        "GITHUB_REF": "refs/pull/7/merge",
    }
    play(step["run"], tmp_path, PATH=f"{programs}:{os.environ['PATH']}", **values)
    commit_and_ref = f"--raw-field commit_sha={'a' * 40} --raw-field ref=refs/pull/7/merge"
    sarifs = "api --silent --method POST repos/acme/platform/code-scanning/sarifs"
    assert (tmp_path / "log").read_text(encoding="utf-8").splitlines() == [
        "run download 42 --repo acme/platform --name findings",
        f"{sarifs} {commit_and_ref} --field sarif=@findings.base64",
    ]
    assert gzip.decompress(base64.b64decode((tmp_path / "findings.base64").read_bytes())) == b"the findings\n"


class TestTheAction:
    """Its steps in bash, with stand-ins for what was installed."""

    def run_step(self, name: str, folder: Path, **values: str) -> list[str]:
        """Play one step; the arguments that Python got."""
        python = folder / "temp" / "platformc" / "bin" / "python"
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(
            f'#!{sys.executable}\nimport json, os, sys\nopen("{folder}/asked", "w").write(json.dumps(sys.argv[1:]))\n',
            encoding="utf-8",
        )
        python.chmod(0o755)
        (step,) = (step for step in ACTION["runs"]["steps"] if step.get("name") == name)
        assert set(step["env"]) <= values.keys()
        always = {
            "RUNNER_TEMP": str(folder / "temp"),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_SERVER_URL": "https://github.example",
        }
        ids = {
            "GITHUB_REPOSITORY": "acme/platform",
            "GITHUB_RUN_ID": "42",
            "GITHUB_API_URL": "https://api.github.example",
        }
        play(step["run"], folder, **always, **ids, **values)
        asked: list[str] = json.loads((folder / "asked").read_text(encoding="utf-8"))
        return asked

    def test_the_report(self, tmp_path: Path) -> None:
        """A value with blanks and quotes stays one word, and none is an option."""
        given = {
            "BASE": "",
            "HEAD": "",
            "SPECS": "my specs/$(id)",
            "CHECK": "true",
            "SCHEMAS": "true",
            "FAIL_ON": "--x",
            "FOLDER": "f",
        }
        assert self.run_step("what this changes", tmp_path, **given) == [
            *("-P", "-m", "tools.pull_request.report"),
            *("--platformc", f"{tmp_path}/temp/platformc/bin/platformc", "--folder", "f", "--specs=my specs/$(id)"),
            *(
                "--base=",
                "--head=",
                "--fail-on=--x",
                "--details-url=https://github.example/acme/platform/actions/runs/42",
            ),
            *("--check", "--strict-schemas"),
        ]

    def test_the_comment(self, tmp_path: Path) -> None:
        """Nothing is told on the command line: it is all in the environment."""
        given = {"GITHUB_TOKEN": "t", "COMMENT_AUTHOR": "a", "RUN_ID": "42", "WATCHED": ""}
        asked = self.run_step("the comment, from a report that nobody vouches for", tmp_path, **given)
        assert asked == ["-P", "-m", "tools.pull_request.comment"]

    @pytest.mark.parametrize(("task", "code"), [("report", 0), ("comment", 0), ("comments", 64), ("", 64)])
    def test_a_task_that_is_none_is_refused(self, task: str, code: int, tmp_path: Path) -> None:
        """Else every step would be left out, and the job green."""
        step = ACTION["runs"]["steps"][0]
        environ = {"PATH": os.environ["PATH"], "TASK": task, "GITHUB_OUTPUT": str(tmp_path / "o"), "RUNNER_TEMP": "t"}
        ran = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", step["run"]], env=environ, check=False)
        assert ran.returncode == code


def commit(folder: Path, *words: str) -> str:
    """What git answers."""
    environ = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "ci@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    quiet = ["--quiet"] if words[0] in {"init", "commit", "checkout", "merge", "clone"} else []
    words = (words[0], *quiet, *words[1:])
    ran = subprocess.run(["git", *words], cwd=folder, env=environ, capture_output=True, check=True, text=True)
    return ran.stdout.strip()


def play(run: str, folder: Path, **values: str) -> str:
    """Run a step as GitHub does with `shell: bash`; what it writes into GITHUB_OUTPUT."""
    output = folder.parent / f"{folder.name}-output"
    output.touch()
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder.parent), "GITHUB_OUTPUT": str(output), **values}
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", run]
    subprocess.run(words, cwd=folder, env=environ, check=True)
    return output.read_text(encoding="utf-8")
