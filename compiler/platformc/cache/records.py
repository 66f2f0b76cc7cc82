"""records: store what is kept of each environment by the key of its inputs.

In      the user's cache folder, a key, bytes.
Out     the bytes again; None if they are missing or damaged.
Never   fails a run: what cannot be stored is dropped. Never lets the folder grow beyond MOST_BYTES.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from platformc.cache.digested import with_digest, without_digest
from platformc.cache.recent_files import keep_recent, read_recent

MOST_BYTES = 512 * 1024 * 1024
"""All records together; the least recently used one is deleted first. One of a thousand components has 2 MB."""


def recall_record(cache: Path, key: str) -> bytes | None:
    """Return the record with this key, and mark it as just used."""
    content = read_recent(_folder(cache), key)
    return without_digest(content) if content is not None else None


def remember_records(cache: Path, records: Mapping[str, bytes]) -> None:
    """Store records by their keys, readable only by their owner because of their findings, and delete the oldest."""
    files = {key: with_digest(content) for key, content in records.items()}
    keep_recent(_folder(cache), files, most=MOST_BYTES, weight=lambda size: size)


def _folder(cache: Path) -> Path:
    return cache / "environments"
