"""The verb `explain`, asked about files that are not what the spec gives any more."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from platformc.cli import main

BASE = Path(__file__).parents[1] / "cases" / "base"


def test_lines_that_the_spec_gives_no_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As after a file of a Config got another name: its key, a line inside of it, a field."""
    shutil.copytree(BASE / "specs", tmp_path / "specs")
    words = ["--specs", str(tmp_path / "specs"), "--no-color"]
    assert main([*words, "-q", "render", "--no-validate"]) == 0
    name = "production/bot/bot/configmap-bot-settings.yaml"
    path = tmp_path / "rendered" / name
    path.write_text(path.read_text().replace("settings.toml:", "other.toml:") + "more: 1\n")
    lines = path.read_text().splitlines()
    for text in ("other.toml", "[redis]", "more"):
        (number,) = [number for number, line in enumerate(lines, 1) if text in line]
        capsys.readouterr()
        assert main([*words, "explain", f"{path}:{number}"]) == 64
        out, err = capsys.readouterr()
        assert out == ""
        assert f"the spec no longer renders this line of {name}" in err
        assert "run `platformc render`" in err
