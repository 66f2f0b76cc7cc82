"""Files of sealed values on the disk: whole or not at all, and nobody's work is overwritten."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue

import pytest
from platformc.diagnostics import ToolError
from platformc.seal.sealed_text import Entry
from platformc.seal.store import Change, Store
from platformc.tree.lock import Waiting, locked

ENTRY = Entry(1, "SHA256:x", "strict", "app", "db", "AgAA", None)
IDENTITY = ("app", "db")


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """An empty specs folder."""
    (tmp_path / "specs").mkdir()
    return tmp_path / "specs"


def store(specs: Path, say: Callable[[str], None] = lambda _line: None) -> Store:
    """The store of its environment, which knows of no file yet."""
    return Store(specs, "specs", "production", {}, {}, say)


def left(specs: Path) -> set[str]:
    """All files below the folder."""
    return {path.relative_to(specs).as_posix() for path in specs.rglob("*") if not path.is_dir()}


def test_a_file_appears_and_changes(specs: Path) -> None:
    """Nothing else is left: no lock, nothing staged."""
    one = store(specs)
    assert one.write({IDENTITY: Change({"a": ENTRY})}) == ("specs/sealed/production/app.db.yaml",)
    one.write({IDENTITY: Change({"b": ENTRY})})
    assert left(specs) == {"sealed/production/app.db.yaml"}
    assert (specs / "sealed/production/app.db.yaml").read_text(encoding="utf-8").count("AgAA") == 2
    one.write({IDENTITY: Change(removed=frozenset({"a", "b"}))})
    assert left(specs) == set()


def test_what_somebody_else_wrote_meanwhile_is_kept(specs: Path) -> None:
    """A store that read before does not write over it, nor any other file of the same step."""
    early = store(specs)
    store(specs).write({IDENTITY: Change({"a": ENTRY})})
    before = (specs / "sealed/production/app.db.yaml").read_bytes()
    with pytest.raises(ToolError, match="was changed in the meantime"):
        early.write({("app", "web"): Change({"a": ENTRY}), IDENTITY: Change({"b": ENTRY})})
    assert (specs / "sealed/production/app.db.yaml").read_bytes() == before
    assert left(specs) == {"sealed/production/app.db.yaml"}


def test_two_at_once_wait_for_each_other(specs: Path) -> None:
    """And say so."""
    (specs / "sealed").mkdir()
    said: SimpleQueue[str] = SimpleQueue()
    waiting = threading.Thread(target=lambda: store(specs, said.put).write({IDENTITY: Change({"a": ENTRY})}))
    with locked(str(specs / "sealed"), Waiting()):
        waiting.start()
        assert said.get(timeout=60).partition(":")[0] == "waiting for another seal"
        assert left(specs) == {"sealed/lock"}
    waiting.join()
    assert said.empty()
    assert left(specs) == {"sealed/production/app.db.yaml"}


@pytest.mark.parametrize("link", ["sealed", "sealed/production", "sealed/production/app.db.yaml"])
def test_a_symbolic_link_is_not_followed(specs: Path, tmp_path: Path, link: str) -> None:
    """Ciphertext goes into the specs, not where a link of somebody's pull request points."""
    target = tmp_path / "elsewhere"
    target.mkdir()
    (specs / link).parent.mkdir(parents=True, exist_ok=True)
    (specs / link).symlink_to(target)
    with pytest.raises(ToolError):
        store(specs).write({IDENTITY: Change({"a": ENTRY})})
    assert list(target.iterdir()) == []


def test_a_disk_that_is_full_leaves_what_was_there(specs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The staged bytes go away."""
    one = store(specs)
    one.write({IDENTITY: Change({"a": ENTRY})})
    before = (specs / "sealed/production/app.db.yaml").read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", "disk")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ToolError, match="No space left"):
        one.write({IDENTITY: Change({"b": ENTRY})})
    assert (specs / "sealed/production/app.db.yaml").read_bytes() == before
    assert left(specs) == {"sealed/production/app.db.yaml"}


@pytest.mark.parametrize("identity", [("..", "db"), ("app", "../db"), ("", "db"), ("app", "")])
def test_names_lead_nowhere_else(specs: Path, identity: tuple[str, str]) -> None:
    """A name is a name, not a path."""
    with pytest.raises(ToolError):
        store(specs).write({identity: Change({"a": ENTRY})})
    assert left(specs) == set()
