"""Claim API: the contents of crossplane/, read as they are: definitions, Compositions, packages.

In      the crossplane folder beside the specs.
Out     objects as plain data, sorted by kind and name; the same with the changes for LegacyCluster.
Finds   what source and reader find; what overlays find; invalid-claim-api.

The documents of a file legacy.yaml are not objects: they are merged over those of the same kind and name if
`crossplane.scope` is LegacyCluster. What follows mechanically is not in it (lower.legacy_claim_api).
"""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import Finding
from platformc.language.folder import SourceFolder
from platformc.language.nodes import Mapping, Node, plain
from platformc.language.overlay import MergeRules, overlay
from platformc.language.reader import NOTHING_READ, ReadFile, read_file
from platformc.rules.files import INVALID_CLAIM_API

LEGACY_FILE = "legacy.yaml"
MERGE_KEYS = {
    "pipeline": ("step",),
    "resources": ("name",),
    "patches": ("toFieldPath",),
    "connectionDetails": ("name",),
    "versions": ("name",),
}
"""Which items of the lists in definitions and Compositions match."""


@dataclass(frozen=True, slots=True, eq=False)
class ClaimAPI:
    """The objects of the claim API, the files they were read from, and what was found."""

    objects: tuple[dict[str, Any], ...]
    nodes: tuple[Mapping, ...]
    """The objects with their places, in the same order."""
    legacy_objects: tuple[dict[str, Any], ...]
    """The objects that LegacyCluster starts from: with legacy.yaml merged over them, in the same order."""
    legacy_nodes: tuple[Mapping, ...]
    files: MappingType[str, ReadFile]
    """What was read, by path."""
    findings: tuple[Finding, ...]

    def of_scope(self, scope: str) -> tuple[tuple[dict[str, Any], ...], tuple[Mapping, ...]]:
        """Objects and nodes for a value of `crossplane.scope`."""
        if scope == "LegacyCluster":
            return self.legacy_objects, self.legacy_nodes
        return self.objects, self.nodes


def load_claim_api(folder: SourceFolder, name: str, known: MappingType[str, ReadFile] = NOTHING_READ) -> ClaimAPI:
    """Read every YAML file below `folder`; findings show it as `name`. A missing folder is empty.

    What is in `known` with the same path and text is not read again.
    """
    found_nodes: list[Mapping] = []
    changes: list[Mapping] = []
    read: dict[str, ReadFile] = {}
    findings: list[Finding] = []
    files, found = folder.files(name) if folder.exists() else ((), ())
    findings.extend(found)
    for path in files:
        source, found = folder.source(path, f"{name}/{path}")
        findings.extend(found)
        if source is None:
            continue
        file = read[source.path] = read_file(source, known)
        findings.extend(file.findings)
        for document in file.documents:
            data = plain(document.root)
            if document.damaged or data is None:
                continue
            if not isinstance(document.root, Mapping) or not _is_object(data):
                findings.append(
                    _invalid(document.root, "not a Kubernetes object: apiVersion, kind and metadata are required")
                )
                continue
            (changes if path.rpartition("/")[2] == LEGACY_FILE else found_nodes).append(document.root)
    nodes = tuple(sorted(found_nodes, key=_key))
    legacy_nodes, refused = _laid_over(nodes, changes)
    return ClaimAPI(
        tuple(plain(node) for node in nodes),
        nodes,
        tuple(plain(node) for node in legacy_nodes),
        legacy_nodes,
        read,
        (*findings, *refused),
    )


def _is_object(data: Any) -> bool:
    return isinstance(data.get("metadata"), dict) and "kind" in data


def _key(node: Mapping) -> tuple[str, str]:
    """Kind and name."""
    data = plain(node)
    return str(data["kind"]), str(data["metadata"].get("name"))


def _laid_over(nodes: tuple[Mapping, ...], changes: list[Mapping]) -> tuple[tuple[Mapping, ...], list[Finding]]:
    """Return the nodes, each change merged over the node that it names."""
    laid = {_key(node): node for node in nodes}
    findings: list[Finding] = []
    for change in changes:
        key = _key(change)
        if key not in laid:
            findings.append(_invalid(change, f"{LEGACY_FILE} changes the {key[0]} {key[1]}, which does not exist"))
            continue
        laid[key], found = overlay(laid[key], change, MergeRules(MERGE_KEYS, {}))
        findings.extend(found)
    return tuple(laid[_key(node)] for node in nodes), findings


def _invalid(node: Node, message: str) -> Finding:
    return INVALID_CLAIM_API.at(node.span, message)
