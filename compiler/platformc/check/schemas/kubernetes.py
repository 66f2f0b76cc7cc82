"""kubernetes: the schemas of Kubernetes' own kinds, ready for kubeconform.

In      the data files of the package kubernetes-validate, a Kubernetes version, the kinds that occur.
Out     a folder in the cache with one self-contained strict schema per kind that occurred so far.
Never   imports that package (its import is slow; only its files are needed), uses the network.

Why not the files as they are: their references are absolute (`/api/_definitions.json#…`), which
kubeconform cannot resolve; it then reports the schema as *missing*. References are inlined, because
kubeconform reports the exact field of a mistake only without references in between.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformc.atomic_file import write_atomically
from platformc.check.schemas.conversion import schema_path
from platformc.diagnostics import ToolError

JSON = Any

PACKAGE = "kubernetes-validate"
PREPARATION = "1"
"""Part of the cache key: raise it when the same files must be prepared again."""

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DROPPED = frozenset({"description", "default", "format"})
REFERENCE = "#/$defs/"


@dataclass(frozen=True, slots=True)
class KubernetesSchemas:
    """The prepared folder, and the kinds of this Kubernetes version."""

    version: str
    """As `1.34`."""
    folder: Path
    kinds: frozenset[tuple[str, str]]
    """(apiVersion, kind)."""

    def owns(self, api_version: str) -> bool:
        """Whether the group of an apiVersion is Kubernetes' own, so that no CRD could define it.

        A CRD's group must have a dot (apiextensions validation), so one without is Kubernetes'.
        """
        group = _group(api_version)
        return "." not in group or any(_group(known) == group for known, _ in self.kinds)


def kubernetes_versions() -> tuple[str, ...]:
    """The Kubernetes versions whose schemas are available, oldest first, as `1.34`."""
    found = (re.fullmatch(r"v1\.(\d+)\.\d+-local-strict", path.name) for path in _data().iterdir())
    return tuple(f"1.{minor}" for minor in sorted(int(match[1]) for match in found if match))


def has_schemas(version: str) -> bool:
    """Whether the schemas of a Kubernetes version, `1.34` or `1.34.2`, are available."""
    return _found(version) is not None


def versions_hint() -> str:
    """A hint with the available versions."""
    versions = kubernetes_versions()
    return f"use a version from {versions[0]} to {versions[-1]}"


def prepare(cache: Path, version: str, kinds: Iterable[tuple[str, str]]) -> KubernetesSchemas:
    """Make sure that the schemas of these (apiVersion, kind) exist, as far as they are Kubernetes' own.

    `version` is `1.34` or `1.34.2`; the schemas are the minor version's. The first time for a kind
    reads 1.5 MB, later only the folder. Two processes can do it at once.
    Raises ToolError if the package has no such version.
    """
    source, minor = source_of(version)
    key = f"{importlib.metadata.version(PACKAGE)} {source.name} {PREPARATION}"
    folder = cache / "kubernetes" / f"{minor}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    index = folder / "index.json"
    definitions: JSON = None
    if not index.is_file():
        definitions = definitions_in(source)
        write_atomically(index, json_bytes(index_of(definitions)))
    known: dict[str, str] = json.loads(index.read_bytes())
    for api_version, kind in sorted(set(kinds)):
        name = known.get(f"{api_version} {kind}")
        if name is None:
            continue
        path = folder / schema_path(api_version, kind)
        if not path.is_file():
            definitions = definitions_in(source) if definitions is None else definitions
            write_atomically(path, json_bytes(self_contained(definitions, name)))
    names = (entry.split(" ") for entry in known)
    return KubernetesSchemas(minor, folder, frozenset((api_version, kind) for api_version, kind in names))


def self_contained(definitions: JSON, name: str) -> JSON:
    """One definition with everything that it refers to inlined, without prose and Kubernetes' own words.

    What refers to itself (as JSONSchemaProps does) cannot be inlined: it stays a reference into
    the schema's own `$defs`.
    """
    recursive: dict[str, JSON] = {}
    made = _placed(definitions[name], (name,), definitions, recursive)
    return {"$schema": DRAFT, **made, "type": "object", **({"$defs": recursive} if recursive else {})}


def _placed(part: JSON, inside: tuple[str, ...], definitions: JSON, recursive: dict[str, JSON]) -> JSON:
    """A copy of one part; `inside` names the definitions it is part of, `recursive` collects those that repeat."""
    if isinstance(part, list):
        return [_placed(item, inside, definitions, recursive) for item in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _referred(part["$ref"].removeprefix(REFERENCE), inside, definitions, recursive)
    made = {}
    for word, value in part.items():
        if word == "properties":  # its keys are fields, not words of the schema
            made[word] = {field: _placed(schema, inside, definitions, recursive) for field, schema in value.items()}
        elif word not in DROPPED and not word.startswith("x-kubernetes-"):
            made[word] = _placed(value, inside, definitions, recursive)
    return _one_type(made)


def _referred(target: str, inside: tuple[str, ...], definitions: JSON, recursive: dict[str, JSON]) -> JSON:
    if target not in inside:
        return _placed(definitions[target], (*inside, target), definitions, recursive)
    if target not in recursive:
        recursive[target] = {}  # known from here on, so that its own parts can refer to it
        recursive[target] = _placed(definitions[target], (target,), definitions, recursive)
    return {"$ref": REFERENCE + target}


def _one_type(schema: dict[str, JSON]) -> dict[str, JSON]:
    """IntOrString and Quantity as one type with two names, not as two schemas of which one must match.

    Both schemas accept null, so null would match *too often*; and the error for anything else would
    be three sentences instead of one.
    """
    choices = schema.get("oneOf")
    if choices is None or any(set(choice) != {"type"} for choice in choices):
        return schema
    types = [
        name for choice in choices for name in ([choice["type"]] if isinstance(choice["type"], str) else choice["type"])
    ]
    return {**{word: value for word, value in schema.items() if word != "oneOf"}, "type": sorted(set(types))}


def index_of(definitions: JSON) -> dict[str, str]:
    """`apiVersion kind` → name of the definition. Kinds of many groups (DeleteOptions) are not objects."""
    known = {}
    for name, definition in definitions.items():
        places = definition.get("x-kubernetes-group-version-kind", [])
        if len(places) == 1 and "metadata" in definition.get("properties", {}):
            place = places[0]
            api_version = f"{place['group']}/{place['version']}" if place["group"] else place["version"]
            known[f"{api_version} {place['kind']}"] = name
    return dict(sorted(known.items()))


def _group(api_version: str) -> str:
    return api_version.rpartition("/")[0]


def definitions_in(source: Path) -> JSON:
    """All definitions of a Kubernetes version, by name."""
    return json.loads((source / "_definitions.json").read_bytes())["$defs"]


def json_bytes(value: JSON) -> bytes:
    """Compact JSON with sorted keys."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def _data() -> Path:
    found = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    if found is None or not found.submodule_search_locations:
        raise ToolError(
            f"the Python package {PACKAGE} is not installed", hint="install platformc with its dependencies"
        )
    return Path(found.submodule_search_locations[0]) / "kubernetes-json-schema"


def source_of(version: str) -> tuple[Path, str]:
    """The folder with the schemas of a Kubernetes version, and its minor version. Raises ToolError if there is none."""
    found = _found(version)
    if found is None:
        raise ToolError(f"there are no schemas of Kubernetes {version}", hint=versions_hint())
    return found


def _found(version: str) -> tuple[Path, str] | None:
    match = re.fullmatch(r"v?1\.(\d+)(?:\.\d+)?", version)
    if match is None:
        return None
    source = _data() / f"v1.{match[1]}.0-local-strict"
    return (source, f"1.{match[1]}") if source.is_dir() else None
