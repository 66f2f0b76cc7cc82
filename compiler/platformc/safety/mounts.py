"""mounts: which data each container sees at which path.

In      what is known of two states.
Out     transitions: volume-replaced, mount-changed; the volumes that something else takes the place of.
Never   looks at what dies with a pod, or is rendered: empty folders, files of Configs and Secrets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.aws_resources import kind_of
from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.language.nodes import KeyPath
from platformc.rules.data import MOUNT_CHANGED, VOLUME_REPLACED
from platformc.safety.claims import name_of
from platformc.safety.known import WORKLOADS, Known, Object, Pair, document_of, templates_of
from platformc.safety.removals import KEEP_THE_NAME, is_filled
from platformc.safety.transition import Loss, Transition
from platformc.snapshot import ObjectKey, SnapshotObject

POD_PATHS: Mapping[str, tuple[str, ...]] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Pod": ("spec",),
}
TEMPLATE = ("spec", "template", "spec")
"""Where all other kinds have their pods."""
CONTAINERS = ("initContainers", "containers")
WITHOUT_DATA = frozenset({"configMap", "downwardAPI", "emptyDir", "ephemeral", "image", "projected", "secret"})
"""Sources of volumes whose content is rendered, or dies with the pod (Kubernetes API reference, Volume)."""
CLAIM = ("", "PersistentVolumeClaim")
PATHS = "change the path together with the program's own setting for it, or keep it"


@dataclass(frozen=True, slots=True)
class Volume:
    """Something with data that pods can mount."""

    claim: str
    """The name of its PersistentVolumeClaim; empty for other sources."""
    source: str
    """What distinguishes it from others."""
    namespace: str

    def words(self, other: Volume | None = None) -> str:
        """For people; with the namespace if it is what distinguishes it from another one."""
        name = self.claim or self.source
        is_alike = other is not None and (other.claim, other.source) == (self.claim, self.source)
        return f"the volume {self.namespace}/{name}" if is_alike else f"the volume {name}"


@dataclass(frozen=True, slots=True)
class Mount:
    """One place of data in a container."""

    volume: Volume
    sub_path: str
    place: KeyPath


@dataclass(frozen=True, slots=True)
class Mounted:
    """What comes of comparing all mounts."""

    transitions: tuple[Transition, ...]
    replaced: frozenset[ObjectKey]
    """The claims of volumes that something else takes the place of."""


def judge(known: Known) -> Mounted:
    """Compare what every container of both states sees."""
    created = {one.key: one for one in known.created}
    gone = {one.key for one in known.deleted}
    found: list[Transition] = []
    replaced: set[ObjectKey] = set()
    for pair in known.pairs:
        if (pair.before.key.group, pair.before.key.kind) not in WORKLOADS or pair.before.environment in known.rehosted:
            continue
        for transition, old in _compare(pair, created, gone):
            found.append(transition)
            if old is not None:
                replaced.add(old)
    return Mounted(tuple(found), frozenset(replaced))


def _compare(
    pair: Pair, created: Mapping[ObjectKey, SnapshotObject], gone: set[ObjectKey]
) -> Iterator[tuple[Transition, ObjectKey | None]]:
    """Yield what a container no longer finds where it was, with the key of the claim that is out of use."""
    names = _former_names(pair)
    before, after = _mounts(pair.before, {}), _mounts(pair.after, names)
    elsewhere = {(container, mount.volume): (path, mount) for (container, path), mount in after.items()}
    for (container, path), old in before.items():
        new = after.get((container, path))
        key = _key(pair.before, old.volume)
        if new is not None and new.volume == old.volume:
            if new.sub_path != old.sub_path:
                words = f"subPath at {path} goes from {old.sub_path or 'nothing'} to {new.sub_path or 'nothing'}"
                yield _mount_changed(pair, old, (*new.place, "subPath"), words), None
        elif new is not None:
            transition = _volume_replaced(pair, old, new, path, created)
            if transition is not None:
                yield transition, key
        elif (container, old.volume) in elsewhere:
            now, mount = elsewhere[container, old.volume]
            if (container, now) not in before:
                words = f"{old.volume.words()} is mounted at {now} instead of {path}"
                yield _mount_changed(pair, old, (*mount.place, "mountPath"), words), None
        elif key not in gone and container in names.values():
            words = f"{old.volume.words()} is no longer mounted at {path}"
            yield _mount_changed(pair, old, None, words), None


def _mount_changed(pair: Pair, old: Mount, place: KeyPath | None, words: str) -> Transition:
    name = name_of(pair.after.object)
    return Transition(
        MOUNT_CHANGED,
        Loss.LOST,
        pair.after.environment,
        pair.after.key,
        f"{name}: {words}",
        PATHS,
        old.place,
        place,
        document=document_of(pair.after.owner),
    )


def _volume_replaced(
    pair: Pair, old: Mount, new: Mount, path: str, created: Mapping[ObjectKey, SnapshotObject]
) -> Transition | None:
    """A container that finds another volume where its data was; None if the new one is made from a disk with data."""
    key = _key(pair.after, new.volume)
    made = created.get(key) if key is not None else None
    if made is not None and is_filled(made.object):
        return None
    is_new = made is not None or (bool(templates_of(pair.after.object)) and new.volume.claim != "")
    words = f"{new.volume.words(old.volume)} instead of {old.volume.words(new.volume)} at {path}"
    state = "which is new and empty" if is_new else "which has other data"
    return Transition(
        VOLUME_REPLACED,
        Loss.LOST,
        pair.after.environment,
        pair.after.key,
        f"{name_of(pair.after.object)}: it finds {words}, {state}",
        KEEP_THE_NAME,
        old.place,
        new.place,
        at=pair.moved.at if pair.moved is not None else None,
        document=pair.moved.resource.id if pair.moved is not None else document_of(pair.after.owner),
    )


def _key(one: SnapshotObject, volume: Volume) -> ObjectKey | None:
    return ObjectKey(one.key.cluster, *CLAIM, volume.namespace, volume.claim) if volume.claim else None


def _pod(object_: Object) -> tuple[KeyPath, Mapping[str, Any]]:
    path = POD_PATHS.get(kind_of(object_), TEMPLATE)
    return path, mapping(below(dict(object_), *path))


def _containers(one: SnapshotObject) -> list[str]:
    _, pod = _pod(one.object)
    return [text(mapping(each).get("name")) for field in CONTAINERS for each in sequence(pod.get(field))]


def _former_names(pair: Pair) -> Mapping[str, str]:
    """The containers of the new pods -> what they were called: a workload's only container is called like it."""
    before, after = _containers(pair.before), _containers(pair.after)
    found = {name: name for name in after}
    gone, new = ([name for name in one if name not in other] for one, other in ((before, after), (after, before)))
    return {**found, **dict(zip(new, gone, strict=False))}


