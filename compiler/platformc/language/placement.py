"""Placement: where references are allowed in a document, and what a `$${` means elsewhere.

In      a document after all layers, and the model's instance of its `spec`.
Out     the document as the model reads it; references where the model allows none.
Finds   reference-not-allowed.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from platformc.diagnostics import Finding, Span
from platformc.language.kind import Kind
from platformc.language.nodes import KeyPath, Mapping, Node, Scalar
from platformc.language.references import Reference, pieces, place
from platformc.language.validate import descend
from platformc.rules.references import REFERENCE_NOT_ALLOWED

NEVER_TEMPLATES = ("SealedValues",)
"""Kinds that `seal` writes: a `${` in them is literal."""


References = Sequence[tuple[KeyPath, Scalar]]
"""The scalars of a document with a `${`, as `with_references` finds them."""


def with_literals(kind: Kind, root: Mapping, references: References, spec: Any) -> Node:
    """Return the document as the model reads it: `$${` in a field without references is a literal `${`.

    `spec` is the model's instance, or None. Returns the same node if nothing changes.
    """
    return _with_literals(root, _literals(kind, references, spec))


def _literals(kind: Kind, references: References, spec: Any) -> frozenset[KeyPath]:
    """The places of `$${` in fields without references: the model has what they mean."""
    return frozenset(
        path
        for path, scalar in references
        if kind.name not in NEVER_TEMPLATES and "$${" in str(scalar.value)
        if path[0] != "spec" or (spec is not None and not kind.takes_references(descend(spec, path[1:])))
    )


def _with_literals(node: Node, paths: frozenset[KeyPath], path: KeyPath = ()) -> Node:
    """Returns the same node if there are no such places."""
    if not any(one[: len(path)] == path for one in paths):
        return node
    if isinstance(node, Scalar):
        text = "".join(piece if isinstance(piece, str) else piece.text for piece in pieces(str(node.value)))
        return replace(node, value=text)
    if isinstance(node, Mapping):
        return replace(
            node, entries={key: _with_literals(below, paths, (*path, key)) for key, below in node.entries.items()}
        )
    return replace(
        node, items=tuple(_with_literals(below, paths, (*path, index)) for index, below in enumerate(node.items))
    )


def misplaced_references(
    kind: Kind, references: References, spec: Any, refused: set[Span], texts: MappingType[str, str]
) -> list[Finding]:
    """Report references to documents where the model does not say Template.

    Without a valid spec, only a reference that the model `refused` is known to be misplaced.
    """
    findings: list[Finding] = []
    if kind.name in NEVER_TEMPLATES:
        return findings
    for path, scalar in references:
        value = descend(spec, path[1:]) if spec is not None and path[0] == "spec" else None
        allowed = scalar.span not in refused if spec is None else kind.takes_references(value)
        if path[0] == "spec" and allowed:
            continue
        for piece in pieces(str(scalar.value)):
            if isinstance(piece, Reference):
                span = place(piece.text, texts.get(scalar.span.path, ""), scalar.span)
                message = f"{piece.text} cannot be used here; only values, platform and environment can"
                hint = "write the value out, or set it as one of the environment's values"
                findings.append(REFERENCE_NOT_ALLOWED.at(span, message, hint))
    return findings
