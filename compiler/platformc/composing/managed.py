"""managed: the managed resources that claims make, as far as files can tell.

In      the claim API in one form, and claims, all as plain data of any shape.
Out     Composed, one for each claim: its managed resources by their names in the Composition, or why they are not known.
Never   raises, guesses, or asks a cluster. Whatever only a cluster knows (statuses, generated names) is left out of an
        object and listed beside it; it is then missing on both sides of a comparison, and is no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from platformc.check.claim_api import Steps, covers
from platformc.check.policies.object_fields import below, text
from platformc.composing.composites import (
    Definitions,
    NotComposedError,
    Why,
    composite,
    composition_for,
    definition_for,
    definitions,
)
from platformc.composing.evaluator import CannotComposeError, NotEvaluatedError, managed_resource
from platformc.composing.field_paths import FieldPathError, parse
from platformc.composing.function_input import FunctionInput, Patch, UnknownInputError, read_composition
from platformc.lower.composed import Kind, kind_of

JSON: TypeAlias = Any

EXTERNAL_NAME = "crossplane.io/external-name"
"""The annotation with the name in AWS."""

LIVE: tuple[Steps, ...] = (
    ("status",),
    ("metadata", "creationTimestamp"),
    ("metadata", "generation"),
    ("metadata", "resourceVersion"),
    ("metadata", "uid"),
    ("spec", "crossplane", "compositionRevisionRef"),
    ("spec", "crossplane", "resourceRefs"),
)
LIVE_BEHIND_A_CLAIM: tuple[Steps, ...] = (
    *LIVE,
    ("metadata", "generateName"),
    ("metadata", "name"),
    ("spec", "compositionRevisionRef"),
    ("spec", "resourceRefs"),
    ("spec", "writeConnectionSecretToRef"),
)
"""What a composite has on a cluster alone; that of the older form has a generated name besides."""


@dataclass(frozen=True, slots=True, order=True)
class ClaimId:
    """Which claim; its version does not matter."""

    group: str
    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Managed:
    """One resource that a claim makes."""

    resource: str
    """Its name in the Composition."""
    object: JSON
    live: tuple[tuple[str, str], ...]
    """Fields that get a value from what only a cluster knows: (field, where it comes from)."""

    @property
    def api_version(self) -> str:
        """Its API group and version."""
        return text(below(self.object, "apiVersion"))

    @property
    def kind(self) -> Kind:
        """Its API group and kind."""
        return kind_of(self.object)

    @property
    def external_name(self) -> str | None:
        """What it is known by in AWS; None if the provider finds that out, or makes a name up."""
        return text(below(self.object, "metadata", "annotations", EXTERNAL_NAME)) or None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why it is not known what a claim makes."""

    why: Why
    reason: str
    """A phrase for people."""


@dataclass(frozen=True, slots=True)
class Composed:
    """What one claim makes."""

    claim: ClaimId
    resources: tuple[Managed, ...]
    """By name; empty if they are not known."""
    waiting: tuple[Managed, ...]
    """Resources that are not made yet, as the claim lacks something that they require; one that exists stays."""
    unknown: Unknown | None
    legacy: bool | None
    """Whether its definition has the older form; None if there is no definition."""
    inputs: JSON = field(repr=False)
    """The claim, and what defines and composes it: all that the rest follows from."""


@dataclass(frozen=True, slots=True)
class ClaimSide:
    """One side of a comparison: the claim API in the form of its environment, and the environment's claims."""

    claim_api: Sequence[JSON]
    claims: Sequence[JSON]


def composed(claim_api: Iterable[JSON], claims: Iterable[JSON]) -> tuple[Composed, ...]:
    """What each claim makes, in the order of the claims. Never raises."""
    listed = list(claims)
    known = definitions(claim_api) if listed else {}
    read: dict[int, FunctionInput | Unknown] = {}
    return tuple(_composed(known, read, claim) for claim in listed)


def claimed_kinds(claim_api: Iterable[JSON]) -> frozenset[Kind]:
    """The kinds, with their groups, whose objects are claims."""
    return frozenset(definitions(claim_api))


