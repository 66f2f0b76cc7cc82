"""field_type: what a schema says about one field, as far as comparing needs it.

In      JSON Schemas with the API server's own words (`x-kubernetes-list-type` and its like).
Out     FieldType: the type of a field, of the items of a list, of the values of a map.
Never   raises: what no schema describes has a type that says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.schemas.kubernetes_fields import DEFINITION, DROPPED_IF_EMPTY
from platformc.snapshot.model import ABSENT

LIST_TYPE = "x-kubernetes-list-type"
LIST_KEYS = "x-kubernetes-list-map-keys"
MERGE_KEY = "x-kubernetes-patch-merge-key"
"""Instead of the others in the schemas of Kubernetes up to 1.25."""
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"


@dataclass(frozen=True, slots=True)
class FieldType:
    """One place in a schema; everything below it is looked up when it is asked for."""

    schema: Mapping[str, Any]

    def field(self, key: object) -> FieldType:
        """The type of the value of a key, of an object or of a map."""
        found = _mapping(self.schema.get("properties")).get(str(key))
        return FieldType(_mapping(found)) if found is not None else self.values

    @property
    def values(self) -> FieldType:
        """The type of the values of a map."""
        return FieldType(_mapping(self.schema.get("additionalProperties")))

    @property
    def items(self) -> FieldType:
        """The type of the items of a list."""
        return FieldType(_mapping(self.schema.get("items")))

    @property
    def is_described(self) -> bool:
        """Whether a schema says anything about what is below."""
        return any(word in self.schema for word in ("properties", "additionalProperties", "items"))

    @property
    def is_map(self) -> bool:
        """Whether it is a map with any keys."""
        return isinstance(self.schema.get("additionalProperties"), dict) and not self.schema.get("properties")

    @property
    def is_dropped_if_empty(self) -> bool:
        """Whether it is a list or a map that means the same if it is empty and if it is absent."""
        return self.schema.get(DROPPED_IF_EMPTY) is True

    @property
    def keys(self) -> tuple[str, ...]:
        """The fields that identify an item of this list; empty if there are none."""
        listed = self.schema.get(LIST_KEYS)
        if isinstance(listed, list):
            return tuple(key for key in listed if isinstance(key, str))
        merged = self.schema.get(MERGE_KEY)
        return (merged,) if isinstance(merged, str) and LIST_TYPE not in self.schema else ()

    @property
    def is_set(self) -> bool:
        """Whether it is a list in which each value occurs once, and order means nothing."""
        return self.schema.get(LIST_TYPE) == "set"

    @property
    def is_quantity(self) -> bool:
        """Whether it is Kubernetes' own quantity, which its API server reads as a number."""
        return self.definition == QUANTITY

    @property
    def definition(self) -> str:
        """Which of Kubernetes' definitions it is of; empty for a CRD's kinds, whose values are stored as they are."""
        found = self.schema.get(DEFINITION)
        return found if isinstance(found, str) else ""

    @property
    def declared_fields(self) -> Iterable[str]:
        """The fields of an object."""
        return _mapping(self.schema.get("properties"))

    def declared_default(self, key: str) -> Any:
        """What the schema says that the API server sets where a field is absent; ABSENT if it says nothing."""
        return _mapping(_mapping(self.schema.get("properties")).get(key)).get("default", ABSENT)


UNDESCRIBED = FieldType({})
"""The type of what no schema describes."""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
