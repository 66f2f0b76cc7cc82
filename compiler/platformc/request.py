"""request: what the pipeline is asked to do. A separate module, because a remembered run needs only this of it."""

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
    """The repository's root, with crossplane/ and argocd/."""
    specs: Path
    output: Path
    environments: tuple[str, ...] = ()
    """Empty for all."""
    allow_unsealed: bool = False
    validate: bool = True
    strict_schemas: bool = False
    """A kind without a schema is an error."""
    paranoid: bool = False
    """Recompute what is cached, and compare."""
    today: date | None = None
    """For checks that depend on the date; None skips them, because compiling has no clock (D1)."""
    kinds: Kinds | None = None
    """The records of all kinds; None for the compiler's own. Only runs with those are remembered."""

    @property
    def specs_name(self) -> str:
        """The specs folder as findings show it: relative to the root."""
        return self.specs.relative_to(self.root).as_posix()

    @property
    def output_name(self) -> str:
        """The output folder as findings show it: relative to the root, which it need not be in."""
        return os.path.relpath(self.output, self.root).replace(os.sep, "/")

    @property
    def crossplane(self) -> Path:
        """The folder of the claim API."""
        return self.root / CROSSPLANE


CROSSPLANE = "crossplane"
"""The folder of the claim API, relative to the root."""
ARGOCD = "argocd"
"""The folder of Argo CD's settings, relative to the root."""
