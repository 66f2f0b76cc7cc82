"""sources: read the specs folder into documents, once for all environments.

In      the specs folder.
Out     Sources: every document with its kind, application and name; the texts for snippets.
Finds   what source and reader find; unknown-kind, invalid-document, duplicate-document,
        misplaced-document, application-missing.
Never   follows a symbolic link, reads outside of the folder, validates a `spec`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

from platformc.diagnostics import Finding, Span, nearest, suggestion
from platformc.language.crossplane import ClaimAPI
from platformc.language.document import PLATFORM, Document, DocumentId
from platformc.language.folder import SourceFolder
from platformc.language.kind import Kinds
from platformc.language.nodes import Mapping, Scalar, key_span, span_of
from platformc.language.reader import NOTHING_READ, RawDocument, ReadFile, read_file
from platformc.language.source import SourceFile
from platformc.rules.documents import (
    APPLICATION_MISSING,
    DUPLICATE_DOCUMENT,
    INVALID_DOCUMENT,
    MISPLACED_DOCUMENT,
    PLATFORM_MISSING,
    UNKNOWN_KIND,
)
from platformc.rules.fields import MISSING_FIELD, UNKNOWN_FIELD, WRONG_TYPE

API_VERSION = "platformc.dev/v1alpha1"
TOP_FIELDS = ("apiVersion", "kind", "metadata", "spec")
ENVIRONMENTS = "environments"
SEALED = "sealed"
FOLDERS_OF_THEIR_OWN = (ENVIRONMENTS, SEALED, "sealing")
"""Folders below specs/ that do not belong to an application."""
FOREIGN_KINDS = {
    "ConfigMap": "Config",
    "CronJob": "Job, with `run: {schedule: …}`",
    "Deployment": "Workload",
    "Namespace": "Application, and set its `namespace`",
    "SealedSecret": "Secret, and seal its values",
    "Service": "Workload, and expose its `ports`",
    "ServiceAccount": "Workload, and set its `serviceAccountName`",
    "StatefulSet": "Workload, with `controller: StatefulSet`",
} | dict.fromkeys(("DaemonSet", "Ingress", "NetworkPolicy", "Pod", "Role", "RoleBinding"), "RawManifest that holds it")
"""Kinds that people know from elsewhere -> what to write instead."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that was read, for all environments.

    `incomplete`: a file could not be read to its end, so documents that the user wrote may be absent,
    and nothing is reported as missing.
    """

    specs: str
    """The specs folder, relative to the root."""
    folder: SourceFolder
    """The specs folder, for what else is in it."""
    kinds: Kinds
    files: MappingType[str, ReadFile]
    """What was read, by path, with the claim API."""
    texts: MappingType[str, str]
    """The same files' texts, for snippets."""
    claim_api: ClaimAPI
    documents: tuple[Document, ...]
    environments: MappingType[str, tuple[Document, ...]]
    sealed: MappingType[str, tuple[Document, ...]]
    findings: tuple[Finding, ...]
    incomplete: bool


@dataclass(slots=True)
class _Loading:
    specs: str
    kinds: Kinds
    known: MappingType[str, ReadFile]
    files: dict[str, ReadFile] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    incomplete: bool = False


def load(
    folder: SourceFolder,
    specs: str,
    kinds: Kinds,
    claim_api: ClaimAPI,
    known: MappingType[str, ReadFile] = NOTHING_READ,
) -> Sources:
    """Read all documents below `folder`; `specs` is its name relative to the repository's root.

    What is in `known` with the same path and text is not read again.
    """
    loading = _Loading(specs, kinds, known)
    files, found = folder.files(specs)
    loading.findings.extend(found)
    loading.incomplete = bool(found)
    for path in files:
        source, findings = folder.source(path, f"{specs}/{path}")
        loading.findings.extend(findings)
        if source is None:
            loading.incomplete = True
            continue
        _read_file(loading, source)
    if not loading.documents and not loading.findings:
        loading.findings.append(
            PLATFORM_MISSING.at(
                Span(specs), "the specs folder contains no documents", "add platform.yaml with a Platform document"
            )
        )
    return _sources(loading, folder, claim_api)


