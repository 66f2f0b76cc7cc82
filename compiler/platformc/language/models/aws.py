"""AWS resources: the fields that all of them have."""

from __future__ import annotations

from typing import Literal

from platformc.language.models.aws_tags import Tags
from platformc.language.models.base import DocumentSpec


class ManagedSpec(DocumentSpec):
    """The fields of every AWS resource. Inherited, because YAML has them in one map with a kind's own."""

    deletion_policy: Literal["Orphan", "Delete"] = "Orphan"
    """What happens to it in AWS when the document is removed: Orphan keeps it, Delete deletes it."""
    management_policy: Literal["Full", "Observe"] = "Full"
    """Observe if another environment or tool owns it: it is never created, changed or deleted from here."""
    tags: Tags = {}
    """Tags in addition to the platform's."""
