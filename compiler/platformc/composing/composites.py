"""composites: which Composition serves a claim, and the composite that it is given.

In      the claim API (XRDs and Compositions, of either form), of any shape; a claim.
Out     Definitions by the kinds that they define; the Composition that Crossplane takes; the composite.
Finds   NotComposedError, with the reason in words.
Never   makes names or owners: the core adds those.

Source: crossplane v2.3.4, internal/controller/apiextensions: composite/api.go (which Composition), claim/syncer_ssa.go
(what a composite of the older form gets of its claim), internal/xcrd (fields of claims alone).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, TypeAlias

from platformc.check.policies.object_fields import below, mapping, text
from platformc.check.schemas.structural_defaults import schema_of, with_defaults
from platformc.lower.composed import COMPOSITION, Kind, claimed_kind, kind_of
from platformc.lower.legacy_claim_api import DEFINITION, DEFINITION_API

JSON: TypeAlias = Any

LEGACY = "LegacyCluster"
PAUSED = "crossplane.io/paused"
GENERATED = "-xxxxx"
"""Stands for the five letters that the core adds to a claim's name for its composite of the older form."""

OF_CLAIMS = frozenset(
    {
        "compositeDeletePolicy",
        "compositionRevisionRef",
        "publishConnectionDetailsTo",
        "resourceRef",
        "writeConnectionSecretToRef",
    }
)
"""Fields of a claim of the older form that its composite does not get."""

RESERVED = re.compile(r"(?:[^/]+\.)?(?:kubernetes\.io|k8s\.io)/")
"""Labels and annotations of a claim that its composite does not get."""


class Why(Enum):
    """Why it is not known what a claim makes."""

    REFUSED = auto()
    """Crossplane answers with an error: everything stays as it is until that is corrected."""
    MISSING = auto()
    """A definition or Composition is not among the objects; one that only the cluster has may serve the claim."""
    UNSUPPORTED = auto()
    """The Composition asks for something that is not evaluated here; Crossplane may well do it."""
    LIVE = auto()
    """It depends on what the cluster has: a pinned revision, or a choice that Crossplane makes."""
    PAUSED = auto()
    """Nothing is made or changed for the claim as long as it is paused."""


class NotComposedError(Exception):
    """It is not known what a claim makes; the text says why."""

    def __init__(self, why: Why, reason: str) -> None:
        super().__init__(reason)
        self.why = why


@dataclass(frozen=True, slots=True)
class Definition:
    """An XRD, and the Compositions for it."""

    object: JSON
    composite: str
    """The kind of its composites."""
    legacy: bool
    """Whether a claim stands for a composite of its own, which no namespace holds."""
    compositions: tuple[JSON, ...]


Definitions: TypeAlias = Mapping[Kind, tuple[Definition, ...]]
"""Kind of claims, or of composites -> what defines it; more than one definition is a mistake."""


def definitions(claim_api: Iterable[JSON]) -> Definitions:
    """Pair the XRDs among some objects with their Compositions; whatever else there is, is left out."""
    listed = [one for one in claim_api if isinstance(one, dict)]
    compositions: dict[Kind, list[JSON]] = {}
    for one in listed:
        if one.get("kind") == COMPOSITION:
            compositions.setdefault(claimed_kind(one), []).append(one)
    found: dict[Kind, tuple[Definition, ...]] = {}
    for one in listed:
        spec = mapping(one.get("spec"))
        group, kind = text(spec.get("group")), text(below(spec, "names", "kind"))
        if one.get("kind") != DEFINITION or not kind:
            continue
        old = one.get("apiVersion") == DEFINITION_API
        legacy = spec.get("scope", LEGACY if old else "Namespaced") == LEGACY
        made = Definition(one, kind, legacy, tuple(compositions.get((group, kind), ())))
        claim = text(below(spec, "claimNames", "kind")) if legacy else ""
        for name in sorted({kind, claim or kind}):
            found[group, name] = (*found.get((group, name), ()), made)
    return found


def definition_for(known: Definitions, claim: JSON) -> Definition:
    """What defines a claim. Raises NotComposedError."""
    group, kind = kind_of(claim)
    found = known.get((group, kind), ())
    if len(found) == 1:
        return found[0]
    if found:
        raise NotComposedError(Why.LIVE, f"{kind} of {group} is defined more than once")
    raise NotComposedError(Why.MISSING, f"there is no definition of {kind} of {group}")