def _sources(loading: _Loading, folder: SourceFolder, claim_api: ClaimAPI) -> Sources:
    documents = _with_applications(loading)
    environments: dict[str, list[Document]] = defaultdict(list)
    sealed: dict[str, list[Document]] = defaultdict(list)
    kept: dict[DocumentId, Document] = {}
    for document in documents:
        if document.id.kind == "Environment":
            environments[document.id.name].append(document)
        elif document.id.kind == "SealedValues":
            sealed[_parts(loading, document)[1]].append(document)
        elif document.id in kept:
            first = kept[document.id]
            message = f"a second {document.id.kind} is named {document.id.name}"
            related = ((first.name_span, "the first one"),)
            loading.findings.append(
                DUPLICATE_DOCUMENT.at(document.name_span, message, "give one of them another name", related=related)
            )
        else:
            kept[document.id] = document
    files = {**loading.files, **claim_api.files}
    return Sources(
        specs=loading.specs,
        folder=folder,
        kinds=loading.kinds,
        files=files,
        texts={path: file.source.text for path, file in files.items()},
        claim_api=claim_api,
        documents=tuple(kept[key] for key in sorted(kept)),
        environments={name: tuple(environments[name]) for name in sorted(environments)},
        sealed={name: tuple(sealed[name]) for name in sorted(sealed)},
        findings=(*loading.findings, *claim_api.findings),
        incomplete=loading.incomplete,
    )


def _read_file(loading: _Loading, source: SourceFile) -> None:
    file = loading.files[source.path] = read_file(source, loading.known)
    loading.findings.extend(file.findings)
    if not file.is_complete:
        loading.incomplete = True
    for document in file.documents:
        if isinstance(document.root, Scalar) and document.root.value is None and not document.damaged:
            continue  # an empty document: a file that ends with `---`, or has only comments
        _identify(loading, document)


def _identify(loading: _Loading, raw: RawDocument) -> None:
    root = raw.root
    if not isinstance(root, Mapping):
        loading.findings.append(
            INVALID_DOCUMENT.at(root.span, "a document must be a map", "start with apiVersion, kind and metadata")
        )
        loading.incomplete = True
        return
    misspelt: set[str] = set()
    for key in root.entries:
        if key not in TOP_FIELDS:
            absent = [name for name in TOP_FIELDS if name not in root.entries]
            hint, meant = suggestion(key, absent or TOP_FIELDS), nearest(key, absent)
            if meant is not None:
                misspelt.add(meant)
            loading.findings.append(UNKNOWN_FIELD.at(key_span(root, (key,)), f"unknown field `{key}`", hint))
    if misspelt:  # what is under such a field is not missing
        raw = RawDocument(root, damaged=True)
    version = _text(loading, raw, ("apiVersion",))
    if version is not None and version != API_VERSION:
        loading.findings.append(
            INVALID_DOCUMENT.at(span_of(root, ("apiVersion",)), f"unknown apiVersion {version}", f"write {API_VERSION}")
        )
    kind = _text(loading, raw, ("kind",))
    name = _text(loading, raw, ("metadata", "name"))
    if kind is None or name is None:
        loading.incomplete = True
        return
    if kind not in loading.kinds:
        hint = f"write {FOREIGN_KINDS[kind]}" if kind in FOREIGN_KINDS else suggestion(kind, loading.kinds)
        loading.findings.append(UNKNOWN_KIND.at(span_of(root, ("kind",)), f"unknown kind {kind}", hint))
        loading.incomplete = True
        return
    if (spec := root.get("spec")) is not None and not isinstance(spec, Mapping):
        loading.findings.append(WRONG_TYPE.at(spec.span, "`spec` must be a map", "write its fields below it"))
        raw = RawDocument(root, damaged=True)
    loading.documents.append(Document(DocumentId(kind, PLATFORM, name), root, raw.damaged))


