"""platform_references: references of the Platform that must be just a document or a key.

In      the Platform, what its references stand for.
Out     what one of them stands for.
Finds   unknown-reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformc.diagnostics import Finding
from platformc.language import DocumentId, Platform, Reference, pieces
from platformc.language.models.types import Template
from platformc.link.attributes import SecretValue
from platformc.rules.references import UNKNOWN_REFERENCE

Values = Mapping[tuple[DocumentId, str], Any]


def bound(platform: Platform, values: Values, template: Template) -> object | None:
    """What a template stands for; the text itself if it is not a reference, None if it already has a finding."""
    text = str(template.text)
    found = pieces(text)
    if len(found) == 1 and isinstance(found[0], Reference):
        return values.get((platform.platform.id, found[0].text))
    return text


def check_credentials(platform: Platform, values: Values) -> Iterator[Finding]:
    """Check that Crossplane's own credentials are a key or a file of a Secret."""
    aws = platform.settings.aws
    if aws is None or aws.credentials is None:
        return
    found = bound(platform, values, aws.credentials)
    if found is None or (isinstance(found, SecretValue) and found.document.kind == "Secret"):
        return
    at = platform.platform.at("aws", "credentials")
    message = "`credentials` must be a key or file of a Secret"
    yield UNKNOWN_REFERENCE.at(at, message, "write ${secret.NAME.KEY} alone")
