"""compositions: XRDs and Compositions held against each other, and against the schemas of what they compose."""

from compiler.check.compositions.check import CheckedCompositions, Unchecked, check_compositions
from compiler.check.compositions.claim_api import check_claim_api, written_objects
from compiler.check.compositions.kinds import ManagedKinds
from compiler.check.compositions.written import Written

__all__ = [
    "CheckedCompositions",
    "ManagedKinds",
    "Unchecked",
    "Written",
    "check_claim_api",
    "check_compositions",
    "written_objects",
]
