"""cel: claims that an API server would reject although their schema allows them."""

from platformc.check.claim_api.cel.rules import check_claims

__all__ = ["check_claims"]
