"""envelope: sealed-secrets' encryption, one value at a time.

In      bytes, the certificate's key, and the Secret: scope, namespace, name.
Out     text as in `encryptedData`.
Never   decrypts anything: that needs the controller's private key.

Source: bitnami/sealed-secrets, pkg/crypto/crypto.go (HybridEncrypt) and
pkg/apis/sealedsecrets/v1alpha1/sealedsecret_expansion.go (EncryptionLabel): two bytes for the length of
the RSA part, a session key by RSA-OAEP with SHA-256 and the label, the value by AES-256-GCM under that
key. The nonce is zero, because each session key is used once.
"""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from platformc.sealed_secrets import LENGTH, Certificate, SealingScope

SESSION_KEY_BITS = 256
NONCE = bytes(12)


class Sealer:
    """Seals values for one certificate."""

    __slots__ = ("_key", "bits", "fingerprint")

    def __init__(self, certificate: Certificate) -> None:
        self._key = RSAPublicNumbers(certificate.exponent, certificate.modulus).public_key()
        self.bits = certificate.bits
        self.fingerprint = certificate.fingerprint

    def seal(self, value: bytes, scope: SealingScope) -> str:
        """Return the value as the controller decrypts it; a different text every time."""
        session_key = AESGCM.generate_key(SESSION_KEY_BITS)
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), scope.label.encode())
        wrapped = self._key.encrypt(session_key, oaep)
        sealed = AESGCM(session_key).encrypt(NONCE, value, None)
        return base64.b64encode(LENGTH.pack(len(wrapped)) + wrapped + sealed).decode()
