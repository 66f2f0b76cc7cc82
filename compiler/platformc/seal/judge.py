"""judge: what is wrong with a value, while somebody knows it.

In      a value, the key of the Secret that it is for, and how the Secret's files use it.
Out     reasons, in words that show nothing of the value.
Never   changes a value, such as by cutting off a line break.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from platformc.check.policies.credentials import DEFAULTS, NOTORIOUS
from platformc.check.policies.secret_words import PASSWORDS, SECRET_WORDS, words
from platformc.language.models.secret import SecretKey
from platformc.lower.secret_files import Use
from platformc.seal.generators import KEY_BYTES, check_vapid_public, decoded, vapid_public

LEAST_BITS = 40
"""What a password must have at least, counted by its length and its different characters."""
SHORTEST_PASSWORD = 8
MEANT = "if it is intended, give the key a pattern that allows it"
COMMON = (
    frozenset(
        [
            "123456",
            "12345678",
            "123456789",
            "1234567890",
            "abc123",
            "admin",
            "admin123",
            "administrator",
            "iloveyou",
            "letmein",
            "master",
            "monkey",
            "pass",
            "passw0rd",
            "password",
            "password1",
            "password123",
            "postgres",
            "qwerty",
            "qwerty123",
            "root",
            "secret",
            "secret123",
            "test",
            "test123",
            "toor",
            "welcome",
            "welcome1",
        ]
    )
    | NOTORIOUS
)
"""What is tried first, besides the defaults of images."""
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
UNWRITABLE = re.compile("[\x7f-\x9f\ufeff\ufffe\uffff]")
"""What Go's JSON leaves as it is in a text, and TOML or YAML refuse."""


def judge(secret: str, name: str, key: SecretKey, value: bytes, uses: Iterable[Use] = ()) -> Iterator[str]:
    """What is wrong with a value, each as the end of a sentence about it; nothing where it is right."""
    text = _text(value)
    if not value and not (key.pattern is not None and re.fullmatch(key.pattern, "")):
        yield "is empty"
        return
    yield from _declared(key, text, value)
    if key.generate is not None:
        yield from _kind(key, value)
    if text is not None:
        yield from _edges(key, text)
        if _is_password(name, key):
            yield from _weak(secret, name, text)
    elif _is_utf16(value):
        yield "is UTF-16, which no process expects here (save it as UTF-8; PowerShell's `>` writes UTF-16)"
    if key.public and text is None:
        yield "is public but not text, so it cannot be stored readably"
    yield from _unusable(text, uses)


def _text(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _declared(key: SecretKey, text: str | None, value: bytes) -> Iterator[str]:
    if key.min_length is not None and (length := len(value) if text is None else len(text)) < key.min_length:
        yield f"is {length} characters long; minLength is {key.min_length}"
    if text is not None and text in key.deny:
        yield "is a value that `deny` forbids"
    if key.pattern is not None and (text is None or not re.fullmatch(key.pattern, text)):
        yield f"does not match the pattern {key.pattern}"


def _kind(key: SecretKey, value: bytes) -> Iterator[str]:
    """A value that was given must have the form of one that is generated."""
    spec = key.generate
    if spec is None:
        return
    try:
        if spec.type == "vapid" and spec.part == "private":
            vapid_public(value)
        elif spec.type == "vapid":
            check_vapid_public(value)
        elif spec.type == "key":
            wanted = spec.bytes or KEY_BYTES
            encoding = spec.encoding or "base64"
            yield from _key(value, encoding, wanted)
    except ValueError as error:
        yield str(error)


def _key(value: bytes, encoding: str, wanted: int) -> Iterator[str]:
    try:
        found = len(decoded(value, encoding))
    except ValueError:
        yield f"is not {encoding}{' with its padding' if encoding == 'base64' else ''}"
        return
    if found != wanted:
        yield f"is {encoding} of {found} bytes; it must be {wanted} bytes"


def _edges(key: SecretKey, text: str) -> Iterator[str]:
    """What editors, shells and pasting add at the ends of a value; files of several lines end with a line break."""
    if key.pattern is not None:
        return  # which says what belongs to it
    if text.startswith(codecs.BOM_UTF8.decode()):
        yield "starts with a byte order mark, which some editors add (save it as UTF-8 without one)"
    if "\n" in text.rstrip("\r\n"):
        return
    if text.endswith(("\n", "\r")):
        yield f"ends with a line break (`printf %s` writes none; {MEANT})"
    elif text != text.strip(" \t"):
        yield f"starts or ends with white space ({MEANT})"


def _is_utf16(value: bytes) -> bool:
    """Whether somebody's shell wrote a plain text in two bytes for each letter, as PowerShell's `>` does."""
    if not value.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    try:
        return value.decode("utf-16").isascii()
    except UnicodeDecodeError:
        return False


def _is_password(name: str, key: SecretKey) -> bool:
    """Whether a weak value is a mistake: by its name, or as it is generated as one."""
    if key.public or (key.generate is not None and key.generate.type == "literal"):
        return False
    return (key.generate is not None and key.generate.type == "password") or bool(
        set(words(name)[-1:]) & (PASSWORDS | SECRET_WORDS)
    )


def _weak(secret: str, name: str, text: str) -> Iterator[str]:
    lowered = text.lower()
    if len(text) < SHORTEST_PASSWORD:
        yield f"is weak: it is only {len(text)} characters long"
    elif lowered in COMMON or text in DEFAULTS.get(name, ()):
        yield "is weak: it is one of the most common passwords"
    elif lowered in {name.lower(), secret.lower(), "-".join(words(name)), "".join(words(name))}:
        yield "is weak: it is the name of its key"
    elif len(text) * math.log2(len(set(text)) or 1) < LEAST_BITS or _is_run(lowered):
        yield "is weak: it is a repetition or a simple sequence"


def _is_run(text: str) -> bool:
    """Whether the characters follow each other, up or down: 12345678, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps in ({1}, {-1})


def _unusable(text: str | None, uses: Iterable[Use]) -> Iterator[str]:
    """What a file of the Secret could not hold: the controller quotes values, and quoting has limits."""
    for use in sorted(set(uses)):
        if use.filter == "urlencode":
            continue  # ASCII alone is left of it
        if text is None:
            yield f"is not UTF-8 text, but is used in the file {use.file}"
        elif use.format in {"env", "dotenv"} and ("\n" in text or "\r" in text or CONTROLS.search(text)):
            yield f"has several lines, but is used in the file {use.file}, which has one line for each value"
        elif use.format == "dotenv" and ("'" in text or "\\" in text):
            yield f"contains ' or \\, which parsers of files like {use.file} read differently"
        elif use.format in {"toml", "yaml"} and UNWRITABLE.search(text):
            yield f"contains a control character that the format of the file {use.file} does not allow"
