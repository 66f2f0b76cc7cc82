"""actions: what a provider may do to a resource in AWS on account of its managed resource, and what a change of it does.

In      a managed resource, before and after; the facts of all managed resources.
Out     what becomes of the resource in AWS when its managed resource is deleted; what the change of a field does.
Never   says that something is harmless because nothing is known about it.

Source: crossplane-runtime, pkg/reconciler/managed/policies.go (which actions are allowed) and reconciler.go (paused);
upjet, pkg/controller/external_tfpluginsdk.go: `Update` refuses as a whole if one field requires a replacement.
"""

from __future__ import annotations

from enum import Enum, auto

from platformc.check.claim_api import ProviderFacts, Steps
from platformc.check.policies.object_fields import below, mapping, text, texts
from platformc.composing.composites import PAUSED
from platformc.composing.managed import EXTERNAL_NAME, Live, Managed
from platformc.language.aws_facts import ManagedResource
from platformc.lower.legacy_claim_api import NAMESPACED_GROUP

ALL = "*"
NAME_IN_AWS = ("metadata", "annotations", EXTERNAL_NAME)
PROVIDER = (".aws.upbound.io", ".aws.m.upbound.io")
"""How the groups of the provider end that the facts are about."""


class Fate(Enum):
    """What becomes of a resource in AWS when its managed resource is deleted."""

    DELETED = auto()
    KEPT = auto()
    """It stays, and nobody manages it any longer."""
    PAUSED = auto()
    """It stays; the managed resource is not deleted either, as long as it is paused."""
    NOTHING_IN_AWS = auto()
    """The object is no managed resource, and just goes."""


class FieldEffect(Enum):
    """What the change of a field does in AWS."""

    UPDATED = auto()
    """Changed in place."""
    RELEASED = auto()
    """Not set any longer: AWS gets the provider's default, or keeps what it has where the provider has none."""
    REFUSED = auto()
    """The provider would have to replace the resource and refuses, together with every other change of it."""
    REFUSED_UNLESS_SO = auto()
    """The same, unless AWS has it so already: the field was not set before, or is not set any longer."""
    ANOTHER = auto()
    """From now on it stands for another resource in AWS. The former one stays, and nobody manages it any longer."""
    CREDENTIALS = auto()
    """Other credentials are used: in another account it stands for another resource."""
    PERMITTED = auto()
    """What the provider may do changes, and nothing in AWS."""
    HELD = auto()
    """Nothing: the provider may not change it, or it is paused."""
    AT_CREATION = auto()
    """Nothing, if the resource exists: the field only counts when it is made."""
    ON_CLUSTER = auto()
    """Nothing: only objects on the cluster change."""
    UNKNOWN = auto()
    """Nothing is known about this kind: it is changed in place, or the provider refuses."""


BESIDE: dict[str | int, FieldEffect] = {
    "deletionPolicy": FieldEffect.PERMITTED,
    "initProvider": FieldEffect.AT_CREATION,
    "managementPolicies": FieldEffect.PERMITTED,
    "providerConfigRef": FieldEffect.CREDENTIALS,
    "writeConnectionSecretToRef": FieldEffect.ON_CLUSTER,
}
"""The fields beside `forProvider`; every managed resource has them."""


def is_managed(managed: Managed) -> bool:
    """Whether a provider acts for the object; Compositions can make objects of any kind."""
    return isinstance(below(managed.object, "spec", "forProvider"), dict)


def actions(managed: Managed) -> frozenset[str]:
    """Its `managementPolicies`, with their default."""
    given = below(managed.object, "spec", "managementPolicies")
    return frozenset(texts(given) if isinstance(given, list) else [ALL])


def may(managed: Managed, action: str) -> bool:
    """Whether the provider may do something: Create, Update."""
    return not _is_paused(managed) and not actions(managed).isdisjoint({action, ALL})


def fate(managed: Managed) -> Fate:
    """What becomes of the resource in AWS when a managed resource is deleted that is as it says here."""
    if not is_managed(managed):
        return Fate.NOTHING_IN_AWS
    if _is_paused(managed):
        return Fate.PAUSED
    allowed = actions(managed)
    # Kinds in a namespace have no deletionPolicy; the others' default is Delete.
    namespaced = managed.kind[0].endswith(NAMESPACED_GROUP)
    policy = "Delete" if namespaced else below(managed.object, "spec", "deletionPolicy") or "Delete"
    if policy == "Delete" and not allowed.isdisjoint({"Delete", ALL}):
        return Fate.DELETED
    # An explicit action wins over deletionPolicy: Orphan.
    return Fate.DELETED if allowed != {ALL} and "Delete" in allowed else Fate.KEPT


def facts_of(managed: Managed, facts: ProviderFacts) -> ManagedResource | None:
    """What is known about its kind; None if that is nothing."""
    group, kind = managed.kind
    return facts.get((group.partition(".")[0], kind)) if group.endswith(PROVIDER) else None


def effect(place: Steps, old: Managed, new: Managed, facts: ProviderFacts) -> FieldEffect:
    """What the change of one field does. `place` is the field's path in both objects."""
    if not is_managed(old) and not is_managed(new):
        return FieldEffect.ON_CLUSTER
    if place[0] == "metadata":
        return _of_metadata(place, old, new, facts)
    if place[0] != "spec":
        return FieldEffect.ON_CLUSTER
    if place[1:2] == ("forProvider",):
        return _of_provider(place, old, new, facts)
    return BESIDE.get(place[1], FieldEffect.UNKNOWN) if len(place) > 1 else FieldEffect.UNKNOWN


def _of_metadata(place: Steps, old: Managed, new: Managed, facts: ProviderFacts) -> FieldEffect:
    if place == ("metadata", "annotations", PAUSED):
        return FieldEffect.PERMITTED
    if place[1:] not in ((), ("annotations",), NAME_IN_AWS[1:]):
        return FieldEffect.ON_CLUSTER
    if any(isinstance(below(one.object, *NAME_IN_AWS), Live) for one in (old, new)):
        return FieldEffect.UNKNOWN
    if old.external_name == new.external_name:
        return FieldEffect.ON_CLUSTER
    known = facts_of(new, facts)
    if None in (old.external_name, new.external_name) and (known is None or not known.named_by_annotation):
        return FieldEffect.UNKNOWN  # the provider has found a name by itself, and it may be this one
    return FieldEffect.ANOTHER


def _of_provider(place: Steps, old: Managed, new: Managed, facts: ProviderFacts) -> FieldEffect:
    """A field below `forProvider`."""
    field = str(place[2]) if len(place) > 2 else ""  # noqa: PLR2004 - below spec.forProvider
    if field == "region" and not _is_paused(new):
        return FieldEffect.ANOTHER
    if not may(new, "Update"):
        return FieldEffect.HELD
    known = facts_of(new, facts)
    if known is None or not field:
        return FieldEffect.UNKNOWN
    before, after = (field in mapping(below(one.object, "spec", "forProvider")) for one in (old, new))
    if field in known.immutable:
        return FieldEffect.REFUSED if before and after else FieldEffect.REFUSED_UNLESS_SO
    return FieldEffect.UPDATED if after else FieldEffect.RELEASED


def _is_paused(managed: Managed) -> bool:
    return text(below(managed.object, "metadata", "annotations", PAUSED)) == "true" or not actions(managed)
