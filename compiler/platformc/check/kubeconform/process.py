"""kubeconform_call: one call of the program over many documents, which goes on while others work.

In      documents that each have a schema, the program, the folders of schemas.
Out     each document with its one result, in kubeconform's own words.
Never   lets a document go without a result; leaves a file behind once its results are taken or it is stopped.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformc.diagnostics import ToolError

JSON = Any

LAYOUT = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"
SECONDS = 300

FAULTS_OF_A_DOCUMENT = ("error unmarshalling resource: ", "error while parsing: ")
"""How an error starts that is the document's. Source: kubeconform v0.7.0 pkg/validator/validator.go."""

Result = Mapping[str, JSON]
Identity = tuple[str, str, str]
"""apiVersion, kind and name: by these, and the file, kubeconform names a result."""


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document to validate; no two are one file of one environment."""

    environment: str
    file: str
    """Its path below the environment's folder."""
    api_version: str
    kind: str
    name: str
    content: bytes

    @property
    def label(self) -> str:
        """What people, and dictionaries here, call it: its path below the output folder."""
        return f"{self.environment}/{self.file}"


@dataclass(frozen=True, slots=True)
class Validator:
    """kubeconform, and what it holds documents against."""

    binary: Path
    kubernetes_version: str
    """As `1.34`."""
    schemas: tuple[Path, ...]
    """Absolute folders, in the order in which they count."""


@dataclass(frozen=True, slots=True)
class _Work:
    """The process, and the folder in which it reads and writes."""

    command: Sequence[str]
    process: subprocess.Popen[bytes]
    folder: tempfile.TemporaryDirectory[str]


@dataclass(frozen=True, slots=True)
class Call:
    """The program at work; `results` or `stop` must follow."""

    validator: Validator
    files: Sequence[Mapping[Identity, Document]]
    """What each file holds, numbered from 0."""
    work: _Work | None
    """None where there is nothing to ask."""


def ask(documents: Sequence[Document], validator: Validator) -> Call:
    """Start kubeconform.

    It names a result by file, apiVersion, kind and name, and gives them in any order. So documents
    share few files (thousands of files are slow to write), but never with another of the same
    apiVersion, kind and name. Raises ToolError where it cannot be started.
    """
    shared: defaultdict[int, dict[Identity, Document]] = defaultdict(dict)
    seen: defaultdict[Identity, int] = defaultdict(int)
    for document in documents:
        key = (document.api_version, document.kind, document.name)
        shared[seen[key]][key] = document
        seen[key] += 1
    return _start(list(shared.values()), validator)


def results(call: Call) -> list[tuple[Document, Result]]:
    """Wait for it: each document with its one result.

    A document kubeconform cannot read has no name in its result: those that did not find exactly one
    are asked about again, each in a file of its own. Raises ToolError where kubeconform fails.
    """
    named: defaultdict[tuple[int, Identity], list[Result]] = defaultdict(list)
    for result in _taken(call):
        key = (result["version"], result["kind"], result["name"])
        named[_number(result), key].append(result)
    found: list[tuple[Document, Result]] = []
    left: list[Document] = []
    for number, members in enumerate(call.files):
        for key, document in members.items():
            own = named[number, key]
            if len(own) == 1:
                found.append((document, own[0]))
            else:
                left.append(document)
    return found + _results_alone(left, call.validator)


def stop(call: Call) -> None:
    """End it, where nobody wants its results any more; nothing happens to one whose results were taken."""
    if call.work is not None:
        call.work.process.kill()
        call.work.process.wait()
        call.work.folder.cleanup()


def _results_alone(documents: Sequence[Document], validator: Validator) -> list[tuple[Document, Result]]:
    """As `results`, where the file alone says whose result it is."""
    call = _start([{(one.api_version, one.kind, one.name): one} for one in documents], validator)
    of_file: defaultdict[int, list[Result]] = defaultdict(list)
    for result in _taken(call):
        of_file[_number(result)].append(result)
    for number, document in enumerate(documents):
        if len(of_file[number]) != 1:
            raise ToolError(f"kubeconform reports {len(of_file[number])} results for {document.label}")
    return [(document, of_file[number][0]) for number, document in enumerate(documents)]


def _number(result: Result) -> int:
    return int(Path(result["filename"]).stem)


def _start(files: Sequence[Mapping[Identity, Document]], validator: Validator) -> Call:
    if not files:
        return Call(validator, files, None)
    folder = tempfile.TemporaryDirectory(prefix="platformc-")  # mode 0700
    try:
        documents, out, err = _places(folder)
        documents.mkdir()
        for number, members in enumerate(files):
            parts = (
                part.content if part.content.endswith(b"\n") else part.content + b"\n" for part in members.values()
            )
            (documents / f"{number}.yaml").write_bytes(b"---\n".join(parts))
        # As addresses, because kubeconform reads them as such: in a bare path, a # in the name of
        # a home or a {{ would mean something else.
        places = [f"{path.as_uri()}/{LAYOUT}" for path in validator.schemas]
        command = [
            str(validator.binary),
            "-strict",
            "-verbose",
            *("-output", "json"),
            *("-kubernetes-version", f"{validator.kubernetes_version}.0"),
            *(word for place in places for word in ("-schema-location", place)),
            *("-n", str(os.cpu_count() or 1)),
            str(documents),
        ]
        # Into files, not pipes: nobody reads while it works.
        with out.open("wb") as stdout, err.open("wb") as stderr:
            try:
                process = subprocess.Popen(  # noqa: S603 - an argument list
                    command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr
                )
            except OSError as error:
                raise ToolError(f"kubeconform cannot be run: {error}", command=command) from error
    except BaseException:
        folder.cleanup()
        raise
    return Call(validator, files, _Work(command, process, folder))


def _places(folder: tempfile.TemporaryDirectory[str]) -> tuple[Path, Path, Path]:
    """Where documents lie, and where the program writes what it has to say."""
    return Path(folder.name) / "documents", Path(folder.name) / "stdout", Path(folder.name) / "stderr"


def _taken(call: Call) -> list[Result]:
    """All its results, in any order."""
    if call.work is None:
        return []
    command = call.work.command
    try:
        _, out, err = _places(call.work.folder)
        try:
            status = call.work.process.wait(SECONDS)
        except subprocess.TimeoutExpired as error:
            raise ToolError(f"kubeconform cannot be run: {error}", command=command) from error
        return _understood(command, status, out.read_bytes(), err.read_bytes())
    finally:
        stop(call)


def _understood(command: Sequence[str], status: int, out: bytes, err: bytes) -> list[Result]:
    """The results, if the exit code is the one that they explain: 1 if one is not valid, else 0."""
    errors = err.decode(errors="replace")
    try:
        found: list[Result] = json.loads(out)["resources"]
    except (ValueError, KeyError, TypeError) as error:
        message = "kubeconform reports no results"
        raise ToolError(message, command=command, status=status, output=errors) from error
    refused = any(result["status"] in {"statusInvalid", "statusError"} for result in found)
    # Each document's schema exists, so what is no fault of a document is a schema that cannot be loaded.
    unloaded = sorted(
        result["msg"]
        for result in found
        if result["status"] == "statusError" and not result["msg"].startswith(FAULTS_OF_A_DOCUMENT)
    )
    skipped = any(result["status"] == "statusSkipped" for result in found)
    if status != int(refused) or unloaded or skipped:
        raise ToolError(
            f"kubeconform cannot load a schema: {unloaded[0]}" if unloaded else "kubeconform failed",
            command=command,
            status=status,
            output=errors,
            hint="delete the schemas in the cache folder and try again" if unloaded else "",
        )
    return found
