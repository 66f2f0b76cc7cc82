"""request: what is asked of the pipeline. A module of its own, as a run that is remembered needs no more of it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from platformc.language import Kinds


@dataclass(frozen=True, slots=True)
class Request:
    """What to compile."""

    root: Path
    """The repository's root; crossplane/ and argocd/ stand in it."""
    specs: Path
    output: Path
    environments: tuple[str, ...] = ()
    """Empty for all."""
    allow_unsealed: bool = False
    validate: bool = True
    strict_schemas: bool = False
    """A kind without a schema is an error."""
    paranoid: bool = False
    """Work out again what caches know, and compare."""
    today: date | None = None
    """For what depends on the date; None leaves it out, as compiling has no clock (D1)."""
    kinds: Kinds | None = None
    """The records of all kinds; None for those that the compiler brings. Nothing else is remembered."""

    @property
    def specs_name(self) -> str:
        """The specs folder as findings call it: from the root."""
        return self.specs.relative_to(self.root).as_posix()

    @property
    def output_name(self) -> str:
        """The output folder as findings call it: from the root, which it need not stand in."""
        return os.path.relpath(self.output, self.root).replace(os.sep, "/")

    @property
    def crossplane(self) -> Path:
        """The folder of the claim API."""
        return self.root / CROSSPLANE


CROSSPLANE = "crossplane"
"""The folder of the claim API, from the root."""
