"""sealed_secrets: what sealing and checking share: certificates, ciphertext, and for which Secret a value is sealed."""

from platformc.sealed_secrets.certificate import PEM, SOON, Certificate, CertificateError, read_certificate
from platformc.sealed_secrets.ciphertext import LENGTH, key_bits, sealed_length, value_size
from platformc.sealed_secrets.scope import (
    LONGEST,
    SealingScope,
    former,
    is_circular,
    is_too_long,
    original,
    sealed_for,
    sealing_scope_of,
)

__all__ = [
    "LENGTH",
    "LONGEST",
    "PEM",
    "SOON",
    "Certificate",
    "CertificateError",
    "SealingScope",
    "former",
    "is_circular",
    "is_too_long",
    "key_bits",
    "original",
    "read_certificate",
    "sealed_for",
    "sealed_length",
    "sealing_scope_of",
    "value_size",
]
