"""certificates: a certificate authority for one test run, and what it signs.

In      names and addresses.
Out     PEM files in a folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from e2e.processes import LOOPBACK

LIFETIME = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates. `path` holds its own."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    path: Path


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a certificate and of its key."""

    certificate: Path
    key: Path


def authority(folder: Path) -> Authority:
    """Make a certificate authority; its certificate is `ca.crt` in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "platformc test authority")])
    certificate = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "ca.crt"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(certificate, key, path)


def signed(by: Authority, folder: Path, name: str, *, groups: Sequence[str] = ()) -> Pair:
    """Make `tls.crt` and `tls.key` in the folder, beside `ca.crt`: for clients and for servers on this machine.

    `groups` are what Kubernetes reads as the groups of the user `name`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name(
        [
            *(x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )
    addresses = [x509.DNSName("localhost"), x509.IPAddress(ip_address(LOOPBACK))]
    purposes = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    certificate = (
        _builder(subject, by.certificate.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .sign(by.key, hashes.SHA256())
    )
    made = Pair(folder / "tls.crt", folder / "tls.key")
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(made.key, key)
    (folder / "ca.crt").write_bytes(by.path.read_bytes())
    return made


def signing_keys(folder: Path) -> Pair:
    """Make the RSA pair that signs and checks the tokens of service accounts: `public` and `private`."""
    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    made = Pair(folder / "public", folder / "private")
    made.certificate.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    _write_key(made.key, key)
    return made


def sealing_pair(folder: Path) -> Pair:
    """Make what a sealed-secrets controller opens with: `tls.crt`, which signs itself, and `tls.key`, of RSA."""
    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([])
    made = Pair(folder / "tls.crt", folder / "tls.key")
    certificate = _builder(name, name, key).sign(key, hashes.SHA256())
    made.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_key(made.key, key)
    return made


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: CertificateIssuerPrivateKeyTypes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
