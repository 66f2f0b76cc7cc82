"""store: JSON Schemas of the kinds that CRDs and XRDs define, converted once.

In      the bytes of CRD and XRD files, one at a time or a whole folder.
Out     `kinds-<conversion>/`, the folder that kubeconform reads, and one note per definition about its source.
Finds   files without definitions, each with the reason; the rest of the folder is still added.
Never   leaves half a file; a definition that differs from the stored one replaces it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from platformc.atomic_file import write_atomically
from platformc.cache import write_folder_once
from platformc.check.schemas.conversion import CONVERSION, JSON, is_definition, schema_path, schemas_of
from platformc.check.schemas.yaml_documents import yaml_documents
from platformc.diagnostics import UsageError

FILE_LIMIT = 16 * 1024 * 1024
"""Bytes; the largest CRD in use has 2 MB."""

SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class SchemaStore:
    """A folder of converted schemas; it need not exist yet."""

    folder: Path

    @property
    def kinds(self) -> Path:
        """The folder in kubeconform's layout. Results of another conversion are in another folder, and never read."""
        return self.folder / f"kinds-{CONVERSION}"

    def schema(self, api_version: str, kind: str) -> JSON | None:
        """The schema of a kind; None if there is none that can be read."""
        try:
            found = json.loads((self.kinds / schema_path(api_version, kind)).read_bytes())
        except (OSError, ValueError):
            return None
        return found if isinstance(found, dict) else None

    def versions(self, group: str, kind: str) -> tuple[str, ...]:
        """The versions in which a kind of a group is known, sorted; none for an invalid name."""
        try:
            schema_path(f"{group}/v1", kind)
        except ValueError:
            return ()
        start = f"{kind.lower()}_"
        return tuple(sorted(path.stem.removeprefix(start) for path in (self.kinds / group).glob(f"{start}*.json")))


@dataclass(frozen=True, slots=True, order=True)
class KnownDefinition:
    """One CRD or XRD in the store."""

    name: str
    """As in the cluster: `queues.sqs.aws.upbound.io`."""
    source: str
    """The URL or the file that it came from."""
    sha256: str
    """Of the whole file that it came from, which may have others, too."""
    together: int
    """The number of definitions in that file."""
    kinds: tuple[tuple[str, str], ...]
    """(apiVersion, kind), sorted."""


@dataclass(frozen=True, slots=True)
class Added:
    """What happened to some files: names of definitions, and the files without any, with the reason."""

    added: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()

    def __add__(self, other: Added) -> Added:
        return Added(
            self.added + other.added,
            self.replaced + other.replaced,
            self.unchanged + other.unchanged,
            self.ignored + other.ignored,
        )


def known_definitions(store: SchemaStore) -> tuple[KnownDefinition, ...]:
    """All definitions in the store, by name. A note that cannot be read counts as missing."""
    found = []
    for path in sorted((store.folder / "definitions").glob("*.json")):
        try:
            note = json.loads(path.read_bytes())
            if note["conversion"] != CONVERSION:
                continue
            kinds = tuple((str(api_version), str(kind)) for api_version, kind in note["kinds"])
            found.append(KnownDefinition(note["name"], note["source"], note["sha256"], note["together"], kinds))
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return tuple(sorted(found))


