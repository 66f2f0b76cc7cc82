"""cache: the place of files that can be recreated, and how they are written atomically.

In      the environment (once, for the folder's place); bytes and folders to keep.
Out     paths below the user's cache folder. All of it is safe to delete at any time.
Never   leaves half a file or half a folder, even with two processes at once.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from platformc.diagnostics import ToolError


def cache_folder(environ: Mapping[str, str]) -> Path:
    """Return the user's cache folder for platformc.

    XDG Base Directory specification: `$XDG_CACHE_HOME` counts only if it is absolute; otherwise it is
    `~/.cache`; neither is created. Without a home, the folder is made below the folder of temporary
    files; raises ToolError if another user made it first.
    """
    given = environ.get("XDG_CACHE_HOME", "")
    if given and Path(given).is_absolute():
        return Path(given) / "platformc"
    home = environ.get("HOME", "")
    if home and Path(home).is_absolute():
        return Path(home) / ".cache" / "platformc"
    return _temporary_folder()


def _temporary_folder() -> Path:
    """Make a folder where everyone can write. Executables run from it, so it must belong to this user alone."""
    folder = Path(tempfile.gettempdir()) / f"platformc-{os.getuid()}"
    with suppress(OSError):
        folder.mkdir(mode=0o700)
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return folder  # it cannot be made; whoever writes to it reports that
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise ToolError(
            f"{folder} is not a folder that only you can write to", hint="set PLATFORMC_CACHE to a folder of your own"
        )
    return folder


def write_folder_once(folder: Path, files: Mapping[str, bytes]) -> None:
    """Create a folder named after its content: complete or not at all.

    A folder that already exists is left alone, since its name promises the same bytes; so is one
    that another process finishes first.
    """
    if folder.is_dir():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        staged.chmod(0o755)
        for name, content in files.items():
            path = staged / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        staged.rename(folder)
    except OSError:
        if not folder.is_dir():  # a rename onto another process's finished folder fails: fine
            raise
    finally:
        shutil.rmtree(staged, ignore_errors=True)
