"""structural_defaults: what an API server fills in where an object leaves a field out.

In      a schema of a CRD or XRD, of any shape, and a value.
Out     the value with every default of the schema in it.
Never   checks or converts anything; drops more than nulls.

Source: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions", Defaulting: a default is set where the
field is missing, or null and not nullable; the value set is then defaulted itself. Defaulting and Nullable: a null that
is neither allowed nor replaced by a default is pruned.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from platformc.check.policies.object_fields import below, mapping, sequence

JSON: TypeAlias = Any


def with_defaults(schema: JSON, value: JSON) -> JSON:
    """A copy of the value with the schema's defaults."""
    if isinstance(value, list):
        items = below(schema, "items")
        return [with_defaults(items, one) for one in value]
    if not isinstance(value, dict):
        return value
    fields = mapping(below(schema, "properties"))
    others = below(schema, "additionalProperties")
    made = {}
    for name, one in value.items():
        described = fields.get(name, others)
        if one is None and isinstance(described, dict) and described.get("nullable") is not True:
            continue
        made[name] = with_defaults(described, one)
    for name, described in fields.items():
        if name not in made and isinstance(described, dict) and "default" in described:
            made[name] = with_defaults(described, described["default"])
    return made


def schema_of(definition: JSON, version: str) -> JSON:
    """The schema of one version of a CRD or XRD; KeyError where there is none."""
    for one in sequence(below(definition, "spec", "versions")):
        if below(one, "name") == version:
            found = below(one, "schema", "openAPIV3Schema")
            if isinstance(found, dict):
                return found
    raise KeyError(f"{below(definition, 'metadata', 'name')} has no version {version}")
