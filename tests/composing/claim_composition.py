"""claim_composition: from claims to managed resources, as a cluster with Crossplane would have them a moment later.

In      the claim API (XRDs and Compositions, of either form) and claims.
Out     ManagedResource: which claim, which resource of its Composition, the object that is applied.
Never   makes names, owners or labels: the core adds those.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from composing.evaluator import compose
from composing.function_input import FunctionInput, read_composition
from composing.structural_defaults import schema_of, with_defaults

JSON: TypeAlias = Any

XRD = "CompositeResourceDefinition"
LEGACY = "LegacyCluster"


@dataclass(frozen=True, slots=True)
class ManagedResource:
    """One resource that a claim makes."""

    claim: JSON
    resource: str
    """Its name in the Composition."""
    object: JSON


@dataclass(frozen=True, slots=True)
class ClaimKind:
    """A kind of claims, and what composes them."""

    definition: JSON
    composition: JSON
    composes: FunctionInput

    @property
    def kind(self) -> str:
        """The kind of its claims."""
        spec = self.definition["spec"]
        return str(spec.get("claimNames", spec["names"])["kind"])

    @property
    def legacy(self) -> bool:
        """Whether a claim stands for a composite of its own, which no namespace holds."""
        return bool(self.definition["spec"].get("scope", LEGACY) == LEGACY)


def claim_kinds(objects: Iterable[JSON]) -> dict[str, ClaimKind]:
    """Pair XRDs with their Compositions, by the kind of their claims. Raises UnknownInputError, KeyError."""
    listed = list(objects)
    compositions = {one["spec"]["compositeTypeRef"]["kind"]: one for one in listed if one["kind"] == "Composition"}
    definitions = [one for one in listed if one["kind"] == XRD]
    assert len(compositions) == len(definitions), "an XRD without its Composition, or the reverse"
    found = []
    for definition in definitions:
        composition = compositions[definition["spec"]["names"]["kind"]]
        found.append(ClaimKind(definition, composition, read_composition(composition)))
    return {one.kind: one for one in found}


def managed_resources(kinds: Mapping[str, ClaimKind], claims: Iterable[JSON]) -> Iterator[ManagedResource]:
    """What all claims make, in order of claims, each's resources by name. Raises CannotComposeError."""
    for claim in claims:
        made = compose(kinds[claim["kind"]].composes, composite(kinds[claim["kind"]], claim), {})
        for name, resource in sorted(made.resources.items()):
            yield ManagedResource(claim, name, resource.object)


def composite(kind: ClaimKind, claim: JSON) -> JSON:
    """The composite of a claim, with the defaults that the API server gives it and what the core adds.

    Of the namespaced form it is the claim itself; of the legacy form, a copy of its spec under another kind and uid.
    """
    version = claim["apiVersion"].partition("/")[2]
    defaulted = with_defaults(schema_of(kind.definition, version), copy.deepcopy(claim))
    reference = {"name": kind.composition["metadata"]["name"]}
    if not kind.legacy:
        return {**defaulted, "spec": {**defaulted["spec"], "crossplane": {"compositionRef": reference}}}
    metadata = {"name": f"{claim['metadata']['name']}-xxxxx"}
    if "uid" in claim["metadata"]:
        metadata["uid"] = claim["metadata"]["uid"]
    return {
        "apiVersion": claim["apiVersion"],
        "kind": kind.definition["spec"]["names"]["kind"],
        "metadata": metadata,
        "spec": {**defaulted["spec"], "compositionRef": reference},
    }
