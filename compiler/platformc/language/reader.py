"""Reader: YAML text to nodes with places, strictly.

In      the text of one file.
Out     one Mapping per document; a document that cannot be trusted is marked as damaged.
Finds   yaml-syntax, yaml-alias, yaml-tag, yaml-merge-key, yaml-nesting, duplicate-key,
        yaml-key, yaml-ambiguous-scalar, file-too-large.
Never   expands an alias (a few hundred bytes can stand for gigabytes), follows a tag, raises, continues
        in a file that is too deep or too full (libyaml's time grows with the square of the depth).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from platformc.diagnostics import Finding, Span
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, may_refer
from platformc.language.scalars import resolve
from platformc.language.source import SourceFile
from platformc.rules.files import FILE_TOO_LARGE
from platformc.rules.yaml import (
    DUPLICATE_KEY,
    YAML_ALIAS,
    YAML_KEY,
    YAML_MERGE_KEY,
    YAML_NESTING,
    YAML_SYNTAX,
    YAML_TAG,
)

DEEPEST = 60
"""Levels of nesting. Kubernetes' deepest objects have about 20."""

MOST_NODES = 100_000
"""Values and keys in one file; each takes about 300 bytes. A service has about fifty."""

MOST_FINDINGS = 1000
"""Findings in one file; nobody reads more, and each takes memory."""

YAML_TAGS = "tag:yaml.org,2002:"
"""What `!!` stands for in a tag."""

ALIAS_HINT = "write the value out, or share it through a Profile or `values`"


