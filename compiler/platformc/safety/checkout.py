"""checkout: the rendered files of a checkout and the new trees, as two states.

In      the ownership index and the files below the output folder; the new trees, with the way back to the spec.
Out     a Comparison of what differs; the old files can add findings, never change a byte (D11).
Never   reads a file that the index does not list, that a person has edited since, or that stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from platformc.check.policies.object_fields import below, text
from platformc.disk import Disk
from platformc.language import LARGEST_FILE, SourceFile, Sources, read_documents
from platformc.language.nodes import plain
from platformc.lower.argocd import FOLDER
from platformc.origins import Places
from platformc.rendered_folder import INDEX
from platformc.snapshot import Comparison, EnvironmentSnapshot, ListKeys, ObjectKey, Snapshot, SnapshotObject, compare
from platformc.tree import OwnedFile, Tree, digest, parse_index

Files = Mapping[str, tuple[dict[str, Any], str]]
"""Path below an environment's folder -> object and owner."""


def against_rendered(
    sources: Sources, places: Mapping[str, Places], output: Path, trees: Sequence[Tree], *, all_environments: bool
) -> Comparison | None:
    """Compare the trees with the files that they replace; None if there is nothing to compare with.

    An environment that only the index knows is gone, if `all_environments` were rendered.
    """
    content = Disk().read(str(output / INDEX))
    if content is None:
        return None
    index, broken = parse_index(content, INDEX)
    if broken:
        return None  # writing reports it and stops
    base: dict[str, EnvironmentSnapshot] = {}
    head: dict[str, EnvironmentSnapshot] = {}
    known = {tree.environment: tree for tree in trees}
    for name, owned in index.environments.items():
        tree = known.get(name)
        if tree is None and (not all_environments or name in sources.environments):
            continue
        before = dict(_before(output / name, owned.files, tree))
        after = dict(_after(tree, owned.files)) if tree is not None and before else {}
        clusters = _clusters(name, before, after)
        base[name] = EnvironmentSnapshot(name, tuple(_objects(name, before, clusters[0])), clusters[0], None, None)
        if tree is not None:
            objects = tuple(_objects(name, after, clusters[1]))
            head[name] = EnvironmentSnapshot(name, objects, clusters[1], None, places[name])
    for name, tree in known.items() if base.keys() - head.keys() else ():
        if name not in head:  # it may have the objects of the one that is gone
            after = dict(_after(tree, {}))
            cluster = _clusters(name, {}, after)[1]
            head[name] = EnvironmentSnapshot(name, tuple(_objects(name, after, cluster)), cluster, None, places[name])
    before_all = Snapshot("the last render", "", base, None, (), {}, {})
    return compare(before_all, Snapshot("the working tree", "", head, sources, (), {}, {}), ListKeys())


def _before(folder: Path, owned: Mapping[str, OwnedFile], tree: Tree | None) -> Iterator[tuple[str, Any]]:
    """The old objects whose files would change or be removed."""
    for path, file in owned.items():
        new = tree.files.get(path) if tree is not None else None
        if new is not None and digest(new.content) == file.sha256:
            continue
        try:
            content = Disk().beginning(str(folder / path), LARGEST_FILE + 1)
        except OSError:
            continue  # writing reports that
        if content is None or digest(content) != file.sha256:
            continue  # gone, and writing restores it; or a person edited it, and writing reports that
        found = _object(path, content)
        if found is not None:
            yield path, (found, file.owner)


def _after(tree: Tree, owned: Mapping[str, OwnedFile]) -> Iterator[tuple[str, Any]]:
    """The new objects that are not written yet."""
    for path, file in tree.files.items():
        if path not in owned or owned[path].sha256 != digest(file.content):
            found = _object(path, file.content)
            if found is not None:
                yield path, (found, str(file.owner))


def _object(path: str, content: bytes) -> dict[str, Any] | None:
    """The object in a file; None if there is none. A committed index can list any file."""
    try:
        documents, _, complete = read_documents(SourceFile(path, content.decode()))
    except UnicodeDecodeError:
        return None
    found = plain(documents[0].root) if complete and len(documents) == 1 else None
    named = text(below(found, "kind")) and text(below(found, "metadata", "name"))
    return found if named else None


def _objects(environment: str, files: Files, cluster: str) -> Iterator[SnapshotObject]:
    for path, (object_, owner) in files.items():
        application = path.partition("/")[0]
        group = text(object_.get("apiVersion")).rpartition("/")[0]
        metadata = object_["metadata"]
        of_argocd = f"the cluster of the Argo CD of {environment}"
        key = ObjectKey(
            of_argocd if application == FOLDER else cluster,
            group,
            object_["kind"],
            text(metadata.get("namespace")),
            metadata["name"],
        )
        yield SnapshotObject(key, environment, application, f"{environment}/{path}", object_, owner)


def _clusters(environment: str, before: Files, after: Files) -> tuple[str, str]:
    """The cluster of both states, as their Applications say; the same if one of them does not say."""
    old, new = _destination(before), _destination(after)
    fallback = old or new or f"the cluster of {environment}"
    return old or fallback, new or fallback


def _destination(files: Files) -> str:
    for file, (object_, _) in files.items():
        path = text(below(object_, "spec", "source", "path"))
        if file.startswith(f"{FOLDER}/") and path and not path.endswith(f"/{FOLDER}"):
            destination = below(object_, "spec", "destination")
            return f"the cluster {text(below(destination, 'server')) or text(below(destination, 'name'))}"
    return ""
