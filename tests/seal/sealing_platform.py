"""A small platform to seal for, with a controller's key that only the tests have.

In      documents of the application `app`; words for `platformc seal`.
Out     what the command said, the files that it left, and the values behind them.
Never   keeps a key on the disk.
"""

from __future__ import annotations

import base64
import io
import struct
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

sys.path.append(str(Path(__file__).parents[1]))
from cases_runner import Result, run

API = "apiVersion: platformc.dev/v1alpha1"
PLATFORM = f"""\
{API}
kind: Platform
metadata: {{name: example}}
spec:
  git: {{repoURL: https://github.com/example/platform.git}}
  kubernetes: {{version: "1.34"}}
"""
ENVIRONMENT = f"""\
{API}
kind: Environment
metadata: {{name: production}}
spec:
  destination: {{name: production}}
  sealing: {{certificate: sealing/production.pem}}
"""
APPLICATION = f"""\
{API}
kind: Application
metadata: {{name: app}}
spec: {{namespace: {{name: app, create: true}}}}
"""
SECRETS = f"""\
{API}
kind: Secret
metadata: {{name: db}}
spec:
  keys:
    user: {{rotation: never, generate: {{type: literal, value: app}}}}
    password: {{description: "The database's.", minLength: 16, generate: {{type: password, length: 32}}}}
    token: {{description: From the portal., pattern: "tok-[a-zé]+"}}
---
{API}
kind: Secret
metadata: {{name: web}}
spec:
  keys:
    DB_PASSWORD: {{copyOf: secret.db.password}}
    KEY: {{description: All files are lost., rotation: never, generate: {{type: key}}}}
    PUSH: {{rotation: never, generate: {{type: vapid, pair: push, part: private}}}}
    PUSH_PUBLIC: {{public: true, rotation: never, generate: {{type: vapid, pair: push, part: public}}}}
    EXTRA: {{optional: true}}
"""
TOKEN = b"tok-abcdefghk"
"""A value that `token` takes."""
ANY_VALUE = f"""\
{API}
kind: Secret
metadata: {{name: db}}
spec:
  scope: SCOPE
  keys:
    user: {{description: The user.}}
    token: {{description: Any bytes.}}
"""
"""A Secret that takes any value, with a scope to be filled in."""


@cache
def controller_key() -> rsa.RSAPrivateKey:
    """The controller's private key; as small as kubeseal takes it, since making one takes long."""
    return rsa.generate_private_key(65537, 2048)


@cache
def another_key() -> rsa.RSAPrivateKey:
    """The key of another controller, or of the same one after a month."""
    return rsa.generate_private_key(65537, 2048)


def certificate(key: rsa.RSAPrivateKey, *, ends: datetime | None = None, begins: datetime | None = None) -> bytes:
    """A certificate as the controller makes them: no subject, and key usage bits that libraries stumble over."""
    now = datetime.now(UTC)
    usage = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.5.29.15"), bytes.fromhex("03020001"))
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins or now - timedelta(days=1))
        .not_valid_after(ends or now + timedelta(days=3650))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def private_pem(key: rsa.RSAPrivateKey) -> bytes:
    """The private key as kubeseal reads it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def opened(ciphertext: str, label: str, key: rsa.RSAPrivateKey | None = None) -> bytes:
    """What the controller would find, told by the format's source (pkg/crypto/crypto.go), not by our writer."""
    data = base64.b64decode(ciphertext, validate=True)
    (size,) = struct.unpack(">H", data[:2])
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label.encode())
    session = (key or controller_key()).decrypt(data[2 : 2 + size], oaep)
    return AESGCM(session).decrypt(bytes(12), data[2 + size :], None)


@dataclass
class Case:
    """One repository."""

    root: Path
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        texts = {
            "platform.yaml": PLATFORM,
            "environments/production.yaml": ENVIRONMENT,
            "app/application.yaml": APPLICATION,
            "app/secrets.yaml": SECRETS,
            "sealing/production.pem": certificate(controller_key()).decode(),
        }
        for name, text in {**texts, **self.files}.items():
            path = self.specs / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    @property
    def specs(self) -> Path:
        """The specs folder."""
        return self.root / "specs"

    def path(self, secret: str) -> Path:
        """The file with a Secret's sealed values."""
        return self.specs / "sealed" / "production" / f"app.{secret}.yaml"

    def seal(self, *words: str, stdin: bytes = b"") -> Result:
        """Run `platformc seal`; stdin is no terminal."""
        file = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
        with patch.object(sys, "stdin", file):
            return run(["--specs", str(self.specs), "--no-color", "seal", *words], self.root)

    def seal_all(self) -> None:
        """Seal everything that is missing."""
        result = self.seal("db", "--from-file", f"token={self.file('token', TOKEN)}")
        assert result.exit == 0, result.output
        assert self.seal().exit == 0

    def check(self, *words: str) -> Result:
        """Run `platformc check`."""
        return run(["--specs", str(self.specs), "--no-color", "check", "--no-validate", *words], self.root)

    def stored(self, secret: str) -> dict[str, Any]:
        """The keys in the file of a Secret; empty where there is none."""
        if not self.path(secret).exists():
            return {}
        found: dict[str, Any] = yaml.safe_load(self.path(secret).read_text(encoding="utf-8"))["spec"]["keys"]
        return found

    def value(self, secret: str, key: str, *, name: str | None = None) -> bytes:
        """The value behind a stored key, sealed for the Secret of that name and namespace."""
        return opened(self.stored(secret)[key]["ciphertext"], f"app/{name or secret}")

    def file(self, name: str, content: bytes) -> str:
        """A file outside of the specs; gives its path."""
        path = self.root / name
        path.write_bytes(content)
        return str(path)