@dataclass(frozen=True, slots=True)
class RawDocument:
    """One YAML document: its root, and whether a part of it had to be left out."""

    root: Node
    damaged: bool


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, and what was read from it."""

    source: SourceFile
    documents: tuple[RawDocument, ...]
    findings: tuple[Finding, ...]
    is_complete: bool
    """Whether its end was reached."""


NOTHING_READ: MappingType[str, ReadFile] = MappingProxyType({})
"""What a first load knows."""


@dataclass(slots=True)
class _Reading:
    """The state of one pass over one file."""

    path: str
    events: Iterator[Any]
    findings: list[Finding] = field(default_factory=list)
    damaged: bool = False
    anchors_reported: bool = False
    nodes: int = 0

    def span(self, event: Any) -> Span:
        """The place of an event."""
        start, end = event.start_mark, event.end_mark
        return Span(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class _GivenUpError(Exception):
    """Raised to stop reading a file that has its findings."""


def read_file(source: SourceFile, known: MappingType[str, ReadFile]) -> ReadFile:
    """Read a file, if `known` does not have the same text at the same path already."""
    found = known.get(source.path)
    return found if found is not None and found.source == source else ReadFile(source, *read_documents(source))


def read_documents(source: SourceFile) -> tuple[tuple[RawDocument, ...], tuple[Finding, ...], bool]:
    """Read all documents of a file: the documents, the findings, and whether the end was reached."""
    reading = _Reading(source.path, iter(yaml.CSafeLoader(source.text).get_event, None))
    documents: list[RawDocument] = []
    try:
        for event in reading.events:
            if type(event) is DocumentStartEvent:
                reading.damaged = False
                root = _node(reading, next(reading.events), 0)
                documents.append(RawDocument(root, reading.damaged))
    except _GivenUpError:
        return tuple(documents), tuple(reading.findings), False
    except yaml.YAMLError as error:
        if not any(finding.rule == YAML_KEY.id for finding in reading.findings):  # `{{x}` is one mistake
            reading.findings.append(_syntax(source, error))
        return tuple(documents), tuple(reading.findings), False
    return tuple(documents), tuple(reading.findings), True


def _count(reading: _Reading, event: Any) -> None:
    """Count a value or key; give up if there are too many, or too many mistakes."""
    reading.nodes += 1
    if reading.nodes > MOST_NODES:
        message = f"the file contains more than {MOST_NODES} keys and values"
        reading.findings.append(FILE_TOO_LARGE.at(reading.span(event), message, "split it"))
        raise _GivenUpError
    if len(reading.findings) > MOST_FINDINGS:
        raise _GivenUpError


def _node(reading: _Reading, event: Any, depth: int) -> Node:
    _count(reading, event)
    kind = type(event)
    if kind is AliasEvent:
        return _refused_alias(reading, event)
    if event.anchor is not None:
        _refuse_anchor(reading, event)
    if event.tag is not None and event.tag != "!":
        span = reading.span(event)
        tag = f"!!{event.tag.removeprefix(YAML_TAGS)}" if event.tag.startswith(YAML_TAGS) else event.tag
        at = Span(span.path, span.line, span.column, span.line, span.column + len(tag))
        reading.findings.append(YAML_TAG.at(at, f"the tag {tag} is not part of the spec language", "remove the tag"))
        reading.damaged = True
    if kind is ScalarEvent:
        return _scalar(reading, event)
    if depth >= DEEPEST:
        _refuse_depth(reading, event)
    if kind is MappingStartEvent:
        return _mapping(reading, event, depth)
    items: list[Node] = []
    end = event
    for item in reading.events:
        if type(item) is SequenceEndEvent:
            end = item
            break
        items.append(_node(reading, item, depth + 1))
    return Sequence(
        tuple(items),
        _place(reading, event, end, items[0].span if items else None),
        may_refer=any(map(may_refer, items)),
    )


def _scalar(reading: _Reading, event: Any) -> Scalar:
    span = reading.span(event)
    if event.style:  # "" is the plain style
        return Scalar(event.value, span)
    value, finding = resolve(event.value, span)
    if finding:
        reading.findings.append(finding)
    return Scalar(value, span)


def _mapping(reading: _Reading, event: Any, depth: int) -> Mapping:
    entries: dict[str, Node] = {}
    keys: dict[str, Span] = {}
    end = event
    for key_event in reading.events:
        if type(key_event) is MappingEndEvent:
            end = key_event
            break
        key = _key(reading, key_event)
        value = _node(reading, next(reading.events), depth + 1)
        if key is None:
            continue
        span = reading.span(key_event)
        if key in entries:
            related = ((keys[key], "first given here"),)
            reading.findings.append(
                DUPLICATE_KEY.at(span, f"the key {key} is given twice", "keep one of the two", related=related)
            )
            continue
        entries[key] = value
        keys[key] = span
    refers = any(map(may_refer, entries.values()))
    return Mapping(entries, keys, _place(reading, event, end, next(iter(keys.values()), None)), may_refer=refers)


def _key(reading: _Reading, event: Any) -> str | None:
    _count(reading, event)
    if type(event) is ScalarEvent:
        if event.anchor is not None:
            _refuse_anchor(reading, event)
        if event.value == "<<" and not event.style:
            hint = "use a Profile with `extends`, or write the fields out"
            reading.findings.append(
                YAML_MERGE_KEY.at(reading.span(event), "merge keys are not part of the spec language", hint)
            )
            reading.damaged = True
            return None
        if event.value == "" and not event.style:
            reading.findings.append(YAML_KEY.at(reading.span(event), "an empty key", "give the key a name"))
            return None
        return str(event.value)
    if type(event) is AliasEvent:
        _refused_alias(reading, event)
        return None
    reading.findings.append(
        YAML_KEY.at(reading.span(event), "a key must be text, not a map or a list", "quote it, or check the braces")
    )
    reading.damaged = True
    _skip(reading)
    return None


def _refused_alias(reading: _Reading, event: Any) -> Scalar:
    span = reading.span(event)
    if not reading.anchors_reported:
        reading.anchors_reported = True
        reading.findings.append(YAML_ALIAS.at(span, "aliases are not part of the spec language", ALIAS_HINT))
    reading.damaged = True
    return Scalar(None, span)


def _refuse_anchor(reading: _Reading, event: Any) -> None:
    reading.damaged = True
    if reading.anchors_reported:
        return
    reading.anchors_reported = True
    start = event.start_mark
    width = len(event.anchor) + 1
    span = Span(reading.path, start.line + 1, start.column + 1, start.line + 1, start.column + 1 + width)
    reading.findings.append(YAML_ALIAS.at(span, "anchors and aliases are not part of the spec language", ALIAS_HINT))


def _refuse_depth(reading: _Reading, event: Any) -> NoReturn:
    reading.findings.append(YAML_NESTING.at(reading.span(event), f"nested more than {DEEPEST} levels deep"))
    raise _GivenUpError


def _skip(reading: _Reading) -> None:
    """Skip the rest of the collection whose start was just read."""
    depth = 1
    for event in reading.events:
        _count(reading, event)
        if type(event) in (MappingStartEvent, SequenceStartEvent):
            depth += 1
            if depth > DEEPEST:
                _refuse_depth(reading, event)
        elif type(event) in (MappingEndEvent, SequenceEndEvent):
            depth -= 1
            if depth == 0:
                return


def _place(reading: _Reading, event: Any, last: Any, first: Span | None) -> Span:
    """Show a collection whole if it is on one line; else by its bracket, or its first key or item."""
    if not event.flow_style and first is not None:
        return first
    start = event.start_mark
    end = last.end_mark if event.flow_style and last.end_mark.line == start.line else event.end_mark
    return Span(reading.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


SYNTAX = (
    ("expected key", "block mapping", "this line fits neither the map above nor a new key", "check its indentation"),
    ("expected '-'", "block collection", "this line does not fit the list above", "start it with `- `, or indent it"),
    ("expected ',' or '}'", "flow mapping", "the map in braces is not closed here", "add a comma, or close it with }"),
    ("expected ',' or ']'", "flow sequence", "the list is not closed here", "add a comma, or close it with ]"),
    (
        "unknown escape character",
        "quoted scalar",
        "a backslash that escapes nothing",
        "write \\\\, or use single quotes",
    ),
    ("did not find expected hex", "quoted scalar", "an escape with too few digits", "\\x takes 2, \\u 4 and \\U 8"),
    (
        "invalid Unicode character",
        "quoted scalar",
        "an escape sequence that is not a whole character",
        "write the character itself, or its code point with \\U and 8 digits",
    ),
    ("expected node content", "", "a value is missing here", "write one, or check the braces"),
    ("expected ':'", "simple key", "a key without a `:`", "add `:` after the key, or check the indentation"),
    (
        "expected <document start>",
        "",
        "this line does not belong to a document",
        "check its indentation, or start with `---`",
    ),
)
"""libyaml's problem and context -> what it means, and what to do."""

