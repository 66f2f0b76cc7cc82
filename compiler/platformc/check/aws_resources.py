"""aws_resources: which objects make something in AWS, and what it is called there.

In      the records of all kinds; objects as plain data of any shape.
Out     the facts of an object, if it is a claim or a managed resource that a record knows; its name in AWS.
Never   guesses from names: a claim of our group, or a managed resource that a record names first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.language import Kind, Kinds
from platformc.language.aws_facts import ClaimFacts, Data
from platformc.lower.claim import GROUP

Object = Mapping[str, Any]

EXTERNAL_NAME = "crossplane.io/external-name"
MANAGED_GROUPS = ".upbound.io"
DELETE, ALL = "Delete", "*"
"""Members of `managementPolicies` that allow to delete the resource in AWS (Crossplane, "Managed Resources")."""
WRITING = frozenset({"Create", "Update", DELETE, ALL})
"""Those that change anything."""


def group_of(object_: Object) -> str:
    """The API group of an object; empty for the core group."""
    return text(object_.get("apiVersion")).rpartition("/")[0]


def kind_of(object_: Object) -> str:
    """The kind of an object; empty for one without."""
    return text(object_.get("kind"))


@dataclass(frozen=True)
class Claims:
    """The facts of all kinds of claims."""

    kinds: Kinds

    @cached_property
    def _records(self) -> Mapping[str, tuple[Kind, ClaimFacts]]:
        return {
            claim.kind: (kind, claim)
            for kind in self.kinds.values()
            if kind.aws is not None
            for claim in kind.aws.claims
        }

    @cached_property
    def by_kind(self) -> Mapping[str, ClaimFacts]:
        """The facts of each kind of claim, by its name."""
        return {name: claim for name, (_, claim) in self._records.items()}

    @cached_property
    def _by_managed(self) -> Mapping[tuple[str, str], ClaimFacts]:
        """The managed resource that has the name of a kind of claim: service and kind."""
        return {
            (claim.managed[0].service, claim.managed[0].kind): claim
            for claim in self.by_kind.values()
            if claim.name is not None and claim.managed
        }

    def of(self, object_: Object) -> ClaimFacts | None:
        """The facts of an object as a claim; None if it is something else with that kind."""
        return self.by_kind.get(kind_of(object_)) if group_of(object_) == GROUP else None

    def of_managed(self, object_: Object) -> ClaimFacts | None:
        """The facts of the kind of claim that makes such a managed resource; None for any other object."""
        group = group_of(object_)
        if not group.endswith(MANAGED_GROUPS):
            return None
        return self._by_managed.get((group.partition(".")[0], kind_of(object_)))

    def of_composed(self, kind: str) -> ClaimFacts | None:
        """The facts of the claims that a Composition or a definition is for, in either form of the claim API."""
        return self.by_kind.get(kind) or (self.by_kind.get(kind[1:]) if kind.startswith("X") else None)

    def kind(self, claim: ClaimFacts) -> Kind:
        """The kind of the documents that become such claims."""
        return self._records[claim.kind][0]

    def data(self, object_: Object) -> Data | None:
        """The data of an object, if it is a claim that has some."""
        claim = self.of(object_)
        return claim.data if claim is not None else None


def name_in_aws(claims: Claims, object_: Object) -> str:
    """The name in AWS of what an object makes; empty if it makes nothing with a name of its own."""
    claim = claims.of(object_)
    if claim is not None:
        return text(below(dict(object_), "spec", claim.name)) if claim.name is not None else ""
    if claims.of_managed(object_) is None:
        return ""
    metadata = mapping(object_.get("metadata"))
    named = text(mapping(metadata.get("annotations")).get(EXTERNAL_NAME)) or text(
        below(dict(object_), "spec", "forProvider", "name")
    )
    # The external name of a queue is its address (crossplane-contrib/provider-upjet-aws, config/externalname.go).
    return named.rpartition("/")[2] if named.startswith("https://") else named or text(metadata.get("name"))


def is_written(claims: Claims, object_: Object) -> bool:
    """Whether an object makes or changes what it names in AWS, and does not only look at it."""
    if claims.of(object_) is not None:
        return True
    policies = sequence(below(dict(object_), "spec", "managementPolicies")) or [ALL]
    return any(one in WRITING for one in policies)


def region_of(object_: Object) -> str:
    """The region that an object names; empty if it names none."""
    spec = below(dict(object_), "spec")
    return text(below(spec, "region")) or text(below(spec, "forProvider", "region"))


def provider_config_of(object_: Object) -> str:
    """The provider configuration that an object names; empty if it names none."""
    spec = below(dict(object_), "spec")
    return text(below(spec, "providerConfigName")) or text(below(spec, "providerConfigRef", "name"))
