r"""markdown_text: any text as markdown that is that text and nothing else.

In      names, values and sentences that anyone may have written.
Out     markdown or HTML of one line, or a fence, that a forge shows as they are.
Never   lets a text become markup, a link, a mention, a reference to an issue or a commit, an emoji or a formula.

Only what is in code is safe from all that forges make of a text after markdown is HTML (mentions, references): so a
sentence keeps words of ASCII letters and small numbers as they are, and everything else in it becomes code.
Sources: github.github.com/gfm (6.1 code spans before all other inlines, 4.10 `\|` in tables), docs.github.com "Basic
writing and formatting syntax" and "Autolinked references and URLs".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from urllib.parse import quote

from platformc.diagnostics import Span, UsageError
from platformc.diagnostics.text_cells import visible
from platformc.diff.formats.values import shortened

LONGEST_WORD = 200
LONGEST_PATH = 400
"""Characters of a path that is a link: names of files in the spec are far shorter."""

WORD = r"[A-Za-z]+(?:['’-][A-Za-z]+)*['’]?"  # noqa: RUF001 - the apostrophe of typographers
SMALL_NUMBER = r"\d{1,3}(?:,\d{3})?(?:\.\d{1,3})?%?"
PLAIN = re.compile(rf"(?P<before>[(\"]*)(?P<word>{WORD}|{SMALL_NUMBER}|[→–…×»]|)(?P<after>[\"),;:.!?]*)")  # noqa: RUF001
LIKE_A_COMMIT = re.compile(r"[0-9A-Fa-f]{7,}")
"""Seven and more hexadecimal digits: forges link them if such a commit exists."""

AROUND = re.compile(r"(?P<before>[(\"]*)(?P<word>.*?)(?P<after>[\"),;:.]*)", re.DOTALL)
"""A word and what a sentence puts around it."""

QUOTED = re.compile(r"`([^`]+)`")
"""What a message itself marks as code."""

SAFE_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#&=+%@!$',;-]+")


def code(text: str) -> str:
    r"""A code span in which every character is shown as it is, whatever backticks it holds.

    >>> code("a`b")
    '``a`b``'
    """
    shown = visible(text)
    if not shown.strip():
        return f'`"{shown}"`'  # a span of spaces alone would show nothing
    fence = "`" * (_longest_run(shown) + 1)
    # A parser takes one space away on both sides, if there is one on both.
    padded = f" {shown} " if shown[0] in "` " or shown[-1] in "` " else shown
    return f"{fence}{padded}{fence}"


def html_code(text: str) -> str:
    """The same as HTML, for places where markdown is not read."""
    return f"<code>{escape(visible(text))}</code>"


def prose(text: str, most: int = 600, *, as_code: Callable[[str], str] = code) -> str:
    """A sentence: plain words as they are, all others as code.

    Never at the start of a line, where a number or a dash would begin a list.

    >>> prose("allows @all to read stoat/api")
    'allows `@all` to read `stoat/api`'
    """
    made = ""
    for position, part in enumerate(QUOTED.split(shortened(text, most))):
        for atom in [as_code(part)] if position % 2 else _words(part, as_code):
            # Backticks of two spans that touch would be one run of them, and all that follows another text.
            made += f" {atom}" if made.endswith("`") and atom.startswith("`") else atom
    return made


def _words(text: str, as_code: Callable[[str], str]) -> list[str]:
    flat = re.sub(r"[ \t\r\n]+", " ", text)
    return [part if part == " " else _word(part, as_code) for part in re.split("( )", flat) if part]


def _word(word: str, as_code: Callable[[str], str]) -> str:
    if word == "->":
        return "→"
    plain = PLAIN.fullmatch(word)
    if plain and not LIKE_A_COMMIT.fullmatch(plain["word"]):
        return word
    around = AROUND.fullmatch(word)
    if around is None or not around["word"]:
        return as_code(shortened(word, LONGEST_WORD))
    return around["before"] + as_code(shortened(around["word"], LONGEST_WORD)) + around["after"]


def cell(markdown: str) -> str:
    """Markdown of one line as a cell of a table: a `|` in code would end it."""
    return markdown.replace("|", r"\|")


def fenced(lines: list[str], language: str, indent: str) -> str:
    """Lines in a fence that is longer than any in them."""
    shown = [visible(line) for line in lines]
    fence = "`" * max([3, *(_longest_run(line) + 1 for line in shown)])
    return "\n".join(f"{indent}{line}".rstrip() for line in (f"{fence}{language}", *shown, fence))


def linked(text: str, url: str) -> str:
    """Text that is markdown already, as a link if there is somewhere to go."""
    return f"[{text}](<{url}>)" if url else text


def url_of(span: Span, source_url: str) -> str:
    """Where a place is shown; empty if that is not known, or if the path leads elsewhere."""
    parts = span.path.split("/")
    if not source_url or len(span.path) > LONGEST_PATH or any(part in ("", ".", "..") for part in parts):
        return ""
    try:
        path = quote(span.path, safe="/")
    except UnicodeEncodeError:  # half of a character
        return ""
    line = "" if span.is_whole_file else f"#L{span.line}"
    return f"{source_url.rstrip('/')}/{path}{line}"


def checked_url(url: str, option: str) -> str:
    """A URL that was given to us, if it is one; empty stays empty. Raises UsageError."""
    if url and not SAFE_URL.fullmatch(url):
        raise UsageError(f"{option} is not a URL of http or https: {shortened(url, LONGEST_WORD)}")
    return url


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)
