"""What the reader and the writer of case files promise: nothing is lost, and what would be is refused."""

import pytest
import txtar
from hypothesis import given
from hypothesis import strategies as st
from txtar import Archive, NotHeldError

STORY = """\
Two files and what is no file.

-- specs/a.yaml --
a: 1
-- b ---
--- c --
--  --
-- --
-- empty --
-- with a space --

\ttab, and a blank at the end\x20
"""
FILES = {
    "specs/a.yaml": "a: 1\n-- b ---\n--- c --\n--  --\n-- --\n",
    "empty": "",
    "with a space": "\n\ttab, and a blank at the end \n",
}

HOSTILE = st.sampled_from(
    ["-- a --\n", "-- a --", "--  --\n", "-- ", " --", "\n", "\r\n", "\t", "\0", "\ufeff", "\u202e", "é"]
)
TEXTS = st.lists(st.text(max_size=4) | HOSTILE, max_size=6).map("".join)
LINES = st.text(st.characters(codec="utf-8").filter(str.isprintable) | st.just("\t"), max_size=8)
HELD = st.lists(LINES.filter(lambda line: not line.startswith("-- ")).map("{}\n".format), max_size=4).map("".join)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="/ .").filter(str.isprintable), min_size=1, max_size=6)
PATHS = st.lists(WORDS, min_size=1, max_size=3).map("/".join)


def test_a_text_is_read_as_comment_and_files() -> None:
    """Lines that only look like the start of a file belong to the file that they stand in, as in Go."""
    assert txtar.parse(STORY) == Archive("Two files and what is no file.\n\n", FILES)
    assert txtar.unparse(txtar.parse(STORY)) == STORY
    assert txtar.parse("") == Archive("", {})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("-- a --\nx", "line 2 of the archive, the last one, has no end"),
        ("-- a --", "line 1 of the archive, the last one, has no end"),
        ("-- a --\nx\r\n", "line 2 of the archive has a character that nobody sees"),
        ("\ufeffcomment\n", "line 1 of the archive has a character that nobody sees"),
        ("--  a --\nx\n", "line 1 of the archive: write '-- a --'"),
        ("-- a --\nx\n-- a --\ny\n", "line 3 of the archive: a second file 'a'"),
        ("-- ../a --\nx\n", "'../a' is not a plain path to a file below the folder"),
    ],
)
def test_what_would_be_guessed_is_refused(text: str, reason: str) -> None:
    """The message says where."""
    with pytest.raises(NotHeldError) as caught:
        txtar.parse(text)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    "path", ["", ".", "..", "/etc/passwd", "a/../b", "./a", "a//b", "a/", " a", "a ", "a\nb", "a\tb"]
)
def test_a_path_stays_below_the_folder(path: str) -> None:
    """And is written in one way only."""
    with pytest.raises(NotHeldError):
        txtar.unparse(Archive("", {path: ""}))


@pytest.mark.parametrize(
    "text", ["x", "\r\n", "\x1b[31m\n", "a\u202eb\n", "\u2028\n", "\ud800\n", "-- b --\n", "x\n--  b --\n"]
)
def test_a_content_that_would_not_come_back_is_refused(text: str) -> None:
    """As a file and as the comment."""
    for archive in (Archive("", {"a": text}), Archive(text, {})):
        with pytest.raises(NotHeldError):
            txtar.unparse(archive)


@given(HELD, st.dictionaries(PATHS, HELD, max_size=3))
def test_text_that_is_seen_is_held(comment: str, files: dict[str, str]) -> None:
    """Nothing is refused but what has to be."""
    text = txtar.unparse(Archive(comment, files))
    assert txtar.parse(text) == Archive(comment, files)
    assert list(txtar.parse(text).files) == list(files)


@given(TEXTS, st.dictionaries(PATHS | TEXTS, TEXTS, max_size=3))
def test_what_is_written_is_read_back(comment: str, files: dict[str, str]) -> None:
    """Or it is refused: nothing comes back as something else."""
    try:
        text = txtar.unparse(Archive(comment, files))
    except NotHeldError:
        return
    assert txtar.parse(text) == Archive(comment, files)
    assert text == text.encode().decode()


@given(TEXTS)
def test_what_is_read_is_written_back(text: str) -> None:
    """So a case that is written anew differs only where it changed."""
    try:
        archive = txtar.parse(text)
    except NotHeldError:
        return
    assert txtar.unparse(archive) == text