UNQUOTED_REFERENCE = re.compile(r"\$\{[^}\n]*\}?")


def _syntax(source: SourceFile, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None)
    if mark is None:  # a reader error has a position instead of a mark
        position = int(getattr(error, "position", 0))
        line = source.text.count("\n", 0, position) + 1
        column = position - source.text.rfind("\n", 0, position)
        reason = str(getattr(error, "reason", error))
        return YAML_SYNTAX.at(Span(source.path, line, column, line, column + 1), reason)
    lines = source.text.split("\n")
    line = min(mark.line, len(lines) - 1)
    text = lines[line]
    for reference in UNQUOTED_REFERENCE.finditer(text):
        if reference.start() <= mark.column <= reference.end() + 1:
            span = Span(source.path, line + 1, reference.start() + 1, line + 1, reference.end() + 1)
            hint = f'write "{reference.group()}"'
            message = "a reference inside a flow map or list must be quoted"
            return YAML_SYNTAX.at(span, message, hint)
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or error)
    if (
        "quoted scalar" in context
        and "unexpected" in problem
        and (opening := getattr(error, "context_mark", None)) is not None
    ):
        span = Span(source.path, opening.line + 1, opening.column + 1, opening.line + 1, opening.column + 2)
        return YAML_SYNTAX.at(span, "this quote is never closed", "close it, or double it")
    if "simple key" in context and (key := getattr(error, "context_mark", None)) is not None:
        mark, line, text = key, key.line, lines[key.line]
    column = min(mark.column, len(text)) + 1
    span = Span(source.path, line + 1, column, line + 1, column + 1)
    message, hint = _said(problem, context, text[column - 1 : column])
    return YAML_SYNTAX.at(span, message, hint)


def _said(problem: str, context: str, character: str) -> tuple[str, str]:
    """Put libyaml's complaint in plain words, with a hint; one that is not in the table stays as it is."""
    if character == "\t":
        return "tabs cannot be used for indentation", "use spaces"
    if "cannot start any token" in problem:
        return f"a value cannot start with {character}", "quote it"
    if "mapping values are not allowed" in problem:
        return "unexpected `:`", "quote the value, or check the indentation here and the line above"
    for said, inside, message, hint in SYNTAX:
        if said in problem and inside in context:
            return message, hint
    return (f"{problem} ({context})" if context else problem), ""
