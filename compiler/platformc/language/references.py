"""References: `${word.name.attribute}` inside a text, found and parsed.

In      the text of one scalar.
Out     literal pieces and References, in order; places of references in the source.
Finds   reference-syntax.
Never   decides what a reference means: constants and link do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from platformc.diagnostics import Span
from platformc.language.nodes import KeyPath, Mapping, Node, Scalar

CONSTANT_WORDS = ("values", "platform", "environment")
FILTERS = ("urlencode",)

OPENING = re.compile(r"\$+\{")
LAST_DOLLARS = re.compile(r"\$+\Z")
STEP = re.compile(r'\.?(?:([A-Za-z0-9_-]+(?:/[A-Za-z0-9_-]+)?)|\["([^"\]]+)"\])')


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference. `steps` are the parts between the dots, the word first."""

    text: str
    """As written, with the braces."""
    steps: tuple[str, ...]
    filter: str = ""

    @property
    def word(self) -> str:
        """The first step: the kind of the target."""
        return self.steps[0]

    @property
    def name(self) -> str:
        """The second step: the name of the target or of a constant."""
        return self.steps[1]

    @property
    def rest(self) -> tuple[str, ...]:
        """What follows the name."""
        return self.steps[2:]


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A `${` that is not a reference: the wrong text, and why."""

    text: str
    message: str
    hint: str


Piece = str | Reference | SyntaxProblem


@lru_cache(maxsize=65536)
def pieces(text: str) -> tuple[Piece, ...]:
    """Split a text. `$${` is a literal `${`: before a brace, two dollars stand for one.

    >>> pieces("a-${values.b}")[1].steps
    ('values', 'b')
    """
    found: list[Piece] = []
    literal = ""
    position = 0
    while match := OPENING.search(text, position):
        dollars = match.end() - match.start() - 1
        literal += text[position : match.start()] + "$" * (dollars // 2)
        if dollars % 2 == 0:
            literal += "{"
            position = match.end()
            continue
        if literal:
            found.append(literal)
            literal = ""
        piece, position = _reference(text, match.end() - 2)
        found.append(piece)
    literal += text[position:]
    if literal or not found:
        found.append(literal)
    return tuple(found)


def as_template(parts: Iterable[str | Reference]) -> str:
    """Return the text that `pieces` splits into these again, neighbouring texts joined.

    >>> as_template(["a${b}", "$", pieces("${values.c}")[0]])
    'a$${b}$$${values.c}'
    """
    made = literal = ""
    for part in parts:
        if isinstance(part, str):
            literal += part
        else:
            made += LAST_DOLLARS.sub(_doubled, OPENING.sub(_doubled, literal)) + part.text
            literal = ""
    return made + OPENING.sub(_doubled, literal)


def _doubled(match: re.Match[str]) -> str:
    return "$" * match.group().count("$") + match.group()


def _reference(text: str, start: int) -> tuple[Piece, int]:
    end = text.find("}", start)
    newline = text.find("\n", start)
    if end < 0 or 0 <= newline < end:
        stop = newline if newline >= 0 else len(text)
        problem = SyntaxProblem(text[start:stop], "this reference has no closing brace", "write $${ for a literal ${")
        return problem, stop
    whole = text[start : end + 1]
    inner, _, filter_name = whole[2:-1].partition("|")
    if filter_name and filter_name not in FILTERS:
        return SyntaxProblem(
            whole, f"unknown filter `{filter_name}`", f"the filters are: {', '.join(FILTERS)}"
        ), end + 1
    steps: list[str] = []
    position = 0
    while position < len(inner):
        match = STEP.match(inner, position)
        separated = match is not None and match.group()[0] in ".["
        if not match or separated == (position == 0):
            break
        steps.append(match[1] or match[2])
        position = match.end()
    if position < len(inner) or len(steps) < 2:  # noqa: PLR2004 - at least a word and a name
        hint = "write ${word.name.attribute}, or $${ for a literal ${"
        return SyntaxProblem(whole, f"`{whole}` is not a reference", hint), end + 1
    return Reference(whole, tuple(steps), filter_name), end + 1


def whole(text: str) -> Reference | None:
    """Return the reference if the text is one reference and nothing else."""
    found = pieces(text)
    return found[0] if len(found) == 1 and isinstance(found[0], Reference) else None


def place(text: str, source: str, span: Span, occurrence: int = 0) -> Span:
    """The place of `text` inside the scalar at `span` of a file; the whole scalar if it cannot be found.

    `occurrence` counts equal texts inside the scalar from 0. Escapes in a double-quoted scalar and
    the indentation of a block are why this looks at the file instead of counting characters.
    """
    lines = source.split("\n")
    for number in range(span.line, min(span.end_line, len(lines)) + 1):
        line = lines[number - 1]
        start = span.column - 1 if number == span.line else 0
        end = span.end_column - 1 if number == span.end_line else len(line)
        while (found := line.find(text, start, end)) >= 0:
            if occurrence == 0:
                return Span(span.path, number, found + 1, number, found + 1 + len(text))
            occurrence -= 1
            start = found + len(text)
    return span


def with_references(node: Node, path: KeyPath = ()) -> list[tuple[KeyPath, Scalar]]:
    """Every scalar below a node that contains a `${`, with its path; texts marked as verbatim are skipped."""
    if isinstance(node, Scalar):
        return [(path, node)] if isinstance(node.value, str) and "${" in node.value else []
    found: list[tuple[KeyPath, Scalar]] = []
    if not node.may_refer:
        return found
    if isinstance(node, Mapping):
        skipped = "text" if is_verbatim(node) else None
        for key, value in node.entries.items():
            if key != skipped:
                found += with_references(value, (*path, key))
    else:
        for position, item in enumerate(node.items):
            found += with_references(item, (*path, position))
    return found


def is_verbatim(node: Mapping) -> bool:
    """Whether a map has `references: false` beside a `text`: then `${` in it belongs to another language."""
    switch = node.entries.get("references")
    return "text" in node.entries and isinstance(switch, Scalar) and switch.value is False
