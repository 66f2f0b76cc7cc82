"""messages: what kubeconform's text says by itself: which places it refuses, and why it could not read a document.

In      the text that kubeconform gives for one invalid document.
Out     a place and its words for each leaf of the text; or a sentence about the document as a whole.
Never   takes words for anything but words: what is wrong at a place is asked of the schema (`explanations`).

The text is a tree that lost its line ends: ` - at '/spec': validation failed   - at '/spec/a': got
string, want integer`. Values in it are quoted and their quotes escaped, so ` - at '` never occurs
inside one. Its structured twin (validationErrors) names only the first level.
Source: santhosh-tekuri/jsonschema v6.0.1 output.go and kind/kind.go.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

QUOTED = r"'(?:[^'\\]|\\.)*'"
ENTRY = re.compile(rf" (?P<indent>(?:  )*)- at (?P<pointer>{QUOTED}): ")

TYPES = re.compile(r"got (\w+), want (.+)")

Pointer = tuple[str, ...]
"""The tokens of a JSON pointer (RFC 6901)."""


@dataclass(frozen=True, slots=True)
class Types:
    """JSON's names of the type that was found, and of those that would do."""

    got: str
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """One place that kubeconform refuses, and its own words for that."""

    pointer: Pointer
    words: str
    is_leaf: bool
    """Whether the words say what is wrong, and not only that something below is."""

    @property
    def types(self) -> Types | None:
        """What was found and what is taken, where the type is the mistake: Go reads a plain `y` as true, Python does not."""
        match = TYPES.fullmatch(self.words)
        return Types(match[1], tuple(match[2].split(" or "))) if match else None

    @property
    def shown(self) -> str:
        """The words without what is quoted in them: values stand in the manifest, and some are nobody's business."""
        return re.sub(QUOTED, "…", self.words)


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that kubeconform could not read as an object, so that no schema was asked."""

    message: str
    absent: str = ""
    """The field that is not there, where that is why."""


def refused(text: str) -> tuple[Refused, ...]:
    """Every place in kubeconform's text for one document, in its order; none where no schema was asked."""
    entries = list(ENTRY.finditer(text))
    found = []
    for position, entry in enumerate(entries):
        following = entries[position + 1] if position + 1 < len(entries) else None
        words = text[entry.end() : following.start() if following else len(text)].rstrip()
        is_leaf = following is None or len(following["indent"]) <= len(entry["indent"])
        found.append(Refused(_tokens(_unquoted(entry["pointer"])), words, is_leaf))
    return tuple(found)


def unread(text: str) -> Unread | None:
    """Why a document could not be read, where that is known by kubeconform's text alone."""
    missing = re.search(r"missing '(\w+)' key", text)
    if missing:
        return Unread(f"missing field {missing[1]}", missing[1])
    duplicate = re.search(r'line (\d+): key ("(?:[^"\\]|\\.)*") already set in map', text)
    if duplicate:
        return Unread(f"line {duplicate[1]}: duplicate field {ast.literal_eval(duplicate[2])}")
    syntax = re.search(r"yaml: (line \d+: .+)", text)
    if syntax:
        return Unread(f"is not valid YAML: {syntax[1]}")
    return None


def _unquoted(text: str) -> str:
    """Undo Go's %q with single quotes, whose escapes Python reads alike; else only drop the quotes."""
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text[1:-1]


def _tokens(pointer: str) -> Pointer:
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
