from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from platformc.atomic_file import write_atomically
from platformc.cache.storage import cache_folder, write_folder_once
from platformc.diagnostics import ToolError


class TestFolder:
    """Where the cache lies."""

    @pytest.mark.parametrize(
        ("environ", "folder"),
        [
            ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, "/x/platformc"),
            ({"XDG_CACHE_HOME": "relative", "HOME": "/h"}, "/h/.cache/platformc"),
            ({"XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/platformc"),
            ({"HOME": "/h"}, "/h/.cache/platformc"),
        ],
    )
    def test_the_environment_decides(self, environ: dict[str, str], folder: str) -> None:
        """As the XDG specification says: a relative path does not count."""
        assert cache_folder(environ) == Path(folder)

    def test_without_a_home_it_is_temporary(self, temporary: Path) -> None:
        """A service account without a home can render, too; nobody else can write there."""
        for _ in range(2):
            assert cache_folder({}) == temporary / f"platformc-{os.getuid()}"
        assert cache_folder({}).stat().st_mode & 0o777 == 0o700

    def test_a_temporary_one_of_somebody_else(self, temporary: Path) -> None:
        """A kubeconform in it would be theirs."""
        folder = temporary / f"platformc-{os.getuid()}"
        (temporary / "theirs").mkdir()
        folder.symlink_to(temporary / "theirs")
        with pytest.raises(ToolError, match="only you"):
            cache_folder({})
        folder.unlink()
        folder.mkdir()
        folder.chmod(0o777)
        with pytest.raises(ToolError, match="only you"):
            cache_folder({})

    def test_where_none_can_be_made(self, temporary: Path) -> None:
        """That is for whoever needs it to say."""
        temporary.rmdir()
        assert cache_folder({}).parent == temporary

    @pytest.fixture
    def temporary(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A folder of temporary files of the test's own."""
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        return tmp_path


class TestWriting:
    """Whole or not at all."""

    def test_a_file_is_replaced_whole(self, tmp_path: Path) -> None:
        """Only the file is left, with the new bytes and the wanted mode."""
        path = tmp_path / "a" / "b.json"
        write_atomically(path, b"old")
        write_atomically(path, b"new", 0o755)
        assert path.read_bytes() == b"new"
        assert path.stat().st_mode & 0o777 == 0o755
        assert list(path.parent.iterdir()) == [path]

    def test_a_failed_write_leaves_nothing(self, tmp_path: Path) -> None:
        """The temporary file goes when the place is taken by a folder."""
        (tmp_path / "taken" / "inside").mkdir(parents=True)
        with pytest.raises(OSError, match="directory"):
            write_atomically(tmp_path / "taken", b"x")
        assert [path.name for path in tmp_path.iterdir()] == ["taken"]

    def test_a_folder_is_made_once(self, tmp_path: Path) -> None:
        """Its name promises its content, so a second call changes nothing."""
        write_folder_once(tmp_path / "kinds", {"a/b.json": b"1", "c.json": b"2"})
        write_folder_once(tmp_path / "kinds", {"a/b.json": b"other"})
        assert (tmp_path / "kinds" / "a" / "b.json").read_bytes() == b"1"
        assert [path.name for path in tmp_path.iterdir()] == ["kinds"]
