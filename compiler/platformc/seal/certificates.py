"""certificates: an environment's certificate, read for sealing, fetched, and stored beside the specs.

In      the environment's `sealing.certificate`; a URL or a file; the response of a cluster's controller.
Out     a Certificate that can be used for sealing now; the PEM in its place.
Never   accepts a certificate over a connection that others can modify.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from platformc.atomic_file import write_atomically
from platformc.diagnostics import ToolError, UsageError
from platformc.http_fetch import FetchError, fetch
from platformc.sealed_secrets import PEM, Certificate, CertificateError, read_certificate

LARGEST = 64 * 1024
"""Bytes; a certificate has about two thousand."""
SECONDS = 20.0


def for_sealing(specs: Path, place: str | None, environment: str, now: datetime) -> Certificate:
    """The environment's certificate. Raises UsageError if it has none, ToolError if it cannot be used for sealing."""
    if place is None:
        hint = f"run: platformc seal --environment {environment} --fetch-certificate"
        raise UsageError(f"the environment {environment} has no sealing certificate", hint)
    path = specs / place
    try:
        pem = path.read_bytes()
    except OSError as error:
        hint = f"run: platformc seal --environment {environment} --fetch-certificate"
        raise ToolError(f"cannot read the certificate {path.name}: {error.strerror}", hint=hint) from error
    return fit(pem, place, now)


def fit(pem: bytes, where: str, now: datetime) -> Certificate:
    """The certificate of a PEM, if values can be sealed for it. Raises ToolError."""
    try:
        certificate = read_certificate(pem)
    except CertificateError as error:
        raise ToolError(f"{where} cannot be used for sealing: {error}") from error
    if certificate.is_expired(now):
        ended = certificate.not_after.date().isoformat()
        hint = "fetch the controller's newest one: platformc seal --fetch-certificate"
        raise ToolError(f"{where} cannot be used for sealing: it expired on {ended}", hint=hint)
    return certificate


def from_file(path: Path) -> bytes:
    """A PEM from a file. Raises ToolError."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)[:LARGEST]
    except OSError as error:
        raise ToolError(f"cannot read {path}: {error.strerror}") from error


def from_url(url: str) -> bytes:
    """A PEM from an HTTPS address, or from a forwarded port of this machine. Raises UsageError, ToolError."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not _is_this_machine(host):
        raise UsageError(f"{url} is not encrypted", "use https, or `kubectl port-forward` and http://127.0.0.1")
    if parts.scheme not in ("http", "https") or not host:
        raise UsageError(f"{url} is not the address of a certificate", "write https://HOST/v1/cert.pem, or name a file")
    try:
        answer = fetch(url, limit=LARGEST, timeout=SECONDS, direct=True)
    except FetchError as error:
        raise ToolError(f"cannot fetch {url}: {error.cause}") from error
    if answer.status != HTTPStatus.OK:
        raise ToolError(f"cannot fetch {url}: the server responded with {answer.status} {answer.reason}")
    return answer.content


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def store(specs: Path, place: str, pem: bytes) -> bool:
    """Write the first certificate of a PEM to its file; False if it is already there. Raises ToolError."""
    found = PEM.search(pem)
    if found is None:
        raise ToolError("there is no PEM certificate to store")
    text = found[0] + b"\n"
    path = specs / place
    try:
        if path.is_symlink():
            raise ToolError(f"{path} is a symbolic link; symbolic links are not followed")
        if path.exists() and PEM.search(path.read_bytes()) == found:
            return False
        write_atomically(path, text, 0o666, durable=True)
    except OSError as error:
        raise ToolError(f"cannot write {path}: {error.strerror}") from error
    return True
