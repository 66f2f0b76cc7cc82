"""Claim API: the definitions and Compositions in crossplane/, read as they are.

In      the crossplane folder beside the specs.
Out     objects as plain data, sorted by kind and name.
Finds   what source and reader find; invalid-claim-api.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.diagnostics import Finding, Severity
from compiler.spec.nodes import Mapping, plain
from compiler.spec.reader import read_documents
from compiler.spec.source import read_source, spec_files


@dataclass(frozen=True, slots=True, eq=False)
class ClaimAPI:
    """The objects of the claim API, the texts they were read from, and what was found."""

    objects: tuple[dict[str, Any], ...]
    nodes: tuple[Mapping, ...]
    """The objects with their places, in the same order."""
    texts: dict[str, str]
    findings: tuple[Finding, ...]


def load_claim_api(folder: Path, name: str) -> ClaimAPI:
    """Read every YAML file below `folder`; `name` is what findings call it. A missing folder is empty."""
    found_objects: list[tuple[dict[str, Any], Mapping]] = []
    texts: dict[str, str] = {}
    findings: list[Finding] = []
    files, found = spec_files(folder, name) if folder.exists() else ((), ())
    findings.extend(found)
    for path, file_name in files:
        source, found = read_source(path, file_name)
        findings.extend(found)
        if source is None:
            continue
        texts[file_name] = source.text
        documents, found, _ = read_documents(source)
        findings.extend(found)
        for document in documents:
            data = plain(document.root)
            if document.damaged or data is None:
                continue
            if (
                not isinstance(document.root, Mapping)
                or not isinstance(data.get("metadata"), dict)
                or "kind" not in data
            ):
                message = "not a Kubernetes object: apiVersion, kind and metadata are needed"
                findings.append(Finding(document.root.span, "invalid-claim-api", Severity.ERROR, message))
                continue
            found_objects.append((data, document.root))
    found_objects.sort(key=lambda pair: (str(pair[0]["kind"]), str(pair[0]["metadata"].get("name"))))
    objects, nodes = (tuple(part) for part in zip(*found_objects, strict=True)) if found_objects else ((), ())
    return ClaimAPI(objects, nodes, texts, tuple(findings))
