"""cel_syntax: the text of a CEL rule as a tree.

In      one expression of the Common Expression Language.
Out     a Node; the names that it uses.
Finds   nothing; what is not understood raises NotUnderstoodError with the bare reason.
Source  cel-spec doc/langdef.md, "Syntax": without messages, byte texts, unsigned numbers and optional syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+\.\d+|\d+)(?![\w.]) |
    (?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*") |
    (?P<name>[A-Za-z_]\w*)(?![\w'"]) |
    (?P<sign>\|\||&&|[=!<>]=|[-+*/%<>!?:.,()\[\]{}])
    )""",
    re.VERBOSE,
)
ESCAPE = re.compile(r"\\(.)")
ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?"}
WORDS = {"true": True, "false": False, "null": None}

BINARY = (("||",), ("&&",), ("<", "<=", ">", ">=", "==", "!=", "in"), ("+", "-"), ("*", "/", "%"))
"""Operators of two values, the loosest first."""

DEEPEST = 50
"""Levels of parentheses; CEL's own parser stops at 250."""

MOST_TOKENS = 400
"""Words and signs of one rule; each may be a level of the tree. Kubernetes' own longest rules have about 150."""


class NotUnderstoodError(Exception):
    """A rule that uses more of the language than is known here."""


@dataclass(frozen=True, slots=True)
class Node:
    """One part of an expression.

    `kind` is literal, name, select, index, list, map, not, negate, choose, call, or an operator of two values;
    `word` the name, field or function; `parts` what it is made of (of a method's call, first what it is called on).
    """

    kind: str
    word: str = ""
    parts: tuple[Node, ...] = ()
    value: Any = None
    method: bool = False


def parse(text: str) -> Node:
    """Read one expression."""
    tokens = list(islice(_tokens(text), MOST_TOKENS + 1))
    if len(tokens) > MOST_TOKENS:
        raise NotUnderstoodError("it is too long")
    reading = _Reading(tokens)
    node = reading.expression()
    if reading.sign():
        raise NotUnderstoodError(f"{reading.sign()!r} is not expected")
    return node


def names(node: Node) -> Iterator[str]:
    """Every name that stands for a value."""
    if node.kind == "name":
        yield node.word
    for part in node.parts:
        yield from names(part)


def selections(node: Node) -> Iterator[tuple[str, ...]]:
    """The fields that are taken of `self`, each with the fields of that: `self.a.b` is (a, b) and (a,)."""
    path: list[str] = []
    found: Node = node
    while found.kind == "select":
        path.insert(0, found.word)
        found = found.parts[0]
    if path and found.kind == "name" and found.word == "self":
        yield tuple(path)
    for part in node.parts:
        yield from selections(part)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise NotUnderstoodError(f"{text[position : position + 20].strip()!r} is not understood")
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


def _unquoted(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        if match[1] not in ESCAPED:
            raise NotUnderstoodError(f"\\{match[1]} in a text is not understood")
        return ESCAPED[match[1]]

    return ESCAPE.sub(replaced, text[1:-1])


@dataclass(slots=True)
class _Reading:
    """The state of reading one expression."""

    tokens: list[tuple[str, str]]
    position: int = 0
    depth: int = 0

    def sign(self) -> str:
        """The text of the next token; empty at the end."""
        return self.tokens[self.position][1] if self.position < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """The next token, if it is one of these signs; else nothing is taken."""
        if self.position < len(self.tokens) and self.tokens[self.position][0] != "text" and self.sign() in wanted:
            self.position += 1
            return self.tokens[self.position - 1][1]
        return ""

    def demand(self, wanted: str) -> None:
        """Take a sign that must come."""
        if not self.take(wanted):
            raise NotUnderstoodError(f"{wanted!r} is expected before {self.sign() or 'the end'!r}")

    def expression(self) -> Node:
        """A whole expression, with the choice between two."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotUnderstoodError("it is nested too deep")
        condition = self.binary(0)
        if self.take("?"):
            first = self.expression()
            self.demand(":")
            condition = Node("choose", parts=(condition, first, self.expression()))
        self.depth -= 1
        return condition

    def binary(self, level: int) -> Node:
        """Operators of one level and all tighter ones."""
        if level == len(BINARY):
            return self.unary()
        left = self.binary(level + 1)
        while operator := self.take(*BINARY[level]):
            left = Node(operator, parts=(left, self.binary(level + 1)))
        return left

    def unary(self) -> Node:
        """A value with signs before it."""
        signs = []
        while sign := self.take("!", "-"):
            signs.append(sign)
        node = self.member()
        for sign in reversed(signs):
            node = Node("not" if sign == "!" else "negate", parts=(node,))
        return node

    def member(self) -> Node:
        """A value with fields, indexes and calls behind it."""
        node = self.primary()
        while sign := self.take(".", "["):
            if sign == "[":
                node = Node("index", parts=(node, self.expression()))
                self.demand("]")
                continue
            word = self.name()
            if self.take("("):
                node = Node("call", word, (node, *self.several(")")), method=True)
            else:
                node = Node("select", word, (node,))
        return node

    def primary(self) -> Node:
        """A literal, a name, a function's call, a list, a map, or an expression in parentheses."""
        if self.take("("):
            node = self.expression()
            self.demand(")")
            return node
        if self.take("["):
            return Node("list", parts=self.several("]"))
        if self.take("{"):
            raise NotUnderstoodError("a map that is written out is not understood")
        kind, text = self.tokens[self.position] if self.sign() else ("end", "")
        if kind == "text":
            self.position += 1
            return Node("literal", value=_unquoted(text))
        if kind == "number":
            self.position += 1
            return Node("literal", value=float(text) if "." in text else int(text))
        word = self.name()
        if word in WORDS:
            return Node("literal", value=WORDS[word])
        return Node("call", word, self.several(")")) if self.take("(") else Node("name", word)

    def name(self) -> str:
        """A name that must come."""
        kind, text = self.tokens[self.position] if self.sign() else ("end", "the end")
        if kind != "name":
            raise NotUnderstoodError(f"a name is expected before {text!r}")
        self.position += 1
        return text

    def several(self, end: str) -> tuple[Node, ...]:
        """Expressions with commas between them, up to the sign at the end."""
        found: list[Node] = []
        while not self.take(end):
            if found:
                self.demand(",")
            found.append(self.expression())
        return tuple(found)
