"""inputs: digests of everything that findings and files can depend on: of a run, and of each environment in it.

In      a Request, the folder of schemas that were added on this machine.
Out     Inputs; None if an input is not a regular, readable file.
Never   interprets what it reads: a byte that could matter counts.

A run reads the specs (certificates and sealed values included), crossplane/, and schemas. The result also
depends on its options, the compiler's own files, Python, and the installed versions, which pin the schemas
of Kubernetes' own kinds. The pinned version of kubeconform is in the compiler's files. The place of the
repository and the contents of the output folder do not change the answer.

An environment depends on the same, except for what belongs to another environment alone: its documents and its
sealed values, of which only its name counts (D73).
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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
DOCUMENTS = (".yaml", ".yml")
"""The suffix of the files that are read as documents; any other file may be read by any environment."""
ENVIRONMENTS, SEALED = "environments", "sealed"
"""The folders of the spec in which each file belongs to one environment. The language has these names, too, but
importing it takes longer than an answer; a test compares them."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Two runs with the same digest have the same outcome, and so have two environments."""

    run: str
    environments: Mapping[str, str]
    """By name; of the environments that have a file of their own, as all have in a spec without errors."""


class _UnknownError(Exception):
    """An input is not a regular file, so there is no digest."""


@dataclass(frozen=True, slots=True)
class CommittedFiles:
    """What a commit has in the folders of a request, as much of each file as any stage reads."""

    specs: Mapping[str, bytes]
    """By path below the folder, like the next."""
    crossplane: Mapping[str, bytes]


def inputs_of(request: Request, schemas: Path, committed: CommittedFiles | None = None) -> Inputs | None:
    """Return the digests, as hexadecimal digits: the same for files on the disk and for the same in a commit.

    `schemas` is the folder of the SchemaStore, which Compositions and rendered objects are checked against.
    `committed` is read in the place of the request's folders.
    None if an input is a link, a device, unreadable or too deep, or the kinds are not the compiler's own: such a
    run is not worth remembering.
    """
    if request.kinds is not None:
        return None
    shared = hashlib.sha256()
    own: dict[str, hashlib._Hash] = {}
    try:
        _add_all(shared, (sys.version, request.specs_name, str(request.allow_unsealed), str(request.today)))
        _add_all(shared, _installed())
        _add(shared, _own_digest())
        specs = _sorted(committed.specs) if committed else _files(Disk(), f"{request.specs}/", "", frozenset())
        for path, content in specs:
            environment = environment_of(path)
            _add_file(shared if environment is None else own.setdefault(environment, hashlib.sha256()), path, content)
        _add(shared, b"")  # no file has an empty name
        claim_api = committed.crossplane if committed else None
        for folder, known in ((request.crossplane, claim_api), (schemas, None)):
            exists = bool(known) if known is not None else os.path.lexists(folder)
            _add(shared, b"%d" % exists)
            if exists:
                _add_files(
                    shared, _sorted(known) if known is not None else _files(Disk(), f"{folder}/", "", frozenset())
                )
    except (OSError, RecursionError, _UnknownError):  # folders can be nested deeper than Python's recursion limit
        return None
    return _inputs(request, shared.digest(), {name: made.digest() for name, made in sorted(own.items())})


def environment_of(path: str) -> str | None:
    """The environment that alone can depend on a file of the spec; None if any may. `path` is below the specs folder.

    Only documents are such files: their place says whose they are, and one in a wrong place is an error. A file of
    another form can be the certificate of any environment.

    >>> environment_of("environments/staging.yaml"), environment_of("sealed/staging/bot.bot.yaml")
    ('staging', 'staging')
    >>> environment_of("sealing/staging.pem"), environment_of("bot/bot.yaml")
    (None, None)
    """
    folder, _, rest = path.partition("/")
    if not path.endswith(DOCUMENTS) or folder not in (ENVIRONMENTS, SEALED):
        return None
    name, slash, _ = rest.partition("/")
    if not slash:
        name = rest.rpartition(".")[0] if folder == ENVIRONMENTS else ""
    return name or None


def counts_for_all(path: str) -> bool:
    """Whether a file that an environment names itself is part of every key, whichever file system it is on.

    A file system may ignore case, and characters that nobody sees.
    """
    return path.isascii() and not path.lower().endswith(DOCUMENTS)


def _inputs(request: Request, shared: bytes, own: Mapping[str, bytes]) -> Inputs:
    run = hashlib.sha256(shared)
    _add_all(run, sorted(set(request.environments)))
    _add_all(run, (str(request.validate), str(request.strict_schemas)))
    for name, digest in own.items():
        _add_file(run, name, digest)
    environments = {}
    for name, digest in own.items():
        environment = hashlib.sha256(shared)
        _add_all(environment, own)
        _add_file(environment, name, digest)
        environments[name] = environment.hexdigest()
    return Inputs(run.hexdigest(), environments)


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


def _add_all(made: hashlib._Hash, parts: Iterable[str]) -> None:
    known = tuple(parts)
    made.update(b"%d;" % len(known))
    for part in known:
        _add(made, os.fsencode(part))


def _add_file(made: hashlib._Hash, path: str, content: bytes) -> None:
    _add(made, os.fsencode(path))
    _add(made, content)


def _add_folder(made: hashlib._Hash, folder: Path, left_out: frozenset[str] = frozenset()) -> None:
    _add_files(made, _files(Disk(), f"{folder}/", "", left_out))


def _add_files(made: hashlib._Hash, files: Iterable[tuple[str, bytes]]) -> None:
    for path, content in files:
        _add_file(made, path, content)
    _add(made, b"")  # no file has an empty name


def _sorted(files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Files in the order of the disk: folder by folder."""
    yield from sorted(files.items(), key=lambda file: file[0].split("/"))


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
