"""sealed_secret: objects of kind SealedSecret: imported ones, and the controller's responses.

In      YAML or JSON of a SealedSecret.
Out     its name, namespace, scope, and the ciphertext of each key.
Never   uses anything else of it: a template's labels, or further items of a response.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import FindingsError, ToolError
from platformc.language import SourceFile, read_documents
from platformc.language.nodes import plain
from platformc.lower.secret import SCOPE_ANNOTATIONS
from platformc.sealed_secrets import SealingScope, value_size

API_VERSION = "bitnami.com/v1alpha1"


@dataclass(frozen=True, slots=True)
class SealedSecret:
    """What a SealedSecret says about its values."""

    scope: SealingScope
    encrypted: Mapping[str, str]


def read_sealed_secrets(path: str, text: str) -> tuple[SealedSecret, ...]:
    """All SealedSecrets of a YAML or JSON text. Raises FindingsError for damaged YAML, ToolError for other objects."""
    documents, findings, _ = read_documents(SourceFile(path, text))
    if findings:
        raise FindingsError(findings)
    objects = [plain(document.root) for document in documents]
    flat = [item for one in objects for item in (one.get("items", [one]) if isinstance(one, dict) else [one])]
    found = tuple(parse(path, one) for one in flat if one is not None)
    if not found:
        raise ToolError(f"{path} does not contain a SealedSecret")
    return found


def parse(path: str, data: Any) -> SealedSecret:
    """A SealedSecret from plain data. Raises ToolError if it is not one, or has no ciphertext."""
    if not isinstance(data, dict) or (data.get("apiVersion"), data.get("kind")) != (API_VERSION, "SealedSecret"):
        raise ToolError(f"{path} is not a SealedSecret of {API_VERSION}")
    metadata, spec = data.get("metadata"), data.get("spec")
    encrypted = spec.get("encryptedData") if isinstance(spec, dict) else None
    name = metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(name, str) or not isinstance(encrypted, dict):
        raise ToolError(f"{path} has no name or no spec.encryptedData")
    for key, ciphertext in encrypted.items():
        try:
            value_size(ciphertext if isinstance(ciphertext, str) else "")
        except ValueError as error:
            raise ToolError(f"{path}: {key} is not a ciphertext: {error}") from error
    return SealedSecret(SealingScope(_scope(metadata), str(metadata.get("namespace") or ""), name), encrypted)


def _scope(metadata: Mapping[str, Any]) -> str:
    """The widest scope wins (bitnami/sealed-secrets, pkg/apis: SecretScope)."""
    annotations = metadata.get("annotations") or {}
    for scope in ("cluster-wide", "namespace-wide"):
        if any(annotations.get(name) == value for name, value in SCOPE_ANNOTATIONS[scope].items()):
            return scope
    return "strict"


def request_to_rotate(scope: SealingScope, encrypted: Mapping[str, str]) -> bytes:
    """What to send to the controller's rotate endpoint: only values, since it renders templates into its response."""
    metadata = {
        "name": scope.name,
        "namespace": scope.namespace,
        "annotations": SCOPE_ANNOTATIONS[scope.scope],
    }
    spec = {"encryptedData": dict(encrypted), "template": {"metadata": metadata}}
    return json.dumps({"apiVersion": API_VERSION, "kind": "SealedSecret", "metadata": metadata, "spec": spec}).encode()


def rotated(answer: bytes, asked: SealingScope, encrypted: Mapping[str, str]) -> Mapping[str, str]:
    """The resealed values of a response, for exactly the keys that were sent. Raises ToolError."""
    try:
        data = json.loads(answer)
    except ValueError as error:
        raise ToolError("the controller's response is not JSON") from error
    kind = {"apiVersion": API_VERSION, "kind": "SealedSecret"}  # which Go leaves out (pkg/controller: Rotate)
    found = parse("the controller's response", {**kind, **data} if isinstance(data, dict) else data)
    missing = encrypted.keys() - found.encrypted.keys()
    if missing or not asked.opens(found.scope):
        raise ToolError(f"the controller's response is not for {asked.namespace}/{asked.name} and its keys")
    for key, ciphertext in encrypted.items():
        if value_size(found.encrypted[key]) != value_size(ciphertext):
            raise ToolError(f"the controller's response has a different size for {key}")
    return {key: found.encrypted[key] for key in encrypted}
