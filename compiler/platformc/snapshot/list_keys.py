"""list_keys: which fields identify the items of a list, as the schemas of the API server say.

In      the schemas of built-in kinds, of CRDs, and of the claim API.
Out     the type of each kind: the keys of lists, sets, quantities, defaults.
Never   guesses from names of fields: a list that no schema describes is compared by position.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from platformc.snapshot.field_type import UNDESCRIBED, FieldType

Schemas = Callable[[str, str], Any]
"""(apiVersion, kind) -> the kind's JSON Schema with the API server's own words; None for an unknown kind."""


def _nothing(api_version: str, kind: str) -> None:
    del api_version, kind


@dataclass(frozen=True, slots=True)
class ListKeys:
    """What is known of the fields of all kinds; a kind is looked up when an object of it differs."""

    schemas: Schemas = _nothing
    _known: dict[tuple[str, str], FieldType] = field(default_factory=dict)

    def of(self, api_version: str, kind: str) -> FieldType:
        """The type of one kind; UNDESCRIBED for an unknown one."""
        key = api_version, kind
        if key not in self._known:
            schema = self.schemas(api_version, kind)
            self._known[key] = FieldType(schema) if isinstance(schema, dict) else UNDESCRIBED
        return self._known[key]
