"""Pass: the claim API, the definitions and Compositions of crossplane/, in an Application of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.language.origin import because_of, derive
from platformc.link import Program
from platformc.lower.composed import COMPOSITION
from platformc.lower.legacy_claim_api import DEFINITION, legacy_form
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import SYNC_OPTIONS, WAVE, WITHOUT_DRY_RUN

APPLICATION = "claim-api"
KEPT = f"Prune=false,Delete=false,{WITHOUT_DRY_RUN}"
"""Deleting a definition deletes every claim made with it, and what the claims own."""


def lower_claim_api(program: Program) -> Iterator[Manifest]:
    """The objects as written, or in the older form, with annotations for Argo CD."""
    if not is_rendered(program):
        return
    for definition in claim_api(program):
        if definition["kind"] == DEFINITION:
            yield with_notes(program, _scoped(program, definition), APPLICATION, {SYNC_OPTIONS: KEPT})
        elif definition["kind"] == COMPOSITION:
            yield with_notes(program, definition, APPLICATION, {SYNC_OPTIONS: WITHOUT_DRY_RUN, WAVE: "1"})


def _scoped(program: Program, definition: dict[str, Any]) -> dict[str, Any]:
    """A definition whose scope says that the Platform chooses it."""
    spec = definition.get("spec")
    if not isinstance(spec, dict) or "scope" not in spec:
        return definition
    chosen = because_of(program.platform.settings.crossplane.scope)
    return {**definition, "spec": {**spec, "scope": derive(spec["scope"], chosen)}}


def is_rendered(program: Program) -> bool:
    """Whether this environment installs what Crossplane needs: it has claims, and no other one of its cluster does it.

    All of it is cluster-wide, so two environments of one cluster cannot both own it.
    """
    settings = program.platform.settings
    return settings.aws is not None and settings.crossplane.management_policy != "Observe"


def claim_api(program: Program) -> tuple[dict[str, Any], ...]:
    """All objects of crossplane/ in the form of `crossplane.scope`; readers must not change them."""
    written = program.platform.claim_api
    if program.platform.settings.crossplane.scope == "LegacyCluster":
        return tuple(legacy_form(definition) for definition in written)
    return written


def with_notes(program: Program, written: dict[str, Any], application: str, notes: dict[str, str]) -> Manifest:
    """An object of crossplane/ as written, with our label and with annotations for Argo CD."""
    described = written["metadata"]
    labels = {"app.kubernetes.io/managed-by": "platformc", **described.get("labels", {})}
    annotations = {**described.get("annotations", {}), **notes}
    made = {**written, "metadata": {**described, "labels": labels, "annotations": annotations}}
    return Manifest(made, program.platform.platform.id, application)
