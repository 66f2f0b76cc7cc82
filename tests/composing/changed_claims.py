"""changed_claims: this platform's claims and their claim API with something changed, and what that changes.

In      a change of a claim, or of the claim API.
Out     the changes of managed resources; the same whether or not claims are left out that make what they made.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from platformc.check.claim_api import provider_facts
from platformc.composing import (
    Changed,
    ClaimSide,
    FieldEffect,
    ManagedChange,
    Renamed,
    affected,
    composed,
    managed_changes,
)
from platformc.kinds import KINDS

from composing.platform_claims import claim_api, claims_of

FACTS = provider_facts(KINDS)
DELETES = ["Observe", "Create", "Update", "Delete"]
Change = Callable[[Any], None]


def claims(*kinds: str) -> list[Any]:
    """One claim of each kind: this platform's first."""
    return [copy.deepcopy(next(one for one in claims_of("production") if one["kind"] == kind)) for kind in kinds]


def api(form: str = "namespaced") -> list[Any]:
    """The claim API, to be changed."""
    return copy.deepcopy(list(claim_api(form)))


def template(objects: list[Any], kind: str, position: int = 0) -> Any:
    """One resource of the Composition for a kind."""
    (found,) = (
        one
        for one in objects
        if one["kind"] == "Composition" and one["spec"]["compositeTypeRef"]["kind"] in {kind, f"X{kind}"}
    )
    return found["spec"]["pipeline"][0]["input"]["resources"][position]


def definition(objects: list[Any], kind: str) -> Any:
    """The schema of `spec` of a kind."""
    (found,) = (
        one
        for one in objects
        if one["kind"] == "CompositeResourceDefinition" and one["spec"]["names"]["kind"] in {kind, f"X{kind}"}
    )
    return found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]


def between(before: ClaimSide, after: ClaimSide) -> tuple[ManagedChange, ...]:
    """What changes for the claims of two sides."""
    old, new = (composed(one.claim_api, one.claims) for one in (before, after))
    return managed_changes(old, new, FACTS)


def changes(before: ClaimSide, after: ClaimSide) -> tuple[ManagedChange, ...]:
    """What changes; the same whether or not claims are left out that make what they made."""
    whole, fast = between(before, after), between(*affected(before, after))
    assert whole == fast
    return whole


def of_claim(kind: str, change: Change, form: str = "namespaced") -> tuple[ManagedChange, ...]:
    """What changes where one claim does."""
    before, after = claims(kind), claims(kind)
    change(after[0])
    return changes(ClaimSide(api(form), before), ClaimSide(api(form), after))


def of_api(kind: str, change: Change, form: str = "namespaced", **fields: Any) -> tuple[ManagedChange, ...]:
    """What changes where the claim API does, for one claim with these fields."""
    listed = claims(kind)
    listed[0]["spec"].update(fields)
    other = api(form)
    change(other)
    return changes(ClaimSide(api(form), listed), ClaimSide(other, listed))


def shown(change: ManagedChange) -> list[tuple[str, Any, Any, FieldEffect]]:
    """The fields of a change."""
    assert isinstance(change, Changed | Renamed)
    return [(".".join(map(str, one.path)), one.before, one.after, one.effect) for one in change.fields]
