"""SealedValues: the ciphertext of one Secret in one environment, written by `platformc seal`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from compiler.spec.models.base import Integer, SpecModel


class SealedKey(SpecModel):
    """The sealed value of one key."""

    revision: Annotated[Integer, Field(ge=1)]
    """Counts the values: a new value adds one, encrypting again does not."""
    certificate_fingerprint: str
    """The public key that sealed it (SHA256 as `ssh-keygen -l` prints it)."""
    ciphertext: str
    """What the controller opens."""
    public: str | None = None
    """The value in the clear, where the Secret says that it is public."""


class SealedValuesSpec(SpecModel):
    """The sealed values of one Secret."""

    scope: Literal["strict", "namespace-wide", "cluster-wide"] = "strict"
    """Where they may be opened."""
    keys: dict[str, SealedKey]
    """The keys by name."""
