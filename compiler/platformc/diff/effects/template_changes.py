"""template_changes: what of a pod template differs, so that its controller replaces pods, in words.

In      an ObjectChange, the Comparison that it is part of.
Out     Reasons: `the image`, `the file of the Config settings`, each with the values that it was judged from.
Never   takes a difference of text for one of meaning: equal quantities and defaults are stored alike, but the order of a
        list is not.

Sources: Kubernetes v1.34. A Deployment compares templates with apiequality.Semantic.DeepEqual (EqualIgnoreHash in
pkg/controller/deployment/util/deployment_util.go), a StatefulSet and a DaemonSet their encoded bytes (EqualRevision in
pkg/controller/history/controller_history.go), all of them after the API server has set defaults and stored quantities
in their canonical form. For both the order of a list counts, also of one that is merged by keys:
structured-merge-diff's typed/merge.go takes the order of what is applied. e2e/test_server_side_apply.py proves it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.diff.effect import Basis
from platformc.diff.effects.pods import template_of, template_path
from platformc.diff.effects.syncing import names_in
from platformc.language.nodes import KeyPath
from platformc.link import EdgeKind
from platformc.lower.checksums import CONFIG, FILES, RESTART, SECRETS
from platformc.snapshot import Comparison, FieldChange, ObjectChange, ObjectKey

SEALED = "bitnami.com"
CONTAINERS = ("containers", "initContainers")
FIELDS: Mapping[str, str] = {
    "args": "the command",
    "command": "the command",
    "image": "the image",
    "imagePullPolicy": "when the image is pulled",
    "envFrom": "the sources of the environment",
    "lifecycle": "what runs at the start and the end",
    "livenessProbe": "the liveness probe",
    "ports": "the ports",
    "readinessProbe": "the readiness probe",
    "resources": "requests and limits",
    "securityContext": "the security context",
    "startupProbe": "the startup probe",
    "volumeMounts": "what is mounted",
    "affinity": "where its pods may run",
    "imagePullSecrets": "the pull secrets",
    "nodeSelector": "where its pods may run",
    "serviceAccountName": "the service account",
    "terminationGracePeriodSeconds": "the time to stop",
    "tolerations": "where its pods may run",
    "topologySpreadConstraints": "how its pods are spread",
    "volumes": "the volumes",
}
"""Field of a container or a pod -> words for it."""
FIRST = "the image"
"""What is named first, whatever else changes."""
TOGETHER: Mapping[str, str] = {
    "the annotation ": "annotations",
    "the environment variable ": "environment variables",
    "the label ": "labels",
}
"""How several alike are called."""
PLURAL = (
    "requests and",
    "the Configs ",
    "the containers",
    "the environment variables",
    "the files of ",
    "the keys ",
    "the ports",
    "the pull secrets",
    "the sources of ",
    "the volumes",
    "the workloads ",
    "which keys ",
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that changes in a pod template."""

    words: str
    basis: tuple[Basis, ...]
    fields: tuple[FieldChange, ...]


def reasons_of(change: ObjectChange, comparison: Comparison) -> tuple[Reason, ...]:
    """Why the pods of a changed object are not the same; empty if they are."""
    if change.before is None or change.after is None:
        return ()
    path = template_path(change.after.object)
    if path is None or template_path(change.before.object) != path:
        return ()
    found: dict[str, list[FieldChange]] = {}
    changed = [field for field in change.fields if _is_below(field, path) and not field.same]
    for field in changed:
        for words in _words(change, comparison, _inside(field, path), field):
            found.setdefault(words, []).append(field)
    reasons = [
        Reason(
            words,
            tuple(Basis(change.key, field.before_path, field.after_path) for field in fields),
            tuple(fields),
        )
        for words, fields in found.items()
    ]
    if not reasons:  # values that differ name their lists as well
        for place in reordered(template_of(change.before.object), template_of(change.after.object)):
            words = f"the order of {_of_list(place)}"
            whole = (*path, *place)
            reasons.append(Reason(words, (Basis(change.key, whole, whole),), _in_order(change, whole)))
    return tuple(sorted(reasons, key=lambda reason: not reason.words.startswith(FIRST)))


