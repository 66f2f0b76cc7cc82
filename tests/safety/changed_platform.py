"""A small platform with everything that holds data, and changes of it: what each is told as.

A change is a list of edits of files. What is told of each, compared with the platform as it is, is in `told/`, as a
person sees it. `make cases` writes them all again; their diff is to be read like code.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from platformc.check import Tools
from platformc.diagnostics import Finding, sort_findings
from platformc.diagnostics.text import render_text
from platformc.request import Request
from platformc.safety import Transition, findings, transitions
from platformc.snapshot import Comparison, ListKeys, Snapshot, compare, snapshot_of_folder

ROOT = Path(__file__).parents[2]
PLATFORM = Path(__file__).parent / "platform"
TOLD = Path(__file__).parent / "told"
WIDTH = 120

Edit = Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as its author would make it."""

    name: str
    edits: tuple[Edit, ...]
    errors: frozenset[str] = frozenset()
    """The rules that are violated by it, besides."""


def replaced(file: str, old: str, new: str) -> Edit:
    """Replace a text of a file, wherever it stands."""

    def edit(root: Path) -> None:
        path = root / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return edit


def appended(file: str, text: str) -> Edit:
    """Add documents to a file."""

    def edit(root: Path) -> None:
        with (root / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return edit


def removed(path: str) -> Edit:
    """Remove a file or a folder."""

    def edit(root: Path) -> None:
        found = root / path
        shutil.rmtree(found) if found.is_dir() else found.unlink()

    return edit


def without(file: str, kind: str, name: str) -> Edit:
    """Remove one document of a file."""

    def edit(root: Path) -> None:
        path = root / file
        documents = path.read_text(encoding="utf-8").split("\n---\n")
        kept = [one for one in documents if f"kind: {kind}\nmetadata: {{name: {name}}}" not in one]
        assert len(kept) == len(documents) - 1, f"{file} has no {kind} {name}"
        path.write_text("\n---\n".join(kept).rstrip("\n") + "\n", encoding="utf-8")

    return edit


def copied(root: Path) -> Path:
    """The platform as it is, in a folder of its own."""
    shutil.copytree(PLATFORM, root)
    shutil.copytree(ROOT / "crossplane", root / "crossplane")
    return root


def renamed(path: str, target: str) -> Edit:
    """Move a file."""

    def edit(root: Path) -> None:
        (root / path).rename(root / target)

    return edit


def snapshot(root: Path, label: str, errors: frozenset[str] = frozenset()) -> Snapshot:
    """What a folder is compiled to; any other error than these is a mistake of the test."""
    request = Request(root, root / "specs", root / "rendered", validate=False)
    with tempfile.TemporaryDirectory() as folder:
        made = snapshot_of_folder(request, label, Tools(Path(folder), ""), lambda _stage: None)
    wrong = [one for one in made.findings if one.severity == "error"]
    assert {one.rule for one in wrong} == errors, wrong
    return made


@cache
def as_it_is() -> Snapshot:
    """The platform before any change."""
    with tempfile.TemporaryDirectory() as folder:
        return snapshot(copied(Path(folder) / "base"), "main at 1a2b3c4")


def compared(change: Change) -> Comparison:
    """The platform before and after a change."""
    with tempfile.TemporaryDirectory() as folder:
        root = copied(Path(folder) / "head")
        for edit in change.edits:
            edit(root)
        return compare(as_it_is(), snapshot(root, "the working tree", change.errors), ListKeys())


def judged(change: Change) -> tuple[tuple[Transition, ...], tuple[Finding, ...], str]:
    """The transitions of a change, its findings, and how a person sees these."""
    comparison = compared(change)
    found = transitions(comparison)
    told = sort_findings(findings(found, comparison, "rendered"))
    assert comparison.head.sources is not None
    return found, told, render_text(told, comparison.head.sources.texts, color=False, width=WIDTH)


def rewrite(changes: tuple[Change, ...]) -> Iterator[str]:
    """Write what is told of each change; yield the names of those that differ."""
    TOLD.mkdir(exist_ok=True)
    known = {f"{change.name}.txt" for change in changes}
    for path in TOLD.glob("*.txt"):
        if path.name not in known:
            path.unlink()
            yield path.name
    for change in changes:
        path, text = TOLD / f"{change.name}.txt", judged(change)[2]
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            yield path.name


if __name__ == "__main__":
    from changes_of_data import CHANGES

    for name in rewrite(CHANGES):
        sys.stdout.write(f"wrote {name}\n")
