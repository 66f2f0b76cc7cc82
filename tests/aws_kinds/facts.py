"""facts: the forms of what the tests know about a kind of thing in AWS. No field has a default: each kind says all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

JSON: TypeAlias = Any
Spec: TypeAlias = Mapping[str, Any]
Service: TypeAlias = Callable[[str], Any]
"""Name of a service of AWS -> a client for it."""

ACCOUNT = "123456789012"
"""The account of this repository's platform, and of moto."""
FOLLOWS_DELETION_POLICY: tuple[str, ...] = ()
"""What may be done with a managed resource is what the claim's deletionPolicy says."""


class UnknownFieldError(AssertionError):
    """A claim has a field that is not made into anything."""


@dataclass(frozen=True, slots=True)
class Managed:
    """One kind of managed resource that a Composition makes."""

    kind: str
    plural: str
    api_versions: tuple[str, str]
    """Namespaced, and cluster-scoped in the version that has the same shape."""
    external_name: str
    """The claim's field with the name that AWS knows it by; empty where the provider knows it by fields."""
    named_by: Mapping[str, str]
    """Field below forProvider -> the claim's field that says the same name."""
    policies: tuple[str, ...]
    """Its managementPolicies; FOLLOWS_DELETION_POLICY for those of the claim."""
    arn: Callable[[Spec], str]
    """What AWS holds its calls against, from the claim's spec. Source: AWS, Service Authorization Reference."""
    calls: tuple[str, ...]
    """The actions for making, reading and changing one, with the fields that the Composition sets."""
    deletes: tuple[str, ...]
    """The actions for deleting one besides; none where nothing ever deletes it."""
    in_aws: Callable[[str, Spec], dict[str, JSON]]
    """What AWS would tell of it, `status.atProvider`, from its name and its `spec.forProvider`."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One kind of claim."""

    kind: str
    plural: str
    managed: Mapping[str, Managed]
    """What its Composition makes, by the names there, in that order."""
    outputs: Mapping[str, tuple[str, str]]
    """Field of its status -> the managed resource that it comes from, and its field there."""
    make: Callable[[Service, dict[str, Any]], None]
    """Makes what a claim describes in moto; takes every field of the spec out that it knows."""
    without_default: Mapping[str, str]
    """Switches that nothing could stand for, with the reason."""
    changeable: Mapping[str, str]
    """Fields that an external name comes from and that may change, with the reason."""
    changes: Mapping[str, list[JSON]]
    """Field -> values that make the rules of its definition hold or not."""
    rules: Mapping[str, Callable[[JSON], bool]]
    """Message of a rule -> whether a claim's spec, with its defaults, keeps it; none where no two fields meet."""
    values: Mapping[str, list[JSON]]
    """Field -> what to try where the same kind of value is judged by Crossplane's own validator, too."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What programs can do with one kind of thing, and with which word they ask for it."""

    word: str
    """As `needs` says it."""
    documents: str
    """YAML documents of some of its kind, in a spec."""
    targets: Mapping[str, str]
    """Name that a need can give -> its ARN, with %s where the environment's prefix stands."""
    inside: Callable[[str, str], tuple[str, ...]]
    """From the name and the ARN, further resources that belong to it, or seem to."""
    access: Mapping[str, frozenset[str]]
    """Access word -> the actions that it gives."""
    reaches: Callable[[str, str, str, str], bool]
    """From action, name, ARN and a resource: whether the action, given for that name, is one on this resource."""
    patterns: Callable[[str], tuple[str, ...]]
    """From the ARN, those with a `*` in them that a policy may name: all that is in it, as the objects in a bucket."""
    statements: int
    """How many sets of actions on the same resources all words together make."""
    dangerous: tuple[str, ...]
    """Actions that no word gives: they delete, open to others, or reach further than a need says."""


@dataclass(frozen=True, slots=True)
class AWSKind:
    """One kind of document, as one file states it."""

    claims: tuple[Claim, ...]
    rights: Rights | None
    """None where nothing can need it."""
