"""field_reach: which fields of the AWS provider's kinds our claims can reach, which this platform uses, which nobody.

In      Compositions and XRDs of crossplane/, the provider's CRDs, what this platform's claims make.
Out     ManagedKind, one for each managed resource of a Composition.
Finds   AssertionError where the two forms of the claim API, or a Composition and a CRD, do not fit together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from platformc.check.schemas.structural_defaults import schema_of
from platformc.composing.field_paths import parse
from platformc.composing.function_input import Patch, Template

from composing.claim_composition import ClaimKind
from composing.platform_claims import ENVIRONMENTS, kinds, resources_of
from e2e.definitions import definition_of, upstream_definitions
from tools.docs.markdown import code

JSON: TypeAlias = Any

EXTERNAL_NAME = "crossplane.io/external-name"
WANTED = "spec.forProvider"
TOLD = "status.atProvider"
REFERENCE = re.compile(r"(Ref|Selector)$")
MOST_LETTERS = 150
"""Of what the provider says about a field."""

BESIDE = frozenset(
    {"deletionPolicy", "initProvider", "managementPolicies", "providerConfigRef", "writeConnectionSecretToRef"}
)
"""Fields beside `forProvider`; all kinds have them."""


@dataclass(frozen=True, slots=True)
class ManagedKind:
    """A kind of the provider, and what our Composition does with it."""

    kind: str
    api_versions: tuple[str, str]
    """Namespaced, and cluster-scoped for the older form."""
    claim: str
    resource: str
    """Its name in the Composition."""
    external_name: str
    """The claim's field that says what AWS knows it by; empty where a field below forProvider does."""
    reached: Mapping[str, str]
    """Field below forProvider -> where its value comes from."""
    outputs: Mapping[str, str]
    """Field below atProvider -> the claim's field that tells it."""
    unreached: Mapping[str, str]
    """Field below forProvider -> what the provider says about it; of a part that is left out as a whole, its top."""


def leaves(schema: JSON, path: str = "") -> Iterator[str]:
    """Every field without fields of its own: `name`, `ttl.enabled`, `attribute[].type`; references left out."""
    if "properties" in schema:
        for name, below in schema["properties"].items():
            if not _is_reference(name, schema["properties"]):
                yield from leaves(below, f"{path}.{name}".lstrip("."))
    elif "items" in schema:
        yield from leaves(schema["items"], f"{path}[]")
    else:
        yield path


@cache
def managed_kinds() -> tuple[ManagedKind, ...]:
    """All kinds that Compositions make, by kind of claim."""
    definitions = upstream_definitions("provider-upjet-aws")
    found: list[ManagedKind] = []
    for name, of_claim in sorted(kinds("namespaced").items()):
        legacy = {one.name: one for one in kinds("legacy")[name].composes.templates}
        found += [
            _managed_kind(of_claim, template, legacy[template.name], definitions)
            for template in of_claim.composes.templates
        ]
    return tuple(found)


def _managed_kind(claim: ClaimKind, template: Template, legacy: Template, definitions: list[JSON]) -> ManagedKind:
    schemas = [_schema(one.base, definitions) for one in (template, legacy)]
    fields, in_legacy = (set(leaves(_at(schema, WANTED))) for schema in schemas)
    assert fields == in_legacy, template.name
    assert {name for schema in schemas for name in _at(schema, "spec")["properties"]} == BESIDE | {"forProvider"}
    reached = _reached(claim, template)
    assert set(reached) <= fields, f"{template.name}: {set(reached) - fields}"
    return ManagedKind(
        kind=template.base["kind"],
        api_versions=(template.base["apiVersion"], legacy.base["apiVersion"]),
        claim=claim.kind,
        resource=template.name,
        external_name=_external_name(claim, template),
        reached=reached,
        outputs={
            patch.source.removeprefix(f"{TOLD}."): patch.target.removeprefix("status.")
            for patch in template.patches
            if patch.source.startswith(f"{TOLD}.")
        },
        unreached=_unreached(_at(schemas[0], WANTED), set(reached)),
    )


