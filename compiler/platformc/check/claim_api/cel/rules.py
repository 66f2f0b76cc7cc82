"""rules: check every claim against the CEL rules of its definition, which schemas cannot express.

In      a Program with its claim API, its manifests, their Places in the spec; the keys of what was valid before.
Out     findings in the spec, and the keys of what is valid; rules about changes (`oldSelf`) are left to the API server.
Finds   claim-refused, claim-rule-not-understood.
Never   checks a claim with invalid fields: kubeconform reports those, and rules assume that they are valid.

A key is a hash of the claim, of its definition's schema, and of the evaluator. Rules are read only for claims
whose key is not known, so a platform that has not changed pays nothing for them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from typing import Any

from platformc.cache import SIZE
from platformc.check.claim_api.cel.evaluation import EvaluationError, NotUnderstoodError, Rule, compiled
from platformc.check.claim_api.shape import Schema, closed, parts, required, value_misfits
from platformc.check.policies.object_fields import below, kind_of, mapping, sequence, text
from platformc.check.remarks import ValidClaim
from platformc.check.schemas.conversion import EMBEDDED, RULES
from platformc.check.schemas.structural_defaults import with_defaults
from platformc.diagnostics import BugReport, Finding, Span
from platformc.language.nodes import KeyPath, Mapping, at, scalars, span_of
from platformc.link import Program
from platformc.lower import Manifest
from platformc.origins import Places
from platformc.rules.crossplane import CLAIM_REFUSED, CLAIM_RULE_NOT_UNDERSTOOD

JSON = Any

MAP_KEYS = "x-kubernetes-list-map-keys"

JUDGING = "2"
"""Part of every key: raise it when the same claim must be checked again."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """One version of a claim's definition."""

    node: Mapping
    at: KeyPath
    """The path of its openAPIV3Schema."""
    schema: Schema
    spec: Schema
    """The schema of `spec`, in which nothing is allowed that an API server would drop."""
    key: bytes
    """Of its schema and the evaluator; known if all of its rules are supported."""

    def key_of(self, claim: JSON) -> bytes:
        """The key of a claim of this kind."""
        return hashlib.sha256(self.key + json.dumps(claim).encode()).digest()[:SIZE]


@dataclass(frozen=True, slots=True)
class BrokenRule:
    """A rule that a claim breaks: its place in the claim and in the definition, and its message."""

    place: KeyPath
    reads: tuple[tuple[str, ...], ...]
    """The fields below the place that it is about."""
    rule_at: KeyPath
    message: str


@dataclass(frozen=True, slots=True)
class UnclearRule:
    """A rule that is not checked for a claim: its place in the definition, and why."""

    rule_at: KeyPath
    reason: str


def check_claims(
    program: Program,
    manifests: Iterable[Manifest],
    places: Places,
    known: Container[bytes] = (),
    *,
    paranoid: bool = False,
) -> Iterator[Finding | ValidClaim]:
    """Check each claim against the rules of its definition, and lists against the keys of their items.

    Valid claims are returned by their keys. Claims with known keys are not checked; with `paranoid` they are,
    and BugReport is raised if one is not valid.
    """
    for what, key, asked in _questions(program, manifests, places):
        if key in known and not paranoid:
            continue
        told = list(asked)
        if told and key in known:
            raise BugReport(f"the cache has no problem for {what}, but its rules report one", "delete the cache folder")
        yield from told
        if not told:
            yield ValidClaim(key)


def _questions(
    program: Program, manifests: Iterable[Manifest], places: Places
) -> Iterator[tuple[str, bytes, Iterator[Finding]]]:
    """What to check: its name, its key, and its remarks, computed on demand."""
    kinds = dict(_kinds(program))
    claims = [(manifest, key) for manifest in manifests if (key := _key(manifest)) in kinds]
    for key in dict.fromkeys(key for _, key in claims):
        yield " ".join(key), kinds[key].key, _not_understood(kinds[key])
    for manifest, key in claims:
        kind = kinds[key]
        yield str(manifest.id), kind.key_of(manifest.object), _told(program, manifest, places, kind)


def _told(program: Program, manifest: Manifest, places: Places, kind: _Kind) -> Iterator[Finding]:
    claim = with_defaults(kind.schema, manifest.object)
    if not _is_whole(claim.get("spec"), kind.spec):
        return
    for found in judged_rules(claim, kind.schema, (), kind.at):
        if isinstance(found, UnclearRule):
            yield _unclear(kind, found)
            continue
        where = ".".join(map(str, found.place))
        message = f"{manifest.id}: {where}{': ' if where else ''}{found.message}"
        place = _place(program, manifest, places, claim, found)
        related = ((span_of(kind.node, found.rule_at), "the rule"),)
        yield CLAIM_REFUSED.at(place, message, related=related)


def _key(manifest: Manifest) -> tuple[str, str]:
    return text(manifest.object.get("apiVersion")), kind_of(manifest)


def _kinds(program: Program) -> Iterator[tuple[tuple[str, str], _Kind]]:
    platform = program.platform
    for definition, node in zip(platform.claim_api, platform.claim_api_nodes, strict=True):
        if definition.get("kind") != "CompositeResourceDefinition":
            continue
        names = "claimNames" if below(definition, "spec", "claimNames") else "names"
        kind = text(below(definition, "spec", names, "kind"))
        for position, each in enumerate(sequence(below(definition, "spec", "versions"))):
            schema = below(each, "schema", "openAPIV3Schema")
            if isinstance(schema, dict):
                api_version = f"{below(definition, 'spec', 'group')}/{below(each, 'name')}"
                place = ("spec", "versions", position, "schema", "openAPIV3Schema")
                spec = mapping(closed(schema).get("properties")).get("spec", {})
                yield (api_version, kind), _Kind(node, place, schema, spec, _key_of_rules(schema))


