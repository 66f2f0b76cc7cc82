"""What render makes of a folder that an earlier run left in the middle of its work."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1]))
from cases_runner import BASE, Result, run
from platformc.disk import Disk
from platformc.pipeline import Request, Tools, compile_platform
from platformc.tree import write

TABLE = """\
apiVersion: platformc.dev/v1alpha1
kind: Table
metadata: {name: letters}
spec:
  hashKey: {name: KEY, type: S}
"""


class _Interrupted(Disk):
    """The real disk; a person's Ctrl-C comes with the first new file."""

    def place(self, source: str, target: str) -> bool:
        raise KeyboardInterrupt(source, target)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small platform, rendered."""
    root = tmp_path / "repository"
    shutil.copytree(BASE, root)
    assert render(root).exit == 0
    return root


def render(root: Path, *words: str) -> Result:
    """Run the verb."""
    return run(["render", "--specs", str(root / "specs"), "--no-validate", *words], root.parent)


def add_table(root: Path, key: str) -> None:
    """Write a table with a key."""
    (root / "specs/bot/letters.yaml").write_text(TABLE.replace("KEY", key))


def interrupt(root: Path) -> None:
    """Render what the specs say now, as far as a Ctrl-C in the middle allows."""
    request = Request(root, root / "specs", root / "rendered", validate=False)
    trees = compile_platform(request, Tools(root.parent / "cache", ""), lambda _stage: None).trees
    with pytest.raises(KeyboardInterrupt):
        write(
            root / "rendered",
            trees,
            unsealed=frozenset(),
            discard_edits=False,
            all_environments=True,
            filesystem=_Interrupted(),
        )


def test_what_an_interrupted_run_leaves_is_what_is_replaced(root: Path) -> None:
    """Its files stand there once it is finished, so a key that cannot change is held against them."""
    add_table(root, "address")
    interrupt(root)
    add_table(root, "name")
    said = render(root)
    assert "an earlier run was interrupted; its changes were finished\n" in said.output
    assert (said.exit, "immutable-field" in said.rules) == (1, True)
    assert "hashKey: address" in (root / "rendered/production/bot-aws/bot/table-letters.yaml").read_text()


@pytest.mark.parametrize("words", [("--check",), ("--stdout",), ("table/sessions",)])
def test_only_a_run_that_writes_finishes_another(root: Path, words: tuple[str, ...]) -> None:
    """What writes nothing changes nothing."""
    add_table(root, "address")
    interrupt(root)
    render(root, *words)
    assert (root / "rendered/.platformc/journal.json").exists()


def test_a_journal_that_is_broken_is_told_once(root: Path) -> None:
    """Nothing is finished, and nothing is written."""
    add_table(root, "address")
    (root / "rendered/.platformc/journal.json").write_text("{")
    said = render(root)
    assert (said.exit, said.output.count("render-journal-broken")) == (1, 1)
    assert not (root / "rendered/production/bot-aws/bot/table-letters.yaml").exists()
