"""documents: validate finished documents against their schemas with the real kubeconform.

`begin` starts it, `finish` returns what it found; in between, the caller does other work.

In      canonical YAML documents, the Kubernetes version, our own XRDs, the SchemaStore.
Out     a Verdict: how many are valid, what is wrong where, and which kinds have no schema.
Finds   SchemaProblem, MissingSchema; the caller turns files and paths into places in the spec.
Never   uses the network; lets a document pass unvalidated: each is valid, a problem or missing.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from platformc.cache import keys_of, known_valid, remember_valid
from platformc.check.kubeconform.install import VERSION
from platformc.check.kubeconform.process import Call, Document, Validator, ask, results
from platformc.check.schemas.conversion import schema_path
from platformc.check.schemas.kubernetes import KubernetesSchemas, prepare
from platformc.check.schemas.store import SchemaStore, own_schemas
from platformc.check.schemas.yaml_documents import yaml_documents
from platformc.diagnostics import BugReport

JSON = Any


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One violation of a schema. `path` is its place: keys of maps, indexes of lists."""

    environment: str
    file: str
    """Its path below the environment's folder."""
    path: tuple[str | int, ...]
    message: str
    raw: str = ""
    """kubeconform's own message; empty if kubeconform was not used."""
    absent: str = ""
    """The missing field, if one is required; `path` is the map around it."""


