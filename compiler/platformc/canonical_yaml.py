"""canonical_yaml: one Kubernetes object -> canonical YAML text, fast and the same on every machine.

In      plain data: dict, list, str, int, float, bool, None (subclasses are written as what they extend).
Out     text that PyYAML (YAML 1.1) and Go's parsers (yaml.v2 as in sigs.k8s.io/yaml, yaml.v3) read back
        as the same value with the same types; ends with a newline, without `---`, anchors, tags or folded lines.
Never   looks at the kind of the object, depends on locale, hash seed or the Unicode tables of this Python.

Form: 2 spaces per level; `- ` is below the first letter of its key, as kubectl prints lists; text with
several lines is a literal block; other text is plain if every parser reads it as text, and quoted
otherwise: double, or single if that saves escapes. Invisible and bidirectional characters are always
escaped, so that a reviewer sees them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

JSON = Any
"""Plain data: dict with text keys, list, str, int, float, bool or None."""

_Items = Iterable[tuple[str, JSON]]

DOCUMENT_ORDER = (
    "apiVersion", "kind", "metadata", "type", "immutable", "spec", "data", "stringData", "binaryData",
    "rules", "aggregationRule", "roleRef", "subjects",
)  # fmt: skip
"""Top-level keys in the order operators expect; others follow as given, and `status` is last."""

METADATA_ORDER = ("name", "generateName", "namespace", "labels", "annotations")
"""The first keys of a `metadata` map; others follow as given."""

SORTED_MAPS = frozenset(
    {
        "annotations", "binaryData", "commonLabels", "data", "encryptedData", "labels", "limits", "matchLabels",
        "nodeSelector", "podLabels", "requests", "selector", "stringData",
    }
)  # fmt: skip
"""Maps whose keys are user data without a meaningful order; written in code point order."""

_CACHED_LENGTH = 128
"""Text up to this length is worth caching: names, images, labels. Longer text is rarely repeated."""

_KEY_LENGTH = 1000
"""libyaml and its Go ports accept a `key:` only within 1,024 characters; longer keys are written `? key`."""

# Characters beyond ASCII that are written as they are: no controls, separators, joiners, bidirectional marks,
# odd spaces, byte order mark, noncharacters, surrogates. Ranges, not str.isprintable(): that changes with Python.
_VISIBLE = (
    "\u00a1-\u00ac\u00ae-\u061b\u061d-\u167f\u1681-\u180d\u180f-\u1fff\u2010-\u2027\u2030-\u205e\u2070-\u2fff"
    "\u3001-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufff8\ufffc\ufffd\U00010000-\U0001d172\U0001d17b-\U0001fffd"
    "\U00020000-\U0002fffd\U00030000-\U0003fffd"
)


def _plain(visible: str) -> re.Pattern[str]:
    """Text without a character or sequence that YAML could read as syntax, document markers included."""
    return re.compile(
        rf"(?!---|\.\.\.)(?:[A-Za-z0-9_/.$()+\\^;<=~{visible}]|-(?=[^ ]))"
        rf"(?:[!-9;-~{visible}]++|:(?=[^ ])| (?=[^#]))*"  # not `*+`: Python before 3.11.5 forgets what a possessive group took back (gh-106052)
    )


# Patterns for ASCII stand alone because a wide character class makes every match several times slower.
_PLAIN_ASCII = _plain("")
_PLAIN = _plain(_VISIBLE)
_BLOCK_ASCII = re.compile(r"[\n\t -~]*+")
_BLOCK = re.compile(rf"[\n\t -~{_VISIBLE}]*+")
_ESCAPED = re.compile(rf"[^ !#-\[\]-~{_VISIBLE}]")
_LINE_START = re.compile(r"\n(?!\n|\Z)")

# Integers (decimal, octal, hexadecimal, binary), floats, base 60, dates and times of YAML 1.1, 1.2 and of Go's
# strconv, with a margin: what only looks like one is quoted, too, except versions and addresses (1.2.3, 0.0.0.0:80).
# Go's parsers drop every `_` after a sign or digit before they look for a number: -_0 is one.
_NUMBER = re.compile(r"(?:[-+]_*+)?(?:\.[0-9_]|[0-9])[0-9a-fA-FxXoOtTzZ_.:,+ -]*+")
_DOTTED = re.compile(r"[0-9]+(?:\.[0-9]+){2,}(?::[0-9]+)?")
_WORDS = frozenset(
    {
        "y", "n", "yes", "no", "on", "off", "true", "false", "null", "~", "=", "<<",
        ".inf", "+.inf", "-.inf", ".nan", "+.nan", "-.nan",
    }
)  # fmt: skip
"""What some parser reads as a boolean, null, float, default or merge key, in lower case."""

_SHORT_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def emit(document: Mapping[str, JSON]) -> str:
    """Write one object as YAML, ending with a newline.

    Raises TypeError for a key that is not text and for data that JSON cannot express; ValueError for a lone
    surrogate (not encodable), for infinity and NaN (no JSON form, so no API server accepts them).
    Integers beyond 64 bits are written exactly; Go parsers round them to a float64, as they do for JSON.

    >>> print(emit({"kind": "Demo", "apiVersion": "v1", "on": ["N", 1, "1.30"]}), end="")
    apiVersion: v1
    kind: Demo
    "on":
    - "N"
    - 1
    - "1.30"
    """
    if not document:
        return "{}\n"
    parts: list[str] = []
    _write_map(_ordered(document, DOCUMENT_ORDER, last="status"), "\n", "\n", parts)
    parts.append("\n")
    return "".join(parts)[1:]


def _ordered(entries: Mapping[str, JSON], first: tuple[str, ...], last: str = "") -> _Items:
    """Known keys first, the others in their own order, `last` at the end."""
    known = [(key, entries[key]) for key in first if key in entries]
    if len(known) == len(entries):
        return known
    known += [(key, value) for key, value in entries.items() if key not in first and key != last]
    if last in entries:
        known.append((last, entries[last]))
    return known


def _metadata(entries: Mapping[str, JSON]) -> _Items:
    return _ordered(entries, METADATA_ORDER)


def _by_key(entries: Mapping[str, JSON]) -> _Items:
    try:
        return sorted(entries.items(), key=_key_of)
    except TypeError:
        return entries.items()  # a key that is not text: _key reports it


def _key_of(entry: tuple[str, JSON]) -> str:
    return entry[0]


_ORDERS: Mapping[str, Callable[[Mapping[str, JSON]], _Items]] = {
    "metadata": _metadata,
    **dict.fromkeys(SORTED_MAPS, _by_key),
}


def _write_map(entries: _Items, start: str, line: str, parts: list[str]) -> None:
    """Append a block map. `line` is a line break with this level's indentation, `start` starts the first entry."""
    append = parts.append
    for key, value in entries:
        kind = type(value)
        if kind is str:
            text = (_scalar(value) if len(value) <= _CACHED_LENGTH else _decide(value)) or _block(value, line)
            append(f"{start}{_key(key, line)} {text}")
        elif kind is dict and value:
            append(f"{start}{_key(key, line)}")
            order = _ORDERS.get(key)
            child = line + "  "
            _write_map(value.items() if order is None else order(value), child, child, parts)
        elif kind is list and value:
            append(f"{start}{_key(key, line)}")
            _write_list(value, line, line, parts)
        else:
            append(f"{start}{_key(key, line)}")
            _write_other(value, line, parts, _ORDERS.get(key))
        start = line


