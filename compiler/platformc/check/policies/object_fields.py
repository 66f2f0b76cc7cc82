"""Reading: access to parts of objects of any shape.

A RawManifest contains whatever its author wrote: there may be a number in place of a list. Rules read
objects only through these functions, so that nonsense never raises and is left to the schemas.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.check.policies.policy import Pod
from platformc.language.nodes import KeyPath
from platformc.lower import Manifest

RBAC = "rbac.authorization.k8s.io"
CONTROLLERS = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
"""The controllers of pods that run until they are stopped."""


def mapping(value: Any) -> dict[str, Any]:
    """Return the map, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """Return the list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """Return the text, or an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """Return the texts in a list."""
    return [item for item in sequence(value) if isinstance(item, str)]


def number(value: Any) -> int | None:
    """Return the whole number; None for anything else, including true and false."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def below(value: Any, *path: str) -> Any:
    """Return the value at a path of keys, or None."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def labels(value: Any) -> frozenset[tuple[str, str]]:
    """Return a map of labels as a set of pairs."""
    return frozenset((key, item) for key, item in mapping(value).items() if isinstance(item, str))


def name_of(manifest: Manifest) -> str:
    """Return the object's name."""
    return text(below(manifest.object, "metadata", "name"))


def namespace_of(manifest: Manifest) -> str:
    """Return the object's namespace; empty if it has none."""
    return text(below(manifest.object, "metadata", "namespace"))


def kind_of(manifest: Manifest) -> str:
    """Return the object's kind."""
    kind = manifest.object.get("kind")
    return kind if isinstance(kind, str) else ""  # inlined: rules call this a hundred thousand times


def group_of(manifest: Manifest) -> str:
    """Return the object's API group; empty for the core group."""
    return text(manifest.object.get("apiVersion")).rpartition("/")[0]


def container_name(container: Mapping[str, Any]) -> str:
    """Return a container's name, or a word for it."""
    return text(container.get("name")) or "container"


def containers(pod: Pod, fields: Sequence[str] = ("initContainers", "containers")) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the containers of a pod with their paths, init containers first."""
    for field in fields:
        for position, container in enumerate(sequence(pod.spec.get(field))):
            if isinstance(container, dict):
                yield (*pod.path, field, position), container


def claim_names(pod: Pod) -> Iterator[tuple[KeyPath, str]]:
    """Yield the PersistentVolumeClaims that a pod mounts, each with the place that names it."""
    for position, volume in enumerate(sequence(pod.spec.get("volumes"))):
        claim = text(below(volume, "persistentVolumeClaim", "claimName"))
        if claim:
            yield (*pod.path, "volumes", position, "persistentVolumeClaim", "claimName"), claim
