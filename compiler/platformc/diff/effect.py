"""effect: what a change does to the running platform, as a typed record.

In      judgements of the modules in `effects/`, each on a Comparison.
Out     Effect, with the fields and objects that it was judged from; causes are found from these.
Never   contains a plain secret, or the ciphertext of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum, auto
from typing import Any

from platformc.diagnostics import Span
from platformc.language.nodes import KeyPath
from platformc.snapshot import Comparison, FieldChange, ObjectKey


class Verdict(IntEnum):
    """How grave an effect is, the gravest first."""

    REFUSED = auto()
    """The API server, Argo CD or Crossplane rejects it, so the sync fails until something is done."""
    DATA_LOSS = auto()
    """Data is deleted, emptied, doubled, or no longer used. Also where it stays: a table in AWS that nobody manages any
    longer, a disk that no volume claim of the spec names. The platform no longer has it, nothing of the spec protects
    it, and to undo the change does not always bring it back; the message says what becomes of it."""
    UNPROTECTED = auto()
    """Data has less protection than before."""
    EXPOSURE = auto()
    """Something can be reached that could not be."""
    PERMISSIONS = auto()
    """Someone may do what they could not."""
    CERTIFICATE = auto()
    """Secrets are sealed for another key."""
    DOWNTIME = auto()
    """Something does not answer for a while, or no longer answers whoever comes from outside of the cluster. What goes
    inside of it is routine: the compiler finds everybody who still needs it."""
    RESTART = auto()
    """Pods are replaced while others answer."""
    ROUTINE = auto()
    """Everything else that changes."""

    @property
    def word(self) -> str:
        """As in `--fail-on` and `accept`: `data-loss`."""
        return self.name.lower().replace("_", "-")


class EffectKind(StrEnum):
    """What an effect is about."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    LEFT_BEHIND = "left-behind"
    """An object that is no longer rendered and that nothing deletes."""
    MOVE = "move"
    REFUSED = "refused"
    REPLACE = "replace"
    RESTART = "restart"
    DOWNTIME = "downtime"
    RUN = "run"
    """A Job of Argo CD's that runs once more, as each sync of its Application runs it: no pod is replaced by it."""
    ORDER = "order"
    DATA = "data"
    EXPOSURE = "exposure"
    PERMISSION = "permission"
    SECRET = "secret"  # noqa: S105 - the word, not a password
    CERTIFICATE = "certificate"
    MANAGED = "managed"
    """A resource in AWS that Crossplane makes, changes or deletes."""
    ARGOCD = "argocd"
    CHART = "chart"
    """An Addon's chart or values: its objects are not known here."""


@dataclass(frozen=True, slots=True)
class Basis:
    """A value that an effect was judged from: its origins are the effect's causes."""

    key: ObjectKey
    before: KeyPath | None
    """Its path in the object's old state; empty for the whole object, None if it was not there."""
    after: KeyPath | None
    """The same in its new state."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """One effect on one object."""

    kind: EffectKind
    verdict: Verdict
    environment: str
    key: ObjectKey
    message: str
    """One sentence without a full stop, in the user's words, without the object's name: `restarts 2 pods, one by
    one, because the image changes`. The same in each environment if nothing differs, so that effects fold."""
    basis: tuple[Basis, ...]
    """What it was judged from; not empty unless `at` says where it comes from."""
    details: tuple[str, ...] = ()
    """Further lines, gravest first: `may now: sqs:SendMessage on …`."""
    fields: tuple[FieldChange, ...] = ()
    """The changed values, if the effect is about them."""
    at: tuple[Span, ...] = ()
    """Places in the spec of the head, or of the base for what is gone, if `basis` cannot say it."""
    data: Mapping[str, Any] | None = None
    """The same facts for programs: plain JSON."""


Judge = Callable[[Comparison], Iterable[Effect]]
"""A module of `effects/` has one function of this type; it looks only at what changed."""
