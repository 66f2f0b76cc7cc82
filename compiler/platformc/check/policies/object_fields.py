"""Reading: parts of objects that may have any shape.

A RawManifest holds whatever its author wrote: where a list belongs there may be a number. Rules look
at objects through these functions alone, so that nonsense is left to the schemas and never raises.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.check.policies.policy import Pod
from platformc.language.nodes import KeyPath
from platformc.lower import Manifest

RBAC = "rbac.authorization.k8s.io"
CONTROLLERS = frozenset({"DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"})
"""What keeps pods running that never end on their own."""


def mapping(value: Any) -> dict[str, Any]:
    """The map, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The text, or an empty one."""
    return value if isinstance(value, str) else ""


def texts(value: Any) -> list[str]:
    """The texts of a list."""
    return [item for item in sequence(value) if isinstance(item, str)]


def number(value: Any) -> int | None:
    """The whole number; None for anything else, and for true and false."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def below(value: Any, *path: str) -> Any:
    """What stands at a path of keys, or None."""
    for step in path:
        if not isinstance(value, dict):
            return None
        value = value.get(step)
    return value


def labels(value: Any) -> frozenset[tuple[str, str]]:
    """A map of labels as a set of pairs."""
    return frozenset((key, item) for key, item in mapping(value).items() if isinstance(item, str))


def name_of(manifest: Manifest) -> str:
    """The object's name."""
    return text(below(manifest.object, "metadata", "name"))


def namespace_of(manifest: Manifest) -> str:
    """The object's namespace; empty where it has none."""
    return text(below(manifest.object, "metadata", "namespace"))


def kind_of(manifest: Manifest) -> str:
    """The object's kind."""
    kind = manifest.object.get("kind")
    return kind if isinstance(kind, str) else ""  # written out: rules ask for it a hundred thousand times


def group_of(manifest: Manifest) -> str:
    """The object's API group; empty for Kubernetes' core."""
    return text(manifest.object.get("apiVersion")).rpartition("/")[0]


def container_name(container: Mapping[str, Any]) -> str:
    """What to call a container."""
    return text(container.get("name")) or "container"


def containers(pod: Pod, fields: Sequence[str] = ("initContainers", "containers")) -> Iterator[tuple[KeyPath, Any]]:
    """The containers of a pod with their paths, init containers first."""
    for field in fields:
        for position, container in enumerate(sequence(pod.spec.get(field))):
            if isinstance(container, dict):
                yield (*pod.path, field, position), container


def claim_names(pod: Pod) -> Iterator[tuple[KeyPath, str]]:
    """The PersistentVolumeClaims that a pod mounts, each with the place that names it."""
    for position, volume in enumerate(sequence(pod.spec.get("volumes"))):
        claim = text(below(volume, "persistentVolumeClaim", "claimName"))
        if claim:
            yield (*pod.path, "volumes", position, "persistentVolumeClaim", "claimName"), claim
