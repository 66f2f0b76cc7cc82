"""equal_forms: two forms of a value that mean the same to the API server, and why.

In      values of one field, its type.
Out     a reason in words; empty if they differ, or if nobody knows.
Never   compares by the look of a value: `500m` is a quantity only where the schema says that the field is one.

Numbers and texts are no equal forms of each other: an IntOrString keeps which of both it is (Kubernetes,
apimachinery pkg/util/intstr), and a text of digits is the name of a port. Fields of CRDs are stored as they are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from platformc.snapshot.field_type import FieldType
from platformc.snapshot.kubernetes_defaults import FREE_ORDER, UNORDERED, default_field, default_fields
from platformc.snapshot.model import ABSENT, Same
from platformc.snapshot.quantity import canonical_quantity
from platformc.snapshot.values import fingerprint, identical


def why_same(before: Any, after: Any, field: FieldType) -> str:
    """Why two values that are both there mean the same; empty if they do not."""
    if not field.is_quantity:
        return ""
    one = canonical_quantity(before)
    return Same.QUANTITIES if one is not None and one == canonical_quantity(after) else ""


def why_absent_is_same(value: Any, field: FieldType, default: Any) -> str:
    """Why a value means the same as its absence, which means `default` to the API server; empty if it does not."""
    if default is not ABSENT and identical(_completed(value, field), _completed(default, field)):
        return Same.DEFAULT
    return Same.EMPTY if field.is_dropped_if_empty and value in ([], {}) else ""


def default_of(owner_type: FieldType, owner: Mapping[str, Any], key: str) -> Any:
    """What the API server sets for an absent field of an object; ABSENT if nothing."""
    declared = owner_type.declared_default(key)
    return declared if declared is not ABSENT else default_field(owner_type.definition, key, owner)


def is_unordered(owner_type: FieldType, key: str) -> bool:
    """Whether a list in an object has no order that means anything, and no keys either."""
    return (owner_type.definition, key) in UNORDERED or owner_type.field(key).is_set


def is_free_order(owner_type: FieldType, key: str, values: Sequence[Any]) -> bool:
    """Whether the order of the items with keys in a list, in both of its states, means nothing."""
    if (owner_type.definition, key) not in FREE_ORDER:
        return False
    return key != "env" or not any(_refers(item) for value in values if isinstance(value, list) for item in value)


def _refers(variable: Any) -> bool:
    """Whether a variable may refer to an earlier one: Kubernetes docs, "Define dependent environment variables"."""
    value = variable.get("value") if isinstance(variable, dict) else None
    return isinstance(value, str) and "$(" in value


def _completed(value: Any, field: FieldType) -> Any:
    """A value with its defaults, in one form for all that mean the same."""
    if isinstance(value, dict):
        absent = {*field.declared_fields, *default_fields(field.definition)} - set(value)
        defaults = {key: default_of(field, value, key) for key in absent}
        whole = {**value, **{key: default for key, default in defaults.items() if default is not ABSENT}}
        parts = {key: _completed(item, field.field(key)) for key, item in whole.items()}
        return {
            key: item for key, item in parts.items() if not (item in ([], {}) and field.field(key).is_dropped_if_empty)
        }
    if isinstance(value, list):
        items = [_completed(item, field.items) for item in value]
        return sorted(items, key=fingerprint) if field.is_set else items
    return (canonical_quantity(value) or value) if field.is_quantity else value
