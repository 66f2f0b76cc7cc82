"""Config: files without secrets, in a ConfigMap."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from platformc.language.models.base import Boolean, DocumentSpec, SpecModel
from platformc.language.models.file_content import check_content
from platformc.language.models.types import DataKey, TemplateMap, TemplateText


class ConfigFile(SpecModel):
    """One file, from data in a format or from text."""

    format: Literal["toml", "json", "yaml", "env"] | None = None
    """The format that `data` is written in."""
    data: TemplateMap | None = None
    """The content; numbers and switches keep their type."""
    text: TemplateText | None = None
    """The content, verbatim; references in it are replaced."""
    references: Boolean = True
    """False if `${` in the text belongs to another tool's syntax."""

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        check_content(self.data, self.text, self.format)
        return self


class ConfigSpec(DocumentSpec):
    """Files without secrets."""

    files: dict[DataKey, ConfigFile]
    """The files by name."""
