"""scripted_edits: changes of this repository's platform as edits of its files."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Edit = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class ScriptedChange:
    """One change, as its author would make it."""

    name: str
    edits: tuple[Edit, ...]
    before: tuple[Edit, ...] = ()
    """What the base has beyond the platform as it is; the head has it too, before its edits."""
    is_rendered_by_another_compiler: bool = False
    """Whether the edits are to what is rendered, on both sides."""


def replaced(file: str, old: str, new: str) -> Edit:
    """Replace a text that occurs once in a file."""

    def edit(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} has {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def everywhere(folder: str, old: str, new: str) -> Edit:
    """Replace a text wherever it occurs below a folder."""

    def edit(root: Path) -> None:
        changed = 0
        for path in sorted((root / folder).rglob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            if old in text:
                path.write_text(text.replace(old, new), encoding="utf-8")
                changed += 1
        assert changed, f"no file below {folder} has {old!r}"

    return edit


def appended(file: str, text: str) -> Edit:
    """Append a document to a file."""

    def edit(root: Path) -> None:
        with (root / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return edit


def removed(path: str) -> Edit:
    """Remove a file or a folder."""

    def edit(root: Path) -> None:
        found = root / path
        if found.is_dir():
            shutil.rmtree(found)
        else:
            found.unlink()

    return edit


def moved(path: str, target: str) -> Edit:
    """Move a file or a folder."""

    def edit(root: Path) -> None:
        (root / path).rename(root / target)

    return edit


def without_document(file: str, kind: str, name: str) -> Edit:
    """Remove one document of a file."""

    def edit(root: Path) -> None:
        path = root / file
        documents = path.read_text(encoding="utf-8").split("\n---\n")
        kept = [one for one in documents if f"kind: {kind}\nmetadata: {{name: {name}}}" not in one]
        assert len(kept) == len(documents) - 1, f"{file} has no {kind} {name}"
        path.write_text("\n---\n".join(kept).rstrip("\n") + "\n", encoding="utf-8")

    return edit
