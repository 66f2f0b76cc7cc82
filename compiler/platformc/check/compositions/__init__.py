"""compositions: XRDs and Compositions held against each other, and against the schemas of what they compose."""

from platformc.check.compositions.check import CheckedCompositions, Unchecked, check_compositions
from platformc.check.compositions.claim_api import check_claim_api, written_objects
from platformc.check.compositions.kinds import ManagedKinds
from platformc.check.compositions.written import Written

__all__ = [
    "CheckedCompositions",
    "ManagedKinds",
    "Unchecked",
    "Written",
    "check_claim_api",
    "check_compositions",
    "written_objects",
]
