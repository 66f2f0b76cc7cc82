from __future__ import annotations

import os
from pathlib import Path

import pytest
from platformc.diagnostics import Span
from platformc.language.reader import read_documents
from platformc.language.source import LARGEST_FILE, SourceFile, printable, read_source

NAME = "specs/a.yaml"


def _rules(path: Path, name: str = NAME) -> list[str]:
    source, findings = read_source(path, name)
    assert (source is None) == bool(findings)
    return [finding.rule for finding in findings]


def _written(folder: Path, data: bytes) -> Path:
    path = folder / "a.yaml"
    path.write_bytes(data)
    return path


def test_text_is_read_as_it_is(tmp_path: Path) -> None:
    """UTF-8 in, text out; line breaks stay what they are."""
    assert read_source(_written(tmp_path, "a: é\r\nb: \N{PILE OF POO}\n".encode()), NAME) == (
        SourceFile(NAME, "a: é\r\nb: \N{PILE OF POO}\n"),
        (),
    )


def test_a_byte_order_mark_at_the_start_is_no_part_of_the_text(tmp_path: Path) -> None:
    """Windows editors write one; columns count without it."""
    source, findings = read_source(_written(tmp_path, b"\xef\xbb\xbfa: 1\n"), NAME)
    assert findings == ()
    assert source == SourceFile(NAME, "a: 1\n")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    """With a mark for their name, without one for the NUL bytes in them."""
    assert _rules(_written(tmp_path, "kind: Workload\n".encode(encoding))) in (["file-not-text"], ["hidden-character"])


def test_bytes_that_are_not_utf_8_are_shown_where_they_stand(tmp_path: Path) -> None:
    """The column counts characters, not bytes."""
    _, (finding,) = read_source(_written(tmp_path, b"a: 1\nb: \xc3\xa9\xff\n"), NAME)
    assert (finding.rule, finding.at) == ("file-not-text", Span(NAME, 2, 5, 2, 6))


@pytest.mark.parametrize(
    ("character", "escape"),
    [
        ("\0", "\\u0000"),
        ("\x1b", "\\u001b"),
        ("\x7f", "\\u007f"),
        ("\x85", "\\u0085"),
        ("\xad", "\\u00ad"),
        ("\u061c", "\\u061c"),
        ("\u200b", "\\u200b"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\ufeff", "\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\r", "\\u000d"),
    ],
)
def test_invisible_characters_are_refused(tmp_path: Path, character: str, escape: str) -> None:
    """What is read must be what is seen; the hint is an escape that YAML reads as that character."""
    _, (finding,) = read_source(_written(tmp_path, f"# é\nk: a{character}b\n".encode()), NAME)
    assert (finding.rule, finding.at) == ("hidden-character", Span(NAME, 2, 5, 2, 6))
    assert f'"{escape}"' in finding.hint
    (document,), _, _ = read_documents(SourceFile(NAME, f'- "{escape}"\n'))
    assert [getattr(item, "value", None) for item in getattr(document.root, "items", ())] == [character]


def test_lines_are_counted_alike(tmp_path: Path) -> None:
    """YAML ends a line at each of these, editors do not: a place behind one would be wrong, so none gets through."""
    for character in "\r\x85\u2028\u2029":
        assert _rules(_written(tmp_path, f"a: 1{character}b: [".encode())) == ["hidden-character"]


def test_a_file_at_the_limit_is_read_and_one_beyond_is_not(tmp_path: Path) -> None:
    """The limit is exact."""
    assert _rules(_written(tmp_path, b"#" * LARGEST_FILE)) == []
    assert _rules(_written(tmp_path, b"#" * (LARGEST_FILE + 1))) == ["file-too-large"]


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    """A pipe would block, a link lead elsewhere, a folder raise."""
    target = _written(tmp_path, b"a: 1\n")
    (tmp_path / "link.yaml").symlink_to(target)
    (tmp_path / "broken.yaml").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    assert _rules(tmp_path / "link.yaml") == ["symlink-refused"]
    assert _rules(tmp_path / "broken.yaml") == ["symlink-refused"]
    assert _rules(tmp_path / "pipe.yaml") == ["file-unreadable"]
    assert _rules(tmp_path / "folder.yaml") == ["file-unreadable"]
    assert _rules(tmp_path / "nowhere.yaml") == ["file-unreadable"]


def test_what_the_system_refuses_is_a_finding(tmp_path: Path) -> None:
    """A path that is too long fails like one without permission, for every user."""
    _, (finding,) = read_source(tmp_path / ("x" * 300), NAME)
    assert finding.rule == "file-unreadable"
    assert finding.message == "cannot read the file: File name too long"


def test_a_name_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    """It could be written into no report; the finding shows the rest of it."""
    name = os.fsdecode(b"specs/\xff.yaml")
    _, (finding,) = read_source(_written(tmp_path, b"a: 1\n"), name)
    assert (finding.rule, finding.at) == ("file-unreadable", Span("specs/\ufffd.yaml"))
    assert printable("specs/é.yaml") == "specs/é.yaml"
