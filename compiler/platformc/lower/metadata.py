"""Metadata: the names, labels and annotations of every object."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.language import DocumentId, Resource
from platformc.language.origin import derive
from platformc.link import Edge, EdgeKind, Program

NAME_LABEL = "app.kubernetes.io/name"
WAVE = "argocd.argoproj.io/sync-wave"
SYNC_OPTIONS = "argocd.argoproj.io/sync-options"
EMPTY: tuple[Any, ...] = ({}, [], ())
CONFIRMED_REMOVAL = "Prune=confirm,Delete=confirm"
WITHOUT_DRY_RUN = "SkipDryRunOnMissingResource=true"
"""For objects whose kind another Application installs: Argo CD rejects a sync with an unknown kind."""

# Inside one Application.
WAVE_OF_ACCESS = -3
WAVE_OF_SECRETS = -2


def labels(program: Program, resource: Resource[Any]) -> dict[str, str]:
    """The labels of every object made from a document (Kubernetes docs, "Recommended Labels")."""
    return {
        NAME_LABEL: resource.name,
        "app.kubernetes.io/part-of": resource.id.application,
        "app.kubernetes.io/component": resource.kind.name.lower(),
        "app.kubernetes.io/managed-by": "platformc",
        "app": resource.name,  # the old runbooks select on it
        **program.platform.settings.defaults.labels,
        **resource.metadata.labels,
    }


def wave_of(program: Program, document: DocumentId, default: int = 0) -> int:
    """The wave of a document in its Application, from all `order` edges that lead to it."""
    if document not in program.waves:
        return default
    if not program.platform.is_marked:
        return program.waves[document]
    found: list[Edge] = []
    known = {document}
    waiting = [document]
    for one in waiting:
        for edge in program.edges_from(one, EdgeKind.ORDER):
            found.append(edge)
            if isinstance(edge.target, DocumentId) and edge.target not in known:
                known.add(edge.target)
                waiting.append(edge.target)
    return derive(program.waves[document], *program.because(*found))


def selector(resource: Resource[Any]) -> dict[str, str]:
    """The labels that select a document's pods; they can never change."""
    return {NAME_LABEL: resource.name}


def metadata(
    program: Program,
    resource: Resource[Any],
    name: str,
    *,
    wave: int = 0,
    namespaced: bool = True,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The metadata of one object; empty parts are left out."""
    notes = {**resource.metadata.annotations, **(annotations or {})}
    if wave:
        notes[WAVE] = derive(str(wave), wave)
    made: dict[str, Any] = {"name": name}
    if namespaced:
        made["namespace"] = resource.namespace
    made["labels"] = labels(program, resource)
    if notes:
        made["annotations"] = notes
    return made


def without_nothing(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with a value: None, empty maps and empty lists are left out."""
    return {key: field for key, field in fields.items() if field is not None and field not in EMPTY}
