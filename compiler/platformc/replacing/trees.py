"""Replaced: a new tree compared with the one that it replaces, before anything is written (D11).

In      the ownership index and the files below rendered/, the new trees.
Out     findings; the old tree can add findings, never change a byte.
Finds   immutable-field, ttl-dropped, volume-shrinks, data-removed.
Never   reads a file that the index does not list, or that a person has edited since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformc.check.policies.object_fields import mapping, sequence
from platformc.diagnostics import Finding, Span
from platformc.disk import Disk
from platformc.language import LARGEST_FILE, Kinds, Resource, SourceFile, read_documents
from platformc.language.aws_facts import ClaimFacts, Data
from platformc.language.models.base import DocumentSpec
from platformc.language.models.types import memory_bytes
from platformc.language.nodes import KeyPath, plain
from platformc.link import Program
from platformc.lower import Manifest
from platformc.lower.claim import GROUP
from platformc.origins import Places
from platformc.rendered_folder import INDEX
from platformc.replacing.claims import Claims, claims_of, known_claim, left_behind
from platformc.rules import Rule
from platformc.rules.output import DATA_REMOVED, IMMUTABLE_FIELD, VOLUME_SHRINKS
from platformc.tree import OwnedFile, Tree, digest, parse_index

# Immutable fields, and what to do instead (Kubernetes API reference, "immutable").
NEW_OBJECT = "the field is immutable in Kubernetes: rename the workload, or delete the old object by hand first"
IMMUTABLE: Mapping[str, tuple[tuple[KeyPath, str], ...]] = {
    "Deployment": ((("spec", "selector"), NEW_OBJECT),),
    "StatefulSet": (
        (("spec", "selector"), NEW_OBJECT),
        (("spec", "serviceName"), NEW_OBJECT),
        (("spec", "volumeClaimTemplates"), NEW_OBJECT),
    ),
    "PersistentVolumeClaim": (
        (("spec", "storageClassName"), NEW_OBJECT),
        (("spec", "accessModes"), NEW_OBJECT),
    ),
    "Service": ((("spec", "clusterIP"), NEW_OBJECT),),
    "RoleBinding": ((("roleRef",), NEW_OBJECT),),
    "ClusterRoleBinding": ((("roleRef",), NEW_OBJECT),),
}
GROUPS = frozenset({"", "apps", "rbac.authorization.k8s.io", GROUP})
"""The API groups of all these kinds: in other groups, a Queue or a Service is something else."""
HOLDS_DATA = ("Namespace", "PersistentVolumeClaim")
"""Kinds with data on the cluster; for claims their records say so."""


@dataclass(frozen=True, slots=True)
class _Old:
    """One file of the old tree."""

    path: str
    owner: str
    object: dict[str, Any]

    @property
    def name(self) -> str:
        """KIND NAME, for people."""
        return f"{self.object['kind']} {self.object['metadata']['name']}"


@dataclass(frozen=True, slots=True)
class _Problem:
    """One problem of a replacement."""

    rule: Rule
    path: str
    """The file, below rendered/<environment>/."""
    place: KeyPath
    message: str
    hint: str


def check_replaced(
    places: Mapping[str, Places], kinds: Kinds, output: Path, prefix: str, trees: Sequence[Tree]
) -> tuple[Finding, ...]:
    """Return what replacing the files below `output` by the trees would break; findings show the folder as `prefix`."""
    content = Disk().read(str(output / INDEX))
    if content is None:
        return ()
    index, broken = parse_index(content, f"{prefix}/{INDEX}")
    if broken:
        return ()  # writing reports it and stops
    claims = claims_of(kinds)
    found: list[Finding] = []
    for tree in trees:
        owned = index.environments.get(tree.environment)
        if owned is None:
            continue
        old = list(_old(output / tree.environment, owned.files, tree))
        if old:
            found += _compare(places[tree.environment], claims, f"{prefix}/{tree.environment}", tree, old)
    return tuple(found)


def _old(folder: Path, owned: Mapping[str, OwnedFile], tree: Tree) -> Iterator[_Old]:
    """The old objects whose files would change or be removed."""
    for path, file in owned.items():
        new = tree.files.get(path)
        if new is not None and digest(new.content) == file.sha256:
            continue
        try:
            content = Disk().beginning(str(folder / path), LARGEST_FILE + 1)
        except OSError:
            continue  # writing reports that
        if content is None or digest(content) != file.sha256:
            continue  # gone, and writing restores it; or a person edited it, and writing reports that
        found = _object(path, content)
        if found is not None and str(found.get("apiVersion")).rpartition("/")[0] in GROUPS:
            yield _Old(path, file.owner, found)


def _object(path: str, content: bytes) -> dict[str, Any] | None:
    """The object in a file; None if there is none. A committed index can list any file."""
    try:
        documents, _, complete = read_documents(SourceFile(path, content.decode()))
    except UnicodeDecodeError:
        return None
    found = plain(documents[0].root) if complete and len(documents) == 1 else None
    named = isinstance(_at(found, ("kind",)), str) and isinstance(_at(found, ("metadata", "name")), str)
    return found if named else None


def _compare(places: Places, claims: Claims, folder: str, tree: Tree, old: Sequence[_Old]) -> list[Finding]:
    problems: list[_Problem] = []
    removed: list[_Old] = []
    for one in old:
        new = tree.files.get(one.path)
        if new is None:
            removed.append(one)
            continue
        after = _object(one.path, new.content)
        if after is not None:
            problems += _changes(one, after, known_claim(claims, one.object))
    removed = [one for one in removed if _holds_data(one, claims)]
    if not problems and not removed:
        return []
    found = [*_placed(places, folder, tree, problems), *_removals(places, folder, removed, claims)]
    return [replace(finding, environment=tree.environment) for finding in found]


def _holds_data(old: _Old, claims: Claims) -> bool:
    claim = known_claim(claims, old.object)
    return claim.data is not None if claim is not None else old.object["kind"] in HOLDS_DATA


def _changes(old: _Old, new: dict[str, Any], claim: ClaimFacts | None) -> Iterator[_Problem]:
    immutable = IMMUTABLE.get(old.object["kind"], ())
    if claim is not None:
        immutable = tuple((field.claim, field.hint) for field in claim.immutable)
    for path, hint in immutable:
        before, after = _at(old.object, path), _at(new, path)
        if path[-1] == "volumeClaimTemplates":
            before, after = _without_sizes(before), _without_sizes(after)
        if before != after:
            place, old_value, new_value = _difference(before, after, path)
            what = ".".join(map(str, path))
            scalars = not isinstance(old_value, dict | list) and not isinstance(new_value, dict | list)
            shown = f" from {_shown(old_value)} to {_shown(new_value)}" if scalars else ""
            yield _Problem(IMMUTABLE_FIELD, old.path, place, f"{old.name}: {what} cannot change{shown}", hint)
    further = claim.changes(mapping(old.object.get("spec")), mapping(new.get("spec"))) if claim is not None else ()
    for change in further:
        yield _Problem(change.rule, old.path, change.place, f"{old.name}: {change.message}", change.hint)
    for place, before, after in _sizes(old.object, new):
        if _is_smaller(after, before):
            message = f"{old.name}: a volume cannot shrink from {before} to {after}"
            yield _Problem(
                VOLUME_SHRINKS, old.path, place, message, f"write {before}, or create a new volume and copy the data"
            )


def _sizes(old: dict[str, Any], new: dict[str, Any]) -> Iterator[tuple[KeyPath, str, str]]:
    """The sizes of the volumes that both have: path, before, after. Raw manifests and patches can have any shape."""
    size: KeyPath = ("spec", "resources", "requests", "storage")
    if old["kind"] == "PersistentVolumeClaim":
        yield size, str(_at(old, size)), str(_at(new, size))
    if old["kind"] == "StatefulSet":
        known = {str(_at(one, ("metadata", "name"))): one for one in _templates(old)}
        for position, one in enumerate(_templates(new)):
            before = known.get(str(_at(one, ("metadata", "name"))))
            if before is not None:
                yield ("spec", "volumeClaimTemplates", position, *size), str(_at(before, size)), str(_at(one, size))


def _is_smaller(size: str, other: str) -> bool:
    """Whether one size is less than another; sizes in forms that no spec has are not compared."""
    try:
        return memory_bytes(size) < memory_bytes(other)
    except ValueError:
        return False


def _templates(stateful_set: dict[str, Any]) -> list[Any]:
    return sequence(_at(stateful_set, ("spec", "volumeClaimTemplates")))


def _without_sizes(templates: Any) -> Any:
    """Volume claim templates without their sizes, which have a rule of their own."""
    return [
        {
            "metadata": _at(one, ("metadata",)),
            "spec": {key: value for key, value in mapping(_at(one, ("spec",))).items() if key != "resources"},
        }
        for one in sequence(templates)
    ]


def _difference(before: Any, after: Any, path: KeyPath) -> tuple[KeyPath, Any, Any]:
    """The first leaf that differs: path, before, after."""
    if isinstance(before, dict) and isinstance(after, dict):
        steps: list[str | int] = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        return _difference(before.get(steps[0]), after.get(steps[0]), (*path, steps[0]))
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        position = next(index for index, one in enumerate(before) if one != after[index])
        return _difference(before[position], after[position], (*path, position))
    return path, before, after


def _at(value: Any, path: KeyPath) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _placed(places: Places, folder: str, tree: Tree, problems: Sequence[_Problem]) -> Iterator[Finding]:
    for problem in problems:
        application = problem.path.partition("/")[0]
        manifest = places.manifest(application, tree.files[problem.path].id)
        owner = places.program.resources[manifest.owner]
        if isinstance(owner.spec, DocumentSpec) and any(entry.rule == problem.rule.id for entry in owner.spec.allow):
            continue
        related = ((Span(f"{folder}/{problem.path}"), "the rendered file that changes"),)
        at = places.place(manifest, problem.place)
        yield problem.rule.at(at, problem.message, problem.hint, related=related)


def _removals(places: Places, folder: str, removed: Sequence[_Old], claims: Claims) -> Iterator[Finding]:
    """Objects with data that would be removed, unless a document was `moved` from there."""
    moved = _moved(places.program)
    for one in removed:
        at = Span(f"{folder}/{one.path}")
        message = f"{one.name} is no longer rendered"
        hint = f"{_fate(one.object)}; if it was renamed, add `moved`"
        if one.owner in moved:
            resource, entry = moved[one.owner]
            claim = known_claim(claims, one.object)
            data = claim.data if claim is not None else None
            successor = _successor(one, places.manifests, resource, data)
            lost = left_behind(data, one.object, successor.object) if successor is not None and data else None
            if lost is None:
                continue
            at, message, hint = resource.at("moved", entry, "from"), f"{one.name}: {lost[0]}", lost[1]
        yield DATA_REMOVED.at(at, message, hint)


def _fate(old: dict[str, Any]) -> str:
    """What happens to a removed object and to its data."""
    if old["kind"] == "PersistentVolumeClaim":
        return "it stays on the cluster, with its disk, until someone deletes it by hand"
    if old["kind"] == "Namespace":
        return "Argo CD asks before it deletes it and everything in it"
    if _at(old, ("spec", "deletionPolicy")) == "Delete":
        return "Argo CD asks before it deletes the claim, and with it the resource in AWS (deletionPolicy: Delete)"
    return "Argo CD asks before it deletes the claim; the resource in AWS stays"


def _moved(program: Program) -> dict[str, tuple[Resource[Any], int]]:
    """Former owners of files -> the document that replaces them, and its entry in `moved`."""
    found = {}
    for resource in program.resources.values():
        if isinstance(resource.spec, DocumentSpec):
            for position, entry in enumerate(resource.spec.moved):
                word, _, name = entry.from_.partition(".")
                if word == resource.kind.word:
                    found[f"{resource.id.kind} {resource.id.application}/{name}"] = (resource, position)
    return found


def _successor(old: _Old, manifests: Sequence[Manifest], owner: Resource[Any], data: Data | None) -> Manifest | None:
    """The object that replaces an old one: of a queue's two, the one for the same part."""
    part = data.part if data is not None else None
    for manifest in manifests:
        new = manifest.object
        same_part = part is None or (_at(new, part) is None) == (_at(old.object, part) is None)
        if manifest.owner == owner.id and new["kind"] == old.object["kind"] and same_part:
            return manifest
    return None
