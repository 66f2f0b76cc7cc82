"""managed: the managed resources that claims make, as far as files can tell.

In      the claim API in one form, and claims, all as plain data of any shape.
Out     Composed, one for each claim: its managed resources by their names in the Composition, or why they are not known.
Never   raises, guesses, or asks a cluster. Whatever only a cluster knows (statuses, generated names) is left out of an
        object and listed beside it. Coming from the same place on both sides of a comparison, it is no difference.
"""

from __future__ import annotations

import re
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
from platformc.composing.evaluator import (
    CONNECTION_SECRET,
    SECRET_TYPE,
    CannotComposeError,
    NotEvaluatedError,
    copied,
    managed_resource,
)
from platformc.composing.field_paths import FieldPathError, parse, write
from platformc.composing.function_input import FunctionInput, Template, Transform, UnknownInputError, read_composition
from platformc.lower.composed import Kind, kind_of

JSON: TypeAlias = Any

EXTERNAL_NAME = "crossplane.io/external-name"
"""The annotation with the name in AWS."""

SECRET_KEY = re.compile(r"[-._a-zA-Z0-9]*[-_a-zA-Z0-9][-._a-zA-Z0-9]*")
"""Source: Kubernetes, "Secrets": alphanumeric characters, `-`, `_` and `.`; no key is only dots."""

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
class Live:
    """In place of a value that only a cluster knows."""

    source: str
    """Where it comes from: a field of the composite, or words."""
    transforms: tuple[Transform, ...]


@dataclass(frozen=True, slots=True)
class Managed:
    """One resource that a claim makes."""

    resource: str
    """Its name in the Composition."""
    object: JSON
    """Without what only a cluster knows."""
    live: tuple[tuple[str, Live], ...]
    """The fields that get a value from there."""

    @property
    def with_live(self) -> JSON:
        """The object with a Live in the place of each value that only a cluster knows."""
        made = copied(self.object)
        for path, value in self.live:
            write(made, path, value)
        return made

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
    """Whether its definition has the older form; None if there is no definition, or no claim."""
    inputs: JSON = field(repr=False)
    """The claim, and what defines and composes it: all that the rest follows from. None if there is no claim."""


@dataclass(frozen=True, slots=True)
class ClaimSide:
    """One side of a comparison: the claim API in the form of its environment, and the environment's claims."""

    claim_api: Sequence[JSON]
    claims: Sequence[JSON]


def composed(claim_api: Iterable[JSON], claims: Iterable[JSON]) -> tuple[Composed, ...]:
    """What each claim makes, in the order of the claims. Never raises."""
    listed = list(claims)
    known = definitions(claim_api) if listed else {}
    read: ReadCompositions = []
    return tuple(_composed(known, read, claim) for claim in listed)


def nothing(claim: ClaimId) -> Composed:
    """What a side makes that does not have the claim."""
    return Composed(claim, (), (), None, None, None)


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
        return one.keys() == other.keys() and all(map(same, one.values(), map(other.__getitem__, one)))
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


@dataclass(frozen=True, slots=True)
class _Offline:
    """A template without the patches that bring it what only a cluster has."""

    template: Template
    live: tuple[tuple[str, Live], ...]


ReadCompositions: TypeAlias = list[tuple[JSON, bool, tuple[_Offline, ...] | Unknown]]
"""A Composition, whether its composites stand behind claims, and its resources, which all of these share."""


def _composed(known: Definitions, read: ReadCompositions, claim: JSON) -> Composed:
    identity = claim_id(claim)
    inputs = (claim, _behind(known, (identity.group, identity.kind)))
    legacy: bool | None = None
    try:
        definition = definition_for(known, claim)
        legacy = definition.legacy
        composition = composition_for(definition, claim)
        behind_a_claim = legacy and definition.composite != identity.kind
        templates = _read_once(read, composition, behind_a_claim=behind_a_claim)
        whole = composite(definition, composition, claim)
        made, waiting = _resources(templates, whole, legacy=legacy)
    except NotComposedError as error:
        return Composed(identity, (), (), Unknown(error.why, str(error)), legacy, inputs)
    return Composed(identity, made, waiting, None, legacy, inputs)


