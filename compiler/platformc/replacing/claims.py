"""Claims: what is known of them where one takes the place of another, and what a `moved` one would leave behind.

In      the records of all kinds; of a document that was `moved`, its former claim and its new one.
Out     facts of claims; what would stay behind in AWS.
Never   looks at what is no claim of ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.check.policies.reading import mapping
from platformc.language import Kinds
from platformc.language.aws_facts import ClaimFacts, Data
from platformc.lower.claim import GROUP

Claims = Mapping[str, ClaimFacts]
"""What is known of each kind of claim, by its name."""


def claims_of(kinds: Kinds) -> Claims:
    """What is known of all kinds of claims."""
    return {claim.kind: claim for kind in kinds.values() if kind.aws is not None for claim in kind.aws.claims}


def known_claim(claims: Claims, object_: Mapping[str, Any]) -> ClaimFacts | None:
    """What is known of an object as a claim; None where it is something else of that name."""
    return claims.get(object_["kind"]) if str(object_.get("apiVersion")).startswith(f"{GROUP}/") else None


def left_behind(data: Data, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str] | None:
    """Message and hint where a claim that was `moved` loses what is in AWS; None where it keeps that."""
    field = data.name
    former = mapping(old.get("spec"))
    before, after = former.get(field), mapping(new.get("spec")).get(field)
    if before != after:
        message = f"it was moved, but what it holds stays in {before}: the new claim makes {after}"
        return message, f"keep the name in AWS with {field}, or copy what is in it"
    if former.get("deletionPolicy") == "Delete":
        message = f"it was moved, and with its former claim {before} is deleted in AWS: its deletionPolicy is Delete"
        return message, "render and sync it with deletionPolicy: Orphan first, then move it"
    return None
