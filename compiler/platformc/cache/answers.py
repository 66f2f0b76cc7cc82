"""answers: store answers by the key of their inputs.

In      the user's cache folder, a key, an Answer.
Out     the Answer again; None if it is missing or damaged.
Never   fails a run: what cannot be stored is dropped. Never grows beyond MOST answers.
"""

from __future__ import annotations

from pathlib import Path

from platformc.cache.answer import Answer, dump_answer, parse_answer
from platformc.cache.recent_files import keep_recent, read_recent

MOST = 100
"""Answers that are kept; the least recently used one is deleted first. Most have a few kilobytes."""


def recall(cache: Path, key: str) -> Answer | None:
    """Return the answer of a run with this key, and mark it as just used."""
    content = read_recent(_folder(cache), key)
    return parse_answer(content) if content is not None else None


def remember(cache: Path, key: str, answer: Answer) -> None:
    """Store an answer, readable only by its owner because of its findings, and delete the oldest."""
    keep_recent(_folder(cache), {key: dump_answer(answer)}, most=MOST, weight=lambda _: 1)


def _folder(cache: Path) -> Path:
    return cache / "answers"
