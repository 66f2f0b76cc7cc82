"""Profile: a partial Workload or Job that others inherit from."""

from __future__ import annotations

from platformc.language.models.base import SpecModel


class ProfileSpec(SpecModel):
    """Any fields of a Workload or Job. Their values are checked in the documents that extend it."""

    model_config = {"extra": "allow"}
