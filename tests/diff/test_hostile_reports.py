"""Reports that are full of markup, commands and tricks look like harmless ones with strange words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from golden_reports import BASE, DETAILS, HEAD, as_markdown
from hypothesis import given
from hypothesis import strategies as st
from mapped_reports import mapped
from markdown_it import MarkdownIt
from platformc.diagnostics import UsageError
from platformc.diff.formats.github import render_github
from platformc.diff.formats.json_format import dump_report, parse_report
from platformc.diff.formats.markdown import LEAST, MARKER, render_markdown
from platformc.diff.formats.markdown_text import cell, code, fenced, prose
from platformc.diff.formats.text import render_text
from platformc.diff.report import Report
from platformc.language.source import HIDDEN
from sample_reports import SAMPLES

HOSTILE = (
    "@octocat",
    "#1",
    "GH-1",
    "o/r#1",
    "o/r@1a2b3c4d5e",
    "1a2b3c4d5e6f",
    "http://evil.example/x",
    "www.evil.example",
    "mail@evil.example",
    "![x](http://evil.example/x.png)",
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<!--",
    "-->",
    "</details>",
    "</summary></details><h1>",
    "</code></sub></td></table>",
    "&lt;b&gt; &#64;octocat",
    "|",
    "\\|",
    "\\\\|x|",
    "a\\",
    "`",
    "``",
    "` ` ``` x",
    "`a``b`",
    "x`y`@octocat`z",
    "~~~~",
    "# heading",
    "- item",
    "1. item",
    "> quote",
    "    indented",
    "***bold*** __bold__ ~~gone~~",
    ":tada:",
    "$x^2$ $`x`$",
    "[^1] [ ] [x]",
    "::error title=x::y",
    "%0A::error::y",
    "\x1b[31mred\x1b[0m\x07\x9b31m",
    "\u202egnp.exe\u2066\u200b\u00ad\ufeff",
    "\x00\x7f\x85\u2028",
    "\n\n# heading\n```\n</details>\n",
    "\r\n---\r\n",
    "a" * 3_000,
    "|" * 500,
    "`" * 300,
    "e\u0301\u0316" * 50,
    "\u6f22\u5b57" * 80,
    "\U0001f600",
)
"""Every trick on its own; hypothesis joins them."""

TEXTS = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=12), min_size=1, max_size=4).map(" ".join)
SMALL = st.sampled_from(sorted(SAMPLES.keys() - {"environment-renamed"}))
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

LINKED_BY_FORGES = re.compile(r"@\w|#\d|GH-\d|://|www\.|:\w+:|\$|\b[0-9a-fA-F]{7,}\b|[<>`|\\]", re.ASCII)
"""What becomes a link, a mention, a picture or a formula after markdown is HTML, if it stands outside of code."""

VISIBLE_BREAK = "\n"


@dataclass
class Seen:
    """What a page is made of."""

    tags: list[str] = field(default_factory=list)
    hrefs: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """Texts outside of code."""


class Reader(HTMLParser):
    """Reads HTML as a browser does, and notes its structure without links and code."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen = Seen()
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag; links and code are free to come and go."""
        self._code += tag == "code"
        if tag == "a":
            self.seen.hrefs += [value or "" for name, value in attrs if name == "href"]
            assert [name for name, _ in attrs] == ["href"]
        elif tag != "code":
            self.seen.tags.append(f"<{tag} {sorted(attrs)}>")
        else:
            assert attrs in ([], [("class", "language-diff")])

    def handle_endtag(self, tag: str) -> None:
        """Note its end."""
        self._code -= tag == "code"
        if tag not in ("a", "code"):
            self.seen.tags.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Note what is outside of code."""
        if not self._code:
            self.seen.outside.append(data)

    def handle_comment(self, data: str) -> None:
        """Note a comment."""
        self.seen.comments.append(data)


def seen(markdown: str) -> Seen:
    """What a forge would show."""
    reader = Reader()
    reader.feed(MARKDOWN.render(markdown))
    reader.close()
    return reader.seen


