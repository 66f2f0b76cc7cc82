"""The untrusted half: which commands the compiler gets, what is left behind, and whose exit code it is."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.pull_request import report
from tools.pull_request.sides import Sides

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

ROOT = Path(__file__).resolve().parents[2]
BASE, HEAD = "b" * 40, "a" * 40
COMPILER = """\
#!{python}
import json, sys
words = sys.argv[1:]
with open("{log}", "a") as log:
    log.write(json.dumps(words) + "\\n")
print("made by " + " ".join(words[:1] + [word for word in words if word.startswith("--format")]))
codes = json.loads('{codes}')
sys.exit(next((code for name, code in codes.items() if name in " ".join(words)), 0))
"""


@dataclass(frozen=True, slots=True)
class Played:
    """What one run did."""

    code: int
    commands: list[list[str]]
    folder: Path
    summary: str


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Played]:
    """Run it as the action does, with a compiler that writes down what it is asked for."""

    def run(*words: str, codes: dict[str, int] | None = None) -> Played:
        log, summary, compiler = tmp_path / "log", tmp_path / "summary", tmp_path / "platformc"
        compiler.write_text(
            COMPILER.format(python=sys.executable, log=log, codes=json.dumps(codes or {})), encoding="utf-8"
        )
        compiler.chmod(0o755)
        folder = tmp_path / "made"
        always = [f"--platformc={compiler}", f"--folder={folder}", f"--base={BASE}", f"--head={HEAD}"]
        code = report.main([*always, *words], {"GITHUB_STEP_SUMMARY": str(summary)})
        commands = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
        return Played(code, commands, folder, summary.read_text(encoding="utf-8") if summary.exists() else "")

    return run


def test_a_report_is_made_once_and_then_only_rendered(play: Callable[..., Played]) -> None:
    """What is shown in the run and what is uploaded are one report."""
    played = play("--details-url=https://example.com/run")
    made = f"--from-report={played.folder}/report.json"
    assert played.commands == [
        ["diff", "--specs=specs", f"--base={BASE}", f"--head={HEAD}", "--format=json"],
        ["diff", made, "--format=github"],
        ["diff", made, "--format=markdown", "--details-url=https://example.com/run", "--exit-code"],
    ]
    assert played.code == 0
    assert (played.folder / "report.json").read_text(encoding="utf-8") == "made by diff --format=json\n"
    assert played.summary == "made by diff --format=markdown\n\n"


def test_findings_are_judged_against_the_base(play: Callable[..., Played]) -> None:
    """As annotations and as SARIF."""
    played = play("--check", "--strict-schemas", "--specs=platform/specs")
    words = ["check", "--specs=platform/specs", f"--against={BASE}", "--strict-schemas"]
    assert played.commands[:2] == [[*words, "--format=github"], [*words, "--format=sarif"]]
    assert (played.folder / "findings.sarif").read_text(encoding="utf-8") == "made by check --format=sarif\n"


def test_a_finding_does_not_keep_the_report_back(play: Callable[..., Played]) -> None:
    """The reviewer wants to see both."""
    played = play("--check", codes={"check": 1})
    assert (played.code, (played.folder / "report.json").exists()) == (1, True)


def test_the_gate_fails_last(play: Callable[..., Played]) -> None:
    """The report is whole when it says no."""
    played = play("--fail-on=refused,data-loss", codes={"--fail-on=refused,data-loss": 3})
    assert (played.code, played.commands[-1][-1]) == (3, "--fail-on=refused,data-loss")
    assert played.summary


@pytest.mark.parametrize(("code", "name"), [(0, "unchanged.md"), (2, "comment.md")])
def test_whether_anything_changes_is_the_name_of_the_file(code: int, name: str, play: Callable[..., Played]) -> None:
    """What posts it looks there; a change is no failure."""
    played = play(codes={"--exit-code": code})
    assert played.code == 0
    assert {path.name for path in played.folder.iterdir()} == {"report.json", name}
    assert played.summary


def test_a_report_that_cannot_be_shown_fails(play: Callable[..., Played]) -> None:
    """And nothing half is in the summary."""
    played = play(codes={"--exit-code": 70})
    assert (played.code, played.summary) == (70, "")


def test_a_diff_that_cannot_be_made_is_not_rendered(play: Callable[..., Played]) -> None:
    """Such as that of a shallow clone."""
    played = play(codes={"--format=json": 69})
    assert (played.code, len(played.commands), played.summary) == (69, 1, "")
    assert not (played.folder / "report.json").exists()


def test_a_head_alone_is_compared_with_the_base_of_the_event(
    play: Callable[..., Played], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each side has a default of its own."""
    monkeypatch.setattr(report, "sides_of_environment", lambda *_: Sides("c" * 40, "d" * 40))
    assert play("--base=", "--head=topic").commands[0][2:4] == [f"--base={'c' * 40}", "--head=topic"]
    assert play("--base=", "--head=").commands[-3][2:4] == [f"--base={'c' * 40}", f"--head={'d' * 40}"]