def add_folder(store: SchemaStore, folder: Path) -> Added:
    """Add every CRD and XRD below a folder to the store. Links to folders are not followed.

    Raises UsageError if there is no such folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder", "choose a folder with CRD files")
    result, before = Added(), _by_name(store)
    for path in _files(folder):
        source = path.relative_to(folder).as_posix()
        try:
            if path.stat().st_size > FILE_LIMIT:
                result += Added(ignored=((source, f"is larger than {FILE_LIMIT} bytes"),))
                continue
            content = path.read_bytes()
        except OSError as error:
            result += Added(ignored=((source, f"cannot be read: {error.strerror}"),))
            continue
        result += _add(store, content, str(path), source, before)
    return result


def add_file(store: SchemaStore, content: bytes, source: str) -> Added:
    """Add the definitions of one file to the store; `source` is recorded beside them.

    A file that was added before is not even parsed. What cannot be used is `ignored`, never raised.
    """
    return _add(store, content, source, source, _by_name(store))


def _add(store: SchemaStore, content: bytes, source: str, shown: str, before: dict[str, KnownDefinition]) -> Added:
    """Like add_file; `before` is what the store has, and is kept up to date."""
    digest = hashlib.sha256(content).hexdigest()
    same = [entry for entry in before.values() if entry.sha256 == digest and _complete(store, entry)]
    if same and len(same) == same[0].together:
        return Added(unchanged=tuple(entry.name for entry in same))
    try:
        documents = [document for document in yaml_documents(content) if is_definition(document)]
        converted = [(_name(document), schemas_of(document)) for document in documents]
    except ValueError as error:
        return Added(ignored=((shown, str(error)),))
    if not converted:
        reason = "contains no CustomResourceDefinition and no CompositeResourceDefinition"
        return Added(ignored=((shown, reason),))
    result = Added()
    for name, schemas in converted:
        kinds = tuple(sorted((entry.api_version, entry.kind) for entry in schemas))
        for entry in schemas:
            write_atomically(store.kinds / schema_path(entry.api_version, entry.kind), json_bytes(entry.schema))
        old = before.get(name)
        before[name] = KnownDefinition(name, source, digest, len(converted), kinds)
        _write_note(store, before[name])
        if old is not None:
            for api_version, kind in set(old.kinds) - set(kinds):  # no longer served by the newer one
                (store.kinds / schema_path(api_version, kind)).unlink(missing_ok=True)
        result += Added(added=(name,)) if old is None else Added(replaced=(name,))
    return result


def own_schemas(cache: Path, definitions: Sequence[JSON]) -> tuple[Path, frozenset[tuple[str, str]]]:
    """A folder in kubeconform's layout for definitions that are part of the input, and their kinds.

    The folder is named after their content, so that it is created once and shared by nothing else.
    Raises ValueError with the bare reason if one is not a usable CRD or XRD.
    """
    key = hashlib.sha256(CONVERSION.encode() + json_bytes(list(definitions))).hexdigest()
    folder = cache / "own" / key[:32]
    schemas = [entry for definition in definitions for entry in schemas_of(definition)]
    files = {schema_path(entry.api_version, entry.kind): entry.schema for entry in schemas}
    if not folder.is_dir():
        write_folder_once(folder, {path: json_bytes(schema) for path, schema in files.items()})
    return folder, frozenset((entry.api_version, entry.kind) for entry in schemas)


def json_bytes(value: JSON) -> bytes:
    """Compact JSON with sorted keys. Raises ValueError for what JSON cannot express."""
    try:
        return json.dumps(value, separators=(",", ":"), sort_keys=True, allow_nan=False).encode()
    except TypeError as error:
        raise ValueError(str(error)) from error


def _by_name(store: SchemaStore) -> dict[str, KnownDefinition]:
    return {entry.name: entry for entry in known_definitions(store)}


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(SUFFIXES):
                yield Path(place) / name


def _complete(store: SchemaStore, entry: KnownDefinition) -> bool:
    return all((store.kinds / schema_path(api_version, kind)).is_file() for api_version, kind in entry.kinds)


def _write_note(store: SchemaStore, entry: KnownDefinition) -> None:
    note = {
        "conversion": CONVERSION,
        "kinds": entry.kinds,
        "name": entry.name,
        "sha256": entry.sha256,
        "source": entry.source,
        "together": entry.together,
    }
    write_atomically(store.folder / "definitions" / f"{entry.name}.json", json_bytes(note))


def _name(document: JSON) -> str:
    """`<plural>.<group>`, which the API server requires as metadata.name; here it becomes a file name."""
    spec = document.get("spec")
    names = spec.get("names") if isinstance(spec, dict) else None
    plural = names.get("plural") if isinstance(names, dict) else None
    name = f"{plural}.{spec.get('group')}" if isinstance(spec, dict) else ""
    if not name.replace("-", "").replace(".", "").isalnum() or not name.isascii():
        raise ValueError("spec.names.plural or spec.group is not a name")
    return name
