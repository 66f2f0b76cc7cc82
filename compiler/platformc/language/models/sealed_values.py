"""SealedValues: the ciphertext of one Secret in one environment, written by `platformc seal`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from platformc.language.models.base import Integer, SpecModel
from platformc.language.models.secret import Scope

UNKNOWN_CERTIFICATE = "unknown"
"""The fingerprint of a value that was sealed elsewhere: ciphertext does not reveal its certificate."""


class SealedKey(SpecModel):
    """The sealed value of one key."""

    revision: Annotated[Integer, Field(ge=1)]
    """Counts the values: a new value adds one, re-encrypting does not."""
    certificate_fingerprint: str
    """The public key that sealed it (SHA256 as `ssh-keygen -l` prints it), or `unknown`."""
    scope: Scope | None = None
    """Where it can be decrypted; defaults to the document's `scope`."""
    namespace: str | None = None
    """The Secret's namespace when it was sealed; defaults to the document's."""
    name: str | None = None
    """The Secret's name when it was sealed; defaults to the document's."""
    ciphertext: str
    """The value that only the controller can decrypt."""
    public: str | None = None
    """The value in clear text, if the Secret says that it is public."""


class SealedValuesSpec(SpecModel):
    """The sealed values of one Secret."""

    scope: Scope = "strict"
    """Where the values can be decrypted, unless a key says otherwise."""
    keys: dict[str, SealedKey]
    """The keys by name."""
