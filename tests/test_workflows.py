"""What .github/workflows names is there, and a cache is made anew where what fills it has changed."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from platformc.check.kubeconform import install
from platformc.check.schemas import conversion
from platformc.check.schemas.lock import LOCK

from e2e import binaries, fetch_definitions

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
FILES = {"go-version-file", "cache-dependency-path"}
"""Inputs of actions that name a file of the repository."""
HASHED = re.compile(r"hashFiles\(([^)]*)\)")


def _path(of: Path | ModuleType) -> str:
    path = of if isinstance(of, Path) else Path(of.__file__ or "")
    return path.relative_to(ROOT).as_posix()


FILLED_BY = {
    "~/.cache/platformc": {_path(LOCK), _path(conversion), _path(install)},
    "build/crds": {_path(LOCK), _path(fetch_definitions)},
}
"""A folder that is kept -> what decides about its content."""
BUILDS = {
    "make e2e": {_path(binaries), _path(binaries.MODULES) + "/**"},
    "make nightly": {
        _path(binaries),
        *(f"{_path(binaries.MODULES)}/{binaries.PROGRAMS[name].module}/**" for name in binaries.NIGHTLY),
    },
}
"""A command that builds programs into ~/.cache/platformc -> what they are built from."""


@dataclass(frozen=True, slots=True)
class Cache:
    """One step that keeps folders from run to run, and the commands of its job."""

    label: str
    folders: tuple[str, ...]
    key: str
    commands: tuple[str, ...]

    @property
    def hashed(self) -> set[str]:
        """The patterns whose files decide whether what was kept is used."""
        return set(_patterns(self.key))


def _patterns(text: str) -> Iterator[str]:
    for words in HASHED.findall(text):
        yield from (word.strip().strip("'") for word in words.split(","))


def _steps() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in WORKFLOWS:
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            yield f"{path.stem}/{name}", job["steps"]


def _caches() -> Iterator[Cache]:
    for label, steps in _steps():
        commands = tuple(step["run"] for step in steps if "run" in step)
        for step in steps:
            if step.get("uses", "").startswith("actions/cache@"):
                yield Cache(label, tuple(step["with"]["path"].split()), step["with"]["key"], commands)


CACHES = tuple(_caches())


@cache
def _tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return tuple(listed.stdout.split("\0"))


def _is_matched(pattern: str) -> bool:
    """Whether a pattern of hashFiles, in which `**` goes through folders, has a tracked file."""
    words = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    parts = re.split(r"(\*\*/|\*\*|\*)", pattern)
    wanted = re.compile("".join(words.get(part) or re.escape(part) for part in parts))
    return any(wanted.fullmatch(path) for path in _tracked())


def test_workflows_are_found() -> None:
    """A search that finds nothing would agree with everything."""
    assert {path.stem for path in WORKFLOWS} == {"check", "diff", "diff-comment", "nightly"}
    assert {"check/platform", "check/compiler", "check/e2e", "nightly/crossplane"} == {one.label for one in CACHES}
    assert _is_matched("e2e/go/**")
    assert not _is_matched("e2e/go/*")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_hashed_path_is_there(path: Path) -> None:
    """A file that has moved hashes to nothing without a word: the key would never change again."""
    hashed = list(_patterns(path.read_text(encoding="utf-8")))
    assert bool(hashed) == (path.stem != "diff-comment")  # what holds a token trusts no cache
    assert [pattern for pattern in hashed if not _is_matched(pattern)] == []


def test_every_file_that_an_action_reads_is_there() -> None:
    """The versions of Go, the pins that caches of packages follow."""
    named = {
        value
        for _, steps in _steps()
        for step in steps
        for name, value in step.get("with", {}).items()
        if name in FILES
    }
    assert {"constraints.txt", "tests/go_reader/go.mod"} <= named
    assert [name for name in named if name not in _tracked()] == []


@pytest.mark.parametrize("kept", CACHES, ids=lambda kept: kept.label)
def test_a_key_names_all_that_fills_the_cache(kept: Cache) -> None:
    """Under one key a folder is kept once: what is fetched or built later, each run fetches or builds again."""
    wanted = [FILLED_BY[folder] for folder in kept.folders]
    wanted += [made for command, made in BUILDS.items() if any(run.startswith(command) for run in kept.commands)]
    assert kept.hashed == set().union(*wanted)


@pytest.mark.parametrize("command", BUILDS)
def test_a_command_that_builds_is_run_by_one_workflow(command: str) -> None:
    """Else its line above would hold nothing."""
    assert sum(any(run.startswith(command) for run in kept.commands) for kept in CACHES) == 1


def test_what_is_only_read_is_what_another_keeps() -> None:
    """A pull request's own run writes no cache; one under a key of its own it would never find."""
    kept = {(one.key, one.folders) for one in CACHES}
    read = {
        (step["with"]["key"], tuple(step["with"]["path"].split()))
        for _, steps in _steps()
        for step in steps
        if step.get("uses", "").startswith("actions/cache/restore@")
    }
    assert len(read) == 1
    assert read <= kept


def test_caches_of_one_key_keep_the_same() -> None:
    """Else the first job to end would decide what the others find."""
    assert len({(one.key, one.folders) for one in CACHES}) == len({one.key for one in CACHES})
