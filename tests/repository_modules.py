"""The files of this repository, and the modules among them."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@cache
def repository_files() -> tuple[Path, ...]:
    """What git tracks or would track, without what is not text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file() and not path.is_symlink()))


@cache
def modules(folder: str) -> tuple[tuple[Path, str], ...]:
    """Every Python file below a folder with its text."""
    return tuple(
        (path, path.read_text(encoding="utf-8"))
        for path in repository_files()
        if path.is_relative_to(ROOT / folder) and path.suffix == ".py"
    )


def module_name(path: Path) -> str:
    """How a file is imported, from the repository's root."""
    return ".".join(path.relative_to(ROOT / "compiler").with_suffix("").parts).removesuffix(".__init__")
