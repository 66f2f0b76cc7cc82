"""lowered: the input of checks: one environment as its objects, or what is kept of all of them.

In      a Program, its manifests; footprints.
Out     frozen values that every check gets.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from platformc.check.schemas.store import SchemaStore
from platformc.language import DocumentId, SourceFolder, Sources
from platformc.link import Program
from platformc.lower import Manifest
from platformc.origins import Places

if TYPE_CHECKING:
    from platformc.check.across_environments import Footprint  # which checks a WholePlatform


@dataclass(frozen=True, slots=True)
class LoweredEnvironment:
    """One environment as its objects."""

    program: Program
    manifests: Sequence[Manifest]
    places: Places
    """The way back to the spec."""
    specs: SourceFolder
    """The specs folder."""
    allow_unsealed: bool = False
    """Whether a value that is not sealed yet is only a warning."""
    today: date | None = None
    """For checks that depend on the date; None skips them."""
    known_claims: Container[bytes] = ()
    """The keys of claims that need not be checked again."""
    paranoid: bool = False
    """Whether they are checked again anyway."""
    is_whole: bool = True
    """Whether all of its objects are here; else the missing ones may use what seems unused."""

    def only(self, documents: Container[DocumentId], *, is_whole: bool) -> LoweredEnvironment:
        """Return the same with the objects of only some documents."""
        manifests = [manifest for manifest in self.manifests if manifest.owner in documents]
        return replace(self, manifests=manifests, is_whole=is_whole)


@dataclass(frozen=True, slots=True)
class WholePlatform:
    """What is kept of a platform when all environments are compiled and their objects dropped."""

    sources: Sources
    footprints: Sequence[Footprint]
    claim_scopes: frozenset[str]
    """The forms of the claim API that its environments have."""
    store: SchemaStore
