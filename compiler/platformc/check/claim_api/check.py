"""check: every Composition against its claim's XRD and against the provider's schemas.

In      the objects of the claim API in one form, as they are written; a lookup of managed kinds.
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
from platformc.check.claim_api.source_object import Written
from platformc.check.remarks import Unchecked
from platformc.check.schemas.conversion import SCOPE
from platformc.diagnostics import Finding, suggestion
from platformc.rules.crossplane import COMPOSITION_UNKNOWN_CLAIM, COMPOSITION_UNKNOWN_KIND, COMPOSITION_WRONG_SCOPE


@dataclass(frozen=True, slots=True)
class CheckedCompositions:
    """What was found, and what could not be looked at."""

    findings: tuple[Finding, ...]
    unchecked: tuple[Unchecked, ...]


def check_compositions(objects: Sequence[Written], managed: ManagedKinds, facts: ProviderFacts) -> CheckedCompositions:
    """Check all XRDs and Compositions among the objects. Findings come in no order, once each."""
    definitions = [written for written in objects if written.data.get("kind") == "CompositeResourceDefinition"]
    kinds, found = claim_kinds(definitions)
    findings = list(found)
    unchecked: list[Unchecked] = []
    compositions: list[Composition] = []
    broken: set[tuple[str, str]] = set()
    known = {(claim.api_version, claim.kind): claim for claim in kinds}
    for written in objects:
        if written.data.get("kind") != "Composition":
            continue
        composition, found = read_composition(written)
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
        if own and (claim.api_version, claim.kind) not in broken:  # a misspelt field is not an unused one, too
            findings += check_claim_fields(claim, own)
        findings += check_rules(claim)
    findings += check_composed(kinds, [(one.written.name, one.claim) for one in compositions])
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
    return COMPOSITION_UNKNOWN_CLAIM.at(composition.written.at(("spec", "compositeTypeRef", word)), message, hint)


def _composition(
    composition: Composition,
    claim: ClaimKind,
    managed: ManagedKinds,
    facts: ProviderFacts,
    unchecked: list[Unchecked],
) -> Iterator[Finding]:
    """What is wrong with one Composition; what follows from a mistake that was told already is not told again."""
    written = composition.written
    schemas: list[Schema | None] = []
    twice = [*check_written_twice(composition)]
    yield from twice
    sound = not twice
    for composed in composition.resources:
        schema = managed_schema(managed, composed.api_version, composed.kind)
        schemas.append(schema)
        if schema is None:
            found = [*_without_schema(written, composed, managed, unchecked)]
        else:
            found = [*_scope(written, composed, claim, schema)]
        found = found or _fields(written, composed, claim, schema)
        if not found and not twice:
            found = _wholeness(written, composed, claim, schema, facts)
        sound = sound and not found
        yield from found
    if sound:
        yield from check_secret(composition, claim)
        yield from check_left_out(written, composition.resources, schemas)


def _fields(written: Written, composed: Composed, claim: ClaimKind, schema: Schema | None) -> list[Finding]:
    """What is wrong with what is written."""
    found = [*check_patches(written, composed, claim, schema)]
    if schema is not None:
        found += [*check_base(written, composed, schema), *check_reads(written, composed, schema)]
    return found


def _wholeness(
    written: Written, composed: Composed, claim: ClaimKind, schema: Schema | None, facts: ProviderFacts
) -> list[Finding]:
    """What is wrong with what is not written."""
    found = [*check_name(written, composed, facts), *check_visible(written, composed, claim)]
    if schema is not None:
        found += check_required(written, composed, claim, schema, facts)
    return found


def _without_schema(
    written: Written, composed: Composed, managed: ManagedKinds, unchecked: list[Unchecked]
) -> Iterator[Finding]:
    """A kind that is known in other versions is a mistake; any other one may exist."""
    if not composed.api_version or not composed.kind:
        return  # said already
    at = (*composed.at, "base")
    group, _, version = composed.api_version.partition("/")
    versions = managed.versions(group, composed.kind)
    if versions:
        message = f"{composed.kind} of {group} is not served as {version}"
        yield COMPOSITION_UNKNOWN_KIND.at(written.at((*at, "apiVersion")), message, f"write {group}/{versions[-1]}")
        return
    unchecked.append(Unchecked(composed.api_version, composed.kind, written.at((*at, "kind"))))


def _scope(written: Written, composed: Composed, claim: ClaimKind, schema: Schema) -> Iterator[Finding]:
    """Source: crossplane/crossplane internal/controller/apiextensions/composite/composition_functions.go."""
    scope = schema.get(SCOPE)
    if claim.namespaced == (scope == "Namespaced"):
        return
    message = (
        f"{claim.kind} cannot compose {composed.kind} of {composed.api_version}, which is {str(scope).lower()}-scoped"
    )
    hint = "a namespaced claim composes namespaced kinds (*.m.upbound.io), a LegacyCluster claim cluster-scoped ones"
    yield COMPOSITION_WRONG_SCOPE.at(written.at((*composed.at, "base", "apiVersion")), message, hint)