def hostile(report: Report, text: str) -> Report:
    """The report with `text` in the middle of every text of it; a text of one line stays one of one line."""
    one_line = " ".join(text.splitlines()) if text.splitlines() else text

    def change(old: str) -> str:
        return f"{old[:1]}{text if VISIBLE_BREAK in old else one_line}{old[1:]}" if old else old

    return mapped(report, change)


def assert_inert(report: Report, text: str) -> None:
    """The comment has the structure of the harmless one, links only to our own places, and nothing for forges."""
    harmless = seen(as_markdown(hostile(report, "x")))
    found = seen(as_markdown(hostile(report, text)))
    assert found.tags == harmless.tags
    assert found.comments == harmless.comments == [" platformc diff "]
    for href in found.hrefs:
        assert href == DETAILS or (
            href.startswith((f"{HEAD}/", f"{BASE}/")) and ".." not in urlsplit(href).path.split("/")
        )
    assert [part for part in found.outside if LINKED_BY_FORGES.search(part)] == []


class TestMarkdown:
    """Nothing from the spec is markup."""

    @pytest.mark.parametrize("text", HOSTILE)
    def test_each_trick_is_inert_everywhere(self, text: str) -> None:
        """In names, values, reasons, paths and counts of the richest sample."""
        assert_inert(SAMPLES["table-removed"](), text)

    @given(SMALL, TEXTS)
    def test_any_text_is_inert_everywhere(self, name: str, text: str) -> None:
        """In every sample."""
        assert_inert(SAMPLES[name](), text)

    def test_the_harmless_one_has_what_is_compared(self) -> None:
        """A parser that sees nothing must not turn these tests green."""
        harmless = seen(as_markdown(SAMPLES["table-removed"]()))
        assert {"<table []>", "<strong []>", "<li []>", "<sub []>"} <= set(harmless.tags)
        assert harmless.hrefs
        assert seen("# @octocat <b>x</b>").tags == ["<h1 []>", "<b []>", "</b>", "</h1>"]

    @given(TEXTS)
    def test_code_shows_every_character(self, text: str) -> None:
        """One code span, whose text is the text, also in a cell of a table."""
        for markdown in (f"x {code(text)} y", f"| x |\n|---|\n| x {cell(code(text))} y |"):
            html = MARKDOWN.render(markdown)
            assert html.count("<code>") == 1
            assert re.search(r">x <code>.*</code> y<", html, re.DOTALL)

    @given(TEXTS)
    def test_a_sentence_is_one_line_of_words_and_code(self, text: str) -> None:
        """No other tag comes of it."""
        made = prose(text, 10_000)
        assert "\n" not in made
        assert set(re.findall(r"<[^>]*>", MARKDOWN.render(f"- x {made}"))) <= {
            "<ul>", "<li>", "</li>", "</ul>", "<code>", "</code>",
        }  # fmt: skip

    @given(st.lists(TEXTS.map(lambda text: f"+{text}"), max_size=4))
    def test_no_line_ends_its_fence(self, lines: list[str]) -> None:
        """Also inside of a list."""
        html = MARKDOWN.render(f"- x\n\n{fenced(lines, 'diff', '  ')}\n\nend\n")
        assert html.count("<pre>") == 1
        assert html.endswith("<p>end</p>\n")

    def test_what_a_reader_reads_stays_readable(self) -> None:
        """Plain sentences are not code."""
        assert prose("restarts 2 pods, one by one, because the image changes") == (
            "restarts 2 pods, one by one, because the image changes"
        )
        assert prose("allows `kubectl exec` to stoat/api, it's on 8443/TCP.") == (
            "allows `kubectl exec` to `stoat/api`, it's on `8443/TCP`."
        )

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x/ y", "https://x/)[", "ftp://x", "//x"])
    def test_urls_are_urls(self, url: str) -> None:
        """They come from a command line; a wrong one is refused."""
        with pytest.raises(UsageError, match="is not a URL"):
            render_markdown(SAMPLES["nothing"](), details_url=url)
        with pytest.raises(UsageError, match="is not a URL"):
            render_markdown(SAMPLES["nothing"](), source_url=url)


