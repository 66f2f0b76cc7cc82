"""kubernetes_fields: what Kubernetes' schemas say of the fields of its own kinds, for comparing two states of an object.

In      the data files of the package kubernetes-validate, a Kubernetes version, a kind.
Out     a schema of its lists, maps, quantities and definitions, with everything that it refers to inlined.
Never   describes what a validator needs: that is in `kubernetes`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from platformc.atomic_file import write_atomically
from platformc.check.schemas.conversion import schema_path
from platformc.check.schemas.kubernetes import PACKAGE, REFERENCE, definitions_in, index_of, json_bytes, source_of

JSON = Any

SELECTION = "1"
"""Part of the cache key: raise it when something else of the same files is kept."""

DEFINITION = "x-definition"
"""Our own word: the definition that an object or a quantity is of."""
DROPPED_IF_EMPTY = "x-dropped-if-empty"
"""Our own word, at lists and maps. Kubernetes' own kinds are stored as protocol buffers, which cannot tell an empty list
or map from an absent one. Source: Kubernetes docs, "API concepts", "Kubernetes Protobuf encoding"."""
KEPT_EMPTY = frozenset({("io.k8s.api.autoscaling.v2.HPAScalingRules", "policies")})
"""Lists that mean something else when they are empty than when they are absent: they are looked at before they are
stored. Source: Kubernetes, pkg/apis/autoscaling/v2/defaults.go, `copyHPAScalingRules`."""
KEPT = ("x-kubernetes-list-map-keys", "x-kubernetes-list-type", "x-kubernetes-patch-merge-key")
NAMED = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSel",
)
"""The definitions of which comparing knows something."""


@dataclass(slots=True)
class KubernetesFields:
    """The kinds of one Kubernetes version; each is made once, and then only read."""

    folder: Path
    source: Path
    _definitions: JSON = None
    _index: Mapping[str, str] = field(default_factory=dict)

    def schema(self, api_version: str, kind: str) -> JSON | None:
        """The fields of a kind; None if it is not Kubernetes' own in this version."""
        try:
            path = self.folder / schema_path(api_version, kind)
        except ValueError:
            return None
        try:
            return json.loads(path.read_bytes())
        except (OSError, ValueError):
            return self._made(api_version, kind, path)

    def _made(self, api_version: str, kind: str, path: Path) -> JSON | None:
        """`null` is kept as well, so that a CRD's kind is not looked for again."""
        if self._definitions is None:
            self._definitions = definitions_in(self.source)
            self._index = index_of(self._definitions)
        name = self._index.get(f"{api_version} {kind}")
        made = None if name is None else _described({"$ref": REFERENCE + name}, (), self._definitions)
        write_atomically(path, json_bytes(made))
        return made


def kubernetes_fields(cache: Path, version: str) -> KubernetesFields:
    """Return what is known of a Kubernetes version, `1.34` or `1.34.2`. Raises ToolError if that is nothing."""
    source, minor = source_of(version)
    key = f"{importlib.metadata.version(PACKAGE)} {source.name} {SELECTION}"
    folder = cache / "kubernetes" / f"{minor}-fields-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return KubernetesFields(folder, source)


def _described(part: JSON, inside: tuple[str, ...], definitions: JSON) -> JSON:
    """What is worth knowing of one part, None for nothing; what refers to itself is described once."""
    if "$ref" in part:
        target = part["$ref"].removeprefix(REFERENCE)
        if target in inside:
            return None
        made = _described(definitions[target], (*inside, target), definitions)
        return {**(made or {}), DEFINITION: target} if target.startswith(NAMED) else made
    made = {word: part[word] for word in KEPT if word in part}
    fields = {
        name: described
        for name, schema in part.get("properties", {}).items()
        if (described := _described(schema, inside, definitions)) is not None
    }
    for name, described in fields.items():
        if inside and (inside[-1], name) in KEPT_EMPTY:
            del described[DROPPED_IF_EMPTY]
    if fields:
        made["properties"] = fields
    for word in ("additionalProperties", "items"):
        if isinstance(part.get(word), dict):
            made[word] = _described(part[word], inside, definitions) or {}
            made[DROPPED_IF_EMPTY] = True
    return made or None
