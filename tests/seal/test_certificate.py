"""Certificates, read without a library, held against one."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st
from platformc.sealed_secrets.certificate import CertificateError, read_certificate
from sealing_platform import certificate, controller_key

DER = base64.b64decode(b"".join(certificate(controller_key()).split(b"\n")[1:-2]))


def pem(der: bytes) -> bytes:
    """A certificate's bytes as a file."""
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


@pytest.mark.parametrize("year", [1951, 1999, 2026, 2049, 2050, 2120])
def test_it_says_what_the_library_says(year: int) -> None:
    """Both forms of dates; the key; whatever stands before the certificate."""
    begins = datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC)
    text = certificate(controller_key(), begins=begins, ends=begins + timedelta(days=30))
    found, library = read_certificate(b"# made by hand\n" + text), x509.load_pem_x509_certificate(text)
    key = library.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert (found.not_before, found.not_after) == (library.not_valid_before_utc, library.not_valid_after_utc)
    assert (found.bits, found.modulus, found.exponent) == (
        key.key_size,
        key.public_numbers().n,
        key.public_numbers().e,
    )


def test_it_ends_after_its_last_second() -> None:
    """As kubeseal counts it."""
    end = datetime(2030, 1, 1, tzinfo=UTC)
    found = read_certificate(certificate(controller_key(), ends=end))
    assert not found.is_expired(end)
    assert found.is_expired(end + timedelta(seconds=1))


@pytest.mark.parametrize(
    "text", [b"", b"nothing", b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----", pem(b""), pem(b"\x30\x80")]
)
def test_what_is_none_is_refused(text: bytes) -> None:
    """In words for people."""
    with pytest.raises(CertificateError, match=r"does not contain a PEM certificate|is damaged"):
        read_certificate(text)


def test_a_key_of_another_kind_is_refused() -> None:
    """The controller has RSA keys alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(x509.Name([]), x509.Name([]), key.public_key(), 1, now, now + timedelta(days=1))
        .sign(key, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    with pytest.raises(CertificateError, match="not an RSA key"):
        read_certificate(made)


def test_a_number_below_zero_is_damage() -> None:
    """One bit makes the modulus negative, which no key has."""
    first = DER.index(
        bytes.fromhex("0282010100")
    )  # the modulus: its tag, its length, and the zero that keeps it positive
    assert read_certificate(pem(DER)).bits == 2048
    flipped = DER[: first + 4] + b"\x80" + DER[first + 5 :]
    with pytest.raises(CertificateError, match="is damaged"):
        read_certificate(pem(flipped))


@settings(max_examples=300)
@given(data=st.data())
def test_damage_is_told_and_never_crashes(data: st.DataObject) -> None:
    """Any byte changed, any end cut off: a certificate or a CertificateError."""
    der = bytearray(DER[: data.draw(st.integers(0, len(DER)))] if data.draw(st.booleans()) else DER)
    for _ in range(data.draw(st.integers(0, 3))):
        if der:
            der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_certificate(pem(bytes(der)))
    except CertificateError:
        return
    assert found.fingerprint.startswith("SHA256:")
