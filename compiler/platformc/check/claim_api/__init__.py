"""claim_api: XRDs and Compositions checked against each other, and against the schemas of what they compose."""

from platformc.check.claim_api.check import CheckedCompositions, check_compositions
from platformc.check.claim_api.completeness import provider_facts
from platformc.check.claim_api.forms import check_claim_api, written_objects
from platformc.check.claim_api.schemas import ManagedKinds
from platformc.check.claim_api.source_object import Written

__all__ = [
    "CheckedCompositions",
    "ManagedKinds",
    "Written",
    "check_claim_api",
    "check_compositions",
    "provider_facts",
    "written_objects",
]
