"""claims: what an API server would refuse of a claim though its schema does not."""

from platformc.check.claims.rules import check_claims

__all__ = ["check_claims"]
