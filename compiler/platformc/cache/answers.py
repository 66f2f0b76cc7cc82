"""answers: where answers are kept, by the key of their inputs.

In      the user's cache folder, a key, an Answer.
Out     the Answer again; none where it is not there, or damaged.
Never   fails a run: what cannot be kept is forgotten. Never grows beyond MOST answers.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformc.atomic_file import write_atomically
from platformc.cache.answer import Answer, dump_answer, parse_answer

MOST = 100
"""Answers that are kept; the one that was asked for least recently goes first. Most have a few kilobytes."""


def recall(cache: Path, key: str) -> Answer | None:
    """What a run with this key said. It counts as asked for just now."""
    path = _folder(cache) / key
    try:
        answer = parse_answer(path.read_bytes())
    except OSError:
        return None
    with suppress(OSError):  # a folder that may only be read
        os.utime(path)
    return answer


def remember(cache: Path, key: str, answer: Answer) -> None:
    """Keep an answer, for its owner's eyes alone as findings can be, and forget the oldest."""
    folder = _folder(cache)
    with suppress(OSError):  # a full disk, or a folder that may only be read
        write_atomically(folder / key, dump_answer(answer), 0o600)
        for path in sorted(folder.iterdir(), key=_asked_for, reverse=True)[MOST:]:
            path.unlink(missing_ok=True)


def _asked_for(path: Path) -> float:
    """When; a file that another process has just removed counts as the oldest."""
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _folder(cache: Path) -> Path:
    return cache / "answers"
