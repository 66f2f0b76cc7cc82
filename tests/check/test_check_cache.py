from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from compiler.check.cache import cache_folder, write_atomically, write_folder_once


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

    def test_without_a_home_it_is_temporary(self) -> None:
        """A service account without a home can render, too."""
        assert cache_folder({}).parent == Path(tempfile.gettempdir())


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
