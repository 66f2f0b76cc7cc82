"""documents: every file below docs/ that is made, and how they come to the disk.

In      what the generators give; the docs folder.
Out     files by path; which of them are stale.
Never   touches a file of docs/ that no generator names, but in docs/rules/, which is all generated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from platformc.atomic_file import write_atomically

from tools.docs.commands import commands
from tools.docs.conventions import conventions
from tools.docs.data_safety import data_safety
from tools.docs.diff_schema import report_schema
from tools.docs.language import language
from tools.docs.rules import rules
from tools.docs.schema import document_schema

GENERATED_FOLDER = "rules"
"""Below docs/, and nothing else stands in it: the page of a rule that is gone goes, too."""


def documents() -> Mapping[str, str]:
    """Path below docs/ -> content, sorted by path."""
    made = {
        "language.md": language(),
        "commands.md": commands(),
        "conventions.md": conventions(),
        "data-safety.md": data_safety(),
        "diff-report.schema.json": json.dumps(report_schema(), indent=1) + "\n",
        "specs.schema.json": json.dumps(document_schema(), indent=1) + "\n",
        **dict(rules()),
    }
    return dict(sorted(made.items()))


def stale(folder: Path, made: Mapping[str, str]) -> tuple[str, ...]:
    """The paths below `folder` that differ from what is made, are missing, or are left over; sorted."""
    different = [path for path, content in made.items() if _read(folder / path) != content]
    return tuple(sorted([*different, *_left_over(folder, made)]))


def write(folder: Path, made: Mapping[str, str]) -> tuple[str, ...]:
    """Bring the folder up to date; the paths that were written or removed, sorted."""
    changed = stale(folder, made)
    for path in changed:
        target = folder / path
        if path in made:
            write_atomically(target, made[path].encode())
        else:
            target.unlink()
    return changed


def _left_over(folder: Path, made: Mapping[str, str]) -> list[str]:
    found = (path.relative_to(folder).as_posix() for path in (folder / GENERATED_FOLDER).glob("*.md"))
    return [path for path in found if path not in made]


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode()
    except (FileNotFoundError, UnicodeDecodeError):
        return None
