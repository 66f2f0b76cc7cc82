"""renames: changes that are one rename: a document under another name, and whatever names it.

In      the changes between two specs.
Out     for each changed document, the document that stands for all that one rename touches.
Never   joins documents that change in any other way: each of their changes must be the two names exchanged.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.diff.spec_changes import SpecChange
from platformc.language.nodes import Node, plain


@dataclass(frozen=True, slots=True)
class Rename:
    """One document under two names, as the spec calls them."""

    before: SpecChange
    after: SpecChange
    old: str
    new: str


def renamed_together(changes: Sequence[SpecChange]) -> Mapping[str, str]:
    """Document -> the first document of the rename that it belongs to; documents of no rename are absent."""
    groups: dict[str, str] = {}
    by_document: defaultdict[str, list[SpecChange]] = defaultdict(list)
    for change in changes:
        by_document[change.document].append(change)
    for rename in _renames(changes):
        name = groups.get(rename.after.document, rename.after.document)
        for document, own in by_document.items():
            if document not in groups and all(_is_of(change, rename) for change in own):
                groups[document] = name
    return groups


def _renames(changes: Iterable[SpecChange]) -> Iterator[Rename]:
    """Documents that are gone, each with the new one that is the same but for the name."""
    gone: defaultdict[tuple[str, str], list[SpecChange]] = defaultdict(list)
    wholes = [change for change in changes if not change.path]
    for change in wholes:
        if change.after is None:
            gone[_kind(change)].append(change)
    for change in wholes:
        if change.before is None and change.after is not None:
            for former in gone.get(_kind(change), ()):
                rename = Rename(former, change, _name(former), _name(change))
                if _is_same(former, change, rename):
                    gone[_kind(change)].remove(former)
                    yield rename
                    break


def _kind(change: SpecChange) -> tuple[str, str]:
    """What a document is; of an Application's documents, also whose."""
    application, slash, own = change.document.partition(" ")[2].rpartition("/")
    return change.document_kind, application if slash and application != own else ""


def _name(change: SpecChange) -> str:
    return change.document.rpartition("/")[2].rpartition(" ")[2]


def _is_same(before: SpecChange, after: SpecChange, rename: Rename) -> bool:
    """Whether two documents say the same, and all documents that belong to them."""
    if before.before is None or after.after is None or len(before.members) != len(after.members):
        return False
    own, others = _sorted(before), _sorted(after)
    return all(_says_the_same(one, other, rename) for one, other in zip(own, others, strict=True))


def _says_the_same(one: SpecChange, other: SpecChange, rename: Rename) -> bool:
    """Whether a document is the same under the new name, which it may have for other things as well."""
    if one.before is None or other.after is None:
        return False
    spec = _spec(other.after)
    return spec in (_spec(one.before), _exchanged(_spec(one.before), rename))


def _sorted(whole: SpecChange) -> list[SpecChange]:
    """A document, then those that belong to it."""
    return [whole, *sorted(whole.members, key=lambda one: (one.document_kind, _name(one)))]


def _spec(node: Node) -> Any:
    """The spec of a document; `moved` only tells of the rename."""
    spec = plain(node).get("spec")
    if isinstance(spec, dict):
        spec = {key: value for key, value in spec.items() if key != "moved"}
    return spec


def _is_of(change: SpecChange, rename: Rename) -> bool:
    """Whether a change is nothing but the rename."""
    if change in {rename.before, rename.after}:
        return True
    if change.before is None or change.after is None:
        return False
    return bool(_exchanged(plain(change.before), rename) == plain(change.after))


def _exchanged(value: Any, rename: Rename) -> Any:
    if isinstance(value, dict):
        return {key: _exchanged(below, rename) for key, below in value.items()}
    if isinstance(value, list):
        return [_exchanged(item, rename) for item in value]
    if isinstance(value, str) and rename.old in value:
        return re.sub(rf"(?<![\w-]){re.escape(rename.old)}(?![\w-])", lambda _: rename.new, value)
    return value