def _external_name(claim: ClaimKind, template: Template) -> str:
    """The field, and whether a claim may leave it out."""
    for patch in template.patches:
        if patch.target == f"metadata.annotations[{EXTERNAL_NAME}]":
            name = patch.source.removeprefix("spec.")
            required = _at(_claim_schema(claim), "spec")["required"]
            return code(name) + ("" if name in required else ", where it has one")
    return ""


def _claim_schema(claim: ClaimKind) -> JSON:
    (version,) = claim.definition["spec"]["versions"]
    return schema_of(claim.definition, version["name"])


def _reached(claim: ClaimKind, template: Template) -> dict[str, str]:
    """Fields below forProvider that a claim's field, or the Composition itself, gives a value to."""
    schema = _claim_schema(claim)
    found = {path: "the Composition" for path, _ in _values(template.base["spec"].get("forProvider", {}))}
    for patch in template.patches:
        if not patch.target.startswith(f"{WANTED}."):
            continue
        target = re.sub(r"\[\d+\]", "[]", patch.target.removeprefix(f"{WANTED}."))
        for below in _copied(patch, schema):
            separator = "" if below.startswith("[") or not below else "."
            source = f"{patch.source.removeprefix('spec.')}{separator}{below}"
            found[f"{target}{separator}{below}"] = code(source) + (", transformed" if patch.transforms else "")
    return found


def _copied(patch: Patch, schema: JSON) -> list[str]:
    """What a patch copies, below the two paths: one field, or as many as the claim's own schema has there."""
    return [""] if patch.transforms else list(leaves(_at(schema, patch.source)))


def _unreached(schema: JSON, reached: set[str], path: str = "") -> dict[str, str]:
    """Fields that nothing reaches; where that is so for all of an object or list, the object or list."""
    within = f"{path}[]" if "items" in schema else path
    inner = schema.get("items", schema)
    if not any(_is_within(one, path) for one in reached):
        return {path: _first_sentence(schema.get("description", ""))}
    found: dict[str, str] = {}
    for name, below in inner.get("properties", {}).items():
        if not _is_reference(name, inner["properties"]):
            found |= _unreached(below, reached, f"{within}.{name}".lstrip("."))
    return found


def _is_within(field: str, path: str) -> bool:
    return not path or field == path or field.startswith((f"{path}.", f"{path}["))


def _is_reference(name: str, siblings: JSON) -> bool:
    """Whether a field only says where the provider should look for the value of another one."""
    return bool(REFERENCE.search(name)) and REFERENCE.sub("", name) in siblings


def _schema(base: JSON, definitions: list[JSON]) -> JSON:
    version = base["apiVersion"]
    return schema_of(definition_of(definitions, version, base["kind"]), version.partition("/")[2])


def _at(schema: JSON, path: str) -> JSON:
    for segment in parse(path):
        schema = schema["items"] if isinstance(segment, int) else schema["properties"][segment]
    return schema


def _values(value: JSON, path: str = "") -> Iterator[tuple[str, JSON]]:
    """Every field of an object that has a value."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _values(below, f"{path}.{name}".lstrip("."))
    elif isinstance(value, list):
        for below in value:
            yield from _values(below, f"{path}[]")
    else:
        yield path, value


def _first_sentence(text: str) -> str:
    """The first sentence of a description, cut where it is long."""
    sentence = re.split(r"(?<=[a-z0-9)`])\.(?:\s|$)", " ".join(text.split()))[0].rstrip(".")
    return sentence if len(sentence) <= MOST_LETTERS else f"{sentence[:MOST_LETTERS].rpartition(' ')[0]} …"


def used_fields() -> dict[str, set[str]]:
    """Kind of the provider -> fields below forProvider that some claim of this platform gives a value to."""
    found: dict[str, set[str]] = {one.kind: set() for one in managed_kinds()}
    for environment in ENVIRONMENTS:
        for made in resources_of("namespaced", environment):
            fields = {path for path, _ in _values(made.object["spec"]["forProvider"])}
            # Of a map of free keys, such as tags, the map is the field.
            found[made.object["kind"]].update(fields | {path.partition(".")[0] for path in fields})
    return found
