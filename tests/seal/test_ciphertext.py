"""What ciphertext tells without a key."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from platformc.seal.envelope import Sealer
from platformc.sealed_secrets.certificate import read_certificate
from platformc.sealed_secrets.ciphertext import key_bits, sealed_length, value_size
from platformc.sealed_secrets.scope import SealingScope
from sealing_platform import certificate, controller_key

HEAD = b"\x01\x00" + bytes(256)
"""Of a value for a key of 2048 bits."""


@pytest.mark.parametrize("size", [0, 1, 2, 40, 256 * 1024])
def test_it_tells_sizes(size: int) -> None:
    """The value's, and the key's."""
    own = read_certificate(certificate(controller_key()))
    sealed = Sealer(own).seal(bytes(size), SealingScope("strict", "app", "db"))
    assert (value_size(sealed), key_bits(sealed), sealed_length(size, own.bits)) == (size, own.bits, len(sealed))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A",
        "AQ==",
        "AgBé",
        base64.b64encode(b"\x00\x00" + bytes(100)).decode(),
        base64.b64encode(HEAD + bytes(15)).decode(),
        base64.b64encode(HEAD + bytes(16)).decode() + "\n",
        base64.b64encode(HEAD + bytes(17)).decode().rstrip("="),
        base64.urlsafe_b64encode(HEAD + b"\xff" * 18).decode(),
        base64.b64encode(HEAD + bytes(16)).decode().replace("AAAA", "A AAA", 1),
    ],
)
def test_what_is_none_is_told(text: str) -> None:
    """Cut off, wrapped, or something else altogether."""
    with pytest.raises(ValueError, match="too short"):
        value_size(text)


@given(text=st.text(max_size=60), data=st.binary(max_size=60))
def test_no_text_is_more_than_a_reason(text: str, data: bytes) -> None:
    """Whatever stands in a file."""
    for one in (text, base64.b64encode(data).decode()):
        said = ""
        try:
            assert value_size(one) >= 0
            assert key_bits(one) >= 8
        except ValueError as error:
            said = str(error)
        assert said in {"", "it is too short", "it is not base64, or too short"}