@cache
def _evaluator() -> str:
    return f"{JUDGING} {version('cel-python')}"


def _key_of_rules(schema: Schema) -> bytes:
    return hashlib.sha256(json.dumps([_evaluator(), schema]).encode()).digest()[:SIZE]


def _is_whole(spec: JSON, wanted: Schema) -> bool:
    """Whether all of `spec` has the types that rules rely on, and what is required."""
    return isinstance(spec, dict) and not any(value_misfits(spec, wanted)) and _has_required(spec, wanted)


def _has_required(value: JSON, schema: JSON) -> bool:
    if isinstance(value, list):
        return all(_has_required(item, mapping(schema).get("items")) for item in value)
    if not isinstance(value, dict):
        return True
    parts = mapping(mapping(schema).get("properties"))
    return all(name in value for name in required(mapping(schema))) and all(
        _has_required(value[name], part) for name, part in parts.items() if name in value
    )


def broken_rules(value: JSON, schema: JSON) -> Iterator[BrokenRule]:
    """The rules that a claim breaks. It has its defaults; `schema` is its definition's, as written."""
    return (found for found in judged_rules(value, schema, (), ()) if isinstance(found, BrokenRule))


def judged_rules(value: JSON, schema: JSON, place: KeyPath, schema_at: KeyPath) -> Iterator[BrokenRule | UnclearRule]:
    """The rules that a value and everything below it break; rules that cannot be checked for it.

    `schema` is at `schema_at` in the definition. What is found without a value depends only on the definition.
    """
    schema = mapping(schema)
    for position, entry in enumerate(sequence(schema.get(RULES))):
        found = _judged(entry, value, schema if place else {**schema, EMBEDDED: True}, place)
        if found is not None:
            yield replace(found, rule_at=(*schema_at, RULES, position, "rule"))
    if isinstance(value, dict):
        declared = mapping(schema.get("properties"))
        for name, item in value.items():
            if name in declared:
                yield from judged_rules(item, declared[name], (*place, name), (*schema_at, "properties", name))
            else:
                word = "additionalProperties"
                yield from judged_rules(item, schema.get(word), (*place, name), (*schema_at, word))
    elif isinstance(value, list):
        yield from _doubles(value, schema, place, schema_at)
        for position, item in enumerate(value):
            yield from judged_rules(item, schema.get("items"), (*place, position), (*schema_at, "items"))


def _judged(entry: JSON, value: JSON, schema: Schema, place: KeyPath) -> BrokenRule | UnclearRule | None:
    """The result of one rule for a value; its place in the definition is left open."""
    rule = _rule(entry)
    if rule is None or rule.compares:
        return None
    message = text(mapping(entry).get("message")) or f"breaks the rule {text(mapping(entry).get('rule'))}"
    try:
        if rule.holds(value, schema):
            return None
    except EvaluationError as error:
        message = f"{message} ({error})"
    except NotUnderstoodError as reason:
        return UnclearRule((), str(reason))
    return BrokenRule(place, rule.fields, (), message)


def _doubles(value: list[JSON], schema: JSON, place: KeyPath, schema_at: KeyPath) -> Iterator[BrokenRule]:
    """Items with the same keys. Source: Kubernetes docs, "Merge strategy", `x-kubernetes-list-type`."""
    keys = [key for key in sequence(schema.get(MAP_KEYS)) if isinstance(key, str)]
    seen: set[tuple[str, ...]] = set()
    for position, item in enumerate(value) if keys else ():
        own = tuple(repr(below(item, key)) for key in keys)
        if own in seen:
            message = f"another item has the same {' and '.join(keys)}"
            yield BrokenRule((*place, position), tuple((key,) for key in keys), (*schema_at, MAP_KEYS), message)
        seen.add(own)


def _rule(entry: JSON) -> Rule | None:
    try:
        return compiled(text(mapping(entry).get("rule")))
    except NotUnderstoodError:
        return None  # reported once, at the definition


def _not_understood(kind: _Kind) -> Iterator[Finding]:
    for place, part in parts(kind.schema, kind.at):
        for position, entry in enumerate(sequence(part.get(RULES))):
            try:
                compiled(text(mapping(entry).get("rule")))
            except NotUnderstoodError as reason:
                yield _unclear(kind, UnclearRule((*place, RULES, position, "rule"), str(reason)))


def _unclear(kind: _Kind, rule: UnclearRule) -> Finding:
    message = f"claims cannot be checked against this rule before they reach a cluster: {rule.reason}"
    return CLAIM_RULE_NOT_UNDERSTOOD.at(span_of(kind.node, rule.rule_at), message)


def _place(program: Program, manifest: Manifest, places: Places, claim: JSON, broken: BrokenRule) -> Span:
    """The place of the mistake in the spec: what a patch wrote of the fields that the rule reads, else the first."""
    value = claim
    for step in broken.place:
        value = value[step]
    read = [(*broken.place, *field) for field in broken.reads if below(value, *field) is not None]
    spans = [places.place(manifest, place) for place in read]
    patches = at(program.resources[manifest.owner].node, ("spec", "patches"))
    if patches is not None:
        patched = {scalar.span for _, scalar in scalars(patches)}
        leaves = (leaf for place in read for leaf in _leaves(claim, place))
        for span in (places.place(manifest, leaf) for leaf in leaves):
            if span in patched:
                return span
    return spans[0] if spans else places.place(manifest, broken.place)


def _leaves(claim: JSON, place: KeyPath) -> Iterator[KeyPath]:
    """The paths of all plain values at or below a place."""
    value = claim
    for step in place:
        value = value[step]
    steps = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else None
    if steps is None:
        yield place
        return
    for step in steps:
        yield from _leaves(claim, (*place, step))
