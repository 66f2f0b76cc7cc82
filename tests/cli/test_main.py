"""The command as a whole: help, start-up, exit codes, streams."""

from __future__ import annotations

import json
import os
import pkgutil
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import platformc.cli
import pytest
from platformc import __version__
from platformc.cli import main
from platformc.cli.failures import show_failure
from platformc.cli.global_options import GLOBAL_OPTIONS, gather
from platformc.cli.verbs import VERBS
from platformc.diagnostics import BugReport, Finding, FindingsError, Severity, Span, ToolError
from platformc.diagnostics.nearest import did_you_mean

SUPPORT = {
    "cluster_options",
    "compile_options",
    "console",
    "environment",
    "failures",
    "formats",
    "global_options",
    "shards",
    "terminal",
    "verbs",
}
"""Modules of the package that are no verbs."""

IMPORTED_FOR_HELP = {
    "platformc",
    "platformc.cli",
    "platformc.cli.environment",
    "platformc.cli.failures",
    "platformc.cli.global_options",
    "platformc.cli.terminal",
    "platformc.cli.verbs",
    "platformc.diagnostics",
    "platformc.diagnostics.errors",
    "platformc.diagnostics.finding",
    "platformc.diagnostics.nearest",
}
SUB_VERBS = [[verb] for verb in VERBS] + [["schemas", verb] for verb in ("add", "fetch", "list")]


def run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a fresh interpreter, with only these environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "platformc", *words], env=variables, capture_output=True, text=True, check=False
    )


