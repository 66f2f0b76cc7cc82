"""A file is there with all its bytes, or as it was."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest
from platformc.atomic_file import drop_staged, stage, write_atomically


def left(folder: Path) -> dict[str, bytes]:
    """What stands in a folder, links as what they lead to."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_two_at_once(tmp_path: Path) -> None:
    """Each has a place of its own to write to; the last one counts."""
    path = tmp_path / "file"
    first, second = stage(path, b"first"), stage(path, b"second")
    assert first != second
    assert not path.exists()
    second.replace(path)
    first.replace(path)
    assert left(tmp_path) == {"file": b"first"}


def test_what_a_killed_run_left(tmp_path: Path) -> None:
    """It is in nobody's way, nor written through where it is a link; who is alone removes it."""
    path, target = tmp_path / "file", tmp_path / "target"
    target.write_bytes(b"target")
    staged = stage(path, b"killed")
    staged.unlink()
    staged.symlink_to(target)
    write_atomically(path, b"new")
    assert left(tmp_path) == {"file": b"new", staged.name: b"target", "target": b"target"}
    drop_staged(path)
    assert left(tmp_path) == {"file": b"new", "target": b"target"}


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old bytes stay, and nothing beside them."""
    path = tmp_path / "file"
    write_atomically(path, b"old", durable=True)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new", durable=True)
    assert left(tmp_path) == {"file": b"old"}


def test_a_disk_that_is_full_in_the_middle(tmp_path: Path) -> None:
    """What was written by then goes away."""
    path = tmp_path / "file"
    write_atomically(path, b"old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_atomically(path, bytes(4096))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert left(tmp_path) == {"file": b"old"}


def test_the_users_umask_counts(tmp_path: Path) -> None:
    """Who wants nobody else to read new files gets that here, too."""
    before = os.umask(0o077)
    try:
        write_atomically(tmp_path / "file", b"", 0o666)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
