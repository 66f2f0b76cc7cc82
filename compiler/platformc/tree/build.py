"""build: the manifests of one environment -> the files below rendered/<environment>/.

In      manifests with different identities, in any order.
Out     Tree: path -> bytes, owner and identity, sorted by path.
Never   touches the disk, changes a manifest, or makes a finding: problems of the spec were found before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from platformc.canonical_yaml import emit
from platformc.diagnostics import BugReport
from platformc.lower import Manifest, ObjectId
from platformc.tree.layout import arrange


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """One file. `owner` is the text of the DocumentId that caused it."""

    content: bytes
    owner: str
    id: ObjectId
    api_version: str


@dataclass(frozen=True, slots=True)
class Tree:
    """All files of one environment; paths are relative to rendered/<environment>/ and sorted."""

    environment: str
    files: Mapping[str, RenderedFile]


def build(environment: str, manifests: Iterable[Manifest]) -> Tree:
    """Write every manifest as YAML and give it its path.

    Raises BugReport if two manifests have the same identity or one cannot be written: an earlier stage
    reports both.
    """
    ordered = tuple(manifests)
    identities = [manifest.id for manifest in ordered]
    _refuse_duplicates(ordered, identities)
    try:
        paths = arrange(
            [(manifest.application, identity) for manifest, identity in zip(ordered, identities, strict=True)]
        )
    except ValueError as error:
        raise BugReport(f"an object of environment {environment} has no path: {error}") from error
    files = {
        path: RenderedFile(_content(manifest, identity), str(manifest.owner), identity, manifest.object["apiVersion"])
        for path, manifest, identity in sorted(zip(paths, ordered, identities, strict=True), key=lambda entry: entry[0])
    }
    return Tree(environment, MappingProxyType(files))


def paths_of(manifests: Sequence[Manifest]) -> tuple[str, ...]:
    """The path of each manifest below its environment's folder, also where two have one; empty if it has none."""
    try:
        return arrange([(manifest.application, manifest.id) for manifest in manifests])
    except ValueError:
        return ("",) * len(manifests)


def _content(manifest: Manifest, identity: ObjectId) -> bytes:
    try:
        return emit(manifest.object).encode()
    except (TypeError, ValueError) as error:
        raise BugReport(f"{identity} of {manifest.owner} cannot be written as YAML: {error}") from error


def _refuse_duplicates(manifests: tuple[Manifest, ...], identities: list[ObjectId]) -> None:
    if len(set(identities)) == len(identities):
        return
    owners: dict[ObjectId, Manifest] = {}
    for identity, manifest in zip(identities, manifests, strict=True):
        first = owners.setdefault(identity, manifest)
        if first is not manifest:
            raise BugReport(f"{identity} was made twice: by {first.owner} and by {manifest.owner}")
