"""Overlays: one layer of the spec merged over another, for profiles and for environments alike.

In      two nodes in expanded form, and the kind's merge keys.
Out     one node; each value refers to the value that it replaced.
Finds   overlay-removes-nothing.
Never   changes its input. The rules are in docs/language.md, "Layers".
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace

from platformc.diagnostics import Finding
from platformc.language.nodes import Mapping, Node, Scalar, Sequence
from platformc.rules.fields import INVALID_VALUE
from platformc.rules.overlays import OVERLAY_REMOVES_NOTHING

PATCH = "$patch"


@dataclass(frozen=True, slots=True)
class MergeRules:
    """How a kind's fields merge; see the fields of the same names of `Kind`."""

    keys: MappingType[str, tuple[str, ...]]
    one_of: MappingType[str, tuple[str, ...]]
    null_values: tuple[str, ...] = ()


@dataclass(slots=True)
class _Merging:
    rules: MergeRules
    findings: list[Finding] = field(default_factory=list)


def overlay(base: Mapping, change: Mapping, rules: MergeRules) -> tuple[Mapping, tuple[Finding, ...]]:
    """Merge `change` over `base`."""
    merging = _Merging(rules)
    return _mapping(merging, base, change, ""), tuple(merging.findings)


def _node(merging: _Merging, base: Node, change: Node, name: str, parent: str) -> Node:
    if isinstance(base, Mapping) and isinstance(change, Mapping):
        return _mapping(merging, base, change, name, merging.rules.one_of.get(parent, ()))
    if isinstance(base, Sequence) and isinstance(change, Sequence) and name in merging.rules.keys:
        return _keyed_list(merging, base, change, name)
    return replace(_without_patches(merging, change), replaced=base)


def _mapping(merging: _Merging, base: Mapping, change: Mapping, name: str, one_of: tuple[str, ...] = ()) -> Mapping:
    entries, keys = dict(base.entries), dict(base.keys)
    chosen = [key for key in one_of if key in change.entries]
    if chosen:
        for key in one_of:
            if key not in chosen:
                entries.pop(key, None)
                keys.pop(key, None)
    for key, value in change.entries.items():
        if _removes(merging, key, value):
            if key not in base.entries:
                merging.findings.append(
                    OVERLAY_REMOVES_NOTHING.at(change.keys[key], f"`{key}: null` removes nothing", "remove the line")
                )
            entries.pop(key, None)
            keys.pop(key, None)
            continue
        entries[key] = (
            _node(merging, entries[key], value, key, name) if key in entries else _without_patches(merging, value)
        )
        keys[key] = change.keys[key]
    return Mapping(entries, keys, base.span, base.replaced)


def _keyed_list(merging: _Merging, base: Sequence, change: Sequence, name: str) -> Sequence:
    fields = merging.rules.keys[name]
    positions = {_item_key(item, fields): position for position, item in enumerate(base.items)}
    items: list[Node | None] = list(base.items)
    for item in change.items:
        key = _item_key(item, fields)
        position = positions.get(key)
        if isinstance(item, Mapping) and PATCH in item.entries:
            if not _deletes(merging, item):
                continue
            if position is None:
                listed = [" ".join(f"{field} {value}".strip() for field, value in one if field) for one in positions]
                hint = f"the list has: {', '.join(filter(None, listed))}"
                merging.findings.append(OVERLAY_REMOVES_NOTHING.at(item.span, "`$patch: delete` matches no item", hint))
            else:
                items[position] = None
            continue
        known = None if position is None else items[position]
        made = _without_patches(merging, item) if known is None else _node(merging, known, item, "", name)
        if position is None:
            items.append(made)
        else:
            items[position] = made
    return Sequence(tuple(item for item in items if item is not None), base.span, base.replaced)


def _deletes(merging: _Merging, item: Mapping) -> bool:
    """Whether an item has `$patch: delete`; Kubernetes' other patches are not part of this language."""
    word = item.entries[PATCH]
    if isinstance(word, Scalar) and word.value == "delete":
        return True
    message = "`$patch` can only be `delete`"
    merging.findings.append(INVALID_VALUE.at(word.span, message, "write `$patch: delete`, or remove the line"))
    return False


def _item_key(item: Node, fields: tuple[str, ...]) -> tuple[tuple[str, object], ...]:
    """What identifies an item: those of the fields that it has; of a field that is a map, only its name.

    An item without any of them matches no other item.
    """
    found = tuple(
        (field_name, value.value if isinstance(value, Scalar) else "")
        for field_name in fields
        if isinstance(item, Mapping) and (value := item.entries.get(field_name)) is not None
    )
    return found or (("", id(item)),)


def _without_patches(merging: _Merging, node: Node) -> Node:
    """Report removals in a value that is new as a whole: it has nothing to remove."""
    if isinstance(node, Sequence):
        return Sequence(tuple(_without_patches(merging, item) for item in node.items), node.span, node.replaced)
    if not isinstance(node, Mapping):
        return node
    if PATCH in node.entries:
        merging.findings.append(
            OVERLAY_REMOVES_NOTHING.at(node.keys[PATCH], "`$patch: delete` matches no item", "remove it")
        )
    kept: dict[str, Node] = {}
    for key, value in node.entries.items():
        if _removes(merging, key, value):
            merging.findings.append(
                OVERLAY_REMOVES_NOTHING.at(node.keys[key], f"`{key}: null` removes nothing", "remove the line")
            )
        else:
            kept[key] = _without_patches(merging, value)
    return Mapping(kept, {key: node.keys[key] for key in kept}, node.span, node.replaced)


def _removes(merging: _Merging, key: str, value: Node) -> bool:
    return isinstance(value, Scalar) and value.value is None and key not in merging.rules.null_values


def same(one: Node | None, other: Node | None) -> bool:
    """Whether two nodes have the same data, types included."""
    if one is other:
        return True
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return type(one.value) is type(other.value) and one.value == other.value
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.entries.keys() == other.entries.keys() and all(
            same(value, other.entries[key]) for key, value in one.entries.items()
        )
    if isinstance(one, Sequence) and isinstance(other, Sequence):
        return len(one.items) == len(other.items) and all(map(same, one.items, other.items))
    return False