def _write_list(values: list[JSON], start: str, line: str, parts: list[str]) -> None:
    """Append a block list with its dashes at the indentation of `line`."""
    append = parts.append
    child = line + "  "
    for value in values:
        kind = type(value)
        if kind is str:
            text = (_scalar(value) if len(value) <= _CACHED_LENGTH else _decide(value)) or _block(value, line)
            append(f"{start}- {text}")
        elif kind is dict and value:
            append(f"{start}- ")
            _write_map(value.items(), "", child, parts)
        elif kind is list and value:
            append(f"{start}- ")
            _write_list(value, "", child, parts)
        else:
            append(f"{start}-")
            _write_other(value, line, parts, None, in_list=True)
        start = line


def _write_other(
    value: JSON,
    line: str,
    parts: list[str],
    order: Callable[[Mapping[str, JSON]], _Items] | None,
    *,
    in_list: bool = False,
) -> None:
    """Append what the two writers above do not handle: subclasses, numbers, empty collections."""
    if isinstance(value, dict) and value:
        child = line + "  "
        parts.append(" " if in_list else "")
        entries = value.items() if order is None else order(value)
        _write_map(entries, "" if in_list else child, child, parts)
    elif isinstance(value, list) and value:
        parts.append(" " if in_list else "")
        _write_list(value, "" if in_list else line, line + "  " if in_list else line, parts)
    else:
        parts.append(f" {_inline(value, line)}")


