"""ownership: the index of what platformc wrote, rendered/.platformc/index.json.

In      the index as bytes, from a repository that anyone may have edited.
Out     Index: environment -> path -> digest and owner; as bytes with one line per file, so that git shows moves.
Finds   ownership-index-broken.
Never   accepts a path that `layout` cannot have made: the index decides what is deleted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from platformc.diagnostics import Finding, Span
from platformc.rules.output import OWNERSHIP_INDEX_BROKEN
from platformc.tree.layout import folder_name, is_rendered_path

VERSION = 1
"""Version of the file format; an index of another version is rejected."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class OwnedFile:
    """What was written to one path: SHA-256 of its bytes in hexadecimal, and the document that it comes from."""

    sha256: str
    owner: str


@dataclass(frozen=True, slots=True)
class OwnedEnvironment:
    """The files of one environment by path below its folder. `unsealed`: some secrets are missing, never publish."""

    files: Mapping[str, OwnedFile]
    unsealed: bool = False


@dataclass(frozen=True, slots=True)
class Index:
    """Everything platformc owns below rendered/, by environment."""

    environments: Mapping[str, OwnedEnvironment] = field(default_factory=lambda: MappingProxyType({}))


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal, as in the index."""
    return hashlib.sha256(content).hexdigest()


def is_digest(value: object) -> bool:
    """Whether a value can be what `digest` returned."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build a JSON object (as `object_pairs_hook`); ValueError for a repeated key: json would keep only the last."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object has the same key twice")
    return result


def dump_index(index: Index) -> bytes:
    """The index as JSON: sorted, one line per file, ending with a line break."""
    environments = ",\n".join(
        f"    {json.dumps(name)}: {_environment_text(environment)}"
        for name, environment in sorted(index.environments.items())
    )
    body = f"{{\n{environments}\n  }}" if environments else "{}"
    return f'{{\n  "version": {VERSION},\n  "environments": {body}\n}}\n'.encode()


def _environment_text(environment: OwnedEnvironment) -> str:
    files = ",\n".join(
        f'        {json.dumps(path)}: {{"sha256": "{file.sha256}", "owner": {json.dumps(file.owner)}}}'
        for path, file in sorted(environment.files.items())
    )
    body = f"{{\n{files}\n      }}" if files else "{}"
    return f'{{\n      "unsealed": {json.dumps(environment.unsealed)},\n      "files": {body}\n    }}'


def parse_index(content: bytes, path: str) -> tuple[Index, tuple[Finding, ...]]:
    """Read an index; `path` is its path relative to the repository root.

    A broken one is returned empty, with the finding that says why. Nothing is raised.
    """
    try:
        return _index(json.loads(content, object_pairs_hook=unique_pairs)), ()
    except RecursionError:
        reason = "it is nested too deeply"
    except ValueError as error:  # not JSON, not UTF-8, or not the contents of an index
        reason = str(error)
    hint = f"restore it: git restore {path}"
    message = f"the ownership index cannot be read: {reason}"
    return Index(), (OWNERSHIP_INDEX_BROKEN.at(Span(path), message, hint),)


def _index(data: object) -> Index:
    top = _object(data, "the index", {"version", "environments"})
    if type(top["version"]) is not int or top["version"] != VERSION:
        raise ValueError(f"its version is not {VERSION}; another version of platformc may have written it")
    environments = _object(top["environments"], "environments")
    return Index(MappingProxyType({name: _environment(name, entry) for name, entry in environments.items()}))


def _environment(name: str, data: object) -> OwnedEnvironment:
    entry = _object(data, f"environment {name!a}", {"unsealed", "files"})
    folder = folder_name(name)
    if not isinstance(entry["unsealed"], bool):
        raise ValueError(f"`unsealed` of environment {name!a} is not a boolean")  # noqa: TRY004 - one error for bad data
    files = _object(entry["files"], f"files of environment {name!a}")
    return OwnedEnvironment(
        MappingProxyType({path: _file(folder, path, file) for path, file in files.items()}), entry["unsealed"]
    )


def _file(folder: str, path: str, data: object) -> OwnedFile:
    entry = _object(data, f"file {path!a}", {"sha256", "owner"})
    if not is_rendered_path(f"{folder}/{path}"):
        raise ValueError(f"{path!a} is not a path that platformc writes")
    if not is_digest(entry["sha256"]) or not isinstance(entry["owner"], str):
        raise ValueError(f"file {path!a} has no SHA-256 digest or no owner")
    return OwnedFile(entry["sha256"], entry["owner"])


def _object(data: object, what: str, keys: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise ValueError(f"{what} is not a JSON object")  # noqa: TRY004 - one error for bad data
    if keys is not None and data.keys() != keys:
        raise ValueError(f"{what} must have exactly the fields {', '.join(sorted(keys))}")
    return data
