"""evaluator: one run of function-patch-and-transform: what should be there, from what there is.

In      the input of a Composition's step; the composite and the managed resources as they are.
Out     Desired: managed resources to apply, the composite's status, whether each is ready, connection details.
Finds   CannotComposeError, as the function answers with a fatal result: a value that a transform or a path is not for.
Never   makes a name: that is the core's. Composes what function_input does not know.

Source: function-patch-and-transform v0.10.8, `fn.go`, `patches.go`, `ready.go`, `connection.go`. What it composed was
recorded, and tests/composing/test_recorded.py holds this module against it (D50).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from platformc.composing.field_paths import FieldPathError, NotThereError, read, write
from platformc.composing.function_input import FormatTransform, FunctionInput, MapTransform, Patch, Template, Transform

JSON: TypeAlias = Any

CONNECTION_SECRET = "connection-secret"  # noqa: S105 - the name of a resource
SECRET_TYPE = "connection.crossplane.io/v1alpha1"  # noqa: S105 - the type of a Secret


class CannotComposeError(Exception):
    """A value does not fit; the text says where."""


class NotEvaluatedError(CannotComposeError):
    """The function might make something of the value, but only Go's own formatting says what."""


@dataclass(frozen=True, slots=True)
class ObservedResource:
    """A managed resource as it is, and the content of the Secret that its provider wrote."""

    object: JSON
    connection: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DesiredResource:
    """A managed resource as it should be: fields that nobody named are left to others."""

    object: JSON
    ready: bool


@dataclass(frozen=True, slots=True)
class Desired:
    """What a run gives: resources by their names in the Composition.

    `connection` are the composite's own connection details, which the core writes to a Secret for a composite of the
    legacy form. One of the namespaced form has none: there, the Secret is one of the resources.
    """

    resources: Mapping[str, DesiredResource]
    status: JSON
    connection: Mapping[str, bytes]


def compose(given: FunctionInput, composite: JSON, observed: Mapping[str, ObservedResource]) -> Desired:
    """Run the function once. Raises CannotComposeError."""
    resources: dict[str, DesiredResource] = {}
    status_of: dict[str, JSON] = {}
    connection: dict[str, bytes] = {}
    for template in given.templates:
        there = observed.get(template.name)
        try:
            made = managed_resource(template, composite, there, exists=there is not None)
            if there is not None:
                _copy_to_composite(template, there.object, status_of)
        except FieldPathError as error:
            raise CannotComposeError(f"{template.name}: {error}") from error
        if there is not None:
            connection |= _connection_details(template, there)
        if made is not None:
            resources[template.name] = DesiredResource(made, there is not None and _is_ready(template, there.object))
    if connection and _is_namespaced(composite):
        resources[CONNECTION_SECRET] = DesiredResource(_connection_secret(composite, connection), ready=True)
        connection = {}
    return Desired(resources, status_of.get("status", {}), connection)


def managed_resource(
    template: Template, composite: JSON, there: ObservedResource | None = None, *, exists: bool
) -> JSON | None:
    """The base with everything that the composite has for it; None as long as something required is missing.

    A resource that exists already stays, whatever is missing. `there` is the resource as it is, where that is known.
    Raises CannotComposeError, FieldPathError.
    """
    made = copied(template.base)
    if there is not None:  # it stays the object that it is
        metadata = there.object["metadata"]
        made.setdefault("metadata", {})["name"] = metadata["name"]
        if "namespace" in metadata:
            made["metadata"]["namespace"] = metadata["namespace"]
    for patch in template.patches:
        if patch.direction != "FromCompositeFieldPath":
            continue
        try:
            _apply(patch, composite, made)
        except NotThereError:
            if patch.required and not exists:
                return None
    return made


def copied(value: JSON) -> JSON:
    """A copy of plain data; `copy.deepcopy` also looks for objects that stand in two places, and takes thrice the time."""
    if isinstance(value, dict):
        return {key: copied(one) for key, one in value.items()}
    if isinstance(value, list):
        return [copied(one) for one in value]
    return value


def _copy_to_composite(template: Template, there: JSON, made: dict[str, JSON]) -> None:
    """Outputs: what is not there yet comes with a later run."""
    for patch in template.patches:
        if patch.direction == "ToCompositeFieldPath":
            if not patch.target.startswith("status."):
                raise CannotComposeError(f"{template.name}: the core keeps a function from changing `{patch.target}`")
            try:
                _apply(patch, there, made)
            except NotThereError:
                continue


def _apply(patch: Patch, source: JSON, target: JSON) -> None:
    value = copied(read(source, patch.source))
    for transform in patch.transforms:
        value = _transformed(transform, value, patch)
    write(target, patch.target, value)


def _transformed(transform: Transform, value: JSON, patch: Patch) -> JSON:
    """Texts only: so do the function's `map` and `match`; of `string` it is all that we use."""
    if not isinstance(value, str):
        refused = NotEvaluatedError if isinstance(transform, FormatTransform) else CannotComposeError
        raise refused(f"`{patch.source}` is no text, and is transformed to `{patch.target}`")
    if isinstance(transform, MapTransform):
        if value not in transform.values:
            raise CannotComposeError(
                f"`{patch.source}` is `{value}`, which the map to `{patch.target}` has nothing for"
            )
        return copied(transform.values[value])
    if isinstance(transform, FormatTransform):
        return f"{transform.before}{value}{transform.after}"
    for pattern, result in transform.patterns:
        if pattern.search(value):
            return copied(result)
    return None  # the fallback value, which nobody gave


def _is_ready(template: Template, there: JSON) -> bool:
    """Whether every check is met; a condition that is not there is Unknown."""
    conditions = there.get("status", {}).get("conditions", [])
    statuses = {each["type"]: each["status"] for each in conditions}
    return all(statuses.get(check.condition, "Unknown") == check.status for check in template.readiness_checks)


def _connection_details(template: Template, there: ObservedResource) -> dict[str, bytes]:
    return {
        detail.name: there.connection[detail.source]
        for detail in template.connection_details
        if detail.source in there.connection
    }


def _is_namespaced(composite: JSON) -> bool:
    """Whether a composite is of the namespaced form, told as the function tells it."""
    return "crossplane" in composite["spec"]


def _connection_secret(composite: JSON, connection: Mapping[str, bytes]) -> JSON:
    """The Secret under the name that the composite asks for. Raises CannotComposeError where it asks for none."""
    try:
        name = read(composite, "spec.writeConnectionSecretToRef.name")
    except NotThereError:
        raise CannotComposeError("connection details, and no spec.writeConnectionSecretToRef") from None
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": SECRET_TYPE,
        "data": {key: base64.b64encode(value).decode() for key, value in connection.items()},
    }
