"""Addon: an upstream Helm chart that Argo CD renders."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from platformc.language.models.base import DocumentSpec, Integer, problem
from platformc.language.models.types import Label, TemplateMap
from platformc.rules.fields import INVALID_VERSION


def _exact_version(text: str) -> str:
    if not re.fullmatch(r"v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", text):
        raise problem(INVALID_VERSION, f"{text!r} is not an exact version", "write it in full, such as 2.19.0")
    return text


class AddonSpec(DocumentSpec):
    """An upstream Helm chart, the only thing that Argo CD renders itself."""

    repo_url: Annotated[str, Field(alias="repoURL")]
    """The URL of the chart repository."""
    chart: str
    """The chart's name."""
    version: Annotated[str, AfterValidator(_exact_version)]
    """Its exact version."""
    release_name: str | None = None
    """The release's name; defaults to the document's."""
    namespace: Label
    """The namespace to install it in."""
    values: TemplateMap | None = None
    """The chart's values."""
    sync_wave: Integer = -20
    """Its position among the applications on the first installation."""
