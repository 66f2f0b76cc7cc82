"""Scalars: what a plain YAML word means, and which words mean different things to different parsers.

YAML 1.1 and 1.2 disagree about `on`, `010`, `1:30` and others, and Go, Python and JavaScript
parsers each follow their own mixture. The spec language accepts only what all of them read alike;
everything else gets a finding that asks for quotes (docs/language.md, "Strict scalars").
"""

from __future__ import annotations

import re
from decimal import Decimal

from platformc.diagnostics import Finding, Span
from platformc.rules.yaml import YAML_AMBIGUOUS_SCALAR

KEYWORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
SWITCHES = {"yes": "true", "on": "true", "no": "false", "off": "false"}

INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]*[1-9]\Z")
BASE_60 = "some YAML parsers read it as a base 60 number"
NOT_FINITE = "it is not a finite number"
A_MEANING = "some YAML parsers give it a special meaning"
AMBIGUOUS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[-+]?0[0-9_]+\Z"), "some YAML parsers read a leading zero as octal"),
    (re.compile(r"[-+]?0[box][0-9a-fA-F_]+\Z"), "YAML parsers disagree about numbers in this base"),
    (re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z"), BASE_60),
    (re.compile(r"[-+]?[0-9]+\.[0-9]*0\Z"), "as a number, it loses its last zero"),
    (re.compile(r"[-+]?[0-9]+\.\Z|[-+]?\.[0-9]+\Z"), "YAML parsers disagree on whether this is a number"),
    (
        re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][-+]?[0-9]+\Z"),
        "YAML parsers disagree on whether this is a number",
    ),
    (re.compile(r"[-+]?[0-9]+_[0-9_]*(?:\.[0-9_]*)?\Z"), "some YAML parsers drop the underscores"),
    (re.compile(r"\+[0-9]+(?:\.[0-9]+)?\Z"), "YAML parsers disagree on whether this is a number"),
    (re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z"), NOT_FINITE),
    (re.compile(r"=\Z"), A_MEANING),
)
NO_NUMBER = (BASE_60, NOT_FINITE, A_MEANING)
"""Reasons against words that cannot be written in plain digits."""
LONGEST_INTEGER = 11
"""An AWS account id has 12 digits, a Discord id 18; some parsers round such numbers."""

FIRST_OF_SPECIAL = frozenset("0123456789+-.~=nNtTfFyYoO")


def resolve(text: str, span: Span) -> tuple[str | int | float | bool | None, Finding | None]:
    """Return the value of a plain scalar, and a finding if parsers would disagree about it."""
    if text and text[0] not in FIRST_OF_SPECIAL:
        return text, None
    return (KEYWORDS[text], None) if text in KEYWORDS else _number(text, span)


def _number(text: str, span: Span) -> tuple[str | int | float, Finding | None]:
    if text.lower() in SWITCHES:
        meaning = SWITCHES[text.lower()]
        return text, _ambiguous(
            span, text, f"some YAML parsers read it as {meaning}", f'write {meaning} for a switch, or "{text}" for text'
        )
    number = int(text) if _is_short(text) else float(text) if FLOAT.match(text) else None
    if number is not None and Decimal(repr(number)) == Decimal(text):
        return number, None
    if number is not None or INTEGER.match(text):
        return text, _ambiguous(span, text, "some YAML parsers round numbers this long", f'write "{text}"')
    for pattern, reason in AMBIGUOUS:
        if pattern.match(text):
            digits = "" if reason in NO_NUMBER else ", or the number in plain digits"
            return text, _ambiguous(span, text, reason, f'write "{text}" for text{digits}')
    return text, None


def _is_short(text: str) -> bool:
    """Whether it is a whole number that all parsers read exactly."""
    return INTEGER.match(text) is not None and len(text.lstrip("-")) <= LONGEST_INTEGER


def as_text(value: object) -> str:
    """Return a value as text: true and false, nothing for null, and numbers without an exponent.

    >>> as_text(0.00001), as_text(True), as_text(None)
    ('0.00001', 'true', '')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{Decimal(repr(float(value))):f}"
    return "" if value is None else str(value)


def _ambiguous(span: Span, text: str, reason: str, hint: str) -> Finding:
    return YAML_AMBIGUOUS_SCALAR.at(span, f"`{text}` is ambiguous: {reason}", hint)
