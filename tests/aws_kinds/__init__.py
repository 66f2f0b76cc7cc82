"""aws_kinds: what the tests state a second time about each kind of thing in AWS, one file a kind.

Read by the tests of claims, Compositions, rights and, in `make e2e`, of the real Crossplane: a new kind brings a file
here, and none of their lists has to be found. The compiler's own records (platformc.kinds) are not asked.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from aws_kinds.facts import AWSKind, Claim, Managed, Rights

_NO_KINDS = {"facts"}

ALL: tuple[AWSKind, ...] = tuple(
    import_module(f"{__name__}.{module.name}").KIND
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda one: one.name)
    if module.name not in _NO_KINDS
)
"""Every kind that has a file here."""
CLAIMS: dict[str, Claim] = {claim.kind: claim for kind in ALL for claim in kind.claims}
"""Kind of claim -> what is known of it."""
MANAGED: dict[str, Managed] = {one.kind: one for claim in CLAIMS.values() for one in claim.managed.values()}
"""Kind of managed resource -> what is known of it."""
RIGHTS: dict[str, Rights] = {kind.rights.word: kind.rights for kind in ALL if kind.rights is not None}
"""Word of `needs` -> what it can give."""

__all__ = ["ALL", "CLAIMS", "MANAGED", "RIGHTS", "AWSKind", "Claim", "Managed", "Rights"]
