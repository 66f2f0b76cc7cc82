"""apply: apply the first objects to Argo CD's cluster, and wait until Argo CD syncs them.

In      an open connection, objects in their order, the names of the root Applications.
Out     what was done with each object; the state of each root Application.
Never   deletes; changes a field that the objects do not have. Applying again changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.bootstrap import FirstObject
from platformc.diagnostics import ToolError
from platformc.live.cluster import Cluster
from platformc.lower import ObjectId

APPLICATION = "argoproj.io/v1alpha1"
PAUSE = 1.0
"""Seconds between two reads of an Application."""
WRITTEN_BY_OTHERS = frozenset({"status", "operation"})
VERSIONS = frozenset({"generation", "managedFields", "resourceVersion"})
REFRESH = "argocd.argoproj.io/refresh"


@dataclass(frozen=True, slots=True)
class Applied:
    """What happened to one object."""

    id: ObjectId
    changed: bool


async def apply_all(cluster: Cluster, objects: Sequence[FirstObject]) -> AsyncIterator[Applied]:
    """Apply each object in order. Raises ToolError, before the first, if there is no Argo CD."""
    if "Application" not in await cluster.kinds(APPLICATION):
        raise ToolError(
            f"Argo CD is not installed on the cluster of {cluster.access.name}: there is no kind Application",
            hint="install it first: `kubectl apply --server-side -k argocd/install`",
        )
    for one in objects:
        before = await cluster.get(one.api_version, one.id.kind, one.id.namespace, one.id.name)
        after = await cluster.apply(one.content, one.api_version, one.id.kind, one.id.namespace, one.id.name)
        changed = before is None or _applied_part(before) != _applied_part(after)
        yield Applied(one.id, changed)


def _applied_part(instance: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what others write into it at any time, also between a read and an apply.

    Argo CD writes statuses, `operation` and the refresh annotation of its Applications; each write is a new version.
    """
    part = {key: value for key, value in instance.items() if key not in WRITTEN_BY_OTHERS}
    metadata = {key: value for key, value in part.get("metadata", {}).items() if key not in VERSIONS}
    annotations = {key: value for key, value in metadata.get("annotations", {}).items() if key != REFRESH}
    return {**part, "metadata": {**metadata, "annotations": annotations}}


async def wait_for_root(cluster: Cluster, namespace: str, name: str, limit: float, tell: Callable[[str], None]) -> str:
    """Wait until Argo CD has compared a root Application and started to sync it; return its state then.

    Does not wait for the whole sync: that takes minutes, and `platformc status --watch` shows it. Raises
    ToolError with Argo CD's own message if it fails, or after `limit` seconds.
    """
    try:
        async with asyncio.timeout(limit):
            while True:
                found = await cluster.get(APPLICATION, "Application", namespace, name)
                standing = _standing((found or {}).get("status", {}))
                if standing:
                    return standing
                tell(f"waiting for Argo CD to sync {name}")
                await asyncio.sleep(PAUSE)
    except TimeoutError as error:
        found = await cluster.get(APPLICATION, "Application", namespace, name)
        said = [
            f"{one['type']}: {one.get('message', '')}" for one in (found or {}).get("status", {}).get("conditions", ())
        ]
        raise ToolError(
            f"Argo CD did not start to sync the Application {name} within {limit:g} seconds",
            output="\n".join(said),
            hint="check that Argo CD is running and can read the repository, or wait longer with --wait SECONDS",
        ) from error


def _standing(status: dict[str, Any]) -> str:
    """The state of an Application once a sync has started, or is not needed; empty before that."""
    sync, operation = status.get("sync", {}).get("status"), status.get("operationState", {})
    if sync == "Synced":
        return "Synced"
    if sync == "OutOfSync" and operation:
        return f"syncing ({operation.get('phase', 'Running')})"
    return ""
