"""composing: what Crossplane makes of claims, worked out from files: function-patch-and-transform without a cluster.

`make e2e` has the real core call the same evaluator, and tests hold it against what the real function composed (D50).

Two sides are compared in three steps; `claim_api` are objects of `crossplane/` in the form of `crossplane.scope`
(`lower.claim_api.claim_api`), `claims` the objects whose group and kind are among `claimed_kinds`:

    before, after = affected(ClaimSide(claim_api, claims), ClaimSide(other_claim_api, other_claims))
    old, new = (composed(one.claim_api, one.claims) for one in (before, after))
    changes = managed_changes(old, new, provider_facts(KINDS))  # of check.claim_api, and of kinds

`affected` leaves out every claim that makes what it made; without it the result is the same, and takes longer.
Nothing raises for anything that a user can write: what is not known is a NotKnown, with the reason in words.
"""

from typing import TYPE_CHECKING

from platformc.lazy_face import lazily

if TYPE_CHECKING:
    from platformc.composing.actions import Fate, FieldEffect, is_managed
    from platformc.composing.changes import (
        ABSENT,
        Absent,
        Cause,
        Changed,
        Created,
        Deleted,
        FieldChange,
        Forgotten,
        FormSwitched,
        ManagedChange,
        NotKnown,
        Renamed,
        managed_changes,
    )
    from platformc.composing.composites import Why
    from platformc.composing.managed import (
        ClaimId,
        ClaimSide,
        Composed,
        Live,
        Managed,
        Unknown,
        affected,
        claim_id,
        claimed_kinds,
        composed,
    )
else:
    __getattr__ = lazily(
        __name__,
        {
            "actions": ("Fate", "FieldEffect", "is_managed"),
            "changes": (
                "ABSENT",
                "Absent",
                "Cause",
                "Changed",
                "Created",
                "Deleted",
                "FieldChange",
                "Forgotten",
                "FormSwitched",
                "ManagedChange",
                "NotKnown",
                "Renamed",
                "managed_changes",
            ),
            "composites": ("Why",),
            "managed": (
                "ClaimId",
                "ClaimSide",
                "Composed",
                "Live",
                "Managed",
                "Unknown",
                "affected",
                "claim_id",
                "claimed_kinds",
                "composed",
            ),
        },
    )

__all__ = [
    "ABSENT",
    "Absent",
    "Cause",
    "Changed",
    "ClaimId",
    "ClaimSide",
    "Composed",
    "Created",
    "Deleted",
    "Fate",
    "FieldChange",
    "FieldEffect",
    "Forgotten",
    "FormSwitched",
    "Live",
    "Managed",
    "ManagedChange",
    "NotKnown",
    "Renamed",
    "Unknown",
    "Why",
    "affected",
    "claim_id",
    "claimed_kinds",
    "composed",
    "is_managed",
    "managed_changes",
]
