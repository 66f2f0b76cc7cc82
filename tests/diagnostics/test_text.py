"""Findings as text: the exact shape, and what no input may break."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import SupportsIndex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.diagnostics import Finding, Severity, Span
from platformc.diagnostics.text import render_problem, render_text, summary
from platformc.diagnostics.text_cells import cell
from platformc.diagnostics.text_snippet import CUT, NEAR, snippet, split_lines

BOT = "specs/discord-bot/bot.yaml"
BOT_TEXT = "\n" * 13 + "      DISCORD_TOKEN: ${secret.discord-bot-secrets.DISCORD_TOKEN}\n"
BOT_FINDING = Finding(
    Span(BOT, 14, 22, 14, 64),
    "unknown-reference",
    Severity.ERROR,
    "secret discord-bot-secrets has no key DISCORD_TOKEN",
    hint="did you mean DISCORD_TOKENS?",
)
SGR = re.compile(r"\x1b\[[0-9;]*m")


def at(line: int, column: int, end_column: int, *, end_line: int = 0, path: str = "a.yaml") -> Span:
    """Make a span, on one line unless told otherwise."""
    return Span(path, line, column, end_line or line, end_column)


def shown(
    text: str, span: Span, *, width: int = 80, related: tuple[tuple[Span, str], ...] = (), hint: str = ""
) -> list[str]:
    """Render one warning about `text` as a.yaml, without its headline and summary."""
    finding = Finding(span, "some-rule", Severity.WARNING, "message", hint=hint, related=related)
    rendered = render_text([finding], {"a.yaml": text}, color=False, width=width)
    first, *lines, blank, count = rendered.splitlines()
    assert (first, blank, count) == ("warning[some-rule]: message", "", "1 warning")
    return lines


class TestShape:
    """The whole of a rendered finding, character for character."""

    def test_example_of_the_design(self) -> None:
        """The page that people learn the format from shows what the program prints."""
        assert render_text([BOT_FINDING], {BOT: BOT_TEXT}, color=False, width=80) == (
            "error[unknown-reference]: secret discord-bot-secrets has no key DISCORD_TOKEN\n"
            "  --> specs/discord-bot/bot.yaml:14:22\n"
            "   |\n"
            "14 |       DISCORD_TOKEN: ${secret.discord-bot-secrets.DISCORD_TOKEN}\n"
            "   |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "   = help: did you mean DISCORD_TOKENS?\n"
            "\n"
            "error: 1 error\n"
        )

    def test_nothing_to_tell(self) -> None:
        """No findings, no output: not even a line break."""
        assert render_text([], {}, color=True, width=80) == ""

    def test_related_places_and_environment(self) -> None:
        """Other places follow as snippets of their own, in line with the widest line number."""
        finding = Finding(
            at(2, 7, 12),
            "duplicate-object",
            Severity.ERROR,
            "two documents are Service web",
            hint="rename one\nor remove it",
            related=((Span("b.yaml", 120, 3, 120, 6), "first made here"), (Span("gone.yaml", 4, 2, 4, 3), "and here")),
            environment="staging",
        )
        texts = {"a.yaml": "kind: x\nname: other\n", "b.yaml": "\n" * 119 + "  web: {}\n"}
        assert render_text([finding], texts, color=False, width=80) == (
            "error[duplicate-object]: two documents are Service web\n"
            "   --> a.yaml:2:7\n"
            "    |\n"
            "  2 | name: other\n"
            "    |       ^^^^^\n"
            "   ::: b.yaml:120:3\n"
            "    |\n"
            "120 |   web: {}\n"
            "    |   --- first made here\n"
            "   ::: gone.yaml:4:2: and here\n"
            "    = in environment: staging\n"
            "    = help: rename one\n"
            "            or remove it\n"
            "\n"
            "error: 1 error\n"
        )

    def test_files_as_a_whole(self) -> None:
        """A finding about a file has its path and no snippet, known text or not."""
        assert shown("a: 1\n", Span("a.yaml"), hint="do it") == [" --> a.yaml", "  = help: do it"]

    def test_unknown_file_and_line(self) -> None:
        """Where no source can be shown the place still is."""
        assert shown("a: 1\n", at(3, 1, 2, path="b.yaml")) == [" --> b.yaml:3:1"]
        assert shown("a: 1\n", at(30, 1, 2)) == [" --> a.yaml:30:1"]

    def test_summary_counts_and_plurals(self) -> None:
        """Counts are in order of weight; what there is none of is not named."""
        findings = [BOT_FINDING, BOT_FINDING, Finding(Span("x"), "r", Severity.NOTE, "m")]
        assert summary(findings) == "2 errors, 1 note"
        assert render_text(findings, {}, color=False, width=80).endswith("\n\nerror: 2 errors, 1 note\n")

    def test_colour_changes_nothing_but_colour(self) -> None:
        """Taking the escape codes away gives the plain text; the headline wears the severity's colour."""
        texts = {BOT: BOT_TEXT}
        coloured = render_text([BOT_FINDING], texts, color=True, width=80)
        assert coloured.startswith("\x1b[1;31merror[unknown-reference]\x1b[0m")
        assert SGR.sub("", coloured) == render_text([BOT_FINDING], texts, color=False, width=80)

    def test_problem_without_a_place(self) -> None:
        """Wrong usage looks like a finding, with its hint below."""
        assert render_problem("no such verb chek", "did you mean check?", color=False) == (
            "error: no such verb chek\n  = help: did you mean check?\n"
        )


