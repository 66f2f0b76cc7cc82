"""claims: what becomes of data in AWS when its claim, or its managed resource, goes or is replaced.

In      facts of claims; objects as plain data of any shape.
Out     whether AWS deletes it too; what a `moved` claim leaves behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.check.aws_resources import ALL, DELETE, Claims, Object, kind_of
from platformc.check.policies.object_fields import below, mapping, sequence, text


def name_of(object_: Object) -> str:
    """KIND NAME, for people."""
    return f"{kind_of(object_)} {text(below(dict(object_), 'metadata', 'name'))}"


def is_deleted_with(claims: Claims, object_: Object) -> bool:
    """Whether AWS deletes the resource behind a claim or a managed resource together with the object."""
    spec = mapping(object_.get("spec"))
    if claims.of(object_) is not None:
        return spec.get("deletionPolicy") == DELETE
    return deletes(spec)


def deletes(spec: Mapping[str, Any]) -> bool:
    """Whether a managed resource deletes what is in AWS; it does unless something says otherwise.

    Source: crossplane-runtime, apis/common/v1: deletionPolicy defaults to Delete, managementPolicies to `*`.
    """
    policies = sequence(spec.get("managementPolicies")) or [ALL]
    return spec.get("deletionPolicy") != "Orphan" and any(one in (DELETE, ALL) for one in policies)


def left_behind(field: str, old: Object, new: Object) -> tuple[str, str] | None:
    """Message and hint if a claim that was `moved` loses what its field names in AWS; None if it keeps it."""
    former = mapping(old.get("spec"))
    before, after = former.get(field), mapping(new.get("spec")).get(field)
    if before != after:
        message = f"it was moved, but its data stays in {before}: the new claim creates {after}"
        return message, f"keep the name in AWS with {field}, or copy the data"
    if former.get("deletionPolicy") == DELETE:
        message = f"it was moved, but AWS deletes {before} with the former claim: its deletionPolicy is Delete"
        return message, "set deletionPolicy: Orphan, render and sync, then move it"
    return None
