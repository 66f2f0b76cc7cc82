"""generators: values that nobody has to choose.

In      a Secret's `generate`.
Out     bytes from the system's random source; for a VAPID pair both halves.
Never   makes the same value twice, but for a literal.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import string
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from platformc.language.models.secret import Generate

PASSWORD_LENGTH = 40
KEY_BYTES = 32
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
"""No space: forms and files drop it at the ends."""
CHARSETS = {None: string.ascii_letters + string.digits, "printable": PRINTABLE, "hex": "0123456789abcdef"}
CHARSETS["alphanumeric"] = CHARSETS[None]
POINT_CHARACTERS = 87
"""Of base64url without padding for the 65 bytes of a point on P-256."""


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """Both halves of a VAPID pair, as Stoat wants them."""

    private: bytes
    public: bytes


def generated(spec: Generate) -> bytes:
    """A new value: for vapid, the private half."""
    if spec.type == "literal":
        return (spec.value or "").encode()
    if spec.type == "password":
        charset = CHARSETS[spec.charset]
        return "".join(secrets.choice(charset) for _ in range(spec.length or PASSWORD_LENGTH)).encode()
    if spec.type == "key":
        return encoded(secrets.token_bytes(spec.bytes or KEY_BYTES), spec.encoding)
    return vapid_pair().private


def encoded(data: bytes, encoding: str | None) -> bytes:
    """A key's bytes as text; standard base64 with padding where nothing is said."""
    if encoding == "hex":
        return data.hex().encode()
    if encoding == "base64url":
        return base64.urlsafe_b64encode(data).rstrip(b"=")
    return base64.b64encode(data)


def decoded(text: bytes, encoding: str | None) -> bytes:
    """A key's bytes, from exactly the text that `encoded` writes. Raises ValueError."""
    try:
        if encoding == "hex":
            data = bytes.fromhex(text.decode("ascii"))
        elif encoding == "base64url":
            data = base64.b64decode(text + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
        else:
            data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError from None  # the original holds the text
    if encoded(data, encoding) != text:
        raise ValueError
    return data


def vapid_pair() -> Pair:
    """A new pair. Source: stoatchat/self-hosted, generate_config.sh: the whole SEC1 PEM in base64url."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return Pair(base64.urlsafe_b64encode(pem).rstrip(b"="), _point(key.public_key()))


def vapid_public(private: bytes) -> bytes:
    """The public half of a private one. Raises ValueError with the bare reason."""
    try:
        pem = decoded(private, "base64url")
    except ValueError:
        raise ValueError("is not base64url without padding") from None
    if b"BEGIN EC PRIVATE KEY" not in pem:
        raise ValueError("is not a PEM block `EC PRIVATE KEY`")
    try:
        key = load_pem_private_key(pem, None)
    except Exception:  # noqa: BLE001 - whatever a parser says of a key may hold parts of it
        raise ValueError("is a damaged PEM block") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("is not a key on the curve P-256")  # noqa: TRY004 - of the value, not of its type
    return _point(key.public_key())


def check_vapid_public(public: bytes) -> None:
    """Raise ValueError where a text is not a point on P-256, uncompressed, in base64url without padding."""
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(public, "base64url"))
    except Exception:  # noqa: BLE001 - as above
        raise ValueError("is not a point on the curve P-256 in base64url without padding") from None
    if len(public) != POINT_CHARACTERS:
        raise ValueError("is not the uncompressed point of 65 bytes")


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return base64.urlsafe_b64encode(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).rstrip(b"=")
