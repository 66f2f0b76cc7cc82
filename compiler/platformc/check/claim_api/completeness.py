"""completeness: whether a Composition omits nothing of the claim and of what it composes.

In      all Compositions of one claim kind, the schemas of what they compose.
Out     findings.
Finds   claim-field-unused, claim-status-unwritten, composition-missing-field, composition-patch-left-out,
        composition-name-generated, composition-hides-refusals, composition-field-written-twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from platformc.check.claim_api.composition import CONNECTION_SECRET, Composed, Composition, Patch
from platformc.check.claim_api.field_path import Steps, covers, shown
from platformc.check.claim_api.schemas import ClaimKind
from platformc.check.claim_api.shape import Gap, Schema, always, fields, follow, others, required, step_into
from platformc.check.claim_api.source_object import SourceObject
from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.check.schemas.conversion import RULES
from platformc.diagnostics import Finding
from platformc.language import Kinds
from platformc.language.aws_facts import ManagedResource
from platformc.language.nodes import KeyPath
from platformc.rules.crossplane import (
    CLAIM_FIELD_UNUSED,
    CLAIM_STATUS_UNWRITTEN,
    COMPOSITION_FIELD_WRITTEN_TWICE,
    COMPOSITION_HIDES_REFUSALS,
    COMPOSITION_MISSING_FIELD,
    COMPOSITION_NAME_GENERATED,
    COMPOSITION_PATCH_LEFT_OUT,
)

EXTERNAL_NAME: Steps = ("metadata", "annotations", "crossplane.io/external-name")
ProviderFacts = Mapping[tuple[str, str], ManagedResource]
"""Service and kind of a managed resource -> what no schema says about it."""
ROLE = ManagedResource("iam", "Role", named_by_annotation=True, required_inside=(), immutable=("path",))
"""No kind makes one, but people compose it."""


def provider_facts(kinds: Kinds) -> ProviderFacts:
    """The facts of all managed resources, from the records."""
    claims = (claim for kind in kinds.values() if kind.aws is not None for claim in kind.aws.claims)
    return {(one.service, one.kind): one for one in (ROLE, *(one for claim in claims for one in claim.managed))}


REQUIRED_BY_RULE = re.compile(r"\|\| has\(self\.forProvider\.(\w+)\)")
"""How the provider requires a field only if a resource is not just observed: a CEL rule on spec."""

CONDITIONS: Steps = ("status", "conditions")
RESOURCES: Steps = ("status", "resources")
SEEN = ("Ready", "Synced")
"""Conditions that must hold: a resource whose change was rejected stays Ready, but is no longer Synced."""


def check_claim_fields(claim: ClaimKind, compositions: Sequence[Composition]) -> Iterator[Finding]:
    """Check that every field of the claim is used, and every status field is written."""
    patches = [patch for made in compositions for composed in made.resources for patch in composed.patches]
    read = [patch.source for patch in patches if not patch.to_claim and patch.carries]
    told = [patch.target for patch in patches if patch.to_claim]
    hint = "add a patch that copies it to a managed resource, or remove the field"
    for path in _unreached(claim.own["spec"], ("spec",), read):
        message = f"{shown(path)} of {claim.kind} reaches no managed resource"
        yield CLAIM_FIELD_UNUSED.at(claim.source_object.key_at(_place(claim, path)), message, hint)
    hint = "add a ToCompositeFieldPath patch that writes it, or remove the field"
    for path in _unreached(claim.own["status"], ("status",), told):
        message = f"nothing writes {shown(path)} of {claim.kind}"
        yield CLAIM_STATUS_UNWRITTEN.at(claim.source_object.key_at(_place(claim, path)), message, hint)


def _unreached(schema: Schema, path: Steps, reached: Sequence[Steps]) -> Iterator[Steps]:
    """The topmost declared fields that no path covers or leads into."""
    for name, part in fields(schema).items():
        own = (*path, name)
        if any(covers(one, own) for one in reached):
            continue
        if not any(covers(own, one) for one in reached):
            yield own
        else:
            yield from _unreached(part, own, reached)


def _place(claim: ClaimKind, path: Steps) -> KeyPath:
    """The place where a field of the claim is declared."""
    return (*claim.at, *(word for step in path for word in ("properties", step)))


def check_required(
    source_object: SourceObject, composed: Composed, claim: ClaimKind, managed: Schema, facts: ProviderFacts
) -> Iterator[Finding]:
    """Check that every required field of the managed kind is in the base, or comes from one that every claim has."""
    for path in (*_required(managed, composed, ()), *_required_by_rules(managed), *_required_inside(composed, facts)):
        if _given(composed.base, path):
            continue
        patches = composed.sources(path)  # one that writes into a map makes the map, too
        if not patches:
            message = f"{composed.kind} requires {shown(path)}, but nothing sets it"
            yield COMPOSITION_MISSING_FIELD.at(
                source_object.at((*composed.at, "name")), message, "set it in the base or with a patch"
            )
            continue
        if not any(_always_there(claim, patch, path, composed) for patch in patches):
            patch = patches[0]
            message = f"{composed.kind} requires {shown(path)}, but {shown(patch.source)} is optional in a claim"
            related = ((claim.source_object.at(claim.at), "the claim's schema"),)
            hint = "make it required in the definition, or give it a default"
            yield COMPOSITION_MISSING_FIELD.at(source_object.at(patch.from_at), message, hint, related=related)


def _required(schema: Schema, composed: Composed, path: Steps) -> Iterator[Steps]:
    """Required fields of every map that the resource will have. A list is complete or absent: patches check it."""
    for name in required(schema):
        if path or name == "spec":
            yield (*path, name)
    for name, part in fields(schema).items():
        own = (*path, name)
        if name in ("metadata", "status") and not path:
            continue
        inside = [patch for patch in composed.sources(own) if len(patch.target) > len(own)]
        if inside or isinstance(_value(composed.base, own), dict):
            yield from _required(part, composed, own)


def _required_by_rules(managed: Schema) -> Iterator[Steps]:
    spec = fields(managed).get("spec", {})
    for entry in sequence(spec.get(RULES)):
        expression = text(mapping(entry).get("rule"))
        if "self.managementPolicies" in expression:
            yield from (("spec", "forProvider", name) for name in REQUIRED_BY_RULE.findall(expression))


def _required_inside(composed: Composed, facts: ProviderFacts) -> Iterator[Steps]:
    known = facts.get(_service_and_kind(composed))
    for path in known.required_inside if known is not None else ():
        if _has_map(composed, path[:-1]):
            yield path


def _service_and_kind(composed: Composed) -> tuple[str, str]:
    return composed.api_version.partition(".")[0], composed.kind


def _always_there(claim: ClaimKind, patch: Patch, path: Steps, composed: Composed) -> bool:
    """Whether the source exists whenever the map around the field does."""
    source = (*patch.source, *path[len(patch.target) :])
    if patch.required or always(claim.schema, source):
        return True
    around = path[:-1]
    if _value(composed.base, around) is not None:
        return False
    makers = [one for one in composed.sources(around) if len(one.target) > len(around)]
    return bool(makers) and all(maker.source == patch.source for maker in makers)


def check_left_out(
    source_object: SourceObject, resources: Sequence[Composed], schemas: Sequence[Schema | None]
) -> Iterator[Finding]:
    """Check that what one resource copies from the claim, the others copy, too: a tag, credentials, deletion.

    Only if the map around the field exists; a base with another value than the other's is intended.
    """
    pairs = {
        (patch.source, patch.target): (composed, patch)
        for composed in resources
        for patch in composed.patches
        if not patch.to_claim
    }
    for (source, target), (taker, patch) in pairs.items():
        for composed, schema in zip(resources, schemas, strict=True):
            if schema is None or composed.sources(target) or isinstance(follow(schema, target), Gap):
                continue
            if target[0] == "metadata" or not _has_map(composed, target[:-1]):
                continue
            if _value(composed.base, target) != _value(taker.base, target):
                continue
            message = f"{composed.name} does not copy {shown(source)} to {shown(target)}, unlike {taker.name}"
            hint = "add the patch, or set the field in the base"
            related = ((source_object.at(patch.at), f"the patch of {taker.name}"),)
            yield COMPOSITION_PATCH_LEFT_OUT.at(
                source_object.at((*composed.at, "name")), message, hint, related=related
            )


def check_name(source_object: SourceObject, composed: Composed, facts: ProviderFacts) -> Iterator[Finding]:
    """Check that a resource that AWS identifies by its name gets it from the claim."""
    known = facts.get(_service_and_kind(composed))
    if known is not None and known.named_by_annotation and not composed.sources(EXTERNAL_NAME):
        if _given(composed.base, EXTERNAL_NAME):
            return
        message = f"the name of {composed.name} in AWS would be generated"
        hint = f"patch the claim's name to {shown(EXTERNAL_NAME)}"
        yield COMPOSITION_NAME_GENERATED.at(source_object.at((*composed.at, "name")), message, hint)


def check_visible(source_object: SourceObject, composed: Composed, claim: ClaimKind) -> Iterator[Finding]:
    """Check that rejections of AWS are visible: the claim is not ready, and its status has the conditions."""
    conditions = [mapping(check.get("matchCondition")) for check in composed.readiness]
    have = {condition.get("type") for condition in conditions if condition.get("status") == "True"}
    for name in SEEN:
        if name not in have:
            message = f"{composed.name} is considered ready without {name}"
            hint = f"add a readiness check MatchCondition: type {name}, status 'True'"
            yield COMPOSITION_HIDES_REFUSALS.at(source_object.at((*composed.at, "name")), message, hint)
    map_of_resources = step_into(claim.own["status"], RESOURCES[1])
    if map_of_resources is None or others(map_of_resources) is None:
        return
    told = [patch for patch in composed.patches if patch.to_claim and patch.source == CONDITIONS]
    if not any(patch.target[:2] == RESOURCES and len(patch.target) == len(RESOURCES) + 1 for patch in told):
        message = f"the conditions of {composed.name} do not reach the claim's {shown(RESOURCES)}"
        hint = f"patch {shown(CONDITIONS)} to {shown(RESOURCES)}.<name>"
        yield COMPOSITION_HIDES_REFUSALS.at(source_object.at((*composed.at, "name")), message, hint)


def _has_map(composed: Composed, path: Steps) -> bool:
    """Whether the resource will have a map at a path."""
    return _value(composed.base, path) is not None or bool(composed.sources(path))


def check_written_twice(composition: Composition) -> Iterator[Finding]:
    """Check that each field has one patch: of two, the later one wins if its source exists."""
    first: dict[tuple[int, Steps], Patch] = {}
    for number, composed in enumerate(composition.resources):
        for patch in composed.patches:
            whose = -1 if patch.to_claim else number  # resources write into one claim
            known = first.setdefault((whose, patch.target), patch)
            if known is not patch:
                message = f"another patch writes {shown(patch.target)}"
                related = ((composition.source_object.at(known.to_at), "the other one"),)
                place = patch.to_at
                yield COMPOSITION_FIELD_WRITTEN_TWICE.at(
                    composition.source_object.at(place), message, "", related=related
                )


def check_secret(composition: Composition, claim: ClaimKind) -> Iterator[Finding]:
    """Check that connection details have a Secret: one that the claim names, or for the older form a namespace.

    Source: Crossplane docs, "Connection details composition" and, for the older form, "Connection details".
    """
    composed = next((one for one in composition.resources if one.details), None)
    if composed is None:
        return
    place = (*composed.at, "connectionDetails")
    name: Steps = (*CONNECTION_SECRET, "name")
    if claim.namespaced and isinstance(follow({"properties": claim.own}, name), Gap):
        message = f"{claim.kind} has no {shown(name)}, so its connection details are lost"
        yield COMPOSITION_MISSING_FIELD.at(
            composition.source_object.at(place), message, "add the field to the definition"
        )
    elif not claim.namespaced and not below(
        composition.source_object.data, "spec", "writeConnectionSecretsToNamespace"
    ):
        message = f"without spec.writeConnectionSecretsToNamespace, the connection details of {claim.kind} are lost"
        yield COMPOSITION_MISSING_FIELD.at(
            composition.source_object.at(place), message, "set it to the namespace that Crossplane runs in"
        )


def _given(base: Any, path: Steps) -> bool:
    return _value(base, path) is not None


def _value(base: Any, path: Iterable[str | int]) -> Any:
    for step in path:
        if isinstance(base, list) and isinstance(step, int):
            base = base[step] if step < len(base) else None
        else:
            base = below(base, str(step))
    return base
