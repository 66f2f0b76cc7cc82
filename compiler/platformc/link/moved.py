"""Moved: former names of documents, which distinguish a rename from a removal and an addition.

Finds   moved-invalid.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.diagnostics import Finding
from platformc.language import Resource
from platformc.language.models.base import DocumentSpec
from platformc.link.scope import Scope, Target
from platformc.rules.references import MOVED_INVALID


def check_moved(scope: Scope, resource: Resource[Any]) -> Iterator[Finding]:
    """What is wrong with a document's `moved` entries: another kind, another name, a name that is still in use."""
    if not isinstance(resource.spec, DocumentSpec):
        return
    word, own = resource.kind.word, f"{resource.kind.word}.{resource.name}"
    for position, entry in enumerate(resource.spec.moved):
        from_word, _, old = entry.from_.partition(".")
        if not word:
            message = f"a {resource.kind.name} cannot be moved, because nothing can refer to it"
            yield MOVED_INVALID.at(resource.at("moved", position), message, "remove the entry")
        elif entry.to != own:
            yield MOVED_INVALID.at(
                resource.at("moved", position, "to"), f"`{entry.to}` is not this document", f"write {own}"
            )
        elif from_word != word or not old:
            yield MOVED_INVALID.at(
                resource.at("moved", position, "from"),
                f"`{entry.from_}` is not a {word}",
                f"write {word}.<its former name>",
            )
        elif _exists(scope, word, old, resource):
            message = f"the {word} {old} still exists, so it was not moved"
            yield MOVED_INVALID.at(
                resource.at("moved", position, "from"), message, "remove the entry, or the old document"
            )


def _exists(scope: Scope, word: str, name: str, resource: Resource[Any]) -> bool:
    found = scope.find(word, name, resource.id.application)
    return isinstance(found, Target) and found.resource.id.application == resource.id.application
