"""lazy_face: a package that gives its public names without loading what they stand in, until somebody asks.

In      where each name stands.
Out     the `__getattr__` of the package (PEP 562).
Never   gives what is not listed. A name of a submodule must not be listed: Python puts the module in its place.

For the type checker the package imports the same names below `if TYPE_CHECKING`; a test holds both lists, and
`__all__`, against each other.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazily(package: str, modules: Mapping[str, tuple[str, ...]]) -> Callable[[str], Any]:
    """Give the names of a package's submodules: submodule -> its public names."""
    places = {name: module for module, names in modules.items() for name in names}

    def find(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{places[name]}"), name)
        setattr(sys.modules[package], name, found)  # so that nobody asks a second time
        return found

    return find
