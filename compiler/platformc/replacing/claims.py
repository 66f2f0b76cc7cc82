"""Claims: what is known about them when one replaces another, and what a `moved` one would leave behind.

In      the records of all kinds; of a document that was `moved`, its former claim and its new one.
Out     facts of claims; what would stay behind in AWS.
Never   looks at objects other than our claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.check.policies.object_fields import mapping
from platformc.language import Kinds
from platformc.language.aws_facts import ClaimFacts, Data
from platformc.lower.claim import GROUP

Claims = Mapping[str, ClaimFacts]
"""The facts of each kind of claim, by its name."""


def claims_of(kinds: Kinds) -> Claims:
    """The facts of all kinds of claims."""
    return {claim.kind: claim for kind in kinds.values() if kind.aws is not None for claim in kind.aws.claims}


def known_claim(claims: Claims, object_: Mapping[str, Any]) -> ClaimFacts | None:
    """The facts of an object as a claim; None if it is something else with that kind."""
    return claims.get(object_["kind"]) if str(object_.get("apiVersion")).startswith(f"{GROUP}/") else None


def left_behind(data: Data, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str] | None:
    """Message and hint if a claim that was `moved` loses its resource in AWS; None if it keeps it."""
    field = data.name
    former = mapping(old.get("spec"))
    before, after = former.get(field), mapping(new.get("spec")).get(field)
    if before != after:
        message = f"it was moved, but its data stays in {before}: the new claim creates {after}"
        return message, f"keep the name in AWS with {field}, or copy the data"
    if former.get("deletionPolicy") == "Delete":
        message = f"it was moved, but AWS deletes {before} with the former claim: its deletionPolicy is Delete"
        return message, "set deletionPolicy: Orphan, render and sync, then move it"
    return None
