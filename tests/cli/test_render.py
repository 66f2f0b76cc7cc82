"""The verb `render`, where it prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from platformc.cli import main

SPECS = str(Path(__file__).parents[1] / "cases" / "base" / "specs")


@pytest.mark.parametrize("what", ["--stdout", "deployment/bot"])
def test_findings_beside_printed_objects(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text has no warnings, so that a diff stays readable; a format for programs is always written."""
    monkeypatch.setenv("PLATFORMC_CACHE", str(tmp_path / "cache"))
    words = ["--specs", SPECS, "--output", str(tmp_path / "rendered"), "--no-color", "render", "--no-validate", what]
    assert main(words) == 0
    objects, err = capsys.readouterr()
    assert "kind: Deployment\n" in objects
    assert err == ""
    assert main([*words, "--format", "json"]) == 0
    out, err = capsys.readouterr()
    assert out == objects
    assert json.loads(err)["schemaVersion"] == 1
