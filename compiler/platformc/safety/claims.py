"""claims: what the records of kinds say about claims, and about the managed resources behind them.

In      the records of all kinds; objects as plain data of any shape.
Out     the facts of an object, if it is a claim or a managed resource with data in AWS.
Never   guesses from names: a claim of our group, or a managed resource that a record names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.language import Kinds
from platformc.language.aws_facts import ClaimFacts, Data
from platformc.lower.claim import GROUP

Object = Mapping[str, Any]

EXTERNAL_NAME = "crossplane.io/external-name"
MANAGED_GROUPS = ".upbound.io"
DELETE, ALL = "Delete", "*"
"""Members of `managementPolicies` that allow to delete the resource in AWS (Crossplane, "Managed Resources")."""


def group_of(object_: Object) -> str:
    """The API group of an object; empty for the core group."""
    return text(object_.get("apiVersion")).rpartition("/")[0]


def kind_of(object_: Object) -> str:
    """The kind of an object; empty for one without."""
    return text(object_.get("kind"))


def name_of(object_: Object) -> str:
    """KIND NAME, for people."""
    return f"{kind_of(object_)} {text(below(dict(object_), 'metadata', 'name'))}"


@dataclass(frozen=True)
class Claims:
    """The facts of all kinds of claims."""

    kinds: Kinds

    @cached_property
    def by_kind(self) -> Mapping[str, ClaimFacts]:
        """The facts of each kind of claim, by its name."""
        return {claim.kind: claim for kind in self.kinds.values() if kind.aws is not None for claim in kind.aws.claims}

    @cached_property
    def _by_managed(self) -> Mapping[tuple[str, str], ClaimFacts]:
        """The managed resource that holds the data of a kind of claim: service and kind."""
        return {
            (claim.managed[0].service, claim.managed[0].kind): claim
            for claim in self.by_kind.values()
            if claim.data is not None and claim.managed
        }

    def of(self, object_: Object) -> ClaimFacts | None:
        """The facts of an object as a claim; None if it is something else with that kind."""
        return self.by_kind.get(kind_of(object_)) if group_of(object_) == GROUP else None

    def of_managed(self, object_: Object) -> ClaimFacts | None:
        """The facts of the kind of claim whose data a managed resource holds; None for any other object."""
        group = group_of(object_)
        if not group.endswith(MANAGED_GROUPS):
            return None
        return self._by_managed.get((group.partition(".")[0], kind_of(object_)))

    def of_composed(self, kind: str) -> ClaimFacts | None:
        """The facts of the claims that a Composition or a definition is for, in either form of the claim API."""
        return self.by_kind.get(kind) or (self.by_kind.get(kind[1:]) if kind.startswith("X") else None)

    def data(self, object_: Object) -> Data | None:
        """The data of an object, if it is a claim that has some."""
        claim = self.of(object_)
        return claim.data if claim is not None else None


def name_in_aws(claims: Claims, object_: Object) -> str:
    """The name in AWS of what holds a claim's or a managed resource's data; empty if it has none, or none is known."""
    data = claims.data(object_)
    if data is not None:
        return text(below(dict(object_), "spec", data.name))
    if claims.of_managed(object_) is None:
        return ""
    metadata = mapping(object_.get("metadata"))
    named = text(mapping(metadata.get("annotations")).get(EXTERNAL_NAME))
    return named or text(below(dict(object_), "spec", "forProvider", "name")) or text(metadata.get("name"))


def is_deleted_with(claims: Claims, object_: Object) -> bool:
    """Whether AWS deletes the resource behind a claim or a managed resource together with the object."""
    spec = mapping(object_.get("spec"))
    if claims.of(object_) is not None:
        return spec.get("deletionPolicy") == DELETE
    return deletes(spec)


def deletes(spec: Mapping[str, Any]) -> bool:
    """Whether a managed resource deletes what is in AWS; it does unless something says otherwise.

    Source: crossplane-runtime, apis/common/v1: deletionPolicy defaults to Delete, managementPolicies to `*`.
    """
    policies = sequence(spec.get("managementPolicies")) or [ALL]
    return spec.get("deletionPolicy") != "Orphan" and any(one in (DELETE, ALL) for one in policies)


def left_behind(data: Data, old: Object, new: Object) -> tuple[str, str] | None:
    """Message and hint if a claim that was `moved` loses its resource in AWS; None if it keeps it."""
    field = data.name
    former = mapping(old.get("spec"))
    before, after = former.get(field), mapping(new.get("spec")).get(field)
    if before != after:
        message = f"it was moved, but its data stays in {before}: the new claim creates {after}"
        return message, f"keep the name in AWS with {field}, or copy the data"
    if former.get("deletionPolicy") == DELETE:
        message = f"it was moved, but AWS deletes {before} with the former claim: its deletionPolicy is Delete"
        return message, "set deletionPolicy: Orphan, render and sync, then move it"
    return None
