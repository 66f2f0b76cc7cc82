"""Config -> ConfigMap."""

from __future__ import annotations

from collections.abc import Iterator

from platformc.language import Resource
from platformc.language.models.config import ConfigFile, ConfigSpec
from platformc.language.models.types import Template
from platformc.language.origin import derive
from platformc.link import Program
from platformc.lower.files import written
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import WAVE_OF_ACCESS, metadata
from platformc.lower.values import text, tree


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
