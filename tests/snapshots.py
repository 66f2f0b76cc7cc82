"""snapshots: a repository's folder, compiled to a Snapshot; objects alone as one; and what differs between two."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from platformc.check import Tools
from platformc.diff.effect import Effect
from platformc.request import Request
from platformc.snapshot import (
    Comparison,
    EnvironmentSnapshot,
    ListKeys,
    ObjectKey,
    Snapshot,
    SnapshotObject,
    compare,
    snapshot_of_folder,
)

CLUSTER = "the cluster production"


@cache
def _cache() -> tempfile.TemporaryDirectory[str]:
    """For all snapshots of a run; never below the folder that is compiled."""
    return tempfile.TemporaryDirectory()


def of_folder(root: Path, label: str = "", like: Snapshot | None = None) -> Snapshot:
    """The platform below `root`, with its graphs; what `like` has of the same files is taken from there."""
    request = Request(root=root, specs=root / "specs", output=root / "rendered", validate=False, allow_unsealed=True)
    tools = Tools(cache=Path(_cache().name), path="")
    return snapshot_of_folder(request, label or root.name, tools, lambda _message: None, like)


def of_objects(*objects: Mapping[str, Any], cluster: str = CLUSTER, environment: str = "production") -> Snapshot:
    """Objects of one environment, without a spec."""
    made = []
    for found in objects:
        metadata = found["metadata"]
        group = str(found["apiVersion"]).rpartition("/")[0]
        key = ObjectKey(cluster, group, str(found["kind"]), metadata.get("namespace", ""), metadata["name"])
        made.append(SnapshotObject(key, environment, "app", f"{environment}/app/{key.kind}-{key.name}.yaml", found, ""))
    only = EnvironmentSnapshot(environment, tuple(made), cluster, None, None)
    return Snapshot("objects", "", {environment: only}, None, (), {}, {}, {})


def between(base: Snapshot, head: Snapshot) -> Comparison:
    """What differs."""
    return compare(base, head, ListKeys())


def told(effects: Iterable[Effect]) -> list[str]:
    """Effects as lines: the environment, the verdict, the object, the sentence; details are indented."""
    lines = []
    for effect in effects:
        lines.append(f"{effect.environment} {effect.verdict.word}: {effect.key}: {effect.message}")
        lines += [f"  {detail}" for detail in effect.details]
    return lines
