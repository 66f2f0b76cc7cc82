"""safety: what holds data, what protects it, and the transitions that lose, double, empty or unprotect it."""

from platformc.safety.against import against_commit
from platformc.safety.checkout import against_rendered
from platformc.safety.judging import findings, transitions
from platformc.safety.transition import Loss, Transition

__all__ = [
    "Loss",
    "Transition",
    "against_commit",
    "against_rendered",
    "findings",
    "transitions",
]
