"""store: the files below specs/sealed/, changed key by key.

In      what is sealed for which key.
Out     specs/sealed/<environment>/<namespace>.<secret>.yaml: other keys, their order and all comments as they were.
Never   leaves half a file, follows a symbolic link, or overwrites what another process wrote in the meantime.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from platformc.atomic_file import drop_staged, stage
from platformc.diagnostics import ToolError
from platformc.language import SEALED, read_source
from platformc.language.models.types import LABEL, SUBDOMAIN
from platformc.seal.sealed_text import Entry, changed_text, new_text
from platformc.tree import Waiting, locked

FileId = tuple[str, str]
"""The namespace and the name of a Secret."""


@dataclass(frozen=True, slots=True)
class Change:
    """The change of one file; one without any key left is removed."""

    entries: Mapping[str, Entry] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()
    removed_whole: bool = False


@dataclass(slots=True)
class Store:
    """The sealed values of one environment on the disk."""

    specs: Path
    specs_name: str
    """The name of the folder in findings."""
    environment: str
    places: dict[FileId, str]
    """The file of a Secret's values in the specs, relative to the specs folder."""
    known: dict[str, str]
    """The text of each file when it was read, or last written here."""
    tell: Callable[[str], None]

    def place(self, identity: FileId) -> str:
        """The file of a Secret, relative to the specs folder. Raises ToolError for invalid names."""
        namespace, name = identity
        if not (LABEL.match(namespace) and SUBDOMAIN.match(name)):
            raise ToolError(f"the namespace {namespace!r} and the Secret {name!r} do not make a valid file name")
        return self.places.get(identity) or f"{SEALED}/{self.environment}/{namespace}.{name}.yaml"

    def write(self, changes: Mapping[FileId, Change]) -> tuple[str, ...]:
        """Write all changes and return the files as findings show them. Raises ToolError; then nothing was written."""
        folder = self.specs / SEALED
        _make_folders(self.specs, f"{SEALED}/{self.environment}")
        with locked(str(folder), Waiting(tell=self.tell, work="seal")):
            texts = {self.place(identity): self._text(identity, change) for identity, change in changes.items()}
            staged: dict[str, Path] = {}
            try:
                for place, text in texts.items():
                    if text is not None:
                        drop_staged(self.specs / place)
                        staged[place] = stage(self.specs / place, text.encode())
                for place, text in texts.items():
                    if text is None:
                        (self.specs / place).unlink(missing_ok=True)
                    else:
                        staged.pop(place).replace(self.specs / place)
                    self.known[place] = text or ""
            except OSError as error:
                raise ToolError(f"cannot write {error.filename}: {error.strerror}") from error
            finally:
                for path in staged.values():
                    with suppress(OSError):
                        path.unlink()
        return tuple(f"{self.specs_name}/{place}" for place in texts)

    def _text(self, identity: FileId, change: Change) -> str | None:
        """The new text of a file; None if nothing is left of it."""
        place = self.place(identity)
        name = f"{self.specs_name}/{place}"
        current = self._current(place, name)
        if change.removed_whole:
            return None
        if not current:
            return new_text(*identity, self.environment, change.entries)
        return changed_text(name, current, identity, change.entries, change.removed)

    def _current(self, place: str, name: str) -> str:
        path = self.specs / place
        if not os.path.lexists(path):
            current = ""
        else:
            source, findings = read_source(path, name)
            if source is None:
                raise ToolError(f"{name}: {findings[0].message}", hint=findings[0].hint)
            current = source.text
        if current != self.known.get(place, ""):
            raise ToolError(f"{name} was changed in the meantime; nothing was written", hint="run the command again")
        return current


def _make_folders(specs: Path, place: str) -> None:
    path = specs
    for part in place.split("/"):
        path /= part
        with suppress(FileExistsError):
            path.mkdir()
        if path.is_symlink() or not path.is_dir():
            raise ToolError(f"{path} is not a folder", hint="replace it with a folder; symbolic links are not followed")
