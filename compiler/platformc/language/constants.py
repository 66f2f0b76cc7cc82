"""Constants: `${values.x}`, `${platform.x}` and `${environment.x}` replaced before anything is typed.

In      nodes, and the environment's Constants.
Out     nodes in which only references to documents are left.
Finds   reference-syntax, filter-not-allowed, unknown-reference, missing-value, reference-in-text, file-too-large.
Never   looks at documents: `workload`, `table` and the like are bound by link.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from typing import TypeVar

from platformc.diagnostics import Finding, Span, suggestion
from platformc.language.nodes import Mapping, Node, Scalar, Sequence, at
from platformc.language.references import (
    CONSTANT_WORDS,
    Reference,
    SyntaxProblem,
    as_template,
    is_verbatim,
    pieces,
    place,
    whole,
)
from platformc.language.scalars import as_text
from platformc.rules.files import FILE_TOO_LARGE
from platformc.rules.references import FILTER_NOT_ALLOWED, REFERENCE_IN_TEXT, REFERENCE_SYNTAX, UNKNOWN_REFERENCE
from platformc.rules.values import MISSING_VALUE

T = TypeVar("T")

LARGEST = 16 * 1024 * 1024
"""Characters that constants can add to the documents of one environment. A platform of a thousand services needs
less than a million; a small file can ask for terabytes."""

NODE = 64
"""Characters that a node counts for besides its text."""


@dataclass(slots=True)
class Constants:
    """The values of the three words, and what was found while replacing them.

    `values` holds the environment's values with the schema's defaults. `absent` holds values that
    the schema requires and the environment does not set: the finding belongs at the first reference
    to each, with the place that should have set it.
    """

    values: Mapping
    declared: MappingType[str, Span]
    absent: MappingType[str, Span]
    environment: Mapping
    texts: MappingType[str, str]
    platform: Mapping | None = None
    invalid: frozenset[str] = frozenset()
    """Values that do not fit their schema, for which there is already a finding."""
    damaged: bool = False
    """Their source has a finding, so none of them is reported as missing or unknown."""
    missed: dict[str, list[Span]] = field(default_factory=dict)
    unresolved: set[Span] = field(default_factory=set)
    """Scalars with a constant that has no value: what they contain instead is not the user's mistake."""
    findings: list[Finding] = field(default_factory=list)
    brought: int = 0
    """Characters so far."""


def substitute(constants: Constants, node: Node) -> Node:
    """Replace every constant below a node; parts without constants remain the same objects."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str) and "${" in node.value:
            return _scalar(constants, node, node.value)
        return node
    if not node.may_refer:
        return node
    if isinstance(node, Sequence):
        items = tuple([substitute(constants, item) for item in node.items])
        unchanged = all(map(lambda one, other: one is other, items, node.items))
        return node if unchanged else replace(node, items=items)
    verbatim = is_verbatim(node)
    entries = {
        key: value if verbatim and key == "text" else substitute(constants, value)
        for key, value in node.entries.items()
    }
    unchanged = all(entries[key] is value for key, value in node.entries.items())
    return node if unchanged else replace(node, entries=entries)


def _scalar(constants: Constants, node: Scalar, text: str) -> Node:
    found = pieces(text)
    if not any(isinstance(piece, SyntaxProblem) or _is_constant(piece) for piece in found):
        return node
    reference = whole(text)
    if reference is not None:
        value = _value(constants, reference, node.span)
        if value is not None and _is_too_much(constants, value, node.span):
            value = None
        if isinstance(value, Scalar):
            return Scalar(_escaped(reference, value.value), node.span, node.replaced, (value,))
        if value is None:
            constants.unresolved.add(node.span)
            return Scalar("", node.span)
        return _as_template(reference, value)
    parts: list[str | Reference] = []
    sources = []
    for piece in found:
        if isinstance(piece, str) or (isinstance(piece, Reference) and not _is_constant(piece)):
            parts.append(piece)
        elif (value := _part(constants, node, piece)) is not None and isinstance(piece, Reference):
            sources.append(value)
            parts += _parts(piece, value)
        else:
            constants.unresolved.add(node.span)
    return Scalar(as_template(parts), node.span, node.replaced, tuple(sources))


def _parts(reference: Reference, value: Scalar) -> list[str | Reference]:
    """Return what a constant's value adds to a text; a value of the Platform is already a template."""
    text = as_text(value.value)
    if reference.word != "platform":
        return [text]
    return [piece for piece in pieces(text) if not isinstance(piece, SyntaxProblem)]


def _escaped(reference: Reference, value: T) -> T | str:
    """Return a constant's value as the text of a template; a value of the Platform is already one."""
    return as_template([value]) if isinstance(value, str) and reference.word != "platform" else value


