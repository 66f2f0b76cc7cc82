"""SealedValues: the ciphertext of one Secret in one environment, written by `platformc seal`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from platformc.language.models.base import Integer, SpecModel
from platformc.language.models.secret import Scope

UNKNOWN_CERTIFICATE = "unknown"
"""The fingerprint for values sealed elsewhere: ciphertext does not show its certificate."""


class SealedKey(SpecModel):
    """The sealed value of one key."""

    revision: Annotated[Integer, Field(ge=1)]
    """Counts the values: a new value adds one, encrypting again does not."""
    certificate_fingerprint: str
    """The public key that sealed it (SHA256 as `ssh-keygen -l` prints it), or `unknown`."""
    scope: Scope | None = None
    """Where it may be opened; by default the document's `scope`."""
    namespace: str | None = None
    """The Secret's namespace when it was sealed; by default the document's."""
    name: str | None = None
    """The Secret's name when it was sealed; by default the document's."""
    ciphertext: str
    """What the controller opens."""
    public: str | None = None
    """The value in the clear, where the Secret says that it is public."""


class SealedValuesSpec(SpecModel):
    """The sealed values of one Secret."""

    scope: Scope = "strict"
    """Where the values may be opened whose keys do not say it."""
    keys: dict[str, SealedKey]
    """The keys by name."""