class TestCarets:
    """Where the underline stands."""

    @pytest.mark.parametrize(
        ("line", "span", "source", "underline"),
        [
            ("\tkey: value", at(1, 2, 5), "    key: value", "    ^^^"),
            ("a: \t b", at(1, 4, 5), "a:      b", "   ^^^^"),
            ("名前: 値段", at(1, 5, 7), "名前: 値段", "      ^^^^"),
            ("e\u0301a: x", at(1, 3, 4), "e\u0301a: x", " ^"),
            ("e\u0301a: x", at(1, 2, 3), "e\u0301a: x", "^"),
            ("a: \x1b[31mred", at(1, 4, 9), "a: ␛[31mred", "   ^^^^^"),
            ("a: \u202eevil", at(1, 5, 9), "a: \\u202eevil", "         ^^^^"),
            ("key:", at(1, 5, 5), "key:", "    ^"),
            ("key: value", at(1, 3, 3), "key: value", "  ^"),
            ("key: value", at(1, 6, 40), "key: value", "     ^^^^^"),
            ("key: value", at(1, 60, 70), "key: value", "          ^"),
            ("key: |  ", at(1, 6, 4, end_line=3), "key: |", "     ^"),
            ("", at(1, 1, 1, end_line=2), "", "^"),
        ],
        ids=[
            "tab before",
            "tab inside",
            "wide",
            "after a combining character",
            "on a combining character",
            "escape code",
            "reversed text",
            "empty span at the end",
            "empty span inside",
            "end beyond the line",
            "start beyond the line",
            "several lines",
            "empty line",
        ],
    )
    def test_underline(self, line: str, span: Span, source: str, underline: str) -> None:
        """The underline is below what is meant, as a terminal shows it."""
        assert shown(line + "\nmore\nlines", span)[2:] == [f"1 | {source}".rstrip(), f"  | {underline}"]

    def test_place_in_a_long_line(self) -> None:
        """Only what surrounds the place is shown, and it says where something was cut."""
        line = "key: " + "a" * 100 + "HERE" + "b" * 100
        assert shown(line, at(1, 106, 110), width=44)[2:] == [
            "1 | ...aaaaaaaaaaaaaaaHEREbbbbbbbbbbbbbbb...",
            "  |                   ^^^^",
        ]

    def test_both_ends_of_a_long_line(self) -> None:
        """At an end of the line there is nothing to cut on that side, and the room is used."""
        line = "START" + "a" * 100 + "END"
        assert shown(line, at(1, 1, 6), width=34)[2:] == ["1 | STARTaaaaaaaaaaaaaaaaaaaaaa...", "  | ^^^^^"]
        assert shown(line, at(1, 106, 109), width=34)[2:] == [
            "1 | ...aaaaaaaaaaaaaaaaaaaaaaaaEND",
            "  | " + " " * 27 + "^^^",
        ]

    def test_place_longer_than_the_terminal(self) -> None:
        """The underline ends where the line is cut."""
        source, underline = shown("k: " + "a" * 300, at(1, 4, 304), width=44)[2:]
        assert (len(source), source[-3:]) == (44, "...")
        assert underline.count("^") == source.count("a")

    def test_byte_order_mark(self) -> None:
        """A mark that the reader skips does not move the caret."""
        assert shown("\ufeffkey: value", at(1, 1, 4))[2:] == ["1 | key: value", "  | ^^^"]

    def test_line_ends(self) -> None:
        """Lines are those that the YAML reader counts, whoever wrote the file."""
        assert split_lines("a\r\nb\rc\nd\u2028e") == ("a", "b", "c", "d", "e")


