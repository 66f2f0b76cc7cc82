"""claims: what an API server would refuse of a claim though its schema does not."""

from platformc.check.claim_api.cel.rules import check_claims

__all__ = ["check_claims"]
