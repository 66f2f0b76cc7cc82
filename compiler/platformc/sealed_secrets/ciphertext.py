"""ciphertext: what a sealed value tells without a key: how long it is, and for how large a key it was sealed.

In      text as it stands in `encryptedData`.
Out     the value's size, the key's size, or why the text is no ciphertext.
Never   opens anything; a change inside of it is seen by the controller alone.

Source: bitnami/sealed-secrets, pkg/crypto/crypto.go (HybridEncrypt): base64 of two bytes for the length of the
RSA part, that part, and the value by AES-GCM, whose tag has 16 bytes.
"""

from __future__ import annotations

import base64
import binascii
import struct

LENGTH = struct.Struct(">H")
TAG = 16
"""Bytes that AES-GCM adds."""


def value_size(ciphertext: str) -> int:
    """The size of the sealed value in bytes. Raises ValueError with the bare reason if the text is not a ciphertext."""
    return _sizes(ciphertext)[1]


def key_bits(ciphertext: str) -> int:
    """The size of the RSA key that a value was sealed for. Raises ValueError as value_size does."""
    return _sizes(ciphertext)[0] * 8


def sealed_length(size: int, bits: int) -> int:
    """The length of the ciphertext of a value of some size under a key."""
    data = LENGTH.size + (bits + 7) // 8 + size + TAG
    return (data + 2) // 3 * 4


def _sizes(ciphertext: str) -> tuple[int, int]:
    """Bytes of the RSA part, and of the value."""
    try:
        data = base64.b64decode(ciphertext, validate=True)
        (wrapped,) = LENGTH.unpack_from(data)
    except (binascii.Error, ValueError, struct.error):  # ValueError: not ASCII
        raise ValueError("it is not base64, or too short") from None
    size = len(data) - LENGTH.size - int(wrapped) - TAG
    if size < 0 or not wrapped:
        raise ValueError("it is too short")
    return int(wrapped), size
