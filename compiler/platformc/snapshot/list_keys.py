"""list_keys: which fields identify the items of a list, as the schemas of the API server say.

In      the schemas of built-in kinds, of CRDs, and of the claim API.
Out     the type of each kind: the keys of lists, sets, quantities, defaults.
Never   guesses from names of fields: a list that no schema describes is compared by position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformc.check import SchemaStore
from platformc.check.schemas.conversion import is_definition, schemas_of
from platformc.check.schemas.kubernetes_fields import kubernetes_fields
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


def list_keys(cache: Path, store: SchemaStore, kubernetes: str, claim_api: Iterable[Any]) -> ListKeys:
    """Return what schemas say: of Kubernetes' own kinds in a version, of stored CRDs, of the claim API's definitions.

    Nothing is read before the first object of a kind differs. Raises ToolError for an unknown version of Kubernetes.
    """
    own = kubernetes_fields(cache, kubernetes)
    waiting = [document for document in claim_api if is_definition(document)]
    claims: dict[tuple[str, str], Any] = {}

    def schema(api_version: str, kind: str) -> Any:
        found = own.schema(api_version, kind)
        if found is None:
            found = store.schema(api_version, kind)
        while found is None and waiting:
            claims.update(_of_claims(waiting.pop()))
            found = claims.get((api_version, kind))
        return claims.get((api_version, kind)) if found is None else found

    return ListKeys(schema)


def _of_claims(definition: Any) -> dict[tuple[str, str], Any]:
    """The schemas of a definition; none of an invalid one, which the claim API's own checks report."""
    try:
        return {(one.api_version, one.kind): one.schema for one in schemas_of(definition)}
    except ValueError:
        return {}
