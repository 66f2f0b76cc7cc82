"""spec_changes: what differs between the specs of two sides, as regions of their files.

In      the Sources of both sides: documents, environments, sealed values, the claim API.
Out     SpecChanges; for a place in one of the files, the changes that it lies in, or that lie in it.
Never   compares text: comments, layout, and documents that only moved to another file are no changes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cached_property
from typing import NamedTuple

from platformc.diagnostics import Span
from platformc.diff.report import CauseKind
from platformc.language import Sources
from platformc.language.nodes import KeyPath, Node, Scalar, plain
from platformc.language.nodes import Mapping as MappingNode
from platformc.language.nodes import Sequence as SequenceNode

LEGACY = " (LegacyCluster)"
"""The end of what a definition or Composition is called in its older form."""
LONGEST_LIST = 1_000
"""Items of a list that are paired by what they are; longer ones are paired by position."""


class Region(NamedTuple):
    """A part of a file, from its first character to the one after its last."""

    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class SpecChange:
    """One value, or one whole document, that differs between two specs."""

    kind: CauseKind
    document: str
    """`Workload stoat/api`, `Environment production`, `Composition tables…`."""
    path: KeyPath
    """Below the document; empty for all of it."""
    before: Node | None
    after: Node | None
    """Of a file that is no document, an empty scalar stands for what is in it; both are None if only its place is known."""
    before_at: Span | None
    after_at: Span | None
    members: tuple[SpecChange, ...] = ()
    """For an Application or Environment that appears or disappears: its documents, which go with it."""

    @property
    def document_kind(self) -> str:
        """`Workload`, `Environment`; the path of a file that is no document."""
        return self.document.partition(" ")[0]

    @property
    def at(self) -> Span:
        """Where to look: in the head, or in the base if it is gone."""
        found = self.after_at or self.before_at
        if found is None:
            raise ValueError("a change is on a side")
        return found


class _Change(NamedTuple):
    path: KeyPath
    before: tuple[Span, Node] | None
    after: tuple[Span, Node] | None


@dataclass(frozen=True)
class SpecChanges:
    """All changes between two specs, sorted by document and path."""

    changes: tuple[SpecChange, ...]

    @cached_property
    def _before(self) -> Mapping[str, _Regions]:
        return _regions((part.before_at, one) for one in self.changes for part in (one, *one.members))

    @cached_property
    def _after(self) -> Mapping[str, _Regions]:
        return _regions((part.after_at, one) for one in self.changes for part in (one, *one.members))

    @cached_property
    def by_document(self) -> Mapping[str, tuple[SpecChange, ...]]:
        """The changes of each document."""
        found: dict[str, list[SpecChange]] = defaultdict(list)
        for one in self.changes:
            for part in (one, *one.members):
                found[part.document].append(one)
        return {document: tuple(changes) for document, changes in found.items()}

    def around(self, place: Span, *, in_base: bool) -> SpecChange | None:
        """The change that a place of one side lies in."""
        regions = (self._before if in_base else self._after).get(place.path)
        return regions.around((place.line, place.column)) if regions is not None else None

    def inside(self, place: Span, *, in_base: bool) -> tuple[SpecChange, ...]:
        """The changes that lie in a place of one side."""
        regions = (self._before if in_base else self._after).get(place.path)
        return regions.inside(_region(place)) if regions is not None else ()


@dataclass(frozen=True, slots=True)
class _Regions:
    """Regions of one file that do not overlap, sorted."""

    starts: tuple[tuple[int, int], ...]
    regions: tuple[tuple[Region, SpecChange], ...]

    def around(self, place: tuple[int, int]) -> SpecChange | None:
        position = bisect_right(self.starts, place) - 1
        if position < 0:
            return None
        region, change = self.regions[position]
        return change if place < region.end or region.start == place else None

    def inside(self, outer: Region) -> tuple[SpecChange, ...]:
        first, last = bisect_left(self.starts, outer.start), bisect_left(self.starts, outer.end)
        return tuple(change for _, change in self.regions[first:last])


def spec_changes(base: Sources, head: Sources) -> SpecChanges:
    """Every difference between two specs."""
    before, after = dict(_documents(base)), dict(_documents(head))
    found: list[SpecChange] = []
    told: set[tuple[Span | None, Span | None]] = set()
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is not None and new is not None and _is_same_text(base, head, old, new):
            continue
        kind = CauseKind.CLAIM_API if key[0] else CauseKind.SPEC
        for path, one, other in _differences((old.span, old) if old else None, (new.span, new) if new else None, ()):
            places = one[0] if one else None, other[0] if other else None
            # In the older form, what legacy.yaml does not change stands in the same place.
            if key[1].endswith(LEGACY) and places in told:
                continue
            told.add(places)
            nodes = one[1] if one else None, other[1] if other else None
            found.append(SpecChange(kind, key[1], path, *nodes, *places))
    return SpecChanges(tuple(_with_members(found)))


def _with_members(changes: Sequence[SpecChange]) -> Iterator[SpecChange]:
    """The changes, with the documents of an Application or Environment that comes or goes as its members."""
    wholes = {
        (one.before is None, scope): one
        for one in changes
        if not one.path and (scope := _scope(one.document, own=True)) is not None
    }
    members: dict[SpecChange, list[SpecChange]] = defaultdict(list)
    for one in changes:
        whole = wholes.get((one.before is None, _scope(one.document, own=False) or ""))
        if whole is not None and not one.path and (one.before is None or one.after is None):
            members[whole].append(one)
    belonging = {one for found in members.values() for one in found}
    for one in changes:
        if one not in belonging:
            yield replace(one, members=tuple(members.get(one, ())))


def _scope(document: str, *, own: bool) -> str | None:
    """What a document is the whole of, or what it belongs to: an Application or an Environment."""
    kind, _, name = document.partition(" ")
    if own:
        return {"Application": f"application {name.partition('/')[2]}", "Environment": f"environment {name}"}.get(kind)
    if kind in {"Application", "Environment"}:
        return None
    return f"{'environment' if kind == 'SealedValues' else 'application'} {name.partition('/')[0]}"


def _documents(sources: Sources) -> Iterator[tuple[tuple[bool, str], Node]]:
    """Every document by whether it is of the claim API, and what it is called."""
    for document in sources.documents:
        yield (False, str(document.id)), document.root
    for name, documents in sources.environments.items():
        for position, document in enumerate(documents):
            yield (
                (False, f"Environment {name}" if position == 0 else f"Environment {name} ({position + 1})"),
                document.root,
            )
    for environment, documents in sources.sealed.items():
        for document in documents:
            yield (False, f"SealedValues {environment}/{document.id.name}"), document.root
    for node in sources.claim_api.nodes:
        data = plain(node)
        yield (True, f"{data['kind']} {data['metadata'].get('name')}"), node
    for node in sources.claim_api.legacy_nodes:
        if all(node is not one for one in sources.claim_api.nodes):
            data = plain(node)
            yield (True, f"{data['kind']} {data['metadata'].get('name')}{LEGACY}"), node


def _is_same_text(base: Sources, head: Sources, old: Node, new: Node) -> bool:
    """Whether both stand in files with the same text at the same place: the usual case, which is cheap."""
    return old.span == new.span and base.texts.get(old.span.path) == head.texts.get(new.span.path)


_Placed = tuple[Span, Node] | None
"""A node, with the place that stands for it: of its key and value, if it has a key."""


def _differences(old: _Placed, new: _Placed, path: KeyPath) -> Iterator[_Change]:
    if old is None or new is None:
        yield _Change(path, old, new)
        return
    before, after = old[1], new[1]
    if isinstance(before, MappingNode) and isinstance(after, MappingNode):
        for key in {**after.entries, **before.entries}:
            yield from _differences(_entry(before, key), _entry(after, key), (*path, key))
    elif isinstance(before, SequenceNode) and isinstance(after, SequenceNode):
        yield from _items(before, after, path)
    elif not _is_same(before, after):
        yield _Change(path, (before.span, before), (after.span, after))


def _items(before: SequenceNode, after: SequenceNode, path: KeyPath) -> Iterator[_Change]:
    """Items that are the same are paired, then what is between them, one by one."""
    for old, new in _paired([repr(plain(one)) for one in before.items], [repr(plain(one)) for one in after.items]):
        one = before.items[old] if old is not None else None
        other = after.items[new] if new is not None else None
        position = new if new is not None else old
        yield from _differences(
            (one.span, one) if one is not None else None,
            (other.span, other) if other is not None else None,
            (*path, position if position is not None else 0),
        )


def _paired(before: list[str], after: list[str]) -> Iterator[tuple[int | None, int | None]]:
    """Positions in both lists that belong together, where the items differ."""
    if max(len(before), len(after)) > LONGEST_LIST:
        blocks = [("replace", 0, len(before), 0, len(after))]
    else:
        blocks = list(SequenceMatcher(None, before, after, autojunk=False).get_opcodes())
    for tag, old_start, old_end, new_start, new_end in blocks:
        if tag == "equal":
            continue
        for offset in range(max(old_end - old_start, new_end - new_start)):
            old, new = old_start + offset, new_start + offset
            yield old if old < old_end else None, new if new < new_end else None


def _entry(node: MappingNode, key: str) -> _Placed:
    """The value of a key, in the place of both."""
    found = node.entries.get(key)
    if found is None:
        return None
    start, end = node.keys[key], found.span
    if start.path != end.path or (start.line, start.column) > (end.line, end.column):
        return end, found  # an overlay took the value from another file
    return Span(start.path, start.line, start.column, end.end_line, end.end_column), found


def _is_same(before: Node, after: Node) -> bool:
    if isinstance(before, Scalar) and isinstance(after, Scalar):
        return type(before.value) is type(after.value) and before.value == after.value
    return False


def _region(span: Span) -> Region:
    return Region((span.line, span.column), (span.end_line, span.end_column))


def _regions(placed: Iterable[tuple[Span | None, SpecChange]]) -> Mapping[str, _Regions]:
    found: dict[str, list[tuple[Region, SpecChange]]] = defaultdict(list)
    for span, change in placed:
        if span is not None:
            found[span.path].append((_region(span), change))
    made = {}
    for path, regions in found.items():
        regions.sort(key=lambda entry: entry[0])
        made[path] = _Regions(tuple(region.start for region, _ in regions), tuple(regions))
    return made