def in_words(reasons: tuple[Reason, ...], most: int = 3) -> str:
    """`the image and the volumes change`; beyond a few, only their number."""
    names = list(dict.fromkeys(reason.words for reason in reasons))
    for one, several in TOGETHER.items():
        alike = [name for name in names if name.startswith(one)]
        if len(alike) > 1:
            place = names.index(alike[0])
            names = [name for name in names if name not in alike]
            names.insert(place, f"{len(alike)} {several}")
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more values"]
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{joined} {'changes' if len(names) == 1 and not is_plural(names[0]) else 'change'}"


def is_plural(words: str) -> bool:
    """Whether its verb is in the plural."""
    return words.startswith(PLURAL) or words[0].isdigit()


def reordered(before: Any, after: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """Yield the lists with the same items in another order; items with names are the same if their names are."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in after.items():
            if key in before:
                yield from reordered(before[key], value, (*path, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        old, new = [_identity(each) for each in before], [_identity(each) for each in after]
        if old != new and sorted(old) == sorted(new):
            yield path
        elif old == new:
            for position, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from reordered(one, other, (*path, position))


def _identity(item: Any) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return f"name {name}" if isinstance(name, str) else repr(_sorted(item))


def _sorted(item: Any) -> Any:
    """The same for equal items, however their keys are ordered; keys can be anything."""
    if isinstance(item, dict):
        return sorted((repr(key), _sorted(value)) for key, value in item.items())
    return [_sorted(each) for each in item] if isinstance(item, list) else repr(item)


def _is_below(field: FieldChange, path: KeyPath) -> bool:
    return _longer(field)[: len(path)] == path


def _longer(field: FieldChange) -> KeyPath:
    """The path of the value itself: on the side where it is absent, it ends at its nearest ancestor."""
    return field.after_path if len(field.after_path) >= len(field.before_path) else field.before_path


def _inside(field: FieldChange, path: KeyPath) -> KeyPath:
    return _longer(field)[len(path) :]


def _in_order(change: ObjectChange, path: KeyPath) -> tuple[FieldChange, ...]:
    return tuple(field for field in change.fields if path in (field.before_path, field.after_path))


def _of_list(path: KeyPath) -> str:
    named = [step for step in path if isinstance(step, str)]
    return {"env": "the environment variables"}.get(named[-1], f"`{named[-1]}`") if named else "a list"


def _words(change: ObjectChange, comparison: Comparison, path: KeyPath, field: FieldChange) -> Iterator[str]:
    """What a path in a pod template stands for."""
    match path:
        case ("metadata", "annotations", str(name), *_):
            yield from _of_annotation(change, comparison, name, field)
        case ("metadata", "labels", str(name), *_):
            yield f"the label {name}"
        case ("metadata", *_):
            for part, word in (("annotations", "the annotation"), ("labels", "the label")):
                names = _keys_of(field, part, path)
                yield from (f"{word} {name}" for name in names)
            if path[1:2] not in (("annotations",), ("labels",), ()):
                yield f"`{path[-1]}`"
        case ("spec", "containers" | "initContainers" as kind, int(position), *rest):
            yield from _of_container(change, kind, position, tuple(rest), field)
        case ("spec", "containers", *_):
            yield "the containers"
        case ("spec", "initContainers", *_):
            yield "what runs before it"
        case ("spec", str(name), *_):
            yield FIELDS.get(name, f"`{name}`")
        case _:
            yield "its pod template"


def _keys_of(field: FieldChange, part: str, path: KeyPath) -> list[str]:
    """The names of annotations or labels that appear or disappear at once."""
    values = [mapping(value) for value in (field.before, field.after)]
    inside = [mapping(value.get(part)) if path == ("metadata",) else value for value in values]
    if path not in (("metadata",), ("metadata", part)):
        return []
    return [str(key) for key in {**inside[0], **inside[1]}]


def _of_container(change: ObjectChange, kind: str, position: int, rest: KeyPath, field: FieldChange) -> Iterator[str]:
    """The words of a field of a container; its name where the pod has several."""
    side = change.after if _longer(field) == field.after_path else change.before
    containers = sequence(below(template_of(side.object), "spec", kind)) if side is not None else []
    container = mapping(containers[position]) if position < len(containers) else {}
    name = text(container.get("name"))
    several = len(containers) > 1 or kind == "initContainers"
    owner = f" of the container {name}" if several and name else ""
    if not rest or rest == ("name",):
        yield f"the container {name}" if name else "a container"
    elif rest[0] == "env":
        entries = sequence(container.get("env"))
        entry = (
            mapping(entries[rest[1]]) if len(rest) > 1 and isinstance(rest[1], int) and rest[1] < len(entries) else {}
        )
        variable = text(entry.get("name"))
        yield f"the environment variable {variable}{owner}" if variable else f"the environment variables{owner}"
    else:
        yield f"{FIELDS.get(str(rest[0]), f'`{rest[0]}`')}{owner}"


def _of_annotation(change: ObjectChange, comparison: Comparison, name: str, field: FieldChange) -> Iterator[str]:
    """What a checksum stands for: the documents whose change it brings to the pods."""
    if name == CONFIG:
        yield _named("the Config", "the Configs", _changed(change, comparison, _configs(change), ("", "ConfigMap")))
    elif name == FILES:
        found = _changed(change, comparison, secrets_of(change), (SEALED, "SealedSecret"))
        yield _named("the files of the Secret", "the files of the Secrets", found)
    elif name == SECRETS:
        yield _of_revisions(field)
    elif name == RESTART:
        yield _of_restarts(change, comparison)
    else:
        yield f"the annotation {name}"


def _named(one: str, several: str, names: list[str]) -> str:
    if not names:
        return f"{one} that it reads"
    return f"{one} {names[0]}" if len(names) == 1 else f"{several} {', '.join(names)}"


def _changed(change: ObjectChange, comparison: Comparison, names: set[str], kind: tuple[str, str]) -> list[str]:
    """Those of the objects that a pod reads which change themselves."""
    group, word = kind
    keys = [ObjectKey(change.key.cluster, group, word, change.key.namespace, name) for name in sorted(names)]
    return [key.name for key in keys if key in comparison.by_key]


def _templates(change: ObjectChange) -> list[dict[str, Any]]:
    return [mapping(template_of(side.object).get("spec")) for side in (change.before, change.after) if side is not None]


def _configs(change: ObjectChange) -> set[str]:
    return _read(change, ("configMap", "name"), "configMapRef", "configMapKeyRef")


def secrets_of(change: ObjectChange) -> set[str]:
    """The Secrets that the pods of an object read, before and after."""
    return _read(change, ("secret", "secretName"), "secretRef", "secretKeyRef")


def _read(change: ObjectChange, volume: tuple[str, str], whole: str, key: str) -> set[str]:
    """The names of what pods read in files and in their environment, before and after."""
    found: set[str] = set()
    for pod in _templates(change):
        found |= {name for each in sequence(pod.get("volumes")) if (name := text(below(each, *volume)))}
        for kind in CONTAINERS:
            for container in map(mapping, sequence(pod.get(kind))):
                found |= set(names_in([below(each, whole) for each in sequence(container.get("envFrom"))], "name"))
                sources = [below(each, "valueFrom", key) for each in sequence(container.get("env"))]
                found |= set(names_in(sources, "name"))
    return found


def _of_revisions(field: FieldChange) -> str:
    """The keys whose revision differs: `redis.password=1,redis.user=2` -> `the key redis.password`."""
    before, after = (_revisions(value) for value in (field.before, field.after))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rotated = [name for name in names if name in before and name in after]
    if names and not rotated:
        return _named("which key it reads:", "which keys it reads:", names)
    return _named("the key", "the keys", rotated)


def _revisions(value: Any) -> dict[str, str]:
    entries = [each.rpartition("=") for each in text(value).split(",") if each]
    return {name: revision for name, _, revision in entries}


def _of_restarts(change: ObjectChange, comparison: Comparison) -> str:
    """The workloads that it restarts with, as the graph knows them."""
    names: set[str] = set()
    for side, snapshot in ((change.before, comparison.base), (change.after, comparison.head)):
        program = snapshot.program(side.environment) if side is not None else None
        if program is not None and side is not None:
            owner = next((identity for identity in program.outgoing if str(identity) == side.owner), None)
            edges = program.edges_from(owner, EdgeKind.RESTART) if owner is not None else ()
            names |= {edge.target.name for edge in edges}
    restarted = [
        name
        for name in sorted(names)
        if any(
            (found := comparison.by_key.get(ObjectKey(change.key.cluster, "apps", kind, change.key.namespace, name)))
            and found.fields
            for kind in ("Deployment", "StatefulSet")
        )
    ]
    return _named("the workload", "the workloads", restarted).replace(" that it reads", " that it restarts with")
