"""recent_files: a folder of files under keys, of which the least recently used ones are deleted.

In      a folder, keys, bytes; how much may be kept.
Out     the bytes again; None if there is no such file.
Never   fails a run: what cannot be stored is dropped. Never lets the folder grow beyond what may be kept.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from platformc.atomic_file import write_atomically


def read_recent(folder: Path, key: str) -> bytes | None:
    """Return the file with this key, and mark it as just used."""
    path = folder / key
    try:
        content = path.read_bytes()
    except OSError:
        return None
    with suppress(OSError):  # a read-only folder
        os.utime(path)
    return content


def keep_recent(folder: Path, files: Mapping[str, bytes], *, most: int, weight: Callable[[int], int]) -> None:
    """Store files by their keys, readable only by their owner, and delete the oldest.

    `weight` is what a file of so many bytes counts; all together count `most`.
    """
    with suppress(OSError):  # a full disk, or a read-only folder
        for key, content in files.items():
            write_atomically(folder / key, content, 0o600)
        _shrink(folder, most, weight)


def _shrink(folder: Path, most: int, weight: Callable[[int], int]) -> None:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # another process has just removed it
                found.append((entry.stat(follow_symlinks=False), entry.path))
    total = 0
    for status, path in sorted(found, key=lambda one: one[0].st_mtime_ns, reverse=True):
        total += weight(status.st_size)
        if total > most:
            Path(path).unlink(missing_ok=True)
