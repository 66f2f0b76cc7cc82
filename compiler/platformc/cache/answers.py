"""answers: store answers by the key of their inputs.

In      the user's cache folder, a key, an Answer.
Out     the Answer again; None if it is missing or damaged.
Never   fails a run: what cannot be stored is dropped. Never grows beyond MOST answers.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformc.atomic_file import write_atomically
from platformc.cache.answer import Answer, dump_answer, parse_answer

MOST = 100
"""Answers that are kept; the least recently used one is deleted first. Most have a few kilobytes."""


def recall(cache: Path, key: str) -> Answer | None:
    """Return the answer of a run with this key, and mark it as just used."""
    path = _folder(cache) / key
    try:
        answer = parse_answer(path.read_bytes())
    except OSError:
        return None
    with suppress(OSError):  # a read-only folder
        os.utime(path)
    return answer


def remember(cache: Path, key: str, answer: Answer) -> None:
    """Store an answer, readable only by its owner because of its findings, and delete the oldest."""
    folder = _folder(cache)
    with suppress(OSError):  # a full disk, or a read-only folder
        write_atomically(folder / key, dump_answer(answer), 0o600)
        for path in sorted(folder.iterdir(), key=_asked_for, reverse=True)[MOST:]:
            path.unlink(missing_ok=True)


def _asked_for(path: Path) -> float:
    """The time of last use; a file that another process has just removed counts as the oldest."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _folder(cache: Path) -> Path:
    return cache / "answers"