def affected(before: ClaimSide, after: ClaimSide) -> tuple[ClaimSide, ClaimSide]:
    """Both sides with only those claims whose managed resources can differ: all others make what they made.

    A claim can differ if its object does, if only one side has it, or if its definition or a Composition for it differs.
    """
    old, new = definitions(before.claim_api), definitions(after.claim_api)
    kinds = {kind for kind in {*old, *new} if not same(_behind(old, kind), _behind(new, kind))}
    there = {claim_id(one): one for one in before.claims}
    here = {claim_id(one): one for one in after.claims}
    differ = {
        each
        for each in {*there, *here}
        if (each.group, each.kind) in kinds
        or each not in there
        or each not in here
        or not same(there[each], here[each])
    }
    return _only(before, differ), _only(after, differ)


def same(one: JSON, other: JSON) -> bool:
    """Whether two values are the same as JSON: `true` is not 1, as it is to Python."""
    if one is other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        return len(one) == len(other) and all(key in other and same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def claim_id(claim: JSON) -> ClaimId:
    """Which claim an object is."""
    group, kind = kind_of(claim)
    namespace, name = (text(below(claim, "metadata", part)) for part in ("namespace", "name"))
    return ClaimId(group, kind, namespace, name)


def _behind(known: Definitions, kind: Kind) -> JSON:
    """The objects that decide what claims of a kind make."""
    return [(one.object, one.compositions) for one in known.get(kind, ())]


def _only(side: ClaimSide, differ: set[ClaimId]) -> ClaimSide:
    return ClaimSide(side.claim_api, tuple(one for one in side.claims if claim_id(one) in differ))


def _composed(known: Definitions, read: dict[int, FunctionInput | Unknown], claim: JSON) -> Composed:
    identity = claim_id(claim)
    inputs = (claim, _behind(known, (identity.group, identity.kind)))
    legacy: bool | None = None
    try:
        definition = definition_for(known, claim)
        legacy = definition.legacy
        composition = composition_for(definition, claim)
        given = _read_once(read, composition)
        whole = composite(definition, composition, claim)
        stands_alone = not legacy or definition.composite == identity.kind
        made, waiting = _resources(given, whole, LIVE if stands_alone else LIVE_BEHIND_A_CLAIM)
    except NotComposedError as error:
        return Composed(identity, (), (), Unknown(error.why, str(error)), legacy, inputs)
    return Composed(identity, made, waiting, None, legacy, inputs)


def _read_once(read: dict[int, FunctionInput | Unknown], composition: JSON) -> FunctionInput:
    """A Composition's input, which all its claims share. Raises NotComposedError."""
    key = id(composition)
    if key not in read:
        try:
            read[key] = read_composition(composition)
        except UnknownInputError as error:
            read[key] = Unknown(Why.UNSUPPORTED, f"its Composition has what is not evaluated here: {error}")
    found = read[key]
    if isinstance(found, Unknown):
        raise NotComposedError(found.why, found.reason)
    return found


def _resources(
    given: FunctionInput, whole: JSON, live: tuple[Steps, ...]
) -> tuple[tuple[Managed, ...], tuple[Managed, ...]]:
    """What is made, and what waits. Raises NotComposedError."""
    made, waiting = [], []
    for template in sorted(given.templates, key=lambda one: one.name):
        later = tuple(one for one in template.patches if _only_live(one, live))
        rest = replace(template, patches=tuple(one for one in template.patches if one not in later))
        told = tuple((one.target, one.source) for one in later)
        try:
            found = managed_resource(rest, whole, exists=False)
            if found is not None:
                made.append(Managed(template.name, found, told))
            else:
                waiting.append(Managed(template.name, managed_resource(rest, whole, exists=True), told))
        except (CannotComposeError, FieldPathError) as error:
            why = Why.UNSUPPORTED if isinstance(error, NotEvaluatedError) else Why.REFUSED
            raise NotComposedError(why, f"{template.name}: {error}") from error
    return tuple(made), tuple(waiting)


def _only_live(patch: Patch, live: tuple[Steps, ...]) -> bool:
    """Whether a patch brings a resource something that only a cluster has."""
    return patch.direction == "FromCompositeFieldPath" and any(covers(one, parse(patch.source)) for one in live)
