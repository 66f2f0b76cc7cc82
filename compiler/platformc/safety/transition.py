"""transition: what happens to data, or to what protects it, between two states of a platform.

In      the judgements of this package's modules.
Out     Transition: the one fact behind a finding and behind an effect of the diff.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from platformc.diagnostics import Severity, Span
from platformc.language import DocumentId
from platformc.language.nodes import KeyPath
from platformc.rules import Rule
from platformc.snapshot import ObjectKey


class Loss(StrEnum):
    """What is at stake."""

    REFUSED = "refused"
    """The API server or the provider rejects the change, so that it never happens."""
    LOST = "data-loss"
    """Data is deleted, left behind, emptied, doubled or no longer used."""
    UNPROTECTED = "unprotected"
    """Nothing is lost yet, but less protects it than before."""


@dataclass(frozen=True, slots=True, eq=False)
class Transition:
    """One transition of one object."""

    rule: Rule
    loss: Loss
    environment: str
    key: ObjectKey
    """What holds the data, or its protection."""
    message: str
    """One sentence without a full stop."""
    hint: str
    """How to avoid it, or what to do first."""
    before: KeyPath | None
    """The path in the object's old state that it was judged from; None if it was not there."""
    after: KeyPath | None
    """The same in the new state."""
    at: Span | None = None
    """The place in the head's spec if no path of the object leads there: an entry of `moved`, an environment."""
    in_base: Span | None = None
    """The place in the base's spec, for what the head no longer has."""
    severity: Severity | None = None
    """The severity of its finding, if that is not the rule's usual one."""
    becomes: str = ""
    """Of an object that is no longer rendered and goes: what becomes of the data in it."""
    advice: str = ""
    """What of the hint is still to be said beside that."""
    document: DocumentId | None = None
    """The document of the head that it is about and that can allow it, if that is not the owner of the object."""
