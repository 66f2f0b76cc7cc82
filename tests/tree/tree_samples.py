"""Small trees, snapshots of folders, and a file system that lets a test act between two operations."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from platformc.disk import Disk, EntryKind
from platformc.language.document import DocumentId
from platformc.lower.manifest import Manifest
from platformc.tree import Tree, build

JOURNAL_FOLDER = ".platformc"


def config(name: str, text: str, application: str = "stoat", namespace: str = "stoat") -> Manifest:
    """A ConfigMap with one text."""
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"text": text}}
    return Manifest(manifest, DocumentId("Config", application, name), application)


def tree(environment: str, **texts: str) -> Tree:
    """A tree of one ConfigMap for each name; the part of a name before `__` is its application."""
    manifests = []
    for name, text in texts.items():
        application, _, rest = name.rpartition("__")
        manifests.append(config(rest, text, application or "stoat"))
    return build(environment, manifests)


OLD_TREES = (
    tree("production", same="1", changed="old", removed="1", gone__left="1"),
    tree("staging", same="1", removed="2"),
)
NEW_TREES = (
    tree("production", same="1", changed="new", added="1", edge__more="2"),
    tree("development", same="1"),
)


def path_of(environment: str, name: str, application: str = "stoat") -> str:
    """Where the ConfigMap of a name goes, below rendered/."""
    return f"{environment}/{application}/stoat/configmap-{name}.yaml"


def snapshot(folder: Path) -> dict[str, str]:
    """All files below a folder with their text; symlinks with what they point to."""
    result = {}
    for parent, folders, files in os.walk(folder):
        for name in files + [name for name in folders if Path(parent, name).is_symlink()]:
            path = Path(parent, name)
            link = path.is_symlink()
            result[path.relative_to(folder).as_posix()] = f"-> {path.readlink()}" if link else path.read_text("utf-8")
    return result


class Watched:
    """The real disk, with a call before every operation that changes something."""

    def __init__(self, before: Callable[[str, str], None]) -> None:
        self._disk = Disk()
        self._before = before

    def kind(self, path: str) -> EntryKind | None:
        """As on the disk."""
        return self._disk.kind(path)

    def entries(self, folder: str) -> Sequence[tuple[str, EntryKind]]:
        """As on the disk."""
        return self._disk.entries(folder)

    def read(self, path: str) -> bytes | None:
        """As on the disk."""
        return self._disk.read(path)

    def digest(self, path: str) -> str | None:
        """As on the disk."""
        return self._disk.digest(path)

    def create(self, path: str, content: bytes) -> None:
        """Watched."""
        self._before("create", path)
        self._disk.create(path, content)

    def flush(self, paths: Sequence[str]) -> None:
        """Watched."""
        self._before("flush", paths[0])
        self._disk.flush(paths)

    def move(self, source: str, target: str) -> None:
        """Watched at both ends: `take` with the source, then `move` with the target."""
        self._before("take", source)
        self._before("move", target)
        self._disk.move(source, target)

    def place(self, source: str, target: str) -> bool:
        """Watched."""
        self._before("place", target)
        return self._disk.place(source, target)

    def remove(self, path: str) -> None:
        """Watched."""
        self._before("remove", path)
        self._disk.remove(path)

    def make_folder(self, path: str) -> None:
        """Watched."""
        self._before("make_folder", path)
        self._disk.make_folder(path)

    def remove_folder(self, path: str) -> bool:
        """Watched."""
        self._before("remove_folder", path)
        return self._disk.remove_folder(path)
