"""list_keys: which fields identify the items of a list, as the schemas of the API server say.

In      the schemas of built-in kinds and of CRDs.
Out     for a list in an object: the keys of its items; whether it is a set.
Never   guesses from names of fields: a list that no schema describes is compared by position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SchemaPath = tuple[str, ...]
"""A path in objects of one kind; `*` stands for an item of a list or any key of a map."""


@dataclass(frozen=True, slots=True)
class ListOfKind:
    """One list, as `x-kubernetes-list-type` says."""

    keys: tuple[str, ...]
    """The fields that identify an item (`map`); empty for a `set`, whose items identify themselves."""


@dataclass(frozen=True, slots=True)
class ListKeys:
    """What is known of the lists of all kinds that occur."""

    lists: Mapping[tuple[str, str], Mapping[SchemaPath, ListOfKind]] = field(default_factory=dict)
    """(apiVersion, kind) -> its lists."""

    def of(self, api_version: str, kind: str) -> Mapping[SchemaPath, ListOfKind]:
        """The lists of one kind; empty for an unknown one."""
        return self.lists.get((api_version, kind), {})
