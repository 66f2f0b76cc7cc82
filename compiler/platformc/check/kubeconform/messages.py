"""messages: report in plain words what kubeconform found.

In      kubeconform's text for one invalid document.
Out     one (pointer, message) for each problem, in the order of the text.
Never   drops a part that it does not know: that one keeps kubeconform's words.

The text is a tree that lost its line breaks: ` - at '/spec': validation failed   - at '/spec/a': got
string, want integer`. Values in it are quoted and their quotes escaped, so ` - at '` never occurs
inside one. Its structured twin (validationErrors) names only the first level.
Source: santhosh-tekuri/jsonschema v6.0.1 output.go and kind/kind.go.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

TIMES_TEN = "\N{MULTIPLICATION SIGN}10"
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
QUOTED = r"'(?:[^'\\]|\\.)*'"
ENTRY = re.compile(rf" (?P<indent>(?:  )*)- at (?P<pointer>{QUOTED}): ")


@dataclass(frozen=True, slots=True)
class Explained:
    """One problem: its path as JSON pointer tokens, a sentence, and kubeconform's own words."""

    pointer: tuple[str, ...]
    message: str
    raw: str
    absent: str = ""
    """The missing field, if one is required; the path is the map around it."""
    is_unknown: bool = False
    """Whether the field at the path does not exist; the message names it."""
    types: Types | None = None
    """What was found and what is allowed, if the type is wrong."""


@dataclass(frozen=True, slots=True)
class Types:
    """JSON's names of the type that was found, and of the allowed ones."""

    got: str
    wanted: tuple[str, ...]


@dataclass(slots=True)
class _Node:
    pointer: tuple[str, ...]
    text: str
    children: list[_Node] = field(default_factory=list)


def explain(text: str) -> tuple[Explained, ...]:
    """All problems in kubeconform's text for one document, each once."""
    found: dict[Explained, None] = {}
    roots = _tree(text)
    for node in roots:
        found.update(dict.fromkeys(_of_node(node)))
    return tuple(found) if roots else (_of_document(text),)


def _tree(text: str) -> list[_Node]:
    """The first level of the tree, with the deeper levels below."""
    entries = list(ENTRY.finditer(text))
    roots: list[_Node] = []
    open_nodes: list[tuple[int, _Node]] = []
    ends = [entry.start() for entry in entries[1:]] + [len(text)]
    for entry, end in zip(entries, ends, strict=False):  # without entries, the one end is of nothing
        node = _Node(_tokens(_unquoted(entry["pointer"])), text[entry.end() : end].rstrip())
        depth = len(entry["indent"])
        while open_nodes and open_nodes[-1][0] >= depth:
            open_nodes.pop()
        (open_nodes[-1][1].children if open_nodes else roots).append(node)
        open_nodes.append((depth, node))
    return roots


def _of_node(node: _Node) -> list[Explained]:
    below = [entry for child in node.children for entry in _of_node(child)]
    if not below:
        return _of_leaf(node)
    if not node.text.startswith(("anyOf failed", "oneOf failed")):
        return below  # a bracket around several: validation failed, allOf failed
    return _of_choice(node, below)


def _of_choice(node: _Node, below: list[Explained]) -> list[Explained]:
    """Why none of several allowed forms matches, reduced to what helps.

    A form with the wrong type is not the one that was meant; if all have it, the types are
    one sentence.
    """
    mismatches = [entry.types for entry in below if entry.pointer == node.pointer and entry.types]
    others = list(dict.fromkeys(entry for entry in below if not (entry.pointer == node.pointer and entry.types)))
    if len(others) == 1:
        return others
    if others:
        message = "matches none of the allowed forms: " + ", or ".join(
            dict.fromkeys(_relative(entry, node.pointer) for entry in others)
        )
        return [Explained(node.pointer, message, node.text)]
    wanted = {name for types in mismatches for name in types.wanted}
    return [Explained(node.pointer, _type(Types(mismatches[0].got, tuple(sorted(wanted)))), node.text)]


def _relative(entry: Explained, base: tuple[str, ...]) -> str:
    rest = entry.pointer[len(base) :]
    return f"{'.'.join(rest)} {entry.message}" if rest and not entry.is_unknown else entry.message


TYPE = re.compile(r"got (\w+), want (.+)")
ARTICLES = {
    "array": "a list", "object": "a map", "string": "text", "integer": "a whole number",
    "number": "a number", "boolean": "true or false", "null": "empty",
}  # fmt: skip


def _type(types: Types) -> str:
    names = [ARTICLES.get(name, name) for name in types.wanted if name != "null" or len(types.wanted) == 1]
    return f"must be {' or '.join(names)}, not {ARTICLES.get(types.got, types.got)}"


def _of_leaf(node: _Node) -> list[Explained]:
    """A leaf as sentences: several if it names several fields, so that each has its own place."""
    if match := re.fullmatch(r"additional properties (.+) not allowed", node.text):
        names = sorted(_names(match[1]))
        return [Explained((*node.pointer, name), f"unknown field {name}", node.text, is_unknown=True) for name in names]
    if match := re.fullmatch(r"missing propert(?:y|ies) (.+)", node.text):
        return [_absent(node.pointer, name, node.text) for name in sorted(_names(match[1]))]
    if match := TYPE.fullmatch(node.text):
        types = Types(match[1], tuple(match[2].split(" or ")))
        return [Explained(node.pointer, _type(types), node.text, types=types)]
    for pattern, sentence in SENTENCES:
        if match := pattern.fullmatch(node.text):
            return [Explained(node.pointer, sentence(match), node.text)]
    return [Explained(node.pointer, node.text, node.text)]


