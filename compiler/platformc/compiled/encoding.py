"""encoding: a CompiledEnvironment as bytes, and back.

In      a CompiledEnvironment; bytes of any origin.
Out     bytes, the same for equal values; the value that they were made from.
Finds   DamagedError for bytes that `dump_environment` cannot have made.
Never   contains a line of a file (D31).
"""

from __future__ import annotations

import json
from typing import Any

from platformc.cache import finding_data, finding_of, span_of
from platformc.check import Footprint, InAWS, MissingSchema, Placed
from platformc.compiled import reading
from platformc.compiled.environment import CompiledEnvironment, CompiledFile
from platformc.compiled.reading import DamagedError
from platformc.diagnostics import Finding, Span
from platformc.language import DocumentId
from platformc.lower import ObjectId
from platformc.tree import folder_name, is_digest, is_rendered_path, unique_pairs

JSON = Any

FIELDS = ("name", "findings", "footprint", "claimScope", "files", "valid", "missing", "refused")
IN_AWS = 11
"""Values of a resource in AWS."""
PLACED = 6
FILE = 7


def dump_environment(one: CompiledEnvironment) -> bytes:
    """Return it as JSON in one line."""
    return json.dumps(environment_data(one), separators=(",", ":")).encode()


def parse_environment(content: bytes) -> CompiledEnvironment:
    """Return what `dump_environment` was given. Raises DamagedError."""
    return environment_of_data(parse_json(content))


def parse_json(content: bytes) -> JSON:
    """The data in some JSON. Raises DamagedError."""
    try:
        return json.loads(content, object_pairs_hook=unique_pairs)
    except (ValueError, RecursionError) as error:
        raise DamagedError("it is not JSON") from error


def environment_data(one: CompiledEnvironment) -> dict[str, JSON]:
    """Return it as plain data."""
    files = None if one.files is None else {path: _file_data(file) for path, file in one.files.items()}
    return {
        "name": one.name,
        "findings": [finding_data(finding) for finding in one.findings],
        "footprint": None if one.footprint is None else _footprint_data(one.footprint),
        "claimScope": one.claim_scope,
        "files": files,
        "valid": one.valid,
        "missing": [[missing.api_version, missing.kind, missing.labels] for missing in one.missing],
        "refused": [finding_data(finding) for finding in one.refused],
    }


def environment_of_data(data: JSON) -> CompiledEnvironment:
    """Return what `environment_data` was given. Raises DamagedError."""
    name, findings, footprint, scope, files, valid, missing, refused = reading.fields(data, "an environment", FIELDS)
    name = reading.text(name, "the name of an environment")
    made = CompiledEnvironment(
        name=name,
        findings=tuple(_finding(one) for one in reading.items(findings, "findings")),
        footprint=None if footprint is None else _footprint(name, footprint),
        claim_scope=None if scope is None else reading.text(scope, "the form of a claim API"),
        files=None if files is None else _files(name, files),
        valid=None if valid is None else reading.whole(valid, "the number of valid objects"),
        missing=tuple(_missing(one) for one in reading.items(missing, "kinds without a schema")),
        refused=tuple(_finding(one) for one in reading.items(refused, "findings")),
    )
    if any(finding.environment != name for finding in (*made.findings, *made.refused)):
        raise DamagedError(f"a finding of {name!a} is of another environment")
    return made


def _finding(data: JSON) -> Finding:
    try:
        return finding_of(data)
    except ValueError as error:
        raise DamagedError(str(error)) from error


def _span(data: JSON) -> Span:
    try:
        return span_of(data)
    except ValueError as error:
        raise DamagedError(str(error)) from error


def _file_data(file: CompiledFile) -> list[str]:
    identity = file.id
    return [
        file.sha256,
        file.owner,
        file.api_version,
        identity.group,
        identity.kind,
        identity.namespace,
        identity.name,
    ]


def _files(environment: str, data: JSON) -> dict[str, CompiledFile]:
    try:
        folder = folder_name(environment)
    except ValueError as error:
        raise DamagedError("an environment has no name") from error
    files = {path: _file(one) for path, one in reading.entries(data, "files").items()}
    if not all(is_rendered_path(f"{folder}/{path}") for path in files):
        raise DamagedError("a file has a path that is never written")
    return files


def _file(data: JSON) -> CompiledFile:
    sha256, owner, api_version, *identity = reading.texts(data, "a file", FILE)
    if not is_digest(sha256):
        raise DamagedError("a file has no SHA-256 digest")
    return CompiledFile(sha256, owner, ObjectId(*identity), api_version)


def _footprint_data(footprint: Footprint) -> dict[str, JSON]:
    return {
        "at": footprint.at,
        "managed": [_in_aws_data(one) for one in footprint.managed],
        "observed": [_in_aws_data(one) for one in footprint.observed],
        "placed": [
            [one.cluster, one.id.group, one.id.kind, one.id.namespace, one.id.name, one.at] for one in footprint.placed
        ],
    }


def _footprint(name: str, data: JSON) -> Footprint:
    at, managed, observed, placed = reading.fields(data, "a footprint", ("at", "managed", "observed", "placed"))
    return Footprint(
        name,
        tuple(_in_aws(one) for one in reading.items(managed, "what is managed")),
        tuple(_in_aws(one) for one in reading.items(observed, "what is observed")),
        tuple(_placed(one) for one in reading.items(placed, "what is on clusters")),
        _span(at),
    )


def _in_aws_data(one: InAWS) -> list[JSON]:
    document = one.document
    names = (one.account, one.region, one.kind, one.name, one.same, one.part, one.written)
    return [*names, document.kind, document.application, document.name, one.at]


def _in_aws(data: JSON) -> InAWS:
    *names, at = reading.items(data, "a resource in AWS", IN_AWS)
    account, region, kind, name, same, part, written, *document = reading.texts(names, "a resource in AWS")
    return InAWS(account, region, kind, name, same, _span(at), DocumentId(*document), part, written)


def _placed(data: JSON) -> Placed:
    *names, at = reading.items(data, "an object on a cluster", PLACED)
    cluster, *identity = reading.texts(names, "an object on a cluster")
    return Placed(cluster, ObjectId(*identity), _span(at))


def _missing(data: JSON) -> MissingSchema:
    api_version, kind, labels = reading.items(data, "a kind without a schema", 3)
    return MissingSchema(
        reading.text(api_version, "an apiVersion"),
        reading.text(kind, "a kind"),
        tuple(reading.texts(labels, "the objects of a kind")),
    )
