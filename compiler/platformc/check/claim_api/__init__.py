"""claim_api: XRDs and Compositions checked against each other, and against the schemas of what they compose."""

from platformc.check.claim_api.check import CheckedCompositions, check_compositions
from platformc.check.claim_api.completeness import provider_facts
from platformc.check.claim_api.forms import check_claim_api, source_objects
from platformc.check.claim_api.schemas import ManagedKinds
from platformc.check.claim_api.source_object import SourceObject

__all__ = [
    "CheckedCompositions",
    "ManagedKinds",
    "SourceObject",
    "check_claim_api",
    "check_compositions",
    "provider_facts",
    "source_objects",
]