def _as_template(reference: Reference, node: Node) -> Node:
    """Return a constant that is a map or a list; a `${` in it is literal, as in a constant that is text."""
    if isinstance(node, Scalar):
        return replace(node, value=_escaped(reference, node.value))
    if isinstance(node, Sequence):
        return replace(node, items=tuple(_as_template(reference, item) for item in node.items))
    return replace(node, entries={key: _as_template(reference, below) for key, below in node.entries.items()})


def _part(constants: Constants, node: Scalar, piece: Reference | SyntaxProblem) -> Scalar | None:
    """Return the value of a constant inside a text; None with a finding if it has none."""
    span = place(piece.text, constants.texts.get(node.span.path, ""), node.span)
    if isinstance(piece, SyntaxProblem):
        constants.findings.append(REFERENCE_SYNTAX.at(span, piece.message, piece.hint))
        return None
    value = _value(constants, piece, node.span)
    if value is None or isinstance(value, Scalar):
        return None if value is not None and _is_too_much(constants, value, node.span) else value
    message = f"{piece.text} is a map or a list and cannot be part of a longer text"
    constants.findings.append(REFERENCE_IN_TEXT.at(span, message, "refer to one of its fields"))
    return None


def _is_too_much(constants: Constants, value: Node, span: Span) -> bool:
    """Count what is added; return whether it exceeds the limit, which is reported once."""
    if constants.brought <= LARGEST:
        constants.brought += _size(value)
        if constants.brought > LARGEST:
            message = f"constants add more than {LARGEST // 1024 // 1024} MiB to one environment"
            hint = "refer to a large value in fewer places, or build such data into the image"
            constants.findings.append(FILE_TOO_LARGE.at(span, message, hint))
    return constants.brought > LARGEST


def _size(node: Node) -> int:
    """The size of a value: its characters, and a fixed number for each node."""
    if isinstance(node, Scalar):
        return NODE + (len(node.value) if isinstance(node.value, str) else 0)
    below = node.items if isinstance(node, Sequence) else node.entries.values()
    return NODE + sum(map(_size, below))


def _is_constant(piece: object) -> bool:
    return isinstance(piece, Reference) and piece.word in CONSTANT_WORDS


def _value(constants: Constants, reference: Reference, around: Span) -> Node | None:
    span = place(reference.text, constants.texts.get(around.path, ""), around)
    if reference.filter:
        message = f"`|{reference.filter}` works only on a Secret's keys inside a Secret's files"
        hint = "remove it, or write the value out"
        constants.findings.append(FILTER_NOT_ALLOWED.at(span, message, hint))
        return None
    if reference.word == "values":
        return _from_values(constants, reference, span)
    table = constants.environment if reference.word == "environment" else constants.platform
    if table is None:
        message = f"{reference.text} cannot be used in the Platform document itself"
        constants.findings.append(UNKNOWN_REFERENCE.at(span, message))
        return None
    found = at(table, reference.steps[1:])
    if found is None:
        known = at(table, reference.steps[1:-1])
        hint = suggestion(reference.steps[-1], list(known.entries)) if isinstance(known, Mapping) else ""
        name = ".".join(reference.steps[1:])
        message = f"the {reference.word} has no field {name}"
        constants.findings.append(UNKNOWN_REFERENCE.at(span, message, hint))
    return found


def _from_values(constants: Constants, reference: Reference, span: Span) -> Node | None:
    name = reference.name
    if name in constants.invalid or (constants.damaged and at(constants.values, reference.steps[1:]) is None):
        return None
    found = at(constants.values, reference.steps[1:])
    if found is not None:
        return found
    if name in constants.absent:
        constants.missed.setdefault(name, []).append(span)
    elif name in constants.declared or name in constants.values.entries:
        message = f"the value {name} has no field {'.'.join(reference.rest)}"
        constants.findings.append(UNKNOWN_REFERENCE.at(span, message))
    else:
        hint = suggestion(name, sorted({*constants.declared, *constants.values.entries}))
        message = f"there is no value {name}"
        constants.findings.append(UNKNOWN_REFERENCE.at(span, message, hint))
    return None


def missing_values(constants: Constants, environment: str) -> tuple[Finding, ...]:
    """One finding for each required value that is not set, at its first use."""
    findings: list[Finding] = []
    if constants.damaged:
        return ()
    for name, given_in in sorted(constants.absent.items()):
        uses = sorted(set(constants.missed.get(name, [])))
        message = f"the environment {environment} does not set the value {name}"
        hint = f"add `{name}:` to the environment's values"
        related = ((given_in, "the environment's values"), (constants.declared[name], "declared here"))
        if uses:
            findings.append(MISSING_VALUE.at(uses[0], message, hint, related=related))
        else:
            findings.append(MISSING_VALUE.at(given_in, message, hint, related=related[1:]))
    return tuple(findings)
