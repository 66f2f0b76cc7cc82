"""records: store what is kept of each environment by the key of its inputs.

In      the user's cache folder, a key, bytes.
Out     the bytes again; None if they are missing or damaged.
Never   fails a run: what cannot be stored is dropped. Never lets the folder grow beyond MOST_BYTES.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from platformc.atomic_file import write_atomically
from platformc.cache.digested import with_digest, without_digest

MOST_BYTES = 512 * 1024 * 1024
"""All records together; the least recently used one is deleted first. One of a thousand components has 2 MB."""


def recall_record(cache: Path, key: str) -> bytes | None:
    """Return the record with this key, and mark it as just used."""
    path = _folder(cache) / key
    try:
        content = without_digest(path.read_bytes())
    except OSError:
        return None
    with suppress(OSError):  # a read-only folder
        os.utime(path)
    return content


def remember_records(cache: Path, records: Mapping[str, bytes]) -> None:
    """Store records by their keys, readable only by their owner because of their findings, and delete the oldest."""
    folder = _folder(cache)
    with suppress(OSError):  # a full disk, or a read-only folder
        for key, content in records.items():
            write_atomically(folder / key, with_digest(content), 0o600)
        _shrink(folder)


def _shrink(folder: Path) -> None:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # another process has just removed it
                found.append((entry.stat(follow_symlinks=False), entry.path))
    total = 0
    for status, path in sorted(found, key=lambda one: one[0].st_mtime_ns, reverse=True):
        total += status.st_size
        if total > MOST_BYTES:
            Path(path).unlink(missing_ok=True)


def _folder(cache: Path) -> Path:
    return cache / "environments"
