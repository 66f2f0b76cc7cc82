"""inputs: one digest of everything that a run's findings and files can depend on.

In      a Request, the folder of schemas that were added on this machine.
Out     the digest; None if an input is not a regular, readable file.
Never   interprets what it reads: a byte that could matter counts.

A run reads the specs (certificates and sealed values included), crossplane/, and schemas. The result also
depends on its options, the compiler's own files, Python, and the installed versions, which pin the schemas
of Kubernetes' own kinds. The pinned version of kubeconform is in the compiler's files. The place of the
repository and the contents of the output folder do not change the answer.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import platformc
from platformc.disk import Disk, EntryKind
from platformc.language import LARGEST_FILE
from platformc.request import Request

COMPILED = frozenset({"__pycache__"})
"""What Python writes beside the compiler's files."""
VERSIONED = (".dist-info", ".egg-info")
"""The suffix of the folders that Python's installers make: `<name>-<version>.dist-info`."""


class _UnknownError(Exception):
    """An input is not a regular file, so there is no digest."""


def key_of(request: Request, schemas: Path) -> str | None:
    """Return the digest as hexadecimal digits: two runs with the same digest have the same outcome.

    `schemas` is the folder of the SchemaStore, which Compositions and rendered objects are checked against.
    None if an input is a link, a device, unreadable or too deep, or the kinds are not the compiler's own: such a
    run is not worth remembering.
    """
    if request.kinds is not None:
        return None
    made = hashlib.sha256()
    try:
        for part in _options(request):
            _add(made, part.encode())
        for name in _installed():
            _add(made, os.fsencode(name))
        _add(made, b"")
        _add(made, _own_digest())
        _add_folder(made, request.specs)
        for folder in (request.crossplane, schemas):
            _add(made, b"%d" % os.path.lexists(folder))
            if os.path.lexists(folder):
                _add_folder(made, folder)
    except (OSError, RecursionError, _UnknownError):  # folders can be nested deeper than Python's recursion limit
        return None
    return made.hexdigest()


@cache
def _own_digest() -> bytes:
    """Hash the compiler's own files once: code that is already loaded does not change with them."""
    made = hashlib.sha256()
    _add_folder(made, Path(platformc.__file__).parent, COMPILED)
    return made.digest()


def _add(made: hashlib._Hash, part: bytes) -> None:
    """Add one part so that no two different lists of parts have the same bytes."""
    made.update(b"%d:" % len(part))
    made.update(part)


def _add_folder(made: hashlib._Hash, folder: Path, left_out: frozenset[str] = frozenset()) -> None:
    for path, content in _files(Disk(), f"{folder}/", "", left_out):
        _add(made, os.fsencode(path))
        _add(made, content)
    _add(made, b"")  # no file has an empty name


def _options(request: Request) -> tuple[str, ...]:
    return (
        sys.version,
        request.specs_name,
        repr(sorted(set(request.environments))),
        str(request.allow_unsealed),
        str(request.validate),
        str(request.strict_schemas),
        str(request.today),
    )


def _installed() -> Iterator[str]:
    """The installed packages, each with its version."""
    for folder in sys.path:
        if folder and os.path.isdir(folder):  # noqa: PTH112 - sys.path is text, and may contain archives
            yield from sorted(name for name in os.listdir(folder) if name.endswith(VERSIONED))  # noqa: PTH208 - as above


def _files(disk: Disk, folder: str, below: str, left_out: frozenset[str]) -> Iterator[tuple[str, bytes]]:
    """Every file of a folder, sorted, with as much of it as any stage reads; folders in `left_out` are skipped."""
    for name, kind in disk.entries(f"{folder}{below}"):
        path = f"{below}{name}"
        if kind is EntryKind.FOLDER:
            if name not in left_out:
                yield from _files(disk, folder, f"{path}/", left_out)
            continue
        content = disk.beginning(f"{folder}{path}", LARGEST_FILE + 1) if kind is EntryKind.FILE else None
        if content is None:
            raise _UnknownError(path)
        yield path, content
