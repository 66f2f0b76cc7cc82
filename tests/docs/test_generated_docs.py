"""docs/ is what the generators make, and --check says where it is not."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.docs.documents import documents, stale, write

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    """All pages, made once."""
    return dict(documents())


def test_docs_are_up_to_date(made: dict[str, str]) -> None:
    """Whoever changes a model, a rule or a verb commits its page, too (`python -m tools.docs`)."""
    assert stale(ROOT / "docs", made) == ()


def test_another_process_makes_the_same(made: dict[str, str]) -> None:
    """No order of a set, no width of a terminal, no clock gets into a page."""
    program = "import json; from tools.docs import documents; print(json.dumps(dict(documents())))"
    printed = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONHASHSEED": "1", "COLUMNS": "40", "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert json.loads(printed) == made


def test_check_lists_what_is_stale(made: dict[str, str], tmp_path: Path) -> None:
    """A changed, a missing and a left-over file are named; what is written by hand is not looked at."""
    write(tmp_path, made)
    assert stale(tmp_path, made) == ()
    (tmp_path / "rules.md").write_text("edited")
    (tmp_path / "language.md").unlink()
    (tmp_path / "rules" / "no-such-rule.md").write_text("left over")
    (tmp_path / "architecture.md").write_text("by hand")
    found = subprocess.run(
        [sys.executable, "-m", "tools.docs", "--check", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert found.stdout.splitlines() == [
        f"{tmp_path}/language.md is stale",
        f"{tmp_path}/rules.md is stale",
        f"{tmp_path}/rules/no-such-rule.md is stale",
    ]


def test_writing_repairs_everything(made: dict[str, str], tmp_path: Path) -> None:
    """After a run nothing is stale, and pages of rules that are gone are gone."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    (tmp_path / "docs" / "rules" / "no-such-rule.md").write_text("left over")
    (tmp_path / "docs" / "commands.md").write_bytes(b"\xff")
    assert write(tmp_path / "docs", made) == ("commands.md", "rules/no-such-rule.md")
    assert stale(tmp_path / "docs", made) == ()
