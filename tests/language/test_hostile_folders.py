from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from platformc.diagnostics import Finding
from platformc.diagnostics.github import render_github
from platformc.diagnostics.json_format import render_json
from platformc.diagnostics.sarif import render_sarif
from platformc.diagnostics.text import render_text
from platformc.kinds import KINDS
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.sources import Sources, load

DOCUMENT = "apiVersion: platformc.dev/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {}\n"


@pytest.fixture
def specs(tmp_path: Path) -> Path:
    """A specs folder with one application."""
    folder = tmp_path / "specs"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "application.yaml").write_text(DOCUMENT, encoding="utf-8")
    return folder


def _load(specs: Path) -> Sources:
    sources = load(
        DiskFolder(specs), "specs", KINDS, load_claim_api(DiskFolder(specs.parent / "crossplane"), "crossplane")
    )
    _write(sources.findings)
    return sources


def _write(findings: tuple[Finding, ...]) -> None:
    """Whatever a folder holds, its findings can be written in every format."""
    for text in (
        render_text(findings, {}, color=True, width=80),
        render_json(findings),
        render_github(findings),
        render_sarif(findings),
    ):
        text.encode()


def _said(sources: Sources) -> list[tuple[str, str]]:
    return [(finding.rule, finding.at.path) for finding in sources.findings]


def test_links_are_not_followed(specs: Path, tmp_path: Path) -> None:
    """Neither a file's nor a folder's, nor one that leads in a circle; what may be missing is not called missing."""
    outside = tmp_path / "outside"
    shutil.copytree(specs / "a", outside)
    (specs / "folder").symlink_to(outside)
    (specs / "circle.yaml").symlink_to(specs)
    (specs / "a" / "file.yaml").symlink_to(outside / "application.yaml")
    (specs / "a" / "nowhere.yaml").symlink_to("nowhere")
    sources = _load(specs)
    assert sorted(_said(sources)) == [
        ("symlink-refused", "specs/a/file.yaml"),
        ("symlink-refused", "specs/a/nowhere.yaml"),
        ("symlink-refused", "specs/circle.yaml"),
        ("symlink-refused", "specs/folder"),
    ]
    assert sources.incomplete
    assert [str(document.id) for document in sources.documents] == ["Application a/a"]


def test_other_things_than_files(specs: Path) -> None:
    """A pipe is not waited for; a folder may be called like a file; what is hidden is not looked at."""
    os.mkfifo(specs / "a" / "pipe.yaml")
    (specs / "a" / "more.yaml").mkdir()
    (specs / "a" / "more.yaml" / "x.yaml").write_text(DOCUMENT.replace("name: a", "name: b"), encoding="utf-8")
    (specs / ".git").mkdir()
    (specs / ".git" / "x.yaml").write_text("[", encoding="utf-8")
    (specs / "a" / ".swap.yaml").write_text("[", encoding="utf-8")
    (specs / "a" / "readme.md").write_text("[", encoding="utf-8")
    assert _said(_load(specs)) == [
        ("file-unreadable", "specs/a/pipe.yaml"),
        ("duplicate-document", "specs/a/more.yaml/x.yaml"),
    ]


def test_names_that_are_not_utf_8(specs: Path) -> None:
    """They are refused, wherever in the path they stand, and shown as far as they can be."""
    root = os.fsencode(specs)
    for path in (b"a/\xff.yaml", b"\xfe/x.yaml"):
        os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)  # noqa: PTH103, PTH118, PTH120 - bytes
        with open(os.path.join(root, path), "wb") as file:  # noqa: PTH118, PTH123 - bytes
            file.write(DOCUMENT.encode())
    os.symlink(b"nowhere", os.path.join(root, b"\xfd.yaml"))  # noqa: PTH118, PTH211 - bytes
    os.symlink(root, os.path.join(root, b"\xfc"))  # noqa: PTH118, PTH211 - bytes
    sources = _load(specs)
    assert sorted(_said(sources)) == [
        ("file-unreadable", "specs/a/\ufffd.yaml"),
        ("file-unreadable", "specs/\ufffd.yaml"),
        ("file-unreadable", "specs/\ufffd/x.yaml"),
        ("symlink-refused", "specs/\ufffd"),
    ]


def test_names_with_control_characters(specs: Path) -> None:
    """They can be written: every format escapes them."""
    (specs / "a" / "x\n::error::y\x1b[31m.yaml").write_text("[", encoding="utf-8")
    sources = _load(specs)
    assert [rule for rule, _ in _said(sources)] == ["yaml-syntax"]
    assert "\x1b[31m" not in render_text(sources.findings, sources.texts, color=False, width=80)
    assert "\n::error::y" not in render_github(sources.findings)


def test_a_folder_that_cannot_be_read_is_a_finding(specs: Path) -> None:
    """Here its path is too long for the system, which no user may pass; documents in it may be missing."""
    deep = "d" * 250
    descriptor = os.open(specs / "a", os.O_RDONLY)
    for _ in range(18):
        os.mkdir(deep, dir_fd=descriptor)
        below = os.open(deep, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    sources = _load(specs)
    assert [(rule, len(path) > 4000) for rule, path in _said(sources)] == [("file-unreadable", True)]
    assert sources.incomplete


def _nested(folder: Path, levels: int) -> None:
    """Folders in folders, though not with too long a path."""
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)


@pytest.mark.parametrize(("levels", "found"), [(59, False), (60, False), (61, True), (70, True)])
def test_folders_that_are_nested_too_deep(specs: Path, levels: int, *, found: bool) -> None:
    """Walking them would need more of Python's calls than there are."""
    _nested(specs / "a", levels)
    sources = _load(specs)
    assert _said(sources) == [("file-unreadable", "/".join(["specs/a", *["d"] * 60]))] * found
    assert sources.incomplete == found


def test_a_specs_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    """Whoever calls without the command line, which refuses it before."""
    assert _said(_load(tmp_path / "specs")) == [("file-unreadable", "specs")]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("", []),
        ("---\n---\n# nothing\n", []),
        ("text", ["invalid-document"]),
        ("- a\n", ["invalid-document"]),
        ("null\n---\n3\n", ["invalid-document"]),
        ("{}\n", ["missing-field", "missing-field", "missing-field"]),
        ("apiVersion: 1\nkind: 2\nmetadata: {name: 3}\n", ["wrong-type", "wrong-type", "wrong-type"]),
        ("apiVersion: [a]\nkind: {b: c}\nmetadata: {name: [d]}\n", ["missing-field", "missing-field", "missing-field"]),
        ("apiVersion: platformc.dev/v1alpha1\nkind: Config\nmetadata: text\n", ["missing-field"]),
        ("apiVersion: platformc.dev/v1alpha1\nkind: Config\nmetadata: {name: ''}\n", ["wrong-type"]),
        ("apiVersion: platformc.dev/v1alpha1\nkind: Config\nmetadata: {name: x}\nspec: text\n", ["wrong-type"]),
        ("apiVersion: v2\nkind: Config\nmetadata: {name: x}\nspec: {}\n", ["invalid-document"]),
        ("apiVersion: platformc.dev/v1alpha1\nkind: Nothing\nmetadata: {name: x}\n", ["unknown-kind"]),
    ],
)
def test_documents_of_any_shape(specs: Path, text: str, rules: list[str]) -> None:
    """What is no document of ours is a finding, and nothing more is said about it."""
    (specs / "a" / "x.yaml").write_text(text, encoding="utf-8")
    assert [finding.rule for finding in _load(specs).findings] == rules
