"""Resources in AWS: the fields that all of them have."""

from __future__ import annotations

from typing import Literal

from platformc.language.models.aws_tags import Tags
from platformc.language.models.base import DocumentSpec


class ManagedSpec(DocumentSpec):
    """The fields of everything in AWS. Inherited, as YAML has them in one map with a kind's own."""

    deletion_policy: Literal["Orphan", "Delete"] = "Orphan"
    """What becomes of it in AWS when the document goes: Orphan keeps it."""
    management_policy: Literal["Full", "Observe"] = "Full"
    """Observe where another environment or tool owns it; it is then never created, changed or deleted from here."""
    tags: Tags = {}
    """Tags beside the platform's."""
