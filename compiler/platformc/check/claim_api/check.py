"""check: every Composition against its claim's XRD and against the provider's schemas.

In      the objects of the claim API in one form, as written; a lookup of managed kinds.
Out     what is wrong; which managed kinds have no schema here, so that less could be checked.
Finds   composition-unknown-claim, composition-unknown-kind, composition-wrong-scope, and what the modules
        beside this one find.
Never   reads a file itself; raises, whatever the objects look like.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from platformc.check.claim_api.completeness import (
    ProviderFacts,
    check_claim_fields,
    check_left_out,
    check_name,
    check_required,
    check_secret,
    check_visible,
    check_written_twice,
)
from platformc.check.claim_api.composition import Composed, Composition, read_composition
from platformc.check.claim_api.definitions import check_composed, check_rules
from platformc.check.claim_api.patches import check_base, check_patches, check_reads
from platformc.check.claim_api.schemas import ClaimKind, ManagedKinds, claim_kinds, managed_schema
from platformc.check.claim_api.shape import Schema
from platformc.check.claim_api.source_object import SourceObject
from platformc.check.remarks import Unchecked
from platformc.check.schemas.conversion import SCOPE
from platformc.diagnostics import Finding, suggestion
from platformc.rules.crossplane import COMPOSITION_UNKNOWN_CLAIM, COMPOSITION_UNKNOWN_KIND, COMPOSITION_WRONG_SCOPE


@dataclass(frozen=True, slots=True)
class CheckedCompositions:
    """What was found, and what could not be checked."""

    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]


def check_compositions(
    objects: Sequence[SourceObject], managed: ManagedKinds, facts: ProviderFacts
) -> CheckedCompositions:
    """Check all XRDs and Compositions among the objects. Findings are in no order, once each."""
    definitions = [
        source_object for source_object in objects if source_object.data.get("kind") == "CompositeResourceDefinition"
    ]
    kinds, found = claim_kinds(definitions)
    findings = list(found)
    unchecked: list[Unchecked] = []
    compositions: list[Composition] = []
    broken: set[tuple[str, str]] = set()
    known = {(claim.api_version, claim.kind): claim for claim in kinds}
    for source_object in objects:
        if source_object.data.get("kind") != "Composition":
            continue
        composition, found = read_composition(source_object)
        compositions.append(composition)
        claim = known.get(composition.claim)
        if claim is None:
            found = (*found, _unknown_claim(composition, kinds))
        elif not found:
            found = tuple(_composition(composition, claim, managed, facts, unchecked))
        if found:
            broken.add(composition.claim)
        findings += found
    for claim in kinds:
        own = [one for one in compositions if one.claim == (claim.api_version, claim.kind)]
        if own and (claim.api_version, claim.kind) not in broken:  # a misspelled field is not also an unused one
            findings += check_claim_fields(claim, own)
        findings += check_rules(claim)
    findings += check_composed(kinds, [(one.source_object.name, one.claim) for one in compositions])
    return CheckedCompositions(tuple(dict.fromkeys(findings)), tuple(unchecked))


def _unknown_claim(composition: Composition, kinds: Sequence[ClaimKind]) -> Finding:
    api_version, kind = composition.claim
    names = [claim.kind for claim in kinds]
    if kind in names:
        served = [claim.api_version for claim in kinds if claim.kind == kind]
        message, word, hint = f"{kind} is not served as {api_version}", "apiVersion", suggestion(api_version, served)
    else:
        message, word, hint = (
            f"there is no definition of {kind or 'a kind without a name'}",
            "kind",
            suggestion(kind, names),
        )
    return COMPOSITION_UNKNOWN_CLAIM.at(composition.source_object.at(("spec", "compositeTypeRef", word)), message, hint)


def _composition(
    composition: Composition,
    claim: ClaimKind,
    managed: ManagedKinds,
    facts: ProviderFacts,
    unchecked: list[Unchecked],
) -> Iterator[Finding]:
    """What is wrong with one Composition, without the consequences of mistakes that are already reported."""
    source_object = composition.source_object
    schemas: list[Schema | None] = []
    twice = [*check_written_twice(composition)]
    yield from twice
    sound = not twice
    for composed in composition.resources:
        schema = managed_schema(managed, composed.api_version, composed.kind)
        schemas.append(schema)
        if schema is None:
            found = [*_without_schema(source_object, composed, managed, unchecked)]
        else:
            found = [*_scope(source_object, composed, claim, schema)]
        found = found or _fields(source_object, composed, claim, schema)
        if not found and not twice:
            found = _wholeness(source_object, composed, claim, schema, facts)
        sound = sound and not found
        yield from found
    if sound:
        yield from check_secret(composition, claim)
        yield from check_left_out(source_object, composition.resources, schemas)


def _fields(source_object: SourceObject, composed: Composed, claim: ClaimKind, schema: Schema | None) -> list[Finding]:
    """What is wrong with what is written."""
    found = [*check_patches(source_object, composed, claim, schema)]
    if schema is not None:
        found += [*check_base(source_object, composed, schema), *check_reads(source_object, composed, schema)]
    return found


def _wholeness(
    source_object: SourceObject, composed: Composed, claim: ClaimKind, schema: Schema | None, facts: ProviderFacts
) -> list[Finding]:
    """What is wrong with what is not written."""
    found = [*check_name(source_object, composed, facts), *check_visible(source_object, composed, claim)]
    if schema is not None:
        found += check_required(source_object, composed, claim, schema, facts)
    return found


def _without_schema(
    source_object: SourceObject, composed: Composed, managed: ManagedKinds, unchecked: list[Unchecked]
) -> Iterator[Finding]:
    """A kind that is known only in other versions is a mistake; any other kind may exist."""
    if not composed.api_version or not composed.kind:
        return  # already reported
    at = (*composed.at, "base")
    group, _, version = composed.api_version.partition("/")
    versions = managed.versions(group, composed.kind)
    if versions:
        message = f"{composed.kind} of {group} is not served as {version}"
        yield COMPOSITION_UNKNOWN_KIND.at(
            source_object.at((*at, "apiVersion")), message, f"write {group}/{versions[-1]}"
        )
        return
    unchecked.append(Unchecked(composed.api_version, composed.kind, source_object.at((*at, "kind"))))


def _scope(source_object: SourceObject, composed: Composed, claim: ClaimKind, schema: Schema) -> Iterator[Finding]:
    """Source: crossplane/crossplane internal/controller/apiextensions/composite/composition_functions.go."""
    scope = schema.get(SCOPE)
    if claim.namespaced == (scope == "Namespaced"):
        return
    message = (
        f"{claim.kind} cannot compose {composed.kind} of {composed.api_version}, which is {str(scope).lower()}-scoped"
    )
    hint = "a namespaced claim composes namespaced kinds (*.m.upbound.io), a LegacyCluster claim cluster-scoped ones"
    yield COMPOSITION_WRONG_SCOPE.at(source_object.at((*composed.at, "base", "apiVersion")), message, hint)
