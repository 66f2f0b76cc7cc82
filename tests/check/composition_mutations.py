"""Compositions and definitions with one thing changed each, without reading them again: the nodes themselves change.

A mutation keeps the places of what it changes, so a test can say where the finding must stand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from aws_kinds import CLAIMS
from platformc.check.claim_api import (
    CheckedCompositions,
    ManagedKinds,
    SourceObject,
    check_compositions,
    provider_facts,
)
from platformc.check.claim_api.field_path import steps_of
from platformc.check.schemas.store import SchemaStore
from platformc.diagnostics import Finding, Span
from platformc.kinds import KINDS as RECORDS
from platformc.language import DiskFolder
from platformc.language.crossplane import ClaimAPI, load_claim_api
from platformc.language.nodes import KeyPath, Mapping, Node, Scalar, Sequence, at, key_span, plain, scalars, span_of
from platformc.lower.legacy_claim_api import legacy_form

FOLDER = Path(__file__).parents[2] / "crossplane"
SCOPES = ("Namespaced", "LegacyCluster")
FACTS = provider_facts(RECORDS)
KINDS = tuple(sorted(kind.lower() for kind in CLAIMS))
"""The folders of crossplane/, one for each kind of claims."""
COMPOSITION, DEFINITION = "Composition", "CompositeResourceDefinition"

INPUT: KeyPath = ("spec", "pipeline", 0, "input")
SCHEMA: KeyPath = ("spec", "versions", 0, "schema", "openAPIV3Schema")


@cache
def claim_api(kind: str) -> ClaimAPI:
    """One folder of crossplane/."""
    return load_claim_api(DiskFolder(FOLDER / kind), f"crossplane/{kind}")


class RememberedKinds:
    """A SchemaStore that reads each file once."""

    def __init__(self, store: SchemaStore) -> None:
        self.schema: Callable[[str, str], Any] = cache(store.schema)
        self.versions: Callable[[str, str], tuple[str, ...]] = cache(store.versions)


@dataclass(frozen=True)
class Claim:
    """One kind of claim in one form: its definition and its Composition."""

    scope: str
    definition: Mapping
    composition: Mapping

    @classmethod
    def of(cls, kind: str, scope: str) -> Claim:
        """As it stands in crossplane/."""
        nodes = {str(plain(node)["kind"]): node for node in claim_api(kind).of_scope(scope)[1]}
        return cls(scope, nodes[DEFINITION], nodes[COMPOSITION])

    def checked(self, managed: ManagedKinds) -> CheckedCompositions:
        """What the check says."""
        return check_compositions([self._written(self.definition), self._written(self.composition)], managed, FACTS)

    def findings(self, managed: ManagedKinds) -> list[Finding]:
        """What the check finds; nothing may go unchecked."""
        checked = self.checked(managed)
        assert checked.unchecked == ()
        return list(checked.findings)

    def is_same(self, other: Claim) -> bool:
        """Whether both render to the same objects."""
        mine = (self._written(self.definition).data, self._written(self.composition).data)
        return mine == (other._written(other.definition).data, other._written(other.composition).data)

    def _written(self, node: Mapping) -> SourceObject:
        data = plain(node)
        return SourceObject(legacy_form(data) if self.scope == "LegacyCluster" else data, node)

    def patches(self) -> Iterator[tuple[KeyPath, KeyPath, dict[str, Any]]]:
        """Where each patch stands, where its resource does, and the patch."""
        for number, resource in enumerate(plain(self.composition)["spec"]["pipeline"][0]["input"]["resources"]):
            for position, patch in enumerate(resource["patches"]):
                place = (*INPUT, "resources", number)
                yield (*place, "patches", position), place, patch


@dataclass(frozen=True)
class Mutation:
    """A claim with one thing changed; one of `places` must have a finding."""

    what: str
    claim: Claim
    places: tuple[Span, ...]

    def is_caught(self, managed: ManagedKinds) -> bool:
        """Whether a finding, or what a strict run says of a kind without a schema, stands on one of the lines."""
        checked = self.claim.checked(managed)
        lines = {(span.path, span.line) for span in self.places}
        found = [*(finding.at for finding in checked.findings), *(unchecked.at for unchecked in checked.unchecked)]
        return any((span.path, span.line) in lines for span in found)


def changed(node: Node, path: KeyPath, make: Callable[[Node], Node | None]) -> Node:
    """The tree with the value at a path made anew; None removes it."""
    step, rest = path[0], path[1:]
    if isinstance(node, Mapping):
        made = changed(node.entries[str(step)], rest, make) if rest else make(node.entries[str(step)])
        entries = {key: value if key != step else made for key, value in node.entries.items()}
        return replace(node, entries={key: value for key, value in entries.items() if value is not None})
    assert isinstance(node, Sequence)
    items = list(node.items)
    made = changed(items[int(step)], rest, make) if rest else make(items[int(step)])
    items[int(step) : int(step) + 1] = [] if made is None else [made]
    return replace(node, items=tuple(items))


def with_value(node: Mapping, path: KeyPath, value: str) -> Mapping:
    """The tree with another scalar at a path, in the place of what is there."""
    made = changed(node, path, lambda old: Scalar(value, old.span))
    assert isinstance(made, Mapping)
    return made


def without(node: Mapping, path: KeyPath) -> Mapping:
    """The tree without what is at a path."""
    made = changed(node, path, lambda _old: None)
    assert isinstance(made, Mapping)
    return made


def renamed(node: Mapping, path: KeyPath, name: str) -> Mapping:
    """The tree with another key at a path."""

    def rename(parent: Node) -> Node:
        assert isinstance(parent, Mapping)
        own = {key: name if key == path[-1] else key for key in parent.entries}
        return replace(
            parent,
            entries={own[key]: value for key, value in parent.entries.items()},
            keys={own[key]: span for key, span in parent.keys.items()},
        )

    made = changed(node, path[:-1], rename)
    assert isinstance(made, Mapping)
    return made


def keys(node: Node, path: KeyPath = ()) -> Iterator[KeyPath]:
    """The path of every key below a node."""
    if isinstance(node, Mapping):
        for key, value in node.entries.items():
            yield (*path, key)
            yield from keys(value, (*path, key))
    elif isinstance(node, Sequence):
        for position, item in enumerate(node.items):
            yield from keys(item, (*path, position))


def renamed_segments(claim: Claim) -> Iterator[Mutation]:
    """Every segment of every path of every patch, misspelt; the free keys below `status.resources` are no fields."""
    for at_patch, _resource, patch in claim.patches():
        for side in ("fromFieldPath", "toFieldPath"):
            for segment in steps_of(patch[side]):
                if isinstance(segment, int) or (side == "toFieldPath" and patch[side] == f"status.resources.{segment}"):
                    continue
                place = (*at_patch, side)
                path = patch[side].replace(segment, f"{segment}x", 1)
                composition = with_value(claim.composition, place, path)
                yield Mutation(path, replace(claim, composition=composition), (span_of(composition, place),))


def swapped_targets(claim: Claim) -> Iterator[Mutation]:
    """Every patch with the target of the one before it in the same resource, as after copying a line."""
    before: tuple[KeyPath, str] | None = None
    for at_patch, at_resource, patch in claim.patches():
        place = (*at_patch, "toFieldPath")
        if before is not None and before[0] == at_resource:
            composition = with_value(claim.composition, place, before[1])
            spans = tuple(span_of(composition, (*at_patch, word)) for word in ("fromFieldPath", "toFieldPath"))
            places = (*spans, *(span_of(composition, path) for path in _below(claim, (*at_patch, "transforms"))))
            yield Mutation(f"{patch['fromFieldPath']} to {before[1]}", replace(claim, composition=composition), places)
        before = at_resource, patch["toFieldPath"]


def dropped_patches(claim: Claim) -> Iterator[Mutation]:
    """Every patch left out: told at the field of the claim that has no use now, or at the resource."""
    for at_patch, at_resource, patch in claim.patches():
        field = steps_of(patch["toFieldPath" if patch["type"].startswith("To") else "fromFieldPath"])
        declared: list[KeyPath] = [
            (*SCHEMA, *(word for step in field[:depth] for word in ("properties", step)))
            for depth in range(1, len(field) + 1)
        ]
        places = [
            span_of(claim.composition, (*at_resource, "name")),
            key_span(claim.composition, (*at_resource, "connectionDetails")),
            *(key_span(claim.definition, path) for path in declared if at(claim.definition, path) is not None),
        ]
        composition = without(claim.composition, at_patch)
        yield Mutation(f"without {patch['fromFieldPath']}", replace(claim, composition=composition), tuple(places))


OTHER_TYPES = {
    "string": ("integer", "boolean", "array", "object"),
    "integer": ("string", "boolean"),
    "boolean": ("string", "integer"),
    "array": ("string", "object"),
    "object": ("string", "array"),
}


def changed_types(claim: Claim) -> Iterator[Mutation]:
    """Every type in the definition, changed to others: told at a patch that carries the field, or at the field."""
    for path, scalar in scalars(at(claim.definition, SCHEMA) or claim.definition, SCHEMA):
        if path[-1] != "type" or path[-2] == "properties":
            continue
        field = tuple(step for before, step in pairwise(path) if before == "properties")
        for other in OTHER_TYPES[str(scalar.value)]:
            definition = with_value(claim.definition, path, other)
            places = [span_of(definition, path), *_carriers(claim, field)]
            what = f"{'.'.join(map(str, field))}: {other}"
            yield Mutation(what, replace(claim, definition=definition), tuple(places))


def renamed_fields(claim: Claim) -> Iterator[Mutation]:
    """Every field of the definition, misspelt: told where a patch names the old one."""
    for path in keys(at(claim.definition, SCHEMA) or claim.definition, SCHEMA):
        if path[-2] != "properties":
            continue
        field = tuple(step for before, step in pairwise(path) if before == "properties")
        definition = renamed(claim.definition, path, f"{path[-1]}x")
        places = _carriers(claim, field)
        yield Mutation(f"{'.'.join(map(str, field))} renamed", replace(claim, definition=definition), tuple(places))


def _carriers(claim: Claim, field: KeyPath) -> Iterator[Span]:
    """Where patches name a field of the claim, or what is around or below it: either side of such a patch."""
    for at_patch, _resource, patch in claim.patches():
        own = steps_of(patch["toFieldPath" if patch["type"].startswith("To") else "fromFieldPath"])
        if own[: len(field)] == field or field[: len(own)] == own:
            yield from (span_of(claim.composition, (*at_patch, side)) for side in ("fromFieldPath", "toFieldPath"))
            yield from (span_of(claim.composition, path) for path in _below(claim, (*at_patch, "transforms")))


def _below(claim: Claim, path: KeyPath) -> Iterator[KeyPath]:
    node = at(claim.composition, path)
    if node is not None:
        yield path
        yield from keys(node, path)


FREE: dict[KeyPath, str] = {
    ("resources", 0, "name"): "a name is its author's, and two of one name are another test",
    ("connectionDetails", 0, "name"): "what a key in the claim's Secret is called is the claim's choice",
    ("connectionDetails", 0, "fromConnectionSecretKey"): "no schema tells the keys of a provider's Secret",
    ("providerConfigRef", "kind"): "no schema tells the kinds of a ProviderConfig",
    ("providerConfigRef", "name"): "the patch replaces it",
    ("writeConnectionSecretToRef", "namespace"): "any namespace could be",
    ("string", "fmt"): "any text around the value could be meant",
    ("blockedEncryptionTypes", 0): "a word of AWS' own: the provider's schema lists none",
    ("rule", "objectOwnership"): "the same",
}
"""Ends of the paths of scalars that can be anything, with the reason; 0 stands for any position."""


def free_end(path: KeyPath) -> KeyPath | None:
    """The end of a path that FREE names, if one does."""
    general = tuple(0 if isinstance(step, int) else step for step in path)
    return next((end for end in FREE if general[-len(end) :] == end), None)


def misspelt_scalars(claim: Claim) -> Iterator[Mutation]:
    """Every scalar of a Composition's input with an x behind it."""
    node = at(claim.composition, INPUT)
    assert node is not None
    for path, scalar in scalars(node, INPUT):
        if free_end(path) is not None or str(scalar.value).startswith("status.resources."):
            continue
        composition = with_value(claim.composition, path, f"{scalar.value}x")
        if claim.is_same(replace(claim, composition=composition)):
            continue  # of the namespaced kind's version, the derived form takes nothing
        places = _around(composition, path)
        yield Mutation(f"{path[-1]}: {scalar.value}x", replace(claim, composition=composition), places)


def misspelt_keys(claim: Claim) -> Iterator[Mutation]:
    """Every key of a Composition's input with an x behind it."""
    node = at(claim.composition, INPUT)
    assert node is not None
    for path in keys(node, INPUT):
        composition = renamed(claim.composition, path, f"{path[-1]}x")
        places = _around(composition, (*path[:-1], f"{path[-1]}x"))
        yield Mutation(f"key {path[-1]}x", replace(claim, composition=composition), places)


def _around(node: Mapping, path: KeyPath) -> tuple[Span, ...]:
    """The place of a value or key, and of the maps and lists around it within one composed resource, with its name."""
    depth = len(INPUT) + 2
    spans = [span_of(node, path[:end]) for end in range(min(depth, len(path)), len(path) + 1)]
    spans.append(key_span(node, path))
    if len(path) > depth:
        spans.append(span_of(node, (*path[:depth], "name")))
    return tuple(spans)