def _text(loading: _Loading, raw: RawDocument, path: tuple[str, ...]) -> str | None:
    """Return a text that every document must have; None with a finding if it is missing."""
    node: object = raw.root
    for step in path:
        node = node.get(step) if isinstance(node, Mapping) else None
    if isinstance(node, Scalar) and isinstance(node.value, str) and node.value:
        return node.value
    if not raw.damaged:
        field_name = ".".join(path)
        span = span_of(raw.root, path)
        if isinstance(node, Scalar) and node.value is not None:
            loading.findings.append(WRONG_TYPE.at(span, f"`{field_name}` must be text", f'write "{node.value}"'))
        else:
            loading.findings.append(
                MISSING_FIELD.at(span, f"`{field_name}` is missing", "add it: every document has one")
            )
    return None


def _parts(loading: _Loading, document: Document) -> tuple[str, ...]:
    """The folders and the file name below specs/; at least two, so that the first is a folder."""
    parts = tuple(document.root.span.path.removeprefix(f"{loading.specs}/").split("/"))
    return parts if len(parts) > 1 else ("", *parts)


def _with_applications(loading: _Loading) -> list[Document]:
    """Give each document the application of its folder."""
    owners: dict[str, Document] = {}
    for document in loading.documents:
        folder = _parts(loading, document)[0]
        if document.id.kind != "Application" or folder in FOLDERS_OF_THEIR_OWN:
            continue
        if not folder:
            hint = f"move it to {loading.specs}/{document.id.name}/application.yaml"
            loading.findings.append(
                MISPLACED_DOCUMENT.at(document.name_span, "an Application needs a folder of its own", hint)
            )
        elif folder in owners:
            related = ((owners[folder].name_span, "the first one"),)
            message = f"the folder {folder} contains a second Application"
            loading.findings.append(
                DUPLICATE_DOCUMENT.at(
                    document.name_span, message, "move one of them to another folder", related=related
                )
            )
        else:
            owners[folder] = document
    placed: list[Document] = []
    folders_without: set[str] = set()
    for document in loading.documents:
        parts = _parts(loading, document)
        folder = parts[0]
        if not _well_placed(loading, document, parts):
            continue
        application = PLATFORM
        if folder and folder not in FOLDERS_OF_THEIR_OWN:
            owner = owners.get(folder)
            if owner is None and folder not in folders_without and not loading.incomplete:
                folders_without.add(folder)
                hint = f"add {loading.specs}/{folder}/application.yaml with `kind: Application`"
                message = f"the folder {folder} contains no Application"
                loading.findings.append(APPLICATION_MISSING.at(document.name_span, message, hint))
            application = owner.id.name if owner else folder
        placed.append(
            Document(DocumentId(document.id.kind, application, document.id.name), document.root, document.damaged)
        )
    return placed


def _well_placed(loading: _Loading, document: Document, parts: tuple[str, ...]) -> bool:
    """Environments and sealed values have folders of their own, in which nothing else is allowed."""
    kind, name, specs = document.id.kind, document.id.name, loading.specs
    if kind == "Environment":
        stem = parts[1].rpartition(".")[0] if len(parts) == 2 else parts[1]  # noqa: PLR2004 - a folder and a file
        right = parts[0] == ENVIRONMENTS and stem == name
        hint = f"move it to {specs}/{ENVIRONMENTS}/{name}.yaml"
    elif kind == "SealedValues":
        right = parts[0] == SEALED and len(parts) == 3  # noqa: PLR2004 - sealed/<environment>/<file>
        hint = f"move it to {specs}/{SEALED}/<environment>/, where `platformc seal` writes it"
    else:
        right = parts[0] not in FOLDERS_OF_THEIR_OWN
        hint = f"move it to an application's folder, or to {specs}/platform.yaml"
    if not right:
        loading.findings.append(
            MISPLACED_DOCUMENT.at(document.name_span, f"{_article(kind)} {kind} does not belong here", hint)
        )
    return right


def _article(word: str) -> str:
    return "an" if word[0] in "AEIOU" else "a"
