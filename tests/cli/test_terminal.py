"""Colour, width and progress: decided by flags, environment and what the streams are."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO

import pytest
from platformc.cli.environment import read_environment
from platformc.cli.terminal import WIDTH, Progress, Stream, Terminal, open_terminal


def errors_on_a_terminal(*words: str, **variables: str) -> str:
    """Run a wrong command line with stderr on a terminal and give what arrives there."""
    master, slave = os.openpty()
    with os.fdopen(master, "rb", buffering=0) as terminal:
        subprocess.run(
            [sys.executable, "-m", "platformc", "chek", *words], env=variables, stderr=slave, check=False, timeout=30
        )
        os.close(slave)
        received = b""
        try:
            while chunk := terminal.read(4096):
                received += chunk
        except OSError:  # Linux says EIO where a pipe would say end of file
            pass
    return received.decode()


class TestColour:
    """Escape codes appear only where somebody sees colours."""

    @pytest.mark.parametrize(
        ("variables", "coloured"),
        [
            ({"TERM": "xterm"}, True),
            ({"TERM": "dumb"}, False),
            ({"TERM": "xterm", "NO_COLOR": "1"}, False),
            ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ],
    )
    def test_on_a_terminal(self, variables: dict[str, str], *, coloured: bool) -> None:
        """A terminal gets colour unless the environment forbids it."""
        assert ("\x1b[" in errors_on_a_terminal(**variables)) is coloured

    def test_elsewhere(self) -> None:
        """A pipe gets none, unless it is asked for."""
        environment = read_environment({"TERM": "xterm"})
        assert open_terminal(environment).err.color is False
        assert open_terminal(environment, "always").err.color is True
        assert open_terminal(read_environment({"NO_COLOR": "1"}), "always").out.color is True
        assert open_terminal(environment, "never").out.color is False


class TestEnvironment:
    """The variables that are read."""

    def test_width(self) -> None:
        """COLUMNS counts when it is a number; a pipe has a fixed width, so that output is the same everywhere."""
        assert open_terminal(read_environment({"COLUMNS": "77"})).width == 77
        assert open_terminal(read_environment({"COLUMNS": "wide"})).width == WIDTH
        assert open_terminal(read_environment({"COLUMNS": "0"})).width == WIDTH

    def test_cache(self) -> None:
        """PLATFORMC_CACHE is the folder itself; else the user's cache folder has one for us."""
        assert str(read_environment({"PLATFORMC_CACHE": "/c", "XDG_CACHE_HOME": "/x"}).cache) == "/c"
        assert str(read_environment({"XDG_CACHE_HOME": "/x", "HOME": "/h"}).cache) == "/x/platformc"
        assert str(read_environment({"HOME": "/h"}).cache) == "/h/.cache/platformc"

    def test_live_lines(self) -> None:
        """A line is rewritten for a person only: not in CI, not on a dumb terminal."""
        assert read_environment({"TERM": "xterm"}).live
        assert not read_environment({"CI": "true"}).live
        assert not read_environment({"TERM": "dumb"}).live


def stages(*, live: bool, quiet: bool = False, verbose: bool = False) -> str:
    """Go through two stages and give what was written."""
    file = StringIO()
    stream = Stream(file, color=False, terminal=live)
    with Progress(Terminal(stream, stream, 20, live), quiet=quiet, verbose=verbose) as progress:
        progress("link")
        progress("validate a great many objects")
    return file.getvalue()


class TestProgress:
    """How far long work is."""

    def test_one_line_on_a_terminal(self) -> None:
        """Each stage replaces the one before, fits the line, and nothing is left."""
        assert stages(live=True) == "\r\x1b[Klink\r\x1b[Kvalidate a great ma\r\x1b[K"

    def test_silent_elsewhere(self) -> None:
        """A pipe and -q get nothing."""
        assert stages(live=False) == stages(live=True, quiet=True) == ""

    def test_timings(self) -> None:
        """-v writes a line for each stage that has ended, and rewrites none."""
        lines = stages(live=True, verbose=True).splitlines()
        assert [line.split(" s  ")[1] for line in lines] == ["link", "validate a great many objects"]
        assert all(float(line.split(" s  ")[0]) >= 0 for line in lines)
