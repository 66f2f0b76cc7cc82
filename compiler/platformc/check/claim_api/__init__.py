"""claim_api: XRDs and Compositions checked against each other, and against the schemas of what they compose."""

from platformc.check.claim_api.check import CheckedCompositions, check_compositions
from platformc.check.claim_api.completeness import ProviderFacts, provider_facts
from platformc.check.claim_api.composition import FUNCTION, INPUT
from platformc.check.claim_api.field_path import Steps, covers, shown, steps_of
from platformc.check.claim_api.forms import check_claim_api, source_objects
from platformc.check.claim_api.schemas import ManagedKinds
from platformc.check.claim_api.source_object import SourceObject

__all__ = [
    "FUNCTION",
    "INPUT",
    "CheckedCompositions",
    "ManagedKinds",
    "ProviderFacts",
    "SourceObject",
    "Steps",
    "check_claim_api",
    "check_compositions",
    "covers",
    "provider_facts",
    "shown",
    "source_objects",
    "steps_of",
]