def test_without_sides_or_an_event_nothing_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    """It is told."""
    assert report.main(["--platformc=none", "--folder=none"], {}) == report.EXIT_TOOL
    assert "outside of CI, name both sides" in capsys.readouterr().err


def test_a_wrong_command_line_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """With 64, as everywhere."""
    assert report.main(["--folder=none"], {}) == report.EXIT_USAGE
    assert "--platformc" in capsys.readouterr().err


def test_no_module_of_the_working_folder_is_imported(tmp_path: Path) -> None:
    """In other repositories the pull request's own files lie there, with names as it likes."""
    for name in ("click.py", "json.py", "tools.py", "platformc.py"):
        (tmp_path / name).write_text("raise SystemExit('run')\n", encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-P", "-m", "tools.pull_request.report", "--platformc=none", "--folder=none"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "compiler")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (report.EXIT_TOOL, ran.stderr)
    assert ran.stderr.startswith("error: GITHUB_EVENT_PATH names no event")


class TestInstall:
    """tools/ci/install.sh, with a Python that writes down what it is asked for."""

    def test_it_runs_nothing_of_the_working_folder(self, tmp_path: Path) -> None:
        """Python is always isolated, and the pins are those of the compiler's own folder."""
        log, python = tmp_path / "log", tmp_path / "python"
        python.write_text(
            f'#!/bin/bash\nprintf "%s\\n" "$*" >> {log}\n'
            f'if [ "$3" = venv ]; then mkdir -p made/bin; cp {python} made/bin/python; fi\n',
            encoding="utf-8",
        )
        python.chmod(0o755)
        install(tmp_path, "made", PYTHON=str(python))
        lines = log.read_text(encoding="utf-8").splitlines()
        pip = f"-I -m pip install --quiet --disable-pip-version-check --constraint {ROOT}/constraints.txt"
        aside = lines[-1].rpartition(" ")[2]
        assert lines[1:] == ["-I -m venv --clear made", f"{pip} setuptools", f"{pip} --no-build-isolation {aside}"]
        assert not Path(aside).is_relative_to(ROOT)
        assert not Path(aside).exists()
        assert all(line.startswith("-I ") for line in lines)

    def test_a_python_that_is_too_old_is_told(self, tmp_path: Path) -> None:
        """Before anything is made."""
        python = tmp_path / "python"
        python.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        python.chmod(0o755)
        assert install(tmp_path, "made", PYTHON=str(python)) == 69
        assert not (tmp_path / "made").exists()

    def test_it_can_be_run(self) -> None:
        """Git keeps that bit."""
        listed = subprocess.run(
            ["git", "ls-files", "-s", "tools/ci"], cwd=ROOT, capture_output=True, check=True, text=True
        )
        assert listed.stdout.startswith("100755 ")


def install(folder: Path, *words: str, **environ: str) -> int:
    """Run the script in a folder; its exit code."""
    assert shutil.which("bash")
    script = ROOT / "tools" / "ci" / "install.sh"
    assert script.stat().st_mode & stat.S_IXUSR
    return subprocess.run(
        [str(script), *words], cwd=folder, env={"PATH": os.environ["PATH"], **environ}, check=False, capture_output=True
    ).returncode
