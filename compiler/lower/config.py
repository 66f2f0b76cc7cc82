"""Config -> ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.link.program import Program
from compiler.lower.files import written
from compiler.lower.manifest import Manifest
from compiler.lower.metadata import WAVE_OF_ACCESS, metadata
from compiler.lower.values import text, tree
from compiler.spec.models.config import ConfigFile, ConfigSpec
from compiler.spec.models.types import Template
from compiler.spec.origin import derive
from compiler.spec.platform import Resource


def lower(program: Program, resource: Resource[ConfigSpec]) -> Iterator[Manifest]:
    """One ConfigMap with all files."""
    yield Manifest(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": metadata(program, resource, resource.name, wave=WAVE_OF_ACCESS),
            "data": contents(program, resource),
        },
        resource.id,
        resource.id.application,
    )


def contents(program: Program, resource: Resource[ConfigSpec]) -> dict[str, str]:
    """The files by name, as the pods see them."""
    return {name: _content(program, resource, file) for name, file in resource.spec.files.items()}


def _content(program: Program, resource: Resource[ConfigSpec], file: ConfigFile) -> str:
    if file.data is not None:
        return written(tree(program, resource, file.data), file.format or "")
    template = file.text or Template("")
    if file.references:
        return text(program, resource, template)
    return derive(str(template.text), template.text)