# Sentences omit the value: it is in the manifest, and some values are confidential.
SENTENCES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"value must be one of (.+)"), lambda match: f"must be one of {_plain(match[1])}"),
    (re.compile(r"value must be (.+)"), lambda match: f"must be {_plain(match[1])}"),
    (
        re.compile(rf"{QUOTED} does not match pattern ({QUOTED})"),
        lambda match: f"does not match the pattern {_unquoted(match[1])}",
    ),
    (re.compile(rf"(?:{QUOTED}|value|\S+) is not valid ([\w-]+): .*"), lambda match: f"is not a valid {match[1]}"),
    (
        re.compile(r"minLength: got (\S+), want (\S+)"),
        lambda match: f"is {match[1]} characters long; the minimum is {match[2]}",
    ),
    (
        re.compile(r"maxLength: got (\S+), want (\S+)"),
        lambda match: f"is {match[1]} characters long; the limit is {match[2]}",
    ),
    (
        re.compile(r"minItems: got (\S+), want (\S+)"),
        lambda match: f"has too few items: {match[1]}; the minimum is {match[2]}",
    ),
    (
        re.compile(r"maxItems: got (\S+), want (\S+)"),
        lambda match: f"has {match[1]} items; the limit is {match[2]}",
    ),
    (
        re.compile(r"minProperties: got (\S+), want (\S+)"),
        lambda match: f"has too few fields: {match[1]}; the minimum is {match[2]}",
    ),
    (
        re.compile(r"maxProperties: got (\S+), want (\S+)"),
        lambda match: f"has {match[1]} fields; the limit is {match[2]}",
    ),
    (
        re.compile(r"minimum: got (\S+), want (\S+)"),
        lambda match: f"is {_number(match[1])}; the minimum is {_number(match[2])}",
    ),
    (
        re.compile(r"maximum: got (\S+), want (\S+)"),
        lambda match: f"is {_number(match[1])}; the maximum is {_number(match[2])}",
    ),
    (
        re.compile(r"exclusiveMinimum: got (\S+), want (\S+)"),
        lambda match: f"is {_number(match[1])}; it must be greater than {_number(match[2])}",
    ),
    (
        re.compile(r"exclusiveMaximum: got (\S+), want (\S+)"),
        lambda match: f"is {_number(match[1])}; it must be less than {_number(match[2])}",
    ),
    (
        re.compile(r"multipleOf: got (\S+), want (\S+)"),
        lambda match: f"is {_number(match[1])}; it must be a multiple of {_number(match[2])}",
    ),
    (re.compile(r"items at (\d+) and (\d+) are equal"), lambda match: f"items {match[1]} and {match[2]} are the same"),
    (
        re.compile(r"oneOf failed, subschemas \d+, \d+ matched"),
        lambda _: "matches more than one of several forms that exclude each other",
    ),
    (re.compile(r"(?:anyOf|oneOf) failed.*"), lambda _: "matches none of the allowed forms"),
    (re.compile(r"not failed"), lambda _: "has a form that is not allowed here"),
    (re.compile(r"false schema"), lambda _: "is not allowed here"),
)


def _absent(pointer: tuple[str, ...], name: str, raw: str) -> Explained:
    return Explained(pointer, f"missing field {name}", raw, absent=name)


def _of_document(text: str) -> Explained:
    """An error before validation: the document could not be read as an object."""
    missing = re.search(r"missing '(\w+)' key", text)
    return _absent((), missing[1], text) if missing else Explained((), _unread(text), text)


def _unread(text: str) -> str:
    duplicate = re.search(r'line (\d+): key ("(?:[^"\\]|\\.)*") already set in map', text)
    if duplicate:
        return f"line {duplicate[1]}: duplicate field {ast.literal_eval(duplicate[2])}"
    syntax = re.search(r"yaml: (line \d+: .+)", text)
    if syntax:
        return f"is not valid YAML: {syntax[1]}"
    return text.removeprefix("error unmarshalling resource: ")


def _names(quoted: str) -> list[str]:
    return [_unquoted(match[0]) for match in re.finditer(QUOTED, quoted)]


def _number(text: str) -> str:
    """A number as in specs: kubeconform prints it for people, with commas, and a power of ten if it is large.

    >>> _number("43,200"), _number("-0.5")
    ('43200', '-0.5')
    """
    digits, _, exponent = text.replace(",", "").partition(TIMES_TEN)
    if not exponent:
        return digits
    try:
        return f"{Decimal(digits).scaleb(int(exponent.translate(SUPERSCRIPTS))):f}"
    except (ArithmeticError, ValueError):
        return text


def _plain(values: str) -> str:
    return re.sub(QUOTED, lambda match: _unquoted(match[0]) or "''", values)


def _unquoted(text: str) -> str:
    """Undo Go's %q with single quotes, whose escapes Python reads the same way; else only remove the quotes."""
    try:
        return str(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        return text[1:-1]


def _tokens(pointer: str) -> tuple[str, ...]:
    """The tokens of a JSON pointer (RFC 6901)."""
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:])
