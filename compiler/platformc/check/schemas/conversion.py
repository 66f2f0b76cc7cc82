"""conversion: convert the definition of a kind (CRD, XRD) to JSON Schemas that kubeconform can load.

In      one parsed CustomResourceDefinition or CompositeResourceDefinition.
Out     one closed JSON Schema (draft 4, self-contained, without prose) per kind and served version; a
        CRD's also keeps its scope and its CEL rules, which validators ignore.
Finds   nothing; an invalid definition raises ValueError with the bare reason.
Never   checks what only an API server can: CEL rules, names, list-map keys, sizes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

JSON = Any

CONVERSION = "3"
"""Part of every cache key and of the store's folder: raise it when the same definition must be converted again."""

DRAFT = "http://json-schema.org/draft-04/schema#"
"""CRDs speak OpenAPI v3.0, whose boolean exclusiveMinimum and exclusiveMaximum are draft 4's."""

GROUP_VERSION = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/)?v[a-z0-9]+")
KIND = re.compile(r"[A-Za-z][A-Za-z0-9]*")

# Everything else in a structural schema is prose (description, example), or one of the words handled
# below. Source: Kubernetes docs, "Specifying a structural schema". Validators ignore the last line's:
# comparing two states of an object needs them.
PLAIN = (
    "type", "format", "enum", "pattern", "required", "uniqueItems", "multipleOf",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "default", "x-kubernetes-list-type", "x-kubernetes-list-map-keys",
)  # fmt: skip
PRESERVE = "x-kubernetes-preserve-unknown-fields"
INT_OR_STRING = "x-kubernetes-int-or-string"
EMBEDDED = "x-kubernetes-embedded-resource"
RULES = "x-kubernetes-validations"
SCOPE = "x-scope"
"""Our own word, at the root: `Namespaced` or `Cluster`. JSON Schema ignores unknown words."""

TEXTS: JSON = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA: JSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": TEXTS,
        "annotations": TEXTS,
    },
}
"""Open: metadata belongs to the API server; but these four are always text."""

COMPOSITE_NAME_LIMIT = 63
"""Crossplane copies the name of a composite or claim to a label value."""


@dataclass(frozen=True, slots=True)
class KindSchema:
    """The JSON Schema of one kind in one version."""

    api_version: str
    kind: str
    schema: JSON


def schema_path(api_version: str, kind: str) -> str:
    """The path of a kind's schema below a folder of schemas, with `/` between the parts.

    kubeconform finds it by `{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`, where the
    kind is in lower case and Group is the part before `/`: `v1` for the core group. Raises
    ValueError for names that no API server would accept (they would become file names).

    >>> schema_path("apps/v1", "Deployment"), schema_path("v1", "Service")
    ('apps/deployment_v1.json', 'v1/service_v1.json')
    """
    if GROUP_VERSION.fullmatch(api_version) is None:
        raise ValueError(f"{api_version!r} is not an apiVersion")
    if KIND.fullmatch(kind) is None:
        raise ValueError(f"{kind!r} is not a kind")
    parts = api_version.split("/")
    return f"{parts[0]}/{kind.lower()}_{parts[-1]}.json"


def is_definition(document: JSON) -> bool:
    """Whether a document defines kinds: a CustomResourceDefinition or a CompositeResourceDefinition."""
    if not isinstance(document, dict):
        return False
    group = str(document.get("apiVersion", "")).partition("/")[0]
    return (group, document.get("kind")) in {
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("apiextensions.crossplane.io", "CompositeResourceDefinition"),
    }


def schemas_of(document: JSON) -> tuple[KindSchema, ...]:
    """The schemas a CRD or an XRD defines: every served version; for an XRD with claims both kinds.

    Raises ValueError if the document is neither, or lacks a required field.
    """
    if not is_definition(document):
        raise ValueError("neither a CustomResourceDefinition nor a CompositeResourceDefinition")
    try:
        made = _schemas_of(document)
    except (AttributeError, TypeError, RecursionError) as error:  # a list where a map belongs, and the like
        raise ValueError("openAPIV3Schema is not a structural schema") from error
    for entry in made:
        schema_path(entry.api_version, entry.kind)  # rejects invalid names
    return tuple(made)


def _schemas_of(document: JSON) -> list[KindSchema]:
    spec = _object(document, "spec")
    group, names = _text(spec, "group"), _object(spec, "names")
    made: list[KindSchema] = []
    for version in _served(spec):
        api_version = f"{group}/{_text(version, 'name')}"
        schema = _object(_object(version, "schema"), "openAPIV3Schema")
        if document["kind"] == "CustomResourceDefinition":
            made.append(_custom(api_version, _text(names, "kind"), schema, spec.get("scope", "Namespaced")))
        else:
            made.extend(_composite(document, api_version, schema))
    return made


def _custom(api_version: str, kind: str, schema: JSON, scope: JSON) -> KindSchema:
    root = _converted(schema, close=True)
    root["properties"] = {**root.get("properties", {}), **_head(api_version, kind, METADATA)}
    return _rooted(api_version, kind, {**root, SCOPE: scope})