def _mounts(one: SnapshotObject, names: Mapping[str, str]) -> Mapping[tuple[str, str], Mount]:
    """Container, as it is called in the old pods, and path -> the data there."""
    path, pod = _pod(one.object)
    volumes = dict(_volumes(one, pod))
    found: dict[tuple[str, str], Mount] = {}
    for field in CONTAINERS:
        for index, container in enumerate(map(mapping, sequence(pod.get(field)))):
            for position, mount in enumerate(map(mapping, sequence(container.get("volumeMounts")))):
                volume = volumes.get(text(mount.get("name")))
                if volume is not None:
                    place: KeyPath = (*path, field, index, "volumeMounts", position)
                    sub_path = text(mount.get("subPath")) or text(mount.get("subPathExpr"))
                    name = text(container.get("name"))
                    key = names.get(name, name), text(mount.get("mountPath")).rstrip("/")
                    found[key] = Mount(volume, sub_path.strip("/"), place)
    return found


def _volumes(one: SnapshotObject, pod: Mapping[str, Any]) -> Iterator[tuple[str, Volume]]:
    """The pod's volumes with data, by their names in it."""
    namespace = one.key.namespace
    for volume in map(mapping, sequence(pod.get("volumes"))):
        name = text(volume.get("name"))
        sources = {key: value for key, value in volume.items() if key != "name" and key not in WITHOUT_DATA}
        claim = text(below(sources, "persistentVolumeClaim", "claimName"))
        if claim:
            yield name, Volume(claim, "", namespace)
        elif sources:
            yield name, Volume("", json.dumps(sources, sort_keys=True, default=str), "")
    if kind_of(one.object) == "StatefulSet":
        for template in templates_of(one.object):
            name = text(below(template, "metadata", "name"))
            # Kubernetes, StatefulSet: claims are called TEMPLATE-STATEFULSET-ORDINAL; the first stands for all.
            yield name, Volume(f"{name}-{one.key.name}-0", "", namespace)