LINES = st.text(st.one_of(st.characters(), st.sampled_from("ab \t\x1b\u0301漢\u202e\U0001f600")), max_size=60)
NUMBERS = st.integers(min_value=0, max_value=70)
SPANS = st.builds(Span, st.sampled_from(("a.yaml", "b.yaml", "\x1b]0;x")), NUMBERS, NUMBERS, NUMBERS, NUMBERS)
FINDINGS = st.builds(
    Finding,
    at=SPANS,
    rule=st.sampled_from(("some-rule", "other")),
    severity=st.sampled_from(Severity),
    message=LINES,
    hint=LINES,
    related=st.lists(st.tuples(SPANS, LINES), max_size=2).map(tuple),
    environment=st.sampled_from(("", "staging", "\x07")),
)
FILES: st.SearchStrategy[Mapping[str, str]] = st.dictionaries(
    st.sampled_from(("a.yaml", "b.yaml")), st.lists(LINES, max_size=5).map("\n".join), max_size=2
)


@settings(max_examples=60)
@given(st.lists(FINDINGS, max_size=3), FILES, st.integers(min_value=-5, max_value=120))
def test_no_input_breaks_the_terminal(findings: list[Finding], texts: Mapping[str, str], width: int) -> None:
    """Whatever a finding and a file hold: no failure, no control character, no line but ours, the same in colour."""
    plain = render_text(findings, texts, color=False, width=width)
    unsafe = {character for character in plain if unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp")}
    assert unsafe <= {"\n"}
    assert SGR.sub("", render_text(findings, texts, color=True, width=width)) == plain


@settings(max_examples=150)
@given(LINES.filter(lambda line: len(split_lines(line)) == 1), st.data())
def test_underline_is_below_the_span(line: str, data: st.DataObject) -> None:
    """Cut or not, the columns above the underline hold what the span names, and the line fits."""
    line = line.removeprefix("\ufeff")
    first = data.draw(st.sampled_from([index for index, each in enumerate(line) if cell(each).width] or [0]))
    last = data.draw(st.integers(first, len(line)))
    width = data.draw(st.integers(24, 200))
    result = snippet(line, Span("a.yaml", 1, first + 1, 1, last + 1), width)
    by_column = "".join(character * cell(character).width for character in result.text)
    assert len(by_column) <= width
    assert result.length >= 1
    above = by_column[result.offset : result.offset + result.length].rstrip()
    shown_cells = (cell(character) for character in line[first:last])
    meant = "".join(each.text * each.width if len(each.text) == 1 else each.text for each in shown_cells)
    if meant and by_column.endswith(CUT):
        assert meant.startswith(above)
    elif meant:
        assert above == meant.rstrip()


class LongLine(str):
    """A line that is cut before it is looked at, and to no more than what is near a place."""

    __slots__ = ()

    def __getitem__(self, key: SupportsIndex | slice) -> str:
        """Give a part that is short."""
        part = super().__getitem__(key)
        assert len(part) <= 2 * NEAR * 80
        return part

    def __iter__(self) -> Iterator[str]:
        """Looking at all of it takes minutes where many mistakes are in it."""
        raise AssertionError("looked at the whole line")


def test_a_very_long_line() -> None:
    """Only what is near the place is looked at: a file can be one line of millions of characters with many mistakes."""
    line = LongLine("é" * 3_000_000)
    for column in range(1, 3_000_000, 30_000):
        result = snippet(line, Span("a.yaml", 1, column, 1, column + 3), 80)
        assert (len(result.text), result.length) == (80, 3)
    assert snippet(line, Span("a.yaml", 1, 1, 2, 1), 80).text == "é" * 77 + CUT
    assert snippet(line, Span("a.yaml", 1, 4_000_000, 1, 4_000_001), 80).text == CUT + "é" * 76


def test_a_confidential_line_is_not_shown() -> None:
    """Where a secret may stand, only the place is told: what is printed ends in logs."""
    texts = {"specs/a.yaml": "PASSWORD: hunter2-hunter2\n"}
    at = Span("specs/a.yaml", 1, 11, 1, 26)
    finding = Finding(at, "secret-literal-in-env", Severity.ERROR, "PASSWORD is written out", confidential=True)
    text = render_text([finding], texts, color=False, width=120)
    assert "hunter2" not in text
    assert "specs/a.yaml:1:11" in text
    shown = render_text([replace(finding, confidential=False)], texts, color=False, width=120)
    assert "hunter2" in shown
