"""Profile: a partial Workload or Job that others extend."""

from __future__ import annotations

from platformc.language.models.base import SpecModel


class ProfileSpec(SpecModel):
    """Any fields of a Workload or Job. What they hold is checked in the documents that extend it."""

    model_config = {"extra": "allow"}
