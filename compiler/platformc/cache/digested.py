"""digested: bytes with their own digest before them, so that damage is seen.

In      bytes to keep; bytes of a file, which may be damaged.
Out     the same with a digest, or without it; None if one does not belong to the other.
Never   says where bytes come from: whoever can write a file can write a digest.
"""

from __future__ import annotations

import hashlib


def with_digest(content: bytes) -> bytes:
    """Put the digest in a line of its own before the content."""
    return f"{hashlib.sha256(content).hexdigest()}\n".encode() + content


def without_digest(content: bytes) -> bytes | None:
    """Return what `with_digest` was given; None for anything that it did not make."""
    digest, _, body = content.partition(b"\n")
    return body if digest == hashlib.sha256(body).hexdigest().encode() else None
