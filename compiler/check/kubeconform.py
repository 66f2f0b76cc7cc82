"""kubeconform: validate finished documents against their schemas with the real kubeconform, in one call.

In      canonical YAML documents, the Kubernetes version, our own XRDs, the SchemaStore.
Out     a Verdict: how many are valid, what is wrong where, and which kinds nobody has a schema for.
Finds   SchemaProblem, MissingSchema; the caller turns labels and paths into places in the spec.
Never   uses the network; lets a document pass unvalidated: each is valid, a problem or missing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.check.json_schema import schema_path
from compiler.check.kubernetes_schemas import KubernetesSchemas, prepare
from compiler.check.schema_messages import explain
from compiler.check.schema_store import SchemaStore, own_schemas
from compiler.check.verdicts import keys_of, known_valid, remember_valid
from compiler.check.yaml_documents import yaml_documents
from compiler.diagnostics import BugReport, ToolError

JSON = Any

LAYOUT = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
SECONDS = 300

FAULTS_OF_A_DOCUMENT = ("error unmarshalling resource: ", "error while parsing: ")
"""How an error starts that is the document's. Source: kubeconform v0.7.0 pkg/validator/validator.go."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document to validate. `label` is unique and comes back in the Verdict."""

    label: str
    api_version: str
    kind: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One thing a schema forbids. `path` leads to it: keys of maps, indexes of lists."""

    label: str
    path: tuple[str | int, ...]
    message: str
    raw: str
    """kubeconform's own words; empty where kubeconform was not asked."""


@dataclass(frozen=True, slots=True)
class MissingSchema:
    """A kind that nobody has a schema for, and the documents that were not validated for it."""

    api_version: str
    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """All sorted. `valid`, the labels in `problems` and those in `missing` together are all documents."""

    valid: int
    problems: tuple[SchemaProblem, ...] = ()
    missing: tuple[MissingSchema, ...] = ()


@dataclass(frozen=True, slots=True)
class _Schemas:
    """Where schemas are."""

    kubernetes: KubernetesSchemas
    own: Path
    store: Path

    def folders(self) -> tuple[Path, ...]:
        """Absolute, in the order in which they count."""
        return tuple(folder.absolute() for folder in (self.kubernetes.folder, self.own, self.store))


def validate(
    documents: Sequence[Document],
    *,
    kubernetes_version: str,
    own_definitions: Sequence[JSON],
    store: SchemaStore,
    cache: Path,
    binary: Path,
    paranoid: bool = False,
) -> Verdict:
    """Validate all documents strictly, with one call of kubeconform.

    Documents that it has found valid before are not shown to it again. With `paranoid` they are, and
    BugReport is raised where the two verdicts differ.

    `own_definitions` are parsed XRDs (or CRDs) of this repository; they count before the store's.
    A missing schema is found before kubeconform runs, so that kubeconform never has to ignore one.
    Raises ToolError when kubeconform fails for any other reason than invalid documents, ValueError
    when a label comes twice or an own definition is not usable.
    """
    if len({document.label for document in documents}) != len(documents):
        raise ValueError("a label comes twice")
    kinds = {(document.api_version, document.kind) for document in documents}
    usable, problems = _named_well(documents)
    kubernetes = prepare(cache, kubernetes_version, kinds)
    own, _ = own_schemas(cache, own_definitions)
    schemas = _Schemas(kubernetes, own, store.kinds)
    checked, more_problems, missing = _with_schema(usable, schemas)
    problems += more_problems
    keys = dict(zip((document.label for document in checked), _keys(checked, schemas), strict=True))
    known = known_valid(cache)
    asked = [document for document in checked if paranoid or keys[document.label] not in known]
    valid = [keys[document.label] for document in checked if keys[document.label] in known and not paranoid]
    for document, result in _results(asked, schemas, binary):
        if result.get("status") == "statusValid":
            valid.append(keys[document.label])
        elif keys[document.label] in known:
            raise BugReport(
                f"the cache calls {document.label} valid, and kubeconform does not", "delete the cache folder"
            )
        else:
            problems += _problems(document, result)
    remember_valid(cache, known, valid)
    ordered = sorted(set(problems), key=lambda found: (found.label, [str(key) for key in found.path], found.message))
    return Verdict(len(valid), tuple(ordered), missing)


