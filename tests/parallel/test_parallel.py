"""Several processes do what one does: the same findings, the same bytes, the same failures, and nothing is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

import pytest
from fleet import Fleet, fleet
from platformc import compile_worker, parallel, processes, work
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.install import install_kubeconform
from platformc.compiling import Compilation, compile_environment
from platformc.cores import FORK, SPAWN
from platformc.diagnostics import ToolError
from platformc.pipeline import Outcome, Request, Tools, compile_platform

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

ENVIRONMENTS = 5
METHODS = (FORK, SPAWN)
MANY = tuple(f"w{number:03d}" for number in range(120))
"""Workloads that take long enough to be interrupted."""
SECONDS = 30


@pytest.fixture
def small(tmp_path: Path) -> Fleet:
    """A few environments, of which one has an error."""
    made = fleet(tmp_path, ENVIRONMENTS)
    made.environment(3, "  overrides: [{kind: Workload, metadata: {name: none}, spec: {}}]\n")
    return made


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Compile in processes however little there is to do, started in one way."""

    def choose(method: str) -> None:
        monkeypatch.setattr(parallel, "LEAST", dict.fromkeys(METHODS, 0))
        monkeypatch.setattr(parallel, "start_method", lambda: method)

    return choose


def compiled(one: Fleet, jobs: int, *, validate: bool = False) -> Outcome:
    """What a run has at its end."""
    request = Request(one.root, one.root / "specs", one.root / "rendered", validate=validate)
    tools = Tools(one.root.parent / "cache", os.environ["PATH"])
    return compile_platform(request, tools, lambda _stage: None, jobs=jobs)


def all_of(outcome: Outcome) -> dict[str, Any]:
    """All that a verb or a later run can see of it."""
    return {
        "findings": outcome.findings,
        "answer": outcome.answer,
        "trees": [(tree.environment, dict(tree.files)) for tree in outcome.trees],
        "environments": outcome.environments,
        "memorable": outcome.memorable,
    }


