"""checkout: the rendered files of a checkout and the new trees, as two states.

In      the ownership index and the files below the output folder; the new trees, with the way back to the spec.
Out     a Comparison of what differs; the old files can add findings, never change a byte (D11).
Never   reads a file that the index does not list, that a person has edited since, or that stays as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from platformc.disk import Disk
from platformc.language import LARGEST_FILE, Sources
from platformc.lower.argocd import FOLDER
from platformc.origins import Places
from platformc.rendered_folder import INDEX
from platformc.snapshot import Comparison, EnvironmentSnapshot, ListKeys, Snapshot, compare, snapshot_of_files
from platformc.tree import OwnedFile, Tree, digest, parse_index

File = tuple[bytes, str]
"""Content and owner."""
BASE, HEAD = "the last render", "the working tree"


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
    new = {tree.environment: tree for tree in trees}
    owned = {
        name: environment.files
        for name, environment in index.environments.items()
        if name in new or (all_environments and name not in sources.environments)
    }
    before = {
        f"{name}/{path}": file
        for name, files in owned.items()
        for path, file in _before(output / name, files, new.get(name))
    }
    is_gone = not owned.keys() <= new.keys()  # then a new environment may have its objects
    after = {
        f"{name}/{path}": file
        for name, tree in new.items()
        if is_gone or name in owned
        for path, file in _after(tree, owned.get(name, {}))
    }
    if not before and not after:
        return None
    base, head = _snapshots(before, after)
    return compare(_with(base, owned.keys(), {}, None), _with(head, new.keys(), places, sources), ListKeys())


def _before(folder: Path, owned: Mapping[str, OwnedFile], tree: Tree | None) -> Iterator[tuple[str, File]]:
    """The old files that would change or be removed."""
    for path, file in owned.items():
        new = tree.files.get(path) if tree is not None else None
        if new is not None and digest(new.content) == file.sha256:
            continue
        try:
            content = Disk().beginning(str(folder / path), LARGEST_FILE + 1)
        except OSError:
            continue  # writing reports that
        if content is not None and digest(content) == file.sha256:  # else it is gone, or a person edited it
            yield path, (content, file.owner)


def _after(tree: Tree, owned: Mapping[str, OwnedFile]) -> Iterator[tuple[str, File]]:
    """The new files that are not written yet."""
    for path, file in tree.files.items():
        if path not in owned or owned[path].sha256 != digest(file.content):
            yield path, (file.content, file.owner)


def _snapshots(before: Mapping[str, File], after: Mapping[str, File]) -> tuple[Snapshot, Snapshot]:
    """Both states. Applications name the cluster: where only one state has some, the other has the same cluster."""
    applications = {path: file for path, file in after.items() if path.split("/")[1] == FOLDER}
    base = _snapshot(before, BASE, _snapshot(applications, HEAD, None))
    return base, _snapshot(after, HEAD, base)


def _snapshot(files: Mapping[str, File], label: str, like: Snapshot | None) -> Snapshot:
    contents = {path: content for path, (content, _) in files.items()}
    return snapshot_of_files(contents, label, like=like, owners={path: owner for path, (_, owner) in files.items()})


def _with(
    snapshot: Snapshot, environments: Collection[str], places: Mapping[str, Places], sources: Sources | None
) -> Snapshot:
    """A snapshot with these environments, also those without a file that differs, and with the way to the spec."""
    known = snapshot.environments
    made = {
        name: replace(known[name], places=places.get(name))
        if name in known
        else EnvironmentSnapshot(name, (), "", None, places.get(name))
        for name in environments
    }
    return replace(snapshot, environments=made, sources=sources)