@dataclass(frozen=True, slots=True)
class MissingSchema:
    """A kind without a schema, and the documents that were not validated because of it."""

    api_version: str
    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All sorted. `valid`, the files in `problems` and those in `missing` together are all documents."""

    valid: int
    problems: tuple[SchemaProblem, ...] = ()
    missing: tuple[MissingSchema, ...] = ()


@dataclass(frozen=True, slots=True)
class _Schemas:
    """The folders of schemas."""

    kubernetes: KubernetesSchemas
    own: Path
    store: Path

    def folders(self) -> tuple[Path, ...]:
        """Absolute, in the order in which they are searched."""
        return tuple(folder.absolute() for folder in (self.kubernetes.folder, self.own, self.store))


@dataclass(frozen=True, slots=True)
class Begun:
    """A running validation."""

    at_work: Call
    keys: Mapping[str, bytes]
    """Label -> the key of the document and its schema, for all that have one."""
    known: Mapping[bytes, None]
    """The keys of what was valid before."""
    valid: Sequence[bytes]
    """The keys that nobody asks kubeconform about."""
    schemas: Mapping[tuple[str, str], Path]
    """apiVersion and kind -> the file of the schema that documents of theirs are held against."""
    problems: Sequence[SchemaProblem]
    missing: tuple[MissingSchema, ...]
    cache: Path


def begin(
    documents: Sequence[Document],
    *,
    kubernetes_version: str,
    own_definitions: Sequence[JSON],
    store: SchemaStore,
    cache: Path,
    binary: Path,
    paranoid: bool = False,
) -> Begun:
    """Start to validate all documents strictly; `finish` or `stop` must follow.

    Documents that were valid before are skipped, except with `paranoid`.

    `own_definitions` are parsed XRDs (or CRDs) of this repository; they take precedence over the store's.
    A missing schema is found before kubeconform runs, so that kubeconform never has to ignore one.
    Raises ToolError if kubeconform cannot be started, ValueError if a label appears twice or an own
    definition cannot be used.
    """
    if len({document.label for document in documents}) != len(documents):
        raise ValueError("the same label appears twice")
    kinds = {(document.api_version, document.kind) for document in documents}
    usable, problems = _named_well(documents)
    kubernetes = prepare(cache, kubernetes_version, kinds)
    own, _ = own_schemas(cache, own_definitions)
    schemas = _Schemas(kubernetes, own, store.kinds)
    checked, more_problems, missing = _with_schema(usable, schemas)
    used = _used(checked, schemas)
    keys = dict(zip((document.label for document in checked), _keys(checked, used), strict=True))
    known = known_valid(cache)
    asked = [document for document in checked if paranoid or keys[document.label] not in known]
    valid = [keys[document.label] for document in checked if keys[document.label] in known and not paranoid]
    validator = Validator(binary, kubernetes.version, schemas.folders())
    return Begun(ask(asked, validator), keys, known, valid, used, [*problems, *more_problems], missing, cache)


def finish(begun: Begun) -> Verdict:
    """Wait for kubeconform, and return what it found.

    Raises ToolError if it failed for another reason than invalid documents, BugReport if a document
    that was valid before no longer is.
    """
    problems, valid = list(begun.problems), list(begun.valid)
    for document, result in results(begun.at_work):
        key = begun.keys[document.label]
        if result.get("status") == "statusValid":
            valid.append(key)
        elif key in begun.known:
            raise BugReport(
                f"{document.label} is valid in the cache, but not for kubeconform", "delete the cache folder"
            )
        else:
            problems += _problems(document, result, begun.schemas[document.api_version, document.kind])
    remember_valid(begun.cache, begun.known, valid)
    ordered = sorted(
        set(problems),
        key=lambda found: (found.environment, found.file, [str(key) for key in found.path], found.message),
    )
    return Verdict(len(valid), tuple(ordered), begun.missing)


# A separator inside content would make two documents of one, and shift the results of the others.
SEPARATOR = re.compile(rb"\n(?:---|\.\.\.)")


def _named_well(documents: Iterable[Document]) -> tuple[list[Document], list[SchemaProblem]]:
    """Documents that kubeconform can validate, and what is wrong with the others."""
    usable: list[Document] = []
    problems: list[SchemaProblem] = []
    for document in documents:
        try:
            schema_path(document.api_version, document.kind)
        except ValueError as error:
            problems.append(_problem(document, (), str(error)))
            continue
        if SEPARATOR.search(document.content):
            problems.append(_problem(document, (), "contains more than one YAML document"))
        elif document.kind.lower() == "list":  # kubeconform validates its items, but nobody the list
            problems.append(_problem(document, ("kind",), "is a List; write its items as documents"))
        else:
            usable.append(document)
    return usable, problems


def _with_schema(
    documents: Iterable[Document], schemas: _Schemas
) -> tuple[list[Document], list[SchemaProblem], tuple[MissingSchema, ...]]:
    """Documents whose schema exists; for the others, whether the kind is unknown or a mistake.

    It is a mistake if its group is Kubernetes' own, or if the same kind is known in other
    versions: then no schema is missing, but an API server would reject it.
    """
    by_kind: defaultdict[tuple[str, str], list[Document]] = defaultdict(list)
    for document in documents:
        by_kind[document.api_version, document.kind].append(document)
    checked: list[Document] = []
    problems: list[SchemaProblem] = []
    missing: list[MissingSchema] = []
    for (api_version, kind), members in sorted(by_kind.items()):
        path = schema_path(api_version, kind)
        if any((folder / path).is_file() for folder in schemas.folders()):
            checked.extend(members)
            continue
        reason = _unserved(api_version, kind, schemas)
        if reason:
            problems.extend(_problem(document, ("apiVersion",), reason) for document in members)
        else:
            labels = tuple(sorted(document.label for document in members))
            missing.append(MissingSchema(api_version, kind, labels))
    return checked, problems, tuple(missing)


def _used(documents: Iterable[Document], schemas: _Schemas) -> Mapping[tuple[str, str], Path]:
    """The file of the schema that documents of an apiVersion and kind are held against."""
    files: dict[tuple[str, str], Path] = {}
    for document in documents:
        kind = (document.api_version, document.kind)
        if kind not in files:
            path = schema_path(*kind)
            files[kind] = next(folder / path for folder in schemas.folders() if (folder / path).is_file())
    return files


def _keys(documents: Sequence[Document], schemas: Mapping[tuple[str, str], Path]) -> list[bytes]:
    """What stands for each document and the schema that it is held against."""
    used = [schemas[document.api_version, document.kind] for document in documents]
    return keys_of([document.content for document in documents], used, VERSION)


def _unserved(api_version: str, kind: str, schemas: _Schemas) -> str:
    if schemas.kubernetes.owns(api_version):
        return f"there is no kind {kind} in {api_version} of Kubernetes {schemas.kubernetes.version}"
    group = api_version.partition("/")[0]
    start = f"{kind.lower()}_"
    versions = sorted(
        path.stem.removeprefix(start)
        for folder in (schemas.own, schemas.store)
        for path in (folder / group).glob(f"{start}*.json")
    )
    return f"{kind} is not served as {api_version}, only as {group}/{', '.join(versions)}" if versions else ""


def _problems(document: Document, result: Mapping[str, JSON], schema: Path) -> list[SchemaProblem]:
    if result["status"] == "":
        return [_problem(document, (), "is empty")]
    from platformc.check.kubeconform.explanations import explain  # noqa: PLC0415 - only refusals pay for its start

    value = _parsed(document.content)
    return [
        replace(_problem(document, _path(value, entry.pointer), entry.message), raw=entry.raw, absent=entry.absent)
        for entry in explain(result["msg"], value, json.loads(schema.read_bytes()))
    ]


def _problem(document: Document, path: tuple[str | int, ...], message: str) -> SchemaProblem:
    return SchemaProblem(document.environment, document.file, path, message)


def _path(value: JSON, pointer: Iterable[str]) -> tuple[str | int, ...]:
    """Pointer tokens with the indexes of lists as numbers; only the document knows which are."""
    path: list[str | int] = []
    for token in pointer:
        if isinstance(value, list) and token.isdecimal():
            path.append(int(token))
            value = value[int(token)] if int(token) < len(value) else None
        else:
            path.append(token)
            value = value.get(token) if isinstance(value, dict) else None
    return tuple(path)


def _parsed(content: bytes) -> JSON:
    try:
        return next(iter(yaml_documents(content)), None)
    except ValueError:
        return None
