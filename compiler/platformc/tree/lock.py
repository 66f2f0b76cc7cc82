"""lock: one writer of a folder at a time.

In      a folder, such as rendered/.platformc.
Out     a context in which no other process of this machine holds the lock; the file is gone afterwards.
Never   waits silently, or keeps the lock of a dead process: the kernel releases it.
"""
# ruff: noqa: PTH108, PTH116
# Paths are text here, as in `disk`.

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from platformc.diagnostics import ToolError

LOCK = "lock"
_PAUSE_SECONDS = 0.05
_HOLDER_BYTES = 4096


def _say_nothing(_message: str) -> None:
    """For callers that wait silently."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long to wait for another writer, and how to report (once) that this one is waiting."""

    seconds: float = 60.0
    tell: Callable[[str], None] = _say_nothing
    work: str = "render"
    """What the other writer does, and what to run again in the end."""


@contextmanager
def locked(folder: str, waiting: Waiting) -> Iterator[None]:
    """Hold the lock of a folder that exists.

    Raises ToolError, with process, host and start of the holder, if the time is over;
    OSError if the lock file cannot be created.
    """
    path = f"{folder}/{LOCK}"
    held = _acquire(path, waiting)
    try:
        yield
    finally:
        # Removed while held, so that no waiter can mistake the removed file for the lock: see _is_current.
        os.unlink(path)
        os.close(held)


def _acquire(path: str, waiting: Waiting) -> int:
    end = time.monotonic() + waiting.seconds
    told = False
    while True:
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(opened)
            os.close(opened)
        except BaseException:
            os.close(opened)
            raise
        else:
            if _is_current(opened, path):
                _sign(opened)
                return opened
            os.close(opened)
            continue
        if time.monotonic() >= end:
            raise ToolError(
                f"another {waiting.work} is still writing after {waiting.seconds:g} s: {holder}",
                hint=f"wait for it to end, or stop it, then {waiting.work} again",
            )
        if not told:
            waiting.tell(f"waiting for another {waiting.work}: {holder}")
            told = True
        time.sleep(_PAUSE_SECONDS)


def _is_current(opened: int, path: str) -> bool:
    """Whether the locked file is still the one at the path: its last holder may have removed it."""
    try:
        return os.path.samestat(os.fstat(opened), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False


def _sign(opened: int) -> None:
    started = datetime.now(UTC).isoformat(timespec="seconds")
    holder = {"pid": os.getpid(), "host": socket.gethostname(), "start": started}
    os.ftruncate(opened, 0)
    os.pwrite(opened, json.dumps(holder).encode(), 0)


def _holder(opened: int) -> str:
    """Who holds the lock, as far as the file shows: it is empty for a moment after it was created."""
    try:
        holder = json.loads(os.pread(opened, _HOLDER_BYTES, 0))
        return f"process {holder['pid']:d} on {ascii(holder['host'])[1:-1]}, since {ascii(holder['start'])[1:-1]}"
    except (ValueError, KeyError, TypeError, RecursionError):
        return "a process that is just starting"
