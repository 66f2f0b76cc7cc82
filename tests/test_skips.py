"""A test that does not run in CI is no test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SKIPPED = """\
import pytest


@pytest.mark.skipif(True, reason="there is no dot")
def test_marked() -> None:
    assert False


def test_inside() -> None:
    pytest.skip("there is no go")


@pytest.fixture
def missing() -> None:
    pytest.skip("there are no CRDs")


def test_fixture(missing: None) -> None:
    assert False


@pytest.mark.xfail
def test_expected() -> None:
    assert False


def test_the_api_server_leads_to_the_controller() -> None:
    pytest.skip("only loopback")
"""


@pytest.mark.parametrize(
    ("ci", "counts"), [("true", "1 failed, 1 skipped, 1 xfailed, 2 errors"), ("", "4 skipped, 1 xfailed")]
)
def test_a_skip_is_a_failure_in_ci(tmp_path: Path, ci: str, counts: str) -> None:
    """However it is skipped; outside of CI it is told with its reason."""
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_skipped.py").write_text(SKIPPED, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-rs", str(tmp_path)],
        cwd=tmp_path,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )
    assert counts in ran.stdout
    for reason in ("there is no dot", "there is no go", "there are no CRDs"):
        assert reason in ran.stdout