class TestTheSame:
    """Nobody can tell how many processes there were."""

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize("jobs", [2, 20])
    def test_outcome(self, small: Fleet, at_once: Callable[[str], None], method: str, jobs: int) -> None:
        """Findings, files and what is kept, in the same order."""
        alone = all_of(compiled(small, 1))
        at_once(method)
        assert all_of(compiled(small, jobs)) == alone
        assert [tree for tree, _ in alone["trees"]] == ["e000", "e001", "e002", "e004"]

    def test_validation(self, small: Fleet, at_once: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
        """What kubeconform refuses is told at the same places, and an environment with an error is validated, too."""
        programs = small.root.parent / "bin"
        programs.mkdir()
        (programs / "kubeconform").symlink_to(install_kubeconform(os.environ, cache_folder(os.environ), print))
        monkeypatch.setenv("PATH", str(programs))
        small.environment(3)
        raw = "{apiVersion: v1, kind: ConfigMap, metadata: {name: raw}, data: {number: 1}}"
        small.write(
            "shop/raw.yaml",
            f"apiVersion: platformc.dev/v1alpha1\nkind: RawManifest\nmetadata: {{name: raw}}\nspec: {{objects: [{raw}]}}\n",
        )
        small.environment(2, '  overrides: [{kind: Platform, spec: {kubernetes: {version: "1.2"}}}]\n')
        alone = all_of(compiled(small, 1, validate=True))
        assert {finding.rule for finding in alone["findings"]} >= {"schema-invalid", "invalid-version"}
        at_once(FORK)
        assert all_of(compiled(small, 3, validate=True)) == alone

    def test_processes_are_used(
        self, small: Fleet, at_once: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Or the other tests would prove nothing."""
        at_once(FORK)
        monkeypatch.setattr(parallel, "compile_one", _forbidden)
        assert len(compiled(small, 2).environments) == ENVIRONMENTS

    def test_a_platform_too_small(self, small: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
        """For it, starting a process costs more than compiling."""
        monkeypatch.setattr(processes, "answers", _forbidden)
        assert len(compiled(small, 8).environments) == ENVIRONMENTS


def _forbidden(*_: object) -> Any:
    raise AssertionError("nothing is compiled in this way")


class TestFailures:
    """What happens in a process is what would have happened here."""

    @pytest.mark.parametrize("error", [ToolError("a tool failed"), TypeError("our mistake"), RecursionError()])
    def test_exceptions(
        self, small: Fleet, at_once: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        """They are raised here, as what they are and where they happened."""
        at_once(FORK)
        monkeypatch.setattr(work, "compile_environment", _fails_for("e002", lambda: _raise(error)))
        with pytest.raises(type(error)) as raised:
            compiled(small, 2)
        assert str(raised.value) == str(error)
        assert raised.traceback[-1].name == "_raise"

    @pytest.mark.parametrize("which", ["e000", "e002", "e004", "all"])
    def test_killed(
        self, small: Fleet, at_once: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, which: str
    ) -> None:
        """What a process did not do is done here: it may have had too little memory beside others."""
        alone = all_of(compiled(small, 1))
        here = os.getpid()
        at_once(FORK)
        monkeypatch.setattr(work, "compile_environment", _fails_for(which, lambda: _dies(here)))
        assert all_of(compiled(small, 2)) == alone

    def test_sources_that_change(
        self, small: Fleet, at_once: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A process that reads for itself, and something else than was read here, compiles nothing."""
        at_once(SPAWN)
        digest = compile_worker.digest_of
        monkeypatch.setattr(compile_worker, "digest_of", lambda sources: digest(sources) + b"other")
        alone = all_of(compiled(small, 1))
        assert all_of(compiled(small, 2)) == alone

    @pytest.mark.parametrize("started", [0, 1])
    def test_no_more_processes(
        self, small: Fleet, at_once: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, started: int
    ) -> None:
        """The system may have no room for all of them, or for any."""
        alone = all_of(compiled(small, 1))
        at_once(FORK)
        start = ForkProcess.start
        left = iter(range(started))

        def limited(process: Any) -> None:
            if next(left, None) is None:
                raise BlockingIOError("Resource temporarily unavailable")
            start(process)

        monkeypatch.setattr(ForkProcess, "start", limited)
        assert all_of(compiled(small, 3)) == alone


def _fails_for(which: str, fail: Callable[[], None]) -> Callable[..., Compilation]:
    def compile_or_fail(sources: Any, environment: str, **options: Any) -> Compilation:
        if which in (environment, "all"):
            fail()
        return compile_environment(sources, environment, **options)

    return compile_or_fail


def _raise(error: Exception) -> None:
    raise error


def _dies(here: int) -> None:
    if os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    """Enough to be compiled in processes, and to be interrupted."""
    return fleet(tmp_path_factory.mktemp("large"), 6, MANY)


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(word) for word in text.split()]


def _until(holds: Callable[[], bool]) -> None:
    ends = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.005)


def _is_gone(group: int) -> bool:
    """Whether a process group has no member that still runs; nobody may be there to collect those that ended."""
    ran = subprocess.run(["ps", "-o", "pgid=,stat=", "-A"], capture_output=True, text=True, check=True)
    members = (line.split() for line in ran.stdout.splitlines())
    return not any(int(member[0]) == group and not member[1].startswith("Z") for member in members)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc")
class TestSignals:
    """Commands that somebody stops, or whose processes somebody kills."""

    WORDS = ("check", "--no-validate", "--paranoid", "--jobs", "3")

    def test_interrupted(self, large: Fleet) -> None:
        """Ctrl-C reaches all processes of a terminal: one says so, and none is left."""
        with large.running(*self.WORDS) as process:
            _until(lambda: len(_children(process.pid)) == 3)
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=SECONDS)
        assert (process.returncode, out, err) == (130, "", "interrupted\n")
        assert _is_gone(process.pid)

    def test_a_process_is_killed(self, large: Fleet) -> None:
        """The run goes on."""
        with large.running(*self.WORDS[:-2], "--jobs", "1") as process:
            alone = process.communicate(timeout=SECONDS)
        with large.running(*self.WORDS) as process:
            _until(lambda: len(_children(process.pid)) == 3)
            os.kill(_children(process.pid)[1], signal.SIGKILL)
            assert process.communicate(timeout=SECONDS) == alone
        assert process.returncode == 0
        assert _is_gone(process.pid)

    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    def test_the_command_is_killed(self, large: Fleet, how: signal.Signals) -> None:
        """The others notice, and end."""
        with large.running(*self.WORDS) as process:
            _until(lambda: len(_children(process.pid)) == 3)
            os.kill(process.pid, how)
            process.communicate(timeout=SECONDS)
        _until(lambda: _is_gone(process.pid))
