"""What the tests of the spec stage share: nodes from text, the text at a place, examples for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies
from platformc.canonical_yaml import emit
from platformc.diagnostics import Finding, Span
from platformc.language.nodes import Mapping, Node, plain
from platformc.language.reader import read_documents
from platformc.language.source import SourceFile

PATH = "specs/sample.yaml"


def read(text: str) -> tuple[Node, tuple[Finding, ...]]:
    """The only document of a text, and what was found in it."""
    documents, findings, complete = read_documents(SourceFile(PATH, text))
    assert complete, findings
    assert len(documents) == 1
    return documents[0].root, findings


def mapping(data: dict[str, Any] | str, path: str = PATH) -> Mapping:
    """A map as the reader makes it, from YAML text or from data; nothing may be wrong with it."""
    text = data if isinstance(data, str) else emit(data)
    documents, findings, _ = read_documents(SourceFile(path, text))
    assert findings == ()
    root = documents[0].root
    assert isinstance(root, Mapping)
    assert isinstance(data, str) or plain(root) == data
    return root


def text_at(source: str, span: Span) -> str:
    """What stands at a place."""
    lines = source.split("\n")
    if span.line == span.end_line:
        return lines[span.line - 1][span.column - 1 : span.end_column - 1]
    between = lines[span.line : span.end_line - 1]
    return "\n".join(
        [lines[span.line - 1][span.column - 1 :], *between, lines[span.end_line - 1][: span.end_column - 1]]
    )


def is_inside(inner: Span, outer: Span) -> bool:
    """Whether a place is a part of another one."""
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


visible_text = strategies.text(
    strategies.one_of(
        strategies.sampled_from(list("abcxyz01 .-:#'\"{}[]$&*!|>%@`~,?\\/=é漢\N{PILE OF POO}\n\t")),
        strategies.characters(exclude_categories=("Cs", "Cc", "Cf", "Cn", "Zl", "Zp")),
    ),
    max_size=12,
)
keys = strategies.one_of(
    strategies.sampled_from(["a", "b", "c", "name", "on", "1", "x.y", "<<", "$patch"]), visible_text
)
scalar_values = strategies.one_of(
    visible_text,
    strategies.none(),
    strategies.booleans(),
    strategies.integers(-(10**10), 10**10),
    strategies.integers(-9999, 9999).map(lambda number: (2 * number + 1) / 8),
)
data = strategies.recursive(
    scalar_values,
    lambda below: strategies.lists(below, max_size=3) | strategies.dictionaries(keys, below, max_size=3),
    max_leaves=8,
)
maps = strategies.dictionaries(keys, data, max_size=4)
