"""compositions: what the claim API does with data, for all claims at once.

In      what is known of two states: Compositions and definitions as they are rendered, of any shape.
Out     transitions: data-unprotected, data-removed, aws-account-changed.
Never   looks at an environment whose claim API has another form now: that is one transition of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformc.check.aws_resources import ALL, DELETE, kind_of
from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.diagnostics import Severity
from platformc.language.aws_facts import ClaimFacts, Protection
from platformc.language.nodes import KeyPath
from platformc.lower.composed import COMPOSITION
from platformc.lower.legacy_claim_api import DEFINITION
from platformc.rules import Rule
from platformc.rules.data import AWS_ACCOUNT_CHANGED, DATA_UNPROTECTED
from platformc.rules.output import DATA_REMOVED
from platformc.safety.claims import deletes
from platformc.safety.known import Known, Object, Pair
from platformc.safety.protections import is_weaker
from platformc.safety.transition import Loss, Transition

GROUP = "apiextensions.crossplane.io"
POLICIES = "spec.managementPolicies"
PROVIDER_CONFIG = ("spec", "providerConfigName")
FOR_ALL = "this applies to every claim of the kind: change claims one by one instead"
ANY = ""
"""Stands for every value of a claim."""

Resource = tuple[KeyPath, Mapping[str, Any]]
"""One resource of a Composition with its place."""


def judge(known: Known, switched: frozenset[str]) -> Iterator[Transition]:
    """Yield what Compositions and definitions do to the data of all claims of their kind."""
    for pair in known.pairs:
        if pair.before.key.group != GROUP or pair.after.environment in switched:
            continue
        kind = kind_of(pair.before.object)
        if kind == COMPOSITION:
            yield from _composition(known, pair)
        elif kind == DEFINITION:
            yield from _definition(known, pair)


def _transition(
    pair: Pair, rule: Rule, message: str, *, before: KeyPath | None, after: KeyPath | None, hint: str = FOR_ALL
) -> Transition:
    loss = Loss.UNPROTECTED if rule is DATA_UNPROTECTED else Loss.LOST
    name = f"{pair.after.key.kind} {pair.after.key.name}"
    return Transition(
        rule,
        loss,
        pair.after.environment,
        pair.after.key,
        f"{name}: {message}",
        hint,
        before,
        after,
        severity=Severity.ERROR if rule is DATA_REMOVED else None,
    )


def _composition(known: Known, pair: Pair) -> Iterator[Transition]:
    facts = known.claims.of_composed(text(below(dict(pair.before.object), "spec", "compositeTypeRef", "kind")))
    before, after = dict(_resources(pair.before.object)), dict(_resources(pair.after.object))
    for name, (place, old) in before.items():
        if name not in after:
            message = f"the composed resource {name} is gone: Crossplane deletes what it made for every claim"
            hint = "a resource's name is part of the API: keep it, and change what it makes"
            yield _transition(pair, DATA_REMOVED, message, before=place, after=None, hint=hint)
            continue
        new_place, new = after[name]
        gained = _gained(_deletion(old), _deletion(new))
        if gained is not None:
            values = f" of claims with deletionPolicy {gained}" if gained else ""
            message = f"the composed resource {name}{values} is deleted in AWS together with its claim from now on"
            yield _transition(pair, DATA_UNPROTECTED, message, before=place, after=(*new_place, *_policy_place(new)))
        if facts is not None and facts.data is not None:
            yield from _passed_on(pair, facts.data.protections, (name, place, old), (new_place, new))


def _resources(composition: Object) -> Iterator[tuple[str, Resource]]:
    """The resources of a Composition, by name."""
    steps = sequence(below(dict(composition), "spec", "pipeline"))
    for step, one in enumerate(steps):
        for index, resource in enumerate(map(mapping, sequence(below(one, "input", "resources")))):
            yield text(resource.get("name")), (("spec", "pipeline", step, "input", "resources", index), resource)


def _patches(resource: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    yield from enumerate(map(mapping, sequence(resource.get("patches"))))


def _deletion(resource: Mapping[str, Any]) -> Mapping[str, bool]:
    """Value of the claim's field -> whether AWS deletes the resource; ANY for all values."""
    spec = mapping(below(resource.get("base"), "spec"))
    for _, patch in _patches(resource):
        if patch.get("toFieldPath") == POLICIES:
            maps = [mapping(one).get("map") for one in sequence(patch.get("transforms"))]
            found = {
                value: any(one in (DELETE, ALL) for one in sequence(policies))
                for each in maps
                for value, policies in mapping(each).items()
            }
            return found or {ANY: True}
    return {ANY: deletes(spec)}