class TestSize:
    """A comment has an end."""

    @pytest.mark.parametrize("most", [LEAST, 9_000, 65_000])
    @pytest.mark.parametrize("text", ["plain", "`" * 300, "a" * 3_000, "</details>"])
    def test_a_large_report_is_cut_by_priority(self, most: int, text: str) -> None:
        """It says what is left out, keeps the gravest, and closes what it opens."""
        report = large(hostile(SAMPLES["port-exposed"](), text), 400)
        made = render_markdown(report, most=most)
        assert len(made) <= most
        assert made.startswith(MARKER)
        assert "**Left out here, as a comment has an end:**" in made
        assert made.count("\n<details>") == made.count("\n</details>")
        assert "### 3 losses of protection" in made
        assert most < 65_000 or "**unprotected**<br>" in made

    def test_it_uses_what_it_may(self) -> None:
        """Cutting far too much would hide things for nothing."""
        assert len(render_markdown(large(SAMPLES["port-exposed"](), 400))) > 60_000

    def test_where_the_whole_is(self) -> None:
        """A link, or what to run."""
        report = large(SAMPLES["port-exposed"](), 400)
        assert f"[the whole report](<{DETAILS}>)" in render_markdown(report, details_url=DETAILS)
        assert "See `platformc diff`" in render_markdown(report)

    def test_the_digest_is_of_the_whole_report(self) -> None:
        """Two comments that look the same, as both are cut, still differ."""
        one, other = (large(SAMPLES["port-exposed"](), number) for number in (400, 401))
        digest = re.compile(r"`sha256:[0-9a-f]{64}`")
        assert digest.findall(render_markdown(one)) != digest.findall(render_markdown(other))


def large(report: Report, times: int) -> Report:
    """The report with its entries many times."""
    document = parse_report(dump_report(report).encode())
    entries = tuple(entry for entry in document.entries for _ in range(times))
    return Report(
        report.base, report.head, report.compiler, report.environments, entries, report.upgrade, report.findings,
        report.stale_acceptances, report.folded, report.notes,
    )  # fmt: skip


class TestOtherFormats:
    """Terminals and GitHub's log are no less naive."""

    @given(SMALL, TEXTS, st.booleans())
    def test_text_has_no_control_characters(self, name: str, text: str, color: bool) -> None:  # noqa: FBT001 - drawn
        """But our own colours."""
        made = render_text(hostile(SAMPLES[name](), text), color=color, width=80, verbose=True)
        plain = re.sub(r"\x1b\[[0-9;]+m", "", made) if color else made
        assert HIDDEN.search(plain) is None

    @given(SMALL, TEXTS)
    def test_no_text_starts_a_command(self, name: str, text: str) -> None:
        """As many lines as of the harmless report, each a command of ours."""
        lines = render_github(hostile(SAMPLES[name](), text)).splitlines()
        assert len(lines) == len(render_github(SAMPLES[name]()).splitlines())
        assert all(re.match(r"::(warning|notice) (file|title)=[^:]*::", line) for line in lines)
        assert HIDDEN.search("".join(lines)) is None

    @given(SMALL, TEXTS)
    def test_json_is_read_back_exactly(self, name: str, text: str) -> None:
        """Whatever is in it; ASCII alone is written."""
        report = hostile(SAMPLES[name](), text)
        written = dump_report(report)
        assert written.isascii()
        assert parse_report(written.encode()) == report

    @pytest.mark.parametrize("width", [1, 40, 80, 200])
    def test_lines_of_text_fit(self, width: int) -> None:
        """Unless a single word does not."""
        made = render_text(SAMPLES["config-value"](), color=False, width=max(width, 60), verbose=False)
        assert max(map(len, made.splitlines())) <= max(width, 60)
