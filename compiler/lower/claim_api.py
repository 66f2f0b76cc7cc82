"""Pass: the claim API, the definitions and Compositions of crossplane/, in an Application of its own."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from compiler.link.program import Program
from compiler.lower.manifest import Manifest
from compiler.lower.metadata import SYNC_OPTIONS, WAVE

APPLICATION = "claim-api"
KEPT = "Prune=false,Delete=false,SkipDryRunOnMissingResource=true"
"""Deleting a definition deletes every claim made with it, and what the claims own."""


def lower_claim_api(program: Program) -> Iterator[Manifest]:
    """The objects as they are written, with what Argo CD must know; nothing where no claim is made, or they are there."""
    settings = program.platform.settings
    if settings.aws is None or settings.crossplane.management_policy == "Observe":
        return  # cluster-wide: two environments of one cluster cannot both own them
    for definition in program.platform.claim_api:
        made = copy.deepcopy(definition)
        is_definition = made["kind"] == "CompositeResourceDefinition"
        annotations = {
            **made["metadata"].get("annotations", {}),
            SYNC_OPTIONS: KEPT if is_definition else "SkipDryRunOnMissingResource=true",
        }
        if not is_definition:
            annotations[WAVE] = "1"
        labels = {"app.kubernetes.io/managed-by": "platformc", **made["metadata"].get("labels", {})}
        made["metadata"] = {**made["metadata"], "labels": labels, "annotations": annotations}
        yield Manifest(made, program.platform.platform.id, APPLICATION)
