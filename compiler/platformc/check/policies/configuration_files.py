"""Configuration files: the files in ConfigMaps and SealedSecrets, and where each container mounts them.

In      manifests; the specs, for files that are completed in the cluster.
Out     files with their data; the files of a container by path.
Never   raises for text that is invalid in its format: such a file has no data.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.check.policies.object_fields import below, kind_of, mapping, name_of, namespace_of, sequence, text
from platformc.check.policies.policy import Pod
from platformc.language import Reference, SourceFile, pieces, read_documents
from platformc.language.models.config import ConfigSpec
from platformc.language.models.secret import SecretSpec
from platformc.language.nodes import KeyPath, plain
from platformc.link import Program
from platformc.lower import Manifest

FORMATS = {"toml": "toml", "json": "json", "yaml": "yaml", "yml": "yaml", "env": "env", "dotenv": "env"}
"""A file's extension, or its `format` -> how it is parsed."""
PLACES: Mapping[str, KeyPath] = {"ConfigMap": ("data",), "SealedSecret": ("spec", "template", "data")}
TEMPLATE = re.compile(r'"\{\{.*?\}\}"|\{\{.*?\}\}')
FILLED_IN = "<filled in>"
"""Stands for a value that only the controller knows."""

Data = dict[str, Any]
Holder = tuple[str, str, str]
"""Kind, namespace and name of an object with files; the kind is empty for any other volume."""


@dataclass(frozen=True)  # without slots: cached_property needs __dict__
class ConfigurationFile:
    """One file of an object. `source` is its data as the spec gives it, or its text."""

    manifest: Manifest
    name: str
    place: KeyPath
    """Path of its content in the object."""
    format: str
    """One of FORMATS' values; empty for any other format."""
    source: Any

    @cached_property
    def data(self) -> Data | None:
        """The parsed content; None if it cannot be parsed."""
        if isinstance(self.source, dict):
            return self.source
        return _parsed(TEMPLATE.sub(f'"{FILLED_IN}"', text(self.source)), self.format)


def configuration_files(program: Program, manifest: Manifest) -> Iterator[ConfigurationFile]:
    """Yield the files of a ConfigMap or a SealedSecret; nothing for other objects."""
    kind = kind_of(manifest)
    if kind not in PLACES:
        return
    resource = program.resources.get(manifest.owner)
    spec = resource.spec if resource is not None else None
    for name, content in mapping(below(manifest.object, *map(str, PLACES[kind]))).items():
        declared = spec.files.get(name) if isinstance(spec, ConfigSpec | SecretSpec) else None
        written, source = name.rpartition(".")[2], content
        if declared is not None and declared.data is not None:
            written = declared.format or ""
        if kind == "SealedSecret" and declared is not None:
            # As written in the spec: values that the cluster fills in are references there.
            source = declared.data.value if declared.data is not None else str(declared.text and declared.text.text)
        yield ConfigurationFile(manifest, name, (*PLACES[kind], name), FORMATS.get(written, ""), source)


Files = Mapping[Holder, Mapping[str, ConfigurationFile]]


def index(program: Program, manifests: Sequence[Manifest]) -> Files:
    """Return the files of all objects, by name."""
    return {
        (kind_of(manifest), namespace_of(manifest), name_of(manifest)): {
            file.name: file for file in configuration_files(program, manifest)
        }
        for manifest in manifests
        if kind_of(manifest) in PLACES
    }


def mounted(pod: Pod, container: Data) -> Iterator[tuple[str, Holder, str]]:
    """Yield what a container mounts: the path, the holder of the files, and the file's name, empty for all files."""
    volumes = {text(mapping(one).get("name")): mapping(one) for one in sequence(pod.spec.get("volumes"))}
    for one in sequence(container.get("volumeMounts")):
        mount = mapping(one)
        volume = volumes.get(text(mount.get("name")), {})
        config, secret = text(below(volume, "configMap", "name")), text(below(volume, "secret", "secretName"))
        kind = "ConfigMap" if config else "SealedSecret" if secret else ""
        holder = (kind, namespace_of(pod.manifest), config or secret)
        yield text(mount.get("mountPath")), holder, text(mount.get("subPath"))


def is_filled_in(value: Any) -> bool:
    """Whether any part of a value comes from a Secret's key."""
    if isinstance(value, dict):
        return any(map(is_filled_in, value.values()))
    if isinstance(value, list):
        return any(map(is_filled_in, value))
    return isinstance(value, str) and (
        FILLED_IN in value or any(isinstance(piece, Reference) and piece.word == "secret" for piece in pieces(value))
    )


def _parsed(content: str, file_format: str) -> Data | None:
    """Return the data of a text in a format; None if it is invalid."""
    try:
        if file_format == "toml":
            return tomllib.loads(content)
        if file_format == "json":
            found = json.loads(content)
        elif file_format == "yaml":
            documents, _, _ = read_documents(SourceFile("", content))
            found = plain(documents[0].root) if len(documents) == 1 and not documents[0].damaged else None
        elif file_format == "env":
            lines = [line.strip() for line in content.splitlines()]
            found = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        else:
            return None
    except (ValueError, RecursionError):  # tomllib's and json's errors are ValueErrors
        return None
    return found if isinstance(found, dict) else None
