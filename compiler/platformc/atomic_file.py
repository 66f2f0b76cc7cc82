"""atomic_file: a file is there with all its bytes, or as it was.

In      a path, and its new bytes.
Out     the file; or the bytes beside it, for who changes several files in one step.
Never   leaves a part of a file where somebody reads it, also with two processes at once; follows a symlink where
        the bytes are staged.

What is written below rendered/ has a journal of its own (`tree.journal`): there, all files change or none.
"""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

from platformc.disk import Disk


def write_atomically(path: Path, content: bytes, mode: int = 0o644, *, durable: bool = False) -> None:
    """Write a file so that readers see the old bytes or the new ones, never a part. Makes its folder.

    `mode` is that of a file made anew, as far as the user's umask allows. With `durable` the bytes are on the disk
    for good before they take the old ones' place; a cache needs no such thing. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = stage(path, content, mode, durable=durable)
    try:
        staged.replace(path)
    except BaseException:
        staged.unlink(missing_ok=True)
        raise


def stage(path: Path, content: bytes, mode: int = 0o644, *, durable: bool = True) -> Path:
    """The bytes beside the place of a file, under a name that nothing reads; see `write_atomically`. Raises OSError."""
    disk = Disk()
    for number in count():
        staged = _staged(path, number)
        try:
            disk.create(str(staged), content, mode)
        except FileExistsError:  # of another process, or of one that was killed
            continue
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
        break
    if durable:
        try:
            disk.flush([str(staged)])
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
    return staged


def drop_staged(path: Path) -> None:
    """Remove what runs that were killed have staged for a file; for who knows that nobody else stages one."""
    for number in count():
        staged = _staged(path, number)
        if not os.path.lexists(staged):
            return
        staged.unlink()


def _staged(path: Path, number: int) -> Path:
    """No spec is called like this, nor any file that is looked for in a cache."""
    return path.with_name(f".{path.name}.{number}.new")
