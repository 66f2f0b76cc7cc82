"""Compiling is pure (D1): it reads the spec and nothing else, and only the spec decides what comes out.

The platform of this repository is compiled in a process of its own, under an audit hook and, where it
is installed, under strace; then once more as everything is different that must not matter. Each check
is first shown a violation that it has to find.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import platformc
import pytest
from judgement import SPEC_FOLDERS, Allowed, judge_calls, judge_events
from probe import COMPILE_BEGINS, COMPILE_ENDS, PLANTS

pytestmark = pytest.mark.slow  # compiles in processes of their own, under strace

ROOT = Path(__file__).parents[2]
COMPILER = Path(platformc.__file__).parents[1]
"""The compiler under test: a process of its own must not take another one that is installed."""
SMALL = ROOT / "tests" / "cases" / "base"
"""A platform that is compiled faster, for violations."""
PROBE = Path(__file__).parent / "probe.py"
STRACE = shutil.which("strace")
CALLS = "trace=%file,%network,%process,getrandom"

SCRUBBED = {"HOME": "/nowhere", "PYTHONHASHSEED": "1", "PYTHONPATH": str(COMPILER)}
"""Python itself asks the user database where there is no HOME."""

HOSTILE = {
    **dict.fromkeys(
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_PROFILE",
            "AWS_REGION",
            "CI",
            "COLUMNS",
            "DEBUG",
            "EDITOR",
            "GIT_DIR",
            "GIT_WORK_TREE",
            "GITHUB_ACTIONS",
            "GITHUB_SHA",
            "HOME",
            "HOSTNAME",
            "HTTPS_PROXY",
            "HTTP_PROXY",
            "KUBECONFIG",
            "LANGUAGE",
            "LOGNAME",
            "NO_COLOR",
            "NO_PROXY",
            "PATH",
            "PLATFORMC_CACHE",
            "PLATFORMC_ENVIRONMENT",
            "PYDANTIC_DISABLE_PLUGINS",
            "SHELL",
            "SOURCE_DATE_EPOCH",
            "SSL_CERT_FILE",
            "TERM",
            "TMPDIR",
            "USER",
            "XDG_CACHE_HOME",
            "XDG_CONFIG_HOME",
        ],
        "garbage",
    ),
    "LANG": "tr_TR.UTF-8",  # i without a dot: the classic of changing case by locale
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",  # with C: files are ASCII, unless somebody says what they are
    "PYTHONHASHSEED": "4242",
    "PYTHONOPTIMIZE": "1",
    "PYTHONPATH": str(COMPILER),
    "TZ": "Pacific/Kiritimati",
}
"""What could matter to Python, its libraries or a careless compiler."""


@dataclass(frozen=True)
class Run:
    """What a probe told, and what strace wrote, if it could."""

    failed: bool
    digests: Mapping[str, str]
    findings: tuple[str, ...]
    problems: tuple[str, ...]


def repository(folder: Path, origin: Path = ROOT, *, other: bool = False) -> Path:
    """Copy what may be read; the other way: files made in another order, and long ago."""
    files = [path for name in SPEC_FOLDERS for path in sorted((origin / name).rglob("*")) if path.is_file()]
    for path in reversed(files) if other else files:
        copy = folder / path.relative_to(origin)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        if other:
            os.utime(copy, (1, 1))
    return folder


def probe(root: Path, variables: Mapping[str, str], *plants: str, trace: Path | None = None) -> Run:
    """Compile in a process of its own, with just these variables."""
    command = [sys.executable, "-B", "-s", str(PROBE), str(root), *plants]
    if trace is not None and STRACE:
        command = [STRACE, "-f", "-qq", "-y", "-s", "4096", "-e", CALLS, "-o", str(trace), *command]
    ran = subprocess.run(
        command, env=dict(variables), capture_output=True, text=True, check=False, cwd="/", stdin=subprocess.DEVNULL
    )
    assert ran.returncode == 0, ran.stderr
    told: dict[str, Any] = json.loads(ran.stdout)
    allowed = Allowed(root, PROBE)
    problems = list(judge_events([(one, two, three) for one, two, three in told["events"]], allowed))
    if trace is not None and STRACE:
        lines = trace.read_text(encoding="utf-8", errors="replace").splitlines()
        problems += judge_calls(lines, allowed, COMPILE_BEGINS, COMPILE_ENDS)
    return Run(told["failed"], told["digests"], tuple(told["findings"]), tuple(dict.fromkeys(problems)))


@pytest.fixture(scope="module")
def pure(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One compilation with a scrubbed environment."""
    folder = tmp_path_factory.mktemp("pure")
    return probe(repository(folder / "repository"), SCRUBBED, trace=folder / "trace")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One compilation with everything that is forbidden."""
    folder = tmp_path_factory.mktemp("planted")
    return probe(repository(folder / "repository", SMALL), SCRUBBED, *PLANTS, trace=folder / "trace")


class TestWhatIsTouched:
    """Files, networks, processes, chance."""

    def test_nothing_but_the_spec(self, pure: Run) -> None:
        """No read outside of specs/, argocd/, crossplane/, schemas and what is installed; no network, process, write or chance."""
        assert not pure.failed, pure.findings
        assert len(pure.digests) > 100
        assert pure.problems == ()

    @pytest.mark.parametrize(
        "problem",
        [
            "compile: read: /etc/hostname",
            "compile: write: open for writing ",
            "compile: network: socket.connect ",
            "compile: process: subprocess.Popen true",
        ],
    )
    def test_python_sees_violations(self, planted: Run, problem: str) -> None:
        """The audit hook finds what is planted."""
        assert any(each.startswith(problem) for each in planted.problems), planted.problems

    @pytest.mark.skipif(STRACE is None, reason="strace is not installed")
    @pytest.mark.parametrize(
        "problem",
        [
            "compile: read: openat /etc/hostname",
            "compile: write: openat ",
            "compile: network: connect(",
            "compile: process: execve ",
            "compile: random: getrandom ",
        ],
    )
    def test_the_kernel_sees_violations(self, planted: Run, problem: str) -> None:
        """So does strace, whatever language they are written in."""
        assert any(each.startswith(problem) for each in planted.problems), planted.problems

    def test_a_trace_without_marks_is_refused(self, tmp_path: Path) -> None:
        """A trace of something else cannot pass as pure."""
        with pytest.raises(ValueError, match="marks"):
            list(judge_calls(['1 openat(AT_FDCWD</>, "/", O_RDONLY) = 3'], Allowed(tmp_path, PROBE), "/a", "/b"))


class TestWhatDecides:
    """The bytes."""

    def test_environment_place_and_time_do_not_matter(self, pure: Run, tmp_path: Path) -> None:
        """Another environment, folder, order and age of files, hash seed, time: the same bytes and findings."""
        root = repository(tmp_path / "a folder with ünusual letters" / "deeper", other=True)
        other = probe(root, HOSTILE)
        assert other.digests == pure.digests
        assert other.findings == pure.findings

    def test_a_variable_that_matters_is_seen(self, tmp_path: Path) -> None:
        """With a planted one, all bytes differ: the comparison can fail."""
        root = repository(tmp_path / "repository", SMALL)
        one, two = (probe(root, {**SCRUBBED, "LANG": language}, "environment") for language in ("C", "C.UTF-8"))
        assert one.digests
        assert one.digests.keys() == two.digests.keys()
        assert not set(one.digests.values()) & set(two.digests.values())

    def test_the_command_writes_the_same(self, pure: Run, tmp_path: Path) -> None:
        """`render` in a hostile environment leaves exactly those files."""
        root = repository(tmp_path / "repository", other=True)
        command = [sys.executable, "-B", "-s", "-m", "platformc", "--specs", "specs", "render", "--no-validate"]
        # stdout and stderr are as the environment wants them; only files count here.
        ran = subprocess.run(command, env=HOSTILE, cwd=root, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr
        written = {
            path.relative_to(root / "rendered").as_posix(): sha256(path.read_bytes()).hexdigest()
            for path in (root / "rendered").rglob("*")
            if path.is_file() and ".platformc" not in path.parts  # the index of what is ours
        }
        assert written == pure.digests
