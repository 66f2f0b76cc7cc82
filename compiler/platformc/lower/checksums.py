"""Checksums: annotations that roll a pod when something that it reads at its start has changed.

A Config counts by its content, a Secret's key by its revision: a new value rolls the pods that use
it, resealing for a new certificate rolls none.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from platformc.language import DocumentId, Resource
from platformc.language.models.pod import PodFields
from platformc.language.origin import because_of, derive, unmarked
from platformc.link import Edge, EdgeKind, Program
from platformc.lower import config, secret_files

CONFIG = "platformc.dev/config-checksum"
SECRETS = "platformc.dev/secret-revisions"
FILES = "platformc.dev/secret-files-checksum"
RESTART = "platformc.dev/restart-checksum"
LENGTH = 16
"""Hexadecimal digits: 64 bits distinguish any two states of one workload."""


def digest(data: Any) -> str:
    """A short hash of plain data, the same in every run."""
    text = json.dumps(unmarked(data), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return derive(hashlib.sha256(text.encode()).hexdigest()[:LENGTH], data)


def annotations_of(program: Program, resource: Resource[PodFields]) -> dict[str, str]:
    """The annotations of a pod template for what the pod reads."""
    made: dict[str, str] = {}
    configs = _used(program, resource, EdgeKind.CONFIG)
    if configs:
        contents = {str(edge.target): _config(program, edge) for edge in configs}
        made[CONFIG] = derive(digest(contents), contents, *program.because(*configs))
    secrets = _used(program, resource, EdgeKind.SECRET)
    revisions = sorted({entry for edge in secrets for entry in _revisions(program, edge)})
    if revisions:
        made[SECRETS] = derive(",".join(revisions), revisions, *program.because(*secrets))
    files = {str(edge.target): _files(program, edge) for edge in secrets}
    if any(files.values()):
        made[FILES] = derive(digest(files), files, *program.because(*secrets))
    restarts = program.edges_from(resource.id, EdgeKind.RESTART)
    if restarts:
        others = [program.restarts[edge.target] for edge in restarts if isinstance(edge.target, DocumentId)]
        made[RESTART] = derive(digest(others), others, *program.because(*restarts))
    return made


def _used(program: Program, resource: Resource[Any], kind: EdgeKind) -> list[Edge]:
    return [edge for edge in program.edges_from(resource.id, kind) if isinstance(edge.target, DocumentId)]


def _config(program: Program, edge: Edge) -> dict[str, str]:
    target = program.resources[edge.target]  # type: ignore[index] # _used gives documents only
    contents = config.contents(program, target)
    return {edge.key: contents[edge.key]} if edge.key else contents


def _revisions(program: Program, edge: Edge) -> list[str]:
    """`name.KEY=revision` for each key that the edge reads, including those of a file."""
    target = program.resources[edge.target]  # type: ignore[index] # _used gives documents only
    sealed = program.platform.sealed.get((target.namespace, target.name))
    if sealed is None:
        return []
    stored = sealed.spec.keys
    return [
        derive(
            f"{target.name}.{key}={stored[key].revision}",
            target.name,
            key,
            stored[key].revision,
            because_of([edge.key, *secret_files.texts_with(target, edge.key, key)]),
        )
        for key in keys_behind(target, edge.key)
        if key in stored
    ]


def keys_behind(target: Resource[Any], key: str) -> list[str]:
    """The sealed keys behind one key or file of a Secret; all if it is empty."""
    if not key:
        return list(target.spec.keys)
    if key in target.spec.keys:
        return [key]
    return sorted(
        name for name, several in secret_files.uses(target).items() if any(use.file == key for use in several)
    )


def _files(program: Program, edge: Edge) -> dict[str, str]:
    target = program.resources[edge.target]  # type: ignore[index] # _used gives documents only
    contents = secret_files.contents(program, target)
    if not edge.key:
        return contents
    return {edge.key: contents[edge.key]} if edge.key in contents else {}
