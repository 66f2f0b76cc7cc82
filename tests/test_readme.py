"""The README's tour is played as it stands there, so that no command and no output in it can go stale."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.install import install_kubeconform

pytestmark = pytest.mark.slow  # runs what the README shows, step by step

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
INPUTS = ("specs", "crossplane", "argocd")
PLAYED = {"git", "platformc", "sed"}
FENCE = re.compile(r"^(`{3,})(\w*)$")
LEFT_OUT = "[…]"


@dataclass(frozen=True, slots=True)
class Step:
    """A command, and what the README shows of what it writes; `[…]` stands for whatever is left out."""

    line: int
    command: str
    shown: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """Matches everything that the command may write."""
        rest = re.escape(self.shown).replace(re.escape(f"{LEFT_OUT}\n"), r"(?:.*\n)*?")
        return re.compile(rest.replace(re.escape(LEFT_OUT), ".*"))


def steps() -> list[Step]:
    """The commands in all `console` blocks; each begins with `$ `."""
    found: list[Step] = []
    fence, language = "", ""
    for number, line in enumerate(README.read_text(encoding="utf-8").splitlines(), 1):
        match = FENCE.match(line)
        if match and not fence:
            fence, language = match.groups()
        elif line == fence:
            fence, language = "", ""
        elif language == "console" and line.startswith("$ "):
            found.append(Step(number, line.removeprefix("$ "), ""))
        elif language == "console":
            found[-1] = replace(found[-1], shown=f"{found[-1].shown}{line}\n")
    return found


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A machine on which `make render` ran once: the programs are there, schemas were never fetched."""
    folder = tmp_path_factory.mktemp("machine")
    programs = folder / "bin"
    programs.mkdir()
    kubeconform = install_kubeconform(os.environ, cache_folder(os.environ), print)
    (programs / "kubeconform").symlink_to(kubeconform)
    platformc = programs / "platformc"
    platformc.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m platformc "$@"\n', encoding="utf-8")
    platformc.chmod(0o755)
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "tour@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }


@pytest.fixture
def clone(tmp_path: Path, variables: dict[str, str]) -> Path:
    """A repository with this one's inputs, and what they give, committed."""
    folder = tmp_path / "clone"
    for name in INPUTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name)
    for command in ("platformc render", "git init --quiet", "git add --all", "git commit --quiet --message=all"):
        code, written = play(command, folder, variables)
        assert code == 0, written
    return folder


def play(command: str, folder: Path, variables: dict[str, str]) -> tuple[int, str]:
    """Run a command line without a shell; its exit code, and all that a terminal would show."""
    ran = subprocess.run(
        shlex.split(command),
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return ran.returncode, ran.stdout.decode()


def test_the_tour_shows_what_matters() -> None:
    """A block that is not recognized must not turn the suite green."""
    verbs = [step.command.split()[1] for step in steps() if step.command.startswith("platformc ")]
    assert {"render", "rule", "explain"} <= set(verbs)
    assert [step for step in steps() if step.command.split()[0] not in PLAYED] == []
    assert [step for step in steps() if step.command.startswith("platformc ") and len(step.shown) < 80] == []


def test_the_tour_is_as_the_readme_shows_it(clone: Path, variables: dict[str, str]) -> None:
    """Every command, in order, in one clone; what is shown is what was written."""
    for step in steps():
        _, written = play(step.command, clone, variables)
        same = step.pattern.fullmatch(written) is not None
        assert same, f"README.md:{step.line}: $ {step.command}\n{written}"


def test_links_lead_somewhere() -> None:
    """Every file that the README links to is there, and so is every path in its table."""
    text = README.read_text(encoding="utf-8")
    linked = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    rows = re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)
    assert linked
    assert rows
    assert [path for path in [*linked, *rows] if not (ROOT / path).exists()] == []