def _read_once(read: ReadCompositions, composition: JSON, *, behind_a_claim: bool) -> tuple[_Offline, ...]:
    """A Composition's resources, by name. Raises NotComposedError."""
    found = next((each for known, behind, each in read if known is composition and behind is behind_a_claim), None)
    if found is None:
        found = _read(composition, LIVE_BEHIND_A_CLAIM if behind_a_claim else LIVE)
        read.append((composition, behind_a_claim, found))
    if isinstance(found, Unknown):
        raise NotComposedError(found.why, found.reason)
    return found


def _read(composition: JSON, live: tuple[Steps, ...]) -> tuple[_Offline, ...] | Unknown:
    try:
        return _offline(read_composition(composition), live)
    except UnknownInputError as error:
        return Unknown(Why.UNSUPPORTED, f"its Composition has what is not evaluated here: {error}")


def _offline(given: FunctionInput, live: tuple[Steps, ...]) -> tuple[_Offline, ...]:
    made = []
    for template in sorted(given.templates, key=lambda one: one.name):
        later = [
            one
            for one in template.patches
            if one.direction == "FromCompositeFieldPath" and any(covers(each, parse(one.source)) for each in live)
        ]
        rest = tuple(one for one in template.patches if one not in later)
        made.append(
            _Offline(
                replace(template, patches=rest), tuple((one.target, Live(one.source, one.transforms)) for one in later)
            )
        )
    return tuple(made)


def _resources(
    templates: tuple[_Offline, ...], whole: JSON, *, legacy: bool
) -> tuple[tuple[Managed, ...], tuple[Managed, ...]]:
    """What is made, and what waits. Raises NotComposedError."""
    made, waiting = [], []
    for one in templates:
        name = one.template.name
        try:
            found = managed_resource(one.template, whole, exists=False)
            if found is not None:
                made.append(_checked(Managed(name, found, one.live)))
            else:
                kept = managed_resource(one.template, whole, exists=True)
                waiting.append(_checked(Managed(name, kept, one.live)))
        except (CannotComposeError, FieldPathError) as error:
            why = Why.UNSUPPORTED if isinstance(error, NotEvaluatedError) else Why.REFUSED
            raise NotComposedError(why, f"{name}: {error}") from error
    if not legacy and any(one.template.connection_details for one in templates):
        made.append(_connection_secret(templates, whole))
    return tuple(made), tuple(waiting)


def _checked(managed: Managed) -> Managed:
    """The same, whose live fields have a place of their own. Raises NotEvaluatedError."""
    if not managed.live:
        return managed
    try:
        managed.with_live  # noqa: B018 - whether it can be made
    except FieldPathError as error:
        raise NotEvaluatedError(f"{error}, which only a cluster knows") from error
    return managed


def _connection_secret(templates: tuple[_Offline, ...], whole: JSON) -> Managed:
    """The Secret that the function makes for a composite in a namespace; the core writes that of the older form.

    Raises NotComposedError.
    """
    name = below(whole, "spec", "writeConnectionSecretToRef", "name")
    made: JSON = {"apiVersion": "v1", "kind": "Secret", "type": SECRET_TYPE}
    live = []
    for one in templates:
        for detail in one.template.connection_details:
            if not SECRET_KEY.fullmatch(detail.name):
                raise NotComposedError(Why.REFUSED, f"{one.template.name}: a Secret cannot have a key `{detail.name}`")
            place = f"data[{detail.name}]" if "." in detail.name else f"data.{detail.name}"
            live.append((place, Live(f"{detail.source} of {one.template.name}", ())))
    if isinstance(name, str):
        made["metadata"] = {"name": name}
    else:
        live.append(("metadata.name", Live("the function makes a name up", ())))
    return Managed(CONNECTION_SECRET, made, tuple(live))