def _composite(document: JSON, api_version: str, schema: JSON) -> list[KindSchema]:
    """The composite's schema, and the claim's if there are claims.

    Only `spec` counts: Crossplane writes status, and `spec.crossplane` and a claim's
    `compositionRef` and the like are its machinery, which plain instances omit. The only built-in
    field that users write is writeConnectionSecretToRef, which v1 adds by itself.
    Source: crossplane/crossplane internal/xcrd/schemas.go.
    """
    spec = document["spec"]
    kinds = {_text(spec["names"], "kind"): ["name", "namespace"]}
    legacy = document["apiVersion"].endswith("/v1") and spec.get("scope", "LegacyCluster") == "LegacyCluster"
    if legacy and "claimNames" in spec:
        kinds[_text(_object(spec, "claimNames"), "kind")] = ["name"]
    metadata = {**METADATA, "properties": {**METADATA["properties"], "name": _limited(COMPOSITE_NAME_LIMIT)}}
    made = []
    for kind, fields in kinds.items():
        fields_of_user = _converted(schema.get("properties", {}).get("spec", {"type": "object"}), close=True)
        if legacy:
            secret = {
                "type": "object",
                "properties": {name: {"type": "string"} for name in fields},
                "required": fields,
                "additionalProperties": False,
            }
            fields_of_user["properties"] = {
                "writeConnectionSecretToRef": secret,
                **fields_of_user.get("properties", {}),
            }
            if fields_of_user.get("additionalProperties") is None and not _preserves(schema):
                fields_of_user["additionalProperties"] = False
        root = {"properties": {**_head(api_version, kind, metadata), "spec": fields_of_user}, "required": ["spec"]}
        root["additionalProperties"] = False  # type: ignore[assignment]  # draft 4 allows a boolean here
        made.append(_rooted(api_version, kind, root))
    return made


def _preserves(schema: JSON) -> bool:
    spec = schema.get("properties", {}).get("spec", {})
    return isinstance(spec, dict) and spec.get(PRESERVE) is True


def _head(api_version: str, kind: str, metadata: JSON) -> JSON:
    return {
        "apiVersion": {"type": "string", "enum": [api_version]},
        "kind": {"type": "string", "enum": [kind]},
        "metadata": metadata,
    }


def _rooted(api_version: str, kind: str, root: JSON) -> KindSchema:
    required = {"apiVersion", "kind", "metadata", *root.get("required", [])}
    return KindSchema(api_version, kind, {"$schema": DRAFT, **root, "type": "object", "required": sorted(required)})


def _converted(schema: JSON, *, close: bool) -> JSON:
    """A copy without most of Kubernetes' own words; rules are there as their bare expressions.

    `close` forbids undeclared fields where fields are declared. The parts of allOf, anyOf, oneOf and not
    only constrain fields that are declared beside them: they are never closed themselves, or each of them
    would forbid the others' fields.
    """
    if not isinstance(schema, dict):
        return schema
    made: dict[str, JSON] = {word: schema[word] for word in PLAIN if word in schema}
    if isinstance(schema.get(RULES), list):
        made[RULES] = [{"rule": str(entry.get("rule", ""))} for entry in schema[RULES]]
    properties = schema.get("properties")
    if isinstance(properties, dict):
        made["properties"] = {name: _converted(part, close=close) for name, part in properties.items()}
        if close and schema.get(PRESERVE) is not True:
            made["additionalProperties"] = False
    for word in ("additionalProperties", "items"):
        if word in schema:
            made[word] = _converted(schema[word], close=close)
    for word in ("allOf", "anyOf", "oneOf"):
        if isinstance(schema.get(word), list):
            made[word] = [_converted(part, close=False) for part in schema[word]]
    if "not" in schema:
        made["not"] = _converted(schema["not"], close=False)
    return _adapted(schema, made)


def _adapted(schema: JSON, made: dict[str, JSON]) -> dict[str, JSON]:
    """Kubernetes' own words, translated to JSON Schema."""
    for word, adapt in ADAPTATIONS:
        if schema.get(word) is True:
            adapt(made)
    return made


def _take_integer_or_text(made: dict[str, JSON]) -> None:
    """One type with two names instead of two schemas: its error is one plain sentence."""
    if all(set(part) == {"type"} for part in made.get("anyOf", [])):
        made.pop("anyOf", None)
    made["type"] = ["integer", "string"]


def _take_any_object(made: dict[str, JSON]) -> None:
    """An embedded resource is a whole object: apiVersion, kind and metadata are always allowed, and required."""
    head = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": METADATA}
    made["properties"] = {**head, **made.get("properties", {})}
    made["required"] = sorted({"apiVersion", "kind", *made.get("required", [])})


def _take_null(made: dict[str, JSON]) -> None:
    known = made.get("type")
    if known is not None:
        made["type"] = [*(known if isinstance(known, list) else [known]), "null"]
    if "enum" in made and None not in made["enum"]:
        made["enum"] = [*made["enum"], None]


# In this order: null is added to the type from the other words.
ADAPTATIONS: tuple[tuple[str, Callable[[dict[str, JSON]], None]], ...] = (
    (INT_OR_STRING, _take_integer_or_text),
    (EMBEDDED, _take_any_object),
    ("nullable", _take_null),
)


def _served(spec: JSON) -> list[JSON]:
    versions = spec.get("versions")
    if not isinstance(versions, list):
        raise ValueError("versions is not a list")  # noqa: TRY004 - one kind of error for callers to catch
    return [version for version in versions if isinstance(version, dict) and version.get("served") is True]


def _limited(length: int) -> JSON:
    return {"type": "string", "maxLength": length}


def _object(parent: JSON, key: str) -> JSON:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise ValueError(f"{key} is not a map")  # noqa: TRY004 - one kind of error for callers to catch
    return value


def _text(parent: JSON, key: str) -> str:
    value = parent.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is not text")
    return value
