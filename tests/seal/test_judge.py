"""What is wrong with a value, while somebody knows it."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from platformc.language.models.secret import Generate, SecretKey
from platformc.seal.generators import generated, vapid_pair
from platformc.seal.judge import judge

PASSWORD = SecretKey()
KEY = SecretKey(generate=Generate(type="key", bytes=32, encoding="base64"))
HEX = SecretKey(generate=Generate(type="key", bytes=16, encoding="hex"))
PRIVATE = SecretKey(generate=Generate(type="vapid", pair="p", part="private"))
PUBLIC = SecretKey(public=True, generate=Generate(type="vapid", pair="p", part="public"))


def of_another_curve() -> bytes:
    """A private key in the right form, on a curve that browsers do not take."""
    pem = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    )
    return base64.urlsafe_b64encode(pem).rstrip(b"=")


WRONG = [
    ("user", SecretKey(deny=("guest",)), b"guest", "is a value that `deny` forbids"),
    ("password", PASSWORD, b"short", "is weak: it is only 5 characters long"),
    ("password", PASSWORD, b"password123", "one of the most common"),
    ("password", PASSWORD, b"PassWord123", "one of the most common"),
    ("MINIO_ROOT_PASSWORD", PASSWORD, b"minioadmin", "one of the most common"),
    ("db-password", PASSWORD, b"dbpassword", "is the name of its key"),
    ("password", PASSWORD, b"abababababab", "is a repetition"),
    ("password", PASSWORD, b"hgfedcba", "a simple sequence"),
    ("password", SecretKey(minLength=30), b"Zx9cV8bN7mQ6wE5rT4y", "is 19 characters long; minLength is 30"),
    ("key", KEY, base64.b64encode(bytes(32)).rstrip(b"="), "is not base64 with its padding"),
    ("key", KEY, base64.b64encode(bytes(31)), "of 31 bytes; it must be 32 bytes"),
    ("key", HEX, b"zz" * 16, "is not hex"),
    ("push", PRIVATE, b"not base64!", "is not base64url without padding"),
    ("push", PRIVATE, vapid_pair().private + b"=", "is not base64url without padding"),
    ("push", PRIVATE, of_another_curve(), "is not a key on the curve P-256"),
    ("push", PUBLIC, vapid_pair().public[:-1], "is not a point on the curve P-256"),
    ("push", PUBLIC, vapid_pair().private, "is not a point on the curve P-256"),
]
"""The key's name, what it declares, a value, and what is said of it."""


# Named by what is said: some values are made anew each time, and every process of a run must find the same tests.
@pytest.mark.parametrize(("name", "key", "value", "said"), WRONG, ids=[said for *_, said in WRONG])
def test_what_is_wrong_is_said(name: str, key: SecretKey, value: bytes, said: str) -> None:
    """In words that hold nothing of the value."""
    found = list(judge("db", name, key, value))
    assert any(said.removeprefix("is ") in one for one in found), found
    assert all(value.decode() not in one.removesuffix(key.pattern or "") for one in found)


@pytest.mark.parametrize("key", [PASSWORD, KEY, HEX, PRIVATE], ids=["password", "key", "hex", "vapid"])
def test_what_is_generated_is_right(key: SecretKey) -> None:
    """Whatever `seal` makes, it would take from a person as well."""
    for _ in range(5):
        value = generated(key.generate or Generate(type="password"))
        assert list(judge("db", "password" if key is PASSWORD else "key", key, value)) == []


@given(value=st.binary(max_size=40))
def test_a_pattern_alone_decides_about_the_ends(value: bytes) -> None:
    """Where the key says what it takes, white space at the ends is a part of it."""
    found = list(judge("db", "note", SecretKey(pattern=r"(?s).*"), value))
    try:
        value.decode()
    except UnicodeDecodeError:
        assert [one for one in found if "pattern" in one]
    else:
        assert found == []