def composition_for(definition: Definition, claim: JSON) -> JSON:
    """The Composition that Crossplane takes for a claim. Raises NotComposedError."""
    spec = mapping(definition.object.get("spec"))
    asked = mapping(claim.get("spec")) if definition.legacy else mapping(below(claim, "spec", "crossplane"))
    if below(claim, "metadata", "annotations", PAUSED) == "true":
        raise NotComposedError(Why.PAUSED, f"the claim is paused by its annotation {PAUSED}")
    policy = asked.get("compositionUpdatePolicy", spec.get("defaultCompositionUpdatePolicy", "Automatic"))
    if policy != "Automatic" or asked.get("compositionRevisionRef") is not None:
        raise NotComposedError(Why.LIVE, "it stays at a revision of its Composition that only the cluster has")
    name = text(below(spec, "enforcedCompositionRef", "name")) or text(below(asked, "compositionRef", "name"))
    labels = below(asked, "compositionSelector", "matchLabels")
    if not name and not labels:
        name = text(below(spec, "defaultCompositionRef", "name"))
    if name:
        fitting = [one for one in definition.compositions if below(one, "metadata", "name") == name]
    else:
        wanted = mapping(labels).items()
        fitting = [
            one
            for one in definition.compositions
            if all(mapping(below(one, "metadata", "labels")).get(key) == value for key, value in wanted)
        ]
    if len(fitting) > 1:
        raise NotComposedError(Why.LIVE, f"Crossplane takes any of {len(fitting)} Compositions for {claim.get('kind')}")
    if not fitting:
        called = f" {name}" if name else " with these labels" if labels else ""
        raise NotComposedError(Why.MISSING, f"there is no Composition{called} for {claim.get('kind')}")
    return fitting[0]


def composite(definition: Definition, composition: JSON, claim: JSON) -> JSON:
    """The composite of a claim, with the defaults that the API server gives it and what the core adds.

    Of the namespaced form it is the claim itself; of the legacy form, a copy of its spec under another kind. A claim
    with a uid lends it to its composite. Raises NotComposedError.
    """
    try:
        schema = schema_of(definition.object, text(claim.get("apiVersion")).partition("/")[2])
    except KeyError as error:
        raise NotComposedError(Why.MISSING, str(error.args[0])) from error
    defaulted = with_defaults(schema, claim)
    metadata, spec = mapping(defaulted.get("metadata")), defaulted.get("spec")
    if not isinstance(spec, dict):
        raise NotComposedError(Why.REFUSED, "the claim has no spec")
    reference = {"name": below(composition, "metadata", "name")}
    if not definition.legacy:
        machinery = {**mapping(spec.get("crossplane")), "compositionRef": reference}
        return {**defaulted, "spec": {**spec, "crossplane": machinery}}
    if definition.composite == claim.get("kind"):  # no claim: somebody wrote the composite itself
        return {**defaulted, "spec": {**spec, "compositionRef": reference}}
    name, namespace = metadata.get("name"), metadata.get("namespace")
    named = {"name": name, "namespace": namespace}
    made = {
        "name": f"{name}{GENERATED}",
        "labels": {
            **_not_reserved(metadata.get("labels")),
            "crossplane.io/claim-name": name,
            "crossplane.io/claim-namespace": namespace,
        },
    }
    if annotations := _not_reserved(metadata.get("annotations")):
        made["annotations"] = annotations
    if "uid" in metadata:
        made["uid"] = metadata["uid"]
    return {
        "apiVersion": claim.get("apiVersion"),
        "kind": definition.composite,
        "metadata": made,
        "spec": {
            **{key: value for key, value in spec.items() if key not in OF_CLAIMS},
            "claimRef": {"apiVersion": claim.get("apiVersion"), "kind": claim.get("kind"), **named},
            "compositionRef": reference,
        },
    }


def _not_reserved(words: JSON) -> dict[str, JSON]:
    return {key: value for key, value in mapping(words).items() if not RESERVED.match(str(key))}