# A separator inside content would make two documents of one, and the second one's mistakes another's.
SEPARATOR = re.compile(rb"\n(?:---|\.\.\.)")


def _named_well(documents: Iterable[Document]) -> tuple[list[Document], list[SchemaProblem]]:
    """Documents kubeconform can be asked about, and what is wrong with the others."""
    usable: list[Document] = []
    problems: list[SchemaProblem] = []
    for document in documents:
        try:
            schema_path(document.api_version, document.kind)
        except ValueError as error:
            problems.append(SchemaProblem(document.label, (), str(error), ""))
            continue
        if SEPARATOR.search(document.content):
            problems.append(SchemaProblem(document.label, (), "holds more than one YAML document", ""))
        elif document.kind.lower() == "list":  # kubeconform looks at its items, nobody at the list
            problems.append(SchemaProblem(document.label, ("kind",), "is a List; its items must be documents", ""))
        else:
            usable.append(document)
    return usable, problems


def _with_schema(
    documents: Iterable[Document], schemas: _Schemas
) -> tuple[list[Document], list[SchemaProblem], tuple[MissingSchema, ...]]:
    """Documents whose schema exists; of the others, which kind is unknown and which is a mistake.

    It is a mistake when its group is Kubernetes' own, or when the same kind is known in other
    versions: then no schema is missing, an API server would refuse it.
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
            problems.extend(SchemaProblem(document.label, ("apiVersion",), reason, "") for document in members)
        else:
            labels = tuple(sorted(document.label for document in members))
            missing.append(MissingSchema(api_version, kind, labels))
    return checked, problems, tuple(missing)


def _keys(documents: Sequence[Document], schemas: _Schemas) -> list[bytes]:
    """What stands for each document and the schema that it is held against."""
    files: dict[tuple[str, str], Path] = {}
    for document in documents:
        kind = (document.api_version, document.kind)
        if kind not in files:
            path = schema_path(*kind)
            files[kind] = next(folder / path for folder in schemas.folders() if (folder / path).is_file())
    used = [files[document.api_version, document.kind] for document in documents]
    return keys_of([document.content for document in documents], used)


def _unserved(api_version: str, kind: str, schemas: _Schemas) -> str:
    if schemas.kubernetes.owns(api_version):
        return f"Kubernetes {schemas.kubernetes.version} has no kind {kind} in {api_version}"
    group = api_version.partition("/")[0]
    start = f"{kind.lower()}_"
    versions = sorted(
        path.stem.removeprefix(start)
        for folder in (schemas.own, schemas.store)
        for path in (folder / group).glob(f"{start}*.json")
    )
    return f"{kind} is not served as {api_version}, only as {group}/{', '.join(versions)}" if versions else ""


def _results(
    documents: Sequence[Document], schemas: _Schemas, binary: Path
) -> list[tuple[Document, Mapping[str, JSON]]]:
    """Each document with its one result.

    kubeconform names a result by file, apiVersion, kind and name, and gives them in any order. So
    documents share few files (thousands of files are slow to write), but never with another of the
    same apiVersion, kind and name. A document kubeconform cannot read has no name in its result:
    those that did not find exactly one are asked about again, each in a file of its own.
    """
    shared: defaultdict[int, dict[tuple[str, str, str], Document]] = defaultdict(dict)
    seen: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for document in documents:
        key = (document.api_version, document.kind, document.name)
        shared[seen[key]][key] = document
        seen[key] += 1
    files = {f"{number}.yaml": list(members.values()) for number, members in shared.items()}
    named: defaultdict[tuple[int, tuple[str, str, str]], list[Mapping[str, JSON]]] = defaultdict(list)
    for result in _run(files, schemas, binary):
        key = (result["version"], result["kind"], result["name"])
        named[int(Path(result["filename"]).stem), key].append(result)
    found: list[tuple[Document, Mapping[str, JSON]]] = []
    left: list[Document] = []
    for number, members in shared.items():
        for key, document in members.items():
            results = named[number, key]
            if len(results) == 1:
                found.append((document, results[0]))
            else:
                left.append(document)
    return found + _results_alone(left, schemas, binary)


def _results_alone(
    documents: Sequence[Document], schemas: _Schemas, binary: Path
) -> list[tuple[Document, Mapping[str, JSON]]]:
    """As _results, where the file alone says whose result it is."""
    files = {f"{number}.yaml": [document] for number, document in enumerate(documents)}
    results: defaultdict[str, list[Mapping[str, JSON]]] = defaultdict(list)
    for result in _run(files, schemas, binary):
        results[Path(result["filename"]).name].append(result)
    for name, (document,) in files.items():
        if len(results[name]) != 1:
            raise ToolError(f"kubeconform gave {len(results[name])} results for {document.label}")
    return [(document, results[name][0]) for name, (document,) in files.items()]


def _run(files: Mapping[str, Sequence[Document]], schemas: _Schemas, binary: Path) -> list[Mapping[str, JSON]]:
    """Run kubeconform over files of documents. All its results, in any order."""
    if not files:
        return []
    with tempfile.TemporaryDirectory(prefix="platformc-") as folder:  # mode 0700
        for name, members in files.items():
            parts = (part.content if part.content.endswith(b"\n") else part.content + b"\n" for part in members)
            (Path(folder) / name).write_bytes(b"---\n".join(parts))
        # As addresses, because kubeconform reads them as such: in a bare path, a # in the name of
        # a home or a {{ would mean something else.
        places = [f"{path.as_uri()}/{LAYOUT}" for path in schemas.folders()]
        command = [
            str(binary),
            "-strict",
            "-verbose",
            *("-output", "json"),
            *("-kubernetes-version", f"{schemas.kubernetes.version}.0"),
            *(word for place in places for word in ("-schema-location", place)),
            *("-n", str(os.cpu_count() or 1)),
            folder,
        ]
        try:
            ran = subprocess.run(  # noqa: S603 - an argument list
                command, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ToolError(f"kubeconform cannot be run: {error}", command=command) from error
    return _understood(command, ran)


def _understood(command: Sequence[str], ran: subprocess.CompletedProcess[bytes]) -> list[Mapping[str, JSON]]:
    """The results, if the exit code is the one that they explain: 1 if one is not valid, else 0."""
    errors = ran.stderr.decode(errors="replace")
    try:
        results: list[Mapping[str, JSON]] = json.loads(ran.stdout)["resources"]
    except (ValueError, KeyError, TypeError) as error:
        message = "kubeconform gave no results"
        raise ToolError(message, command=command, status=ran.returncode, output=errors) from error
    refused = any(result["status"] in {"statusInvalid", "statusError"} for result in results)
    # Each document's schema exists, so what is no fault of a document is a schema that cannot be loaded.
    unloaded = sorted(
        result["msg"]
        for result in results
        if result["status"] == "statusError" and not result["msg"].startswith(FAULTS_OF_A_DOCUMENT)
    )
    skipped = any(result["status"] == "statusSkipped" for result in results)
    if ran.returncode != int(refused) or unloaded or skipped:
        raise ToolError(
            f"kubeconform cannot load a schema: {unloaded[0]}" if unloaded else "kubeconform failed",
            command=command,
            status=ran.returncode,
            output=errors,
            hint="delete the schemas in the cache folder and try again" if unloaded else "",
        )
    return results


def _problems(document: Document, result: Mapping[str, JSON]) -> list[SchemaProblem]:
    if result["status"] == "":
        return [SchemaProblem(document.label, (), "is empty", "")]
    text: str = result["msg"]
    value = _parsed(document.content) if result["status"] == "statusInvalid" else None
    return [
        SchemaProblem(document.label, _path(value, entry.pointer), entry.message, entry.raw) for entry in explain(text)
    ]


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
