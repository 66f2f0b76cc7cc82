"""structural_defaults: what an API server fills in where an object leaves a field out.

In      a schema of a CRD or XRD, a value.
Out     the value with every default of the schema in it.
Never   checks, prunes or converts anything.

Source: Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions", Defaulting: a default is set where the
field is missing, or null and not nullable; the value set is then defaulted itself.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any, TypeAlias

JSON: TypeAlias = Any


def with_defaults(schema: JSON, value: JSON) -> JSON:
    """A copy of the value with the schema's defaults."""
    if isinstance(value, list):
        return [with_defaults(schema.get("items", {}), one) for one in value]
    if not isinstance(value, dict):
        return value
    fields = schema.get("properties", {})
    others = schema.get("additionalProperties")
    made = {}
    for name, one in value.items():
        described = fields.get(name, others if isinstance(others, dict) else {})
        if one is None and "default" in described and not described.get("nullable"):
            continue
        made[name] = with_defaults(described, one)
    for name, described in fields.items():
        if name not in made and "default" in described:
            made[name] = with_defaults(described, copy.deepcopy(described["default"]))
    return made


def schema_of(definition: JSON, version: str) -> JSON:
    """The schema of one version of a CRD or XRD; KeyError where there is none."""
    for one in definition["spec"]["versions"]:
        if one["name"] == version:
            return one["schema"]["openAPIV3Schema"]
    raise KeyError(f"{definition['metadata']['name']} has no version {version}")


def definition_of(definitions: Iterable[JSON], api_version: str, kind: str) -> JSON:
    """The CRD that defines a kind; KeyError where there is none."""
    group = api_version.partition("/")[0]
    for one in definitions:
        if (one["spec"]["group"], one["spec"]["names"]["kind"]) == (group, kind):
            return one
    raise KeyError(f"no definition of {kind} in {group}")