def _inline(value: JSON, line: str) -> str:
    """The text after a key or dash for a value without entries."""
    if isinstance(value, str):
        text = str.__str__(value)
        return _decide(text) or _block(text, line)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    raise TypeError(f"{type(value).__name__} has no place in a manifest")


def _float(value: float) -> str:
    """Shortest digits that read back as the same float; YAML 1.1 requires a point even before an exponent."""
    if not math.isfinite(value):
        raise ValueError("infinity and NaN have no place in a manifest")
    digits, exponent, power = float.__repr__(value).partition("e")
    return f"{digits if '.' in digits else digits + '.0'}{exponent}{power}"


def _key(key: str, line: str) -> str:
    """A key with its colon."""
    text = _key_text(key)
    return text if len(text) <= _KEY_LENGTH else f"? {text[:-1]}{line}:"


@lru_cache(maxsize=4096)
def _key_text(key: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key of a manifest must be text, not {type(key).__name__}")
    text = str.__str__(key)
    return f"{_decide(text) or _quoted(text)}:"


def _decide(text: str) -> str:
    """The text of a one-line scalar, or nothing if a literal block may suit it better."""
    if "\n" in text:
        return ""
    plain = (_PLAIN_ASCII if text.isascii() else _PLAIN).fullmatch(text)
    if plain and not (_NUMBER.fullmatch(text) and not _DOTTED.fullmatch(text)) and text.lower() not in _WORDS:
        return text
    return _quoted(text)


_scalar = lru_cache(maxsize=16384)(_decide)


def _quoted(text: str) -> str:
    """Text in quotes: single ones if that saves escapes (JSON inside a text), double ones otherwise."""
    escaped = _ESCAPED.findall(text)
    if escaped and all(character in '"\\' for character in escaped):
        doubled = text.replace("'", "''")
        return f"'{doubled}'"
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if 0xD800 <= code <= 0xDFFF:  # noqa: PLR2004 - the surrogates' range is Unicode's, and has no shorter name
        raise ValueError(f"the lone surrogate U+{code:04X} cannot be written as UTF-8")
    if code <= 0xFF:  # noqa: PLR2004 - one byte
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - two bytes


def _block(text: str, line: str) -> str:
    """Text with several lines as a literal block below `line`; quoted if a block could not contain it.

    The indentation indicator is always 2: parsers count it from the map or list of the text, and
    both are at the indentation of `line`.
    """
    body = text.rstrip("\n")
    if not body.strip(" \t\n") or not (_BLOCK_ASCII if text.isascii() else _BLOCK).fullmatch(text):
        return _quoted(text)
    breaks = len(text) - len(body)
    chomping = ("-", "")[breaks] if breaks < 2 else "+"  # noqa: PLR2004 - one break is a block's own
    indicator = "2" if text[0] in "\n\t " else ""
    indented = _LINE_START.sub(f"{line}  ", f"\n{body}")
    return f"|{indicator}{chomping}{indented}{chr(10) * (breaks - 1)}"