class TestHelp:
    """`--help`, which must be fast, complete and the same wherever it is asked for."""

    def test_start_up_imports_little(self) -> None:
        """Help loads click and what is listed here: no YAML reader, no models, no verb."""
        program = (
            "import sys; before = set(sys.modules); from platformc.cli import main; code = main(['--help']);"
            "print(*sorted(set(sys.modules) - before), file=sys.stderr); sys.exit(code)"
        )
        ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        loaded = set(ran.stderr.split())
        assert {name for name in loaded if name.partition(".")[0] == "platformc"} == IMPORTED_FOR_HELP
        foreign = {name.partition(".")[0] for name in loaded} - set(sys.stdlib_module_names)
        assert foreign == {"platformc", "click"}

    def test_every_verb_is_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The list has each verb with its line, and a module stands behind each."""
        assert main(["--help"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert all(f"{verb} {line}" in shown for verb, line in VERBS.items())
        modules = {module.name for module in pkgutil.iter_modules(platformc.cli.__path__)}
        assert modules - SUPPORT == set(VERBS)

    @pytest.mark.parametrize("words", SUB_VERBS, ids=" ".join)
    @pytest.mark.parametrize("flag", ["-h", "--help"])
    def test_every_verb_explains_itself(self, words: list[str], flag: str, capsys: pytest.CaptureFixture[str]) -> None:
        """Help of a verb loads, has an explanation, examples that start with the command, and the common options."""
        assert main([*words, flag]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(f"Usage: platformc {' '.join(words)} ")
        _, _, shown_examples = shown.partition("Examples:\n")
        assert f"platformc {' '.join(words)}" in shown_examples
        assert "Options of every verb:" in shown
        assert all(each.opts[-1] in shown for each in GLOBAL_OPTIONS)

    def test_version(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The version is a line of its own, before or after a verb."""
        assert main(["--version"]) == main(["check", "--version"]) == 0
        assert capsys.readouterr().out == f"platformc {__version__}\n" * 2

    def test_no_verb(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Called with nothing the command shows its help where errors go, and does not claim success."""
        assert main([]) == 64
        out, err = capsys.readouterr()
        assert (out, err.splitlines()[0]) == ("", "Usage: platformc [OPTIONS] VERB [ARGS]...")


class TestUsage:
    """Wrong command lines end with 64 and a way out, never with click's 2."""

    @pytest.mark.parametrize(
        ("words", "message", "hint"),
        [
            (["chek"], "platformc has no verb `chek`", "did you mean `check`?"),
            (["schemas", "fech"], "platformc schemas has no verb `fech`", "did you mean `fetch`?"),
            (["--fromat", "json", "check"], "platformc has no option `--fromat`", "did you mean `--format`?"),
            (["check", "--enviroment", "x"], "platformc check has no option", "did you mean `--environment`?"),
            (["rule"], "missing argument 'ID'", "see `platformc rule --help`"),
            (["completion", "tcsh"], "'tcsh' is not one of", "see `platformc completion --help`"),
            (
                ["check", "--date"],
                "option '--date' requires an argument",
                "see `platformc check --help`",
            ),
            (["--format", "xml", "check"], "'xml' is not one of", "see `platformc --help`"),
            (
                ["rules", "--format", "sarif"],
                "this command does not support the format `sarif`",
                "use --format text or json",
            ),
            (["check", "--specs", "/nowhere"], "there is no folder /nowhere", "--specs DIR"),
            (["render", "--check", "--stdout"], "--check writes and prints nothing", "remove one of them"),
            (["zzz"], "platformc has no verb `zzz`", "known are: bootstrap, check, completion"),
        ],
    )
    def test_message_and_hint(
        self, words: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is wrong is said in one line on stderr, what to do in the next."""
        assert main(words) == 64
        out, err = capsys.readouterr()
        first, second = err.splitlines()
        assert out == ""
        assert first.startswith("error: ")
        assert message in first
        assert second.startswith("  = help: ")
        assert hint in second

    def test_options_before_and_after_the_verb(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A common option counts wherever it stands; the one nearest to the end wins."""
        monkeypatch.setenv("PLATFORMC_CACHE", str(tmp_path))
        lines = [
            ["--format", "json", "schemas", "list"],
            ["schemas", "--format", "json", "list"],
            ["--format", "sarif", "schemas", "list", "--format", "json"],
        ]
        for words in lines:
            assert main(words) == 0
            assert json.loads(capsys.readouterr().out) == {"schemaVersion": 1, "definitions": []}


class TestFailures:
    """Exceptions become lines and exit codes in one place."""

    def test_tool_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A tool that refused is shown with its command, its exit code and the end of what it said."""
        error = ToolError("git refused", command=("git", "push"), status=1, output="denied\nbye", hint="ask for access")
        assert show_failure(error, gather(None)) == 69
        assert capsys.readouterr().err == (
            "error: git refused\n  command: git push (exit code 1)\n  denied\n  bye\n  = help: ask for access\n"
        )

    def test_findings_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Exit code 1 never comes without a finding."""
        finding = Finding(Span("specs/a.yaml", 3, 1, 3, 2), "some-rule", Severity.ERROR, "message")
        assert show_failure(FindingsError([finding]), gather(None)) == 1
        assert capsys.readouterr().err.startswith("error[some-rule]: message\n --> specs/a.yaml:3:1\n")

    def test_bug(self, capsys: pytest.CaptureFixture[str]) -> None:
        """An unexpected exception is one line with type, place and versions; its text could be a secret."""
        with pytest.raises(AttributeError) as caught:
            did_you_mean(7, ["hunter2"])  # type: ignore[arg-type] # a mistake as a later change could make it
        assert show_failure(caught.value, gather(None)) == 70
        first, second = capsys.readouterr().err.splitlines()
        assert re.fullmatch(
            r"error: platformc has a bug: AttributeError at platformc/diagnostics/nearest\.py:\d+"
            rf" \(platformc {re.escape(__version__)}, Python 3[\d.]+\w*\)",
            first,
        )
        assert second.startswith("  = help: report this line")

    def test_a_bug_is_told_by_our_own_code(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A library is not ours where it lies below a folder of our name, as in a clone's own environment."""
        library = tmp_path / "platformc" / "lib" / "library.py"
        names: dict[str, Any] = {}
        exec(compile("def words():\n    yield {}['a']", library, "exec"), names)  # noqa: S102 - code in a file of that name
        with pytest.raises(KeyError) as caught:
            did_you_mean("a", names["words"]())
        assert show_failure(caught.value, gather(None)) == 70
        assert " bug: KeyError at platformc/diagnostics/nearest.py:" in capsys.readouterr().err
        with pytest.raises(KeyError) as caught:
            next(names["words"]())
        assert show_failure(caught.value, gather(None)) == 70
        assert " bug: KeyError (platformc " in capsys.readouterr().err

    def test_text_of_an_exception_is_not_shown(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What an unexpected exception holds stays out; what we say about ourselves is shown."""
        assert show_failure(ValueError("hunter2"), gather(None)) == 70
        assert show_failure(BugReport("a rule names no page"), gather(None)) == 70
        said = capsys.readouterr().err
        assert "hunter2" not in said
        assert "BugReport: a rule names no page" in said


class TestProcess:
    """What only a process of its own can show."""

    def test_exit_code_reaches_the_shell(self) -> None:
        """`python -m platformc` and the installed command leave with main's code."""
        assert run("chek").returncode == 64
        command = Path(sys.executable).with_name("platformc")
        assert subprocess.run([command, "chek"], capture_output=True, check=False).returncode == 64

    def test_reader_goes_away(self) -> None:
        """A closed pipe changes neither the exit code nor stderr."""
        reader, writer = os.pipe()
        os.close(reader)
        try:
            ran = subprocess.run(
                [sys.executable, "-m", "platformc", "--help"], stdout=writer, stderr=subprocess.PIPE, check=False
            )
        finally:
            os.close(writer)
        assert (ran.returncode, ran.stderr) == (0, b"")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
    def test_full_disk(self) -> None:
        """A result that cannot be written is an error that says so."""
        with Path("/dev/full").open("w") as full:
            ran = subprocess.run(
                [sys.executable, "-m", "platformc", "--help"],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )
        assert ran.returncode == 69
        assert ran.stderr == "error: cannot write to <stdout>: No space left on device\n"

    def test_interrupt(self, tmp_path: Path) -> None:
        """Ctrl-C in the middle of slow work ends with 130 and one word, without a traceback."""
        started = tmp_path / "started"
        os.mkfifo(started)
        stub = tmp_path / "go"
        stub.write_text(f"#!/bin/sh\necho > {started}\nexec /bin/sleep 60\n")
        stub.chmod(0o755)
        process = subprocess.Popen(
            [sys.executable, "-m", "platformc", "setup", "-q"],
            env={"PATH": str(tmp_path), "PLATFORMC_CACHE": str(tmp_path / "cache")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # A shell that starts the tests in the background has SIGINT ignored, and children inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
        )
        started.read_text()  # returns once the stub runs
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, err) == (130, "", "interrupted\n")

    def test_encoding_without_the_characters(self) -> None:
        """On a terminal that knows ASCII only, other characters are escaped."""
        ran = run("chék", PYTHONIOENCODING="ascii")
        assert ran.returncode == 64
        assert ran.stderr.startswith("error: platformc has no verb `ch\\xe9k`")


def test_a_working_folder_that_is_gone(tmp_path: Path) -> None:
    """Somebody deleted it under the shell: that is no bug, and an absolute path still works."""
    program = "import os, sys; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); from platformc.cli import main; sys.exit(main(sys.argv[2:]))"
    (tmp_path / "gone").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "gone", "check"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (64, "error: there is no folder /specs")
