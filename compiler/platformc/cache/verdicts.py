"""verdicts: what was valid before, so that it is not checked again: documents by kubeconform, claims by rules.

In      documents, the schema that each is checked against, the version of the checker.
Out     a key for each; the keys that are known to be valid.
Never   stores anything but validity: what is wrong is always reported by the checker.

A document's key is a hash of its bytes, of its schema's bytes and of the checker's version, so nothing that
could change a verdict is missed; check/claim_api/cel makes the keys of claims in the same way. The files are
safe to delete at any time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from platformc.atomic_file import write_atomically

DOCUMENTS, CLAIMS = "valid", "valid-claims"
"""The files: one for each checker."""

SIZE = 16
"""Bytes of a key: 128 bits tell any two documents apart."""

MOST = 200_000
"""Keys that are kept: 3 MiB, about 40 times a platform of a thousand components."""


def keys_of(contents: Sequence[bytes], schemas: Sequence[Path], judge: str) -> list[bytes]:
    """The key of each document; `schemas` are the files of their schemas, in the same order, `judge` is a version."""
    digests: dict[Path, bytes] = {}
    for schema in schemas:
        if schema not in digests:
            digests[schema] = hashlib.sha256(judge.encode() + schema.read_bytes()).digest()
    return [
        hashlib.sha256(digests[schema] + content).digest()[:SIZE]
        for content, schema in zip(contents, schemas, strict=True)
    ]


def known_valid(cache: Path, name: str = DOCUMENTS) -> Mapping[bytes, None]:
    """The keys of what was valid, the oldest first; empty if the file is missing or damaged."""
    try:
        content = _file(cache, name).read_bytes()
    except OSError:
        return {}
    if len(content) % SIZE:
        return {}
    return dict.fromkeys(content[start : start + SIZE] for start in range(0, len(content), SIZE))


def remember_valid(cache: Path, known: Mapping[bytes, None], valid: Iterable[bytes], name: str = DOCUMENTS) -> None:
    """Add keys to the known ones; writes nothing if all of them are known."""
    new = [key for key in dict.fromkeys(valid) if key not in known]
    if new:
        kept = [*known, *new][-MOST:]
        write_atomically(_file(cache, name), b"".join(kept))


def _file(cache: Path, name: str) -> Path:
    return cache / "verdicts" / name
