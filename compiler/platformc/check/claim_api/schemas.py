"""schemas: the schemas on both sides of a Composition: of the claim that it reads, of what it composes.

In      XRDs as written; the schemas of managed kinds, by a lookup.
Out     one schema for each claim kind and version, with what Crossplane itself adds to it.
Finds   invalid-claim-api, for an XRD that defines nothing.
Source  crossplane/crossplane internal/xcrd/schemas.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from platformc.check.claim_api.shape import Schema, closed, fields, types
from platformc.check.claim_api.source_object import SourceObject
from platformc.check.policies.object_fields import below, text
from platformc.check.schemas.conversion import schemas_of
from platformc.diagnostics import Finding
from platformc.language.nodes import KeyPath
from platformc.rules.files import INVALID_CLAIM_API

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "object", "additionalProperties": TEXT}


def _map(**declared: Schema) -> Schema:
    return {"type": "object", "properties": declared, "additionalProperties": False}


METADATA = {
    **_map(annotations=TEXTS, generateName=TEXT, labels=TEXTS, name=TEXT, namespace=TEXT, uid=TEXT),
    "required": ["name", "namespace", "uid"],
}
"""The part of metadata that a Composition can use. A cluster-scoped object has no namespace: nobody patches it."""

CONDITIONS: Schema = {
    "type": "array",
    "items": _map(
        type=TEXT,
        status=TEXT,
        reason=TEXT,
        message=TEXT,
        lastTransitionTime=TEXT,
        observedGeneration={"type": "integer"},
    ),
}
LEGACY_MACHINERY: dict[str, Schema] = {
    "claimRef": _map(apiVersion=TEXT, kind=TEXT, name=TEXT, namespace=TEXT),
    "compositionRef": _map(name=TEXT),
    "writeConnectionSecretToRef": _map(name=TEXT, namespace=TEXT),
}
MACHINERY: dict[str, Schema] = {"crossplane": _map(compositionRef=_map(name=TEXT))}


class ManagedKinds(Protocol):
    """Where the schemas of managed kinds are looked up."""

    def schema(self, api_version: str, kind: str, /) -> Schema | None:
        """The schema of a kind, as in the SchemaStore; None if there is none."""

    def versions(self, group: str, kind: str, /) -> tuple[str, ...]:
        """The versions in which a kind has a schema, sorted."""


@dataclass(frozen=True, slots=True)
class ClaimKind:
    """One version of one XRD."""

    source_object: SourceObject
    at: KeyPath
    """The path of its openAPIV3Schema."""
    api_version: str
    kind: str
    """The composite's kind, which a Composition names."""
    namespaced: bool
    declared: Schema
    """Its openAPIV3Schema, as written."""
    own: dict[str, Schema]
    """`spec` and `status` of the XRD, and nothing else."""
    schema: Schema
    """The whole composite, with metadata and the fields that Crossplane adds."""


def claim_kinds(definitions: Sequence[SourceObject]) -> tuple[tuple[ClaimKind, ...], tuple[Finding, ...]]:
    """The kinds that Compositions can be written for: each served version of each XRD."""
    kinds: list[ClaimKind] = []
    findings: list[Finding] = []
    for source_object in definitions:
        try:
            schemas_of(source_object.data)
        except ValueError as error:
            findings.append(INVALID_CLAIM_API.at(source_object.at(()), f"the definition {source_object.name}: {error}"))
            continue
        found = _versions(source_object)
        for claim in found:
            if types(claim.declared) != {"object"}:
                message = f"the schema of {claim.kind} is not of type object"
                findings.append(INVALID_CLAIM_API.at(source_object.at((*claim.at, "type")), message))
        kinds += found
    return tuple(kinds), tuple(findings)


def _versions(source_object: SourceObject) -> list[ClaimKind]:
    spec = source_object.data["spec"]
    old = str(source_object.data["apiVersion"]).endswith("/v1")
    legacy = spec.get("scope", "LegacyCluster" if old else "Namespaced") == "LegacyCluster"
    made = []
    for position, version in enumerate(spec["versions"]):
        if not isinstance(version, dict) or version.get("served") is not True:
            continue
        at: KeyPath = ("spec", "versions", position, "schema", "openAPIV3Schema")
        declared = below(version, "schema", "openAPIV3Schema")
        parts = fields(closed(declared))
        own = {part: parts.get(part, _map()) for part in ("spec", "status")}
        schema = _map(
            apiVersion=TEXT,
            kind=TEXT,
            metadata=METADATA,
            spec=_with(own["spec"], LEGACY_MACHINERY if legacy else MACHINERY),
            status=_with(own["status"], {"conditions": CONDITIONS}),
        )
        names = (f"{spec['group']}/{version['name']}", spec["names"]["kind"])
        namespaced = spec.get("scope", "Namespaced") == "Namespaced" and not legacy
        whole = {**schema, "required": ["metadata", "spec"]}
        made.append(ClaimKind(source_object, at, *names, namespaced, declared, own, whole))
    return made


def _with(schema: Schema, more: dict[str, Schema]) -> Schema:
    return {**schema, "properties": {**more, **fields(schema)}}


def managed_schema(kinds: ManagedKinds, api_version: str, kind: str) -> Schema | None:
    """The schema of a managed kind with the metadata that Compositions can use; None if it is not known."""
    found = kinds.schema(api_version, kind)
    if found is None:
        return None
    return {**found, "properties": {**fields(found), "metadata": METADATA}}


def default_composition(source_object: SourceObject) -> str:
    """The Composition that an XRD names for its claims; empty if it names none."""
    return text(below(source_object.data, "spec", "defaultCompositionRef", "name"))
