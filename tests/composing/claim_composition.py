"""claim_composition: from claims to managed resources, as a cluster with Crossplane would have them a moment later.

In      the claim API (XRDs and Compositions, of either form) and claims.
Out     ManagedResource: which claim, which resource of its Composition, the object that is applied.
Never   makes names, owners or labels: the core adds those. Composes anything itself: that is the compiler's evaluator,
        called here so that what cannot be composed fails a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from platformc.composing import composites
from platformc.composing.composites import Definition, definitions
from platformc.composing.evaluator import compose
from platformc.composing.function_input import FunctionInput, read_composition

JSON: TypeAlias = Any

XRD = "CompositeResourceDefinition"


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

    kind: str
    defined: Definition
    composition: JSON
    composes: FunctionInput

    @property
    def definition(self) -> JSON:
        """The XRD."""
        return self.defined.object


def claim_kinds(objects: Iterable[JSON]) -> dict[str, ClaimKind]:
    """Pair XRDs with their Compositions, by the kind of their claims. Raises UnknownInputError."""
    listed = list(objects)
    found: dict[str, ClaimKind] = {}
    for (_group, kind), several in definitions(listed).items():
        (one,) = several
        (composition,) = one.compositions
        if one.legacy is (kind != one.composite):
            found[kind] = ClaimKind(kind, one, composition, read_composition(composition))
    counted = [one["kind"] for one in listed]
    assert len(found) == counted.count(XRD) == counted.count("Composition"), "an XRD without its Composition"
    return found


def managed_resources(kinds: Mapping[str, ClaimKind], claims: Iterable[JSON]) -> Iterator[ManagedResource]:
    """What all claims make, in order of claims, each's resources by name. Raises CannotComposeError."""
    for claim in claims:
        made = compose(kinds[claim["kind"]].composes, composite(kinds[claim["kind"]], claim), {})
        for name, resource in sorted(made.resources.items()):
            yield ManagedResource(claim, name, resource.object)


def composite(kind: ClaimKind, claim: JSON) -> JSON:
    """The composite of a claim."""
    return composites.composite(kind.defined, kind.composition, claim)
