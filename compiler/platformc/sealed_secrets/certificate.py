"""certificate: what a sealing certificate says, read from its PEM without a library for it.

In      the bytes of a PEM file.
Out     a Certificate: the controller's fingerprint for its key, the key's size, its time.
Never   asks for the time, or trusts a chain: kubeseal does not either (bitnami/sealed-secrets, pkg/kubeseal).

Loading a library for certificates takes longer than all of a small platform, and every compile asks
for a fingerprint. Source of the structure: RFC 5280, section 4.1; of DER: X.690, section 8.1.
"""

from __future__ import annotations

import base64
import hashlib
import re
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SMALLEST_KEY = 2048
"""Bits. NIST SP 800-131A takes no shorter ones; the controller makes 4096."""

SOON = timedelta(days=30)
"""How long before its end a certificate is worth a word: the controller makes a new one every 30 days."""

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----\s+(.*?)-----END CERTIFICATE-----", re.DOTALL)
RSA = bytes.fromhex("2a864886f70d010101")
"""The object identifier of rsaEncryption, 1.2.840.113549.1.1.1."""

_SEQUENCE, _INTEGER, _BIT_STRING, _UTC_TIME, _GENERALIZED_TIME, _VERSION = 0x30, 0x02, 0x03, 0x17, 0x18, 0xA0
_LONG = 0x80
_CENTURY = 50


class CertificateError(ValueError):
    """Not a certificate that values can be sealed for; the text says why, for people."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate with an RSA key."""

    fingerprint: str
    """Of its public key, as `ssh-keygen -l` and the controller's log print it: SHA256:…"""
    bits: int
    not_before: datetime
    not_after: datetime
    modulus: int
    exponent: int

    def is_expired(self, now: datetime) -> bool:
        """Whether its time is over."""
        return now > self.not_after


def read_certificate(pem: bytes) -> Certificate:
    """Read the first certificate of a PEM file, as kubeseal does.

    Raises CertificateError where there is none, where its key is not RSA, or shorter than 2048 bits.
    """
    found = PEM.search(pem)
    if found is None:
        raise CertificateError("the file does not contain a PEM certificate")
    try:
        der = base64.b64decode(b"".join(found[1].split()), validate=True)
        certificate = _certificate(der)
    except CertificateError:
        raise
    except (IndexError, ValueError) as error:  # cut off; no base64, no date
        raise CertificateError("the certificate is damaged") from error
    if certificate.bits < SMALLEST_KEY:
        raise CertificateError(f"its key has {certificate.bits} bits; the minimum is {SMALLEST_KEY}")
    return certificate


def _certificate(der: bytes) -> Certificate:
    body = _items(_only(_items(der), _SEQUENCE))
    fields = _items(_only(body[:1], _SEQUENCE))
    if fields[0][0] == _VERSION:  # left out in version 1
        fields = fields[1:]
    validity, key = _items(_only(fields[3:4], _SEQUENCE)), _items(_only(fields[5:6], _SEQUENCE))
    algorithm = _items(_only(key[:1], _SEQUENCE))
    if algorithm[0][1] != RSA:
        raise CertificateError("its key is not an RSA key; the controller uses only RSA keys")
    numbers = _items(_only(_items(_only(key[1:2], _BIT_STRING)[1:]), _SEQUENCE))
    modulus, exponent = (int.from_bytes(_only([one], _INTEGER), "big", signed=True) for one in numbers[:2])
    if modulus <= 0 or exponent <= 0:  # a flipped bit
        raise IndexError
    return Certificate(
        fingerprint=_fingerprint(exponent, modulus),
        bits=modulus.bit_length(),
        not_before=_time(*validity[0]),
        not_after=_time(*validity[1]),
        modulus=modulus,
        exponent=exponent,
    )


def _items(data: bytes) -> list[tuple[int, bytes]]:
    """The tags and contents that stand behind each other; IndexError where one is cut off."""
    found = []
    position = 0
    while position < len(data):
        tag, length = data[position], data[position + 1]
        position += 2
        if length & _LONG:
            size = length & ~_LONG
            length = int.from_bytes(data[position : position + size], "big")
            position += size
        if position + length > len(data):
            raise IndexError
        found.append((tag, data[position : position + length]))
        position += length
    return found


def _only(items: list[tuple[int, bytes]], tag: int) -> bytes:
    """The content of the first item, which must have a tag."""
    if items[0][0] != tag:
        raise IndexError
    return items[0][1]


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # RFC 5280, 4.1.2.5.1: two digits of the year, from 1950 on
        text = ("19" if int(text[:2]) >= _CENTURY else "20") + text
    elif tag != _GENERALIZED_TIME:
        raise IndexError
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _fingerprint(exponent: int, modulus: int) -> str:
    """RFC 4253, section 6.6: the key as SSH writes it; OpenSSH's SHA256 of that."""
    parts = (b"ssh-rsa", *(_mpint(number) for number in (exponent, modulus)))
    wire = b"".join(struct.pack(">I", len(part)) + part for part in parts)
    return "SHA256:" + base64.b64encode(hashlib.sha256(wire).digest()).decode().rstrip("=")


def _mpint(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1, "big")