def _gained(before: Mapping[str, bool], after: Mapping[str, bool]) -> str | None:
    """A value for which AWS deletes from now on; None if there is none."""
    for value, is_deleted in after.items():
        if not is_deleted:
            continue
        former = [before[value]] if value in before else [before[ANY]] if ANY in before else []
        if value == ANY and ANY not in before:
            former = list(before.values())
        if not all(former):
            return value
    return None


def _policy_place(resource: Mapping[str, Any]) -> KeyPath:
    for position, patch in _patches(resource):
        if patch.get("toFieldPath") == POLICIES:
            return ("patches", position)
    base = below(resource.get("base"), "spec")
    return ("base", "spec", "managementPolicies") if "managementPolicies" in mapping(base) else ("name",)


def _passed_on(
    pair: Pair, protections: tuple[Protection, ...], old: tuple[str, KeyPath, Mapping[str, Any]], new: Resource
) -> Iterator[Transition]:
    """Fields that protect data and that no patch of the resource reads any more."""
    name, place, resource = old
    read = {text(patch.get("fromFieldPath")) for _, patch in _patches(new[1])}
    for position, patch in _patches(resource):
        source = text(patch.get("fromFieldPath"))
        found = next((one for one in protections if ".".join(map(str, one.claim)) == source), None)
        if found is not None and source not in read and patch.get("toFieldPath") != POLICIES:
            message = f"the composed resource {name} no longer gets {source}: {found.consequence}"
            yield _transition(
                pair, DATA_UNPROTECTED, message, before=(*place, "patches", position), after=(*new[0], "name")
            )
            read.add(source)


def _definition(known: Known, pair: Pair) -> Iterator[Transition]:
    names = [below(dict(pair.before.object), "spec", field, "kind") for field in ("claimNames", "names")]
    facts = known.claims.of_composed(next((text(name) for name in names if name), ""))
    before, after = dict(_versions(pair.before.object)), dict(_versions(pair.after.object))
    for version, (place, old) in after.items():
        if version in before:
            yield from _defaults(pair, facts, before[version], (place, old))


def _versions(definition: Object) -> Iterator[tuple[str, Resource]]:
    for index, version in enumerate(map(mapping, sequence(below(dict(definition), "spec", "versions")))):
        fields = mapping(below(version, "schema", "openAPIV3Schema", "properties", "spec", "properties"))
        path = ("spec", "versions", index, "schema", "openAPIV3Schema", "properties", "spec", "properties")
        yield text(version.get("name")), (path, fields)


def _defaults(pair: Pair, facts: ClaimFacts | None, old: Resource, new: Resource) -> Iterator[Transition]:
    """Defaults that mean something else for claims that leave a field out."""
    data = facts.data if facts is not None else None
    for protection in data.protections if data is not None else ():
        field = str(protection.claim[-1])
        before, after = _default(old[1], field), _default(new[1], field)
        if is_weaker(protection, before, after):
            message = f"the default of {field} goes from {before} to {after}: {protection.consequence}"
            yield _transition(
                pair, DATA_UNPROTECTED, message, before=(*old[0], field), after=(*new[0], field, "default")
            )
    field = PROVIDER_CONFIG[-1]
    before, after = _default(old[1], field), _default(new[1], field)
    if before != after and before is not None:
        message = f"the default of {field} goes from {before} to {after}: claims may be made in another account"
        yield _transition(
            pair, AWS_ACCOUNT_CHANGED, message, before=(*old[0], field), after=(*new[0], field, "default")
        )


def _default(fields: Mapping[str, Any], field: str) -> Any:
    return mapping(fields.get(field)).get("default")
