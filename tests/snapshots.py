"""snapshots: a repository's folder, compiled to a Snapshot; objects alone as one; and what differs between two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from platformc.check.across_environments import _destination, _own_cluster
from platformc.language import Sources, resolve
from platformc.link import link
from platformc.lower import lower
from platformc.lower.argocd import FOLDER
from platformc.origins import Places
from platformc.pipeline import Request, load_sources
from platformc.snapshot import (
    Comparison,
    EnvironmentSnapshot,
    ListKeys,
    ObjectKey,
    Snapshot,
    SnapshotObject,
    compare,
)
from platformc.tree import build

CLUSTER = "the cluster production"


def of_folder(root: Path, label: str = "") -> Snapshot:
    """The platform below `root`, with its graphs."""
    sources = load_sources(Request(root=root, specs=root / "specs", output=root / "rendered"))
    settings = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted((root / "argocd").rglob("*"))
        if path.is_file()
    }
    environments = {name: _environment(sources, name) for name in sources.environments}
    return Snapshot(label or root.name, "", environments, sources, sources.findings, settings, {})


def _environment(sources: Sources, name: str) -> EnvironmentSnapshot:
    platform = resolve(sources, name)
    program = link(platform)
    manifests, _ = lower(program)
    paths = {file.id: path for path, file in build(name, manifests).files.items()}
    objects = []
    for manifest in manifests:
        cluster = _own_cluster(platform) if manifest.application == FOLDER else _destination(platform)
        found = manifest.id
        key = ObjectKey(cluster, found.group, found.kind, found.namespace, found.name)
        path = f"{name}/{paths[found]}"
        objects.append(SnapshotObject(key, name, manifest.application, path, manifest.object, str(manifest.owner)))
    return EnvironmentSnapshot(name, tuple(objects), _destination(platform), program, Places(lambda: platform))


def of_objects(*objects: Mapping[str, Any], cluster: str = CLUSTER, environment: str = "production") -> Snapshot:
    """Objects of one environment, without a spec."""
    made = []
    for found in objects:
        metadata = found["metadata"]
        group = str(found["apiVersion"]).rpartition("/")[0]
        key = ObjectKey(cluster, group, str(found["kind"]), metadata.get("namespace", ""), metadata["name"])
        made.append(SnapshotObject(key, environment, "app", f"{environment}/app/{key.kind}-{key.name}.yaml", found, ""))
    only = EnvironmentSnapshot(environment, tuple(made), cluster, None, None)
    return Snapshot("objects", "", {environment: only}, None, (), {}, {})


def between(base: Snapshot, head: Snapshot) -> Comparison:
    """What differs."""
    return compare(base, head, ListKeys())


def told(effects: Iterable[Any]) -> list[str]:
    """Effects as lines: the environment, the verdict, the object, the sentence; details are indented."""
    lines = []
    for effect in effects:
        lines.append(f"{effect.environment} {effect.verdict.word}: {effect.key}: {effect.message}")
        lines += [f"  {detail}" for detail in effect.details]
    return lines
