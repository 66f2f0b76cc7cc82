"""quantity: Kubernetes' quantities as its API server stores them.

In      the text or number of a field whose type is a quantity.
Out     its canonical text, equal for all that the API server stores alike.
Never   takes a text for a quantity because it looks like one; the caller knows the field's type. Knows no text for odd
        forms (`+1`, `01`, `1.500`, `1E3`): of these, the API server keeps some as they are written.

Source: Kubernetes, apimachinery pkg/api/resource/quantity.go, `ParseQuantity` and `CanonicalizeBytes`.
"""

from __future__ import annotations

import json
import re
from fractions import Fraction
from typing import Any

QUANTITY = re.compile(
    r"(?P<number>-?(?:0|[1-9]\d*)?(?:(?<=\d)|\.(?P<part>\d+)))"
    r"(?:(?P<binary>[KMGTPE]i)|(?P<decimal>[numkMGTPE]?)|e(?P<exponent>-?[1-9]\d*))\Z",
    re.ASCII,
)
KEPT_PARTS = 3
"""So many digits behind the point, or a multiple: the API server can keep the text as it is written."""
DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"": 0, "Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
LARGEST = 2**63 - 1
"""Anything beyond is cut to it, and equal to everything else that was cut."""
LONGEST = 100
"""Characters; nobody writes more, and an exponent must not make a number of a million digits."""
WIDEST = 30
"""The largest exponent in use is 18."""


def canonical_quantity(value: Any) -> str | None:
    """Return the text that the API server stores; None for what is none, is written oddly, or would be rounded.

    >>> canonical_quantity("0.5"), canonical_quantity("1024Mi"), canonical_quantity(1), canonical_quantity("1000Mi")
    ('500m', '1Gi', '1', '1000Mi')
    """
    match = QUANTITY.match(_text(value))
    if match is None or (match["exponent"] and abs(int(match["exponent"])) > WIDEST):
        return None
    number = Fraction(match["number"])
    if (match["part"] and len(match["part"]) % KEPT_PARTS == 0) or (number == 0 and "-" in match["number"]):
        return None
    if match["binary"]:
        return _binary(number * 1024 ** BINARY[match["binary"]])
    if match["exponent"]:
        return _decimal(
            number * Fraction(10) ** int(match["exponent"]), {power: f"e{power}" for power in range(-9, 19, 3)}
        )
    powers = {power: suffix for suffix, power in DECIMAL.items()}
    return _decimal(number * Fraction(10) ** DECIMAL[match["decimal"] or ""], powers)


def _binary(number: Fraction) -> str | None:
    """Below 1024 it is written as a decimal number; a part of a byte would be rounded."""
    if abs(number) < 1024:  # noqa: PLR2004 - the base
        return _decimal(number, {power: suffix for suffix, power in DECIMAL.items()})
    if number.denominator != 1 or abs(number) > LARGEST:
        return None
    whole, power = int(number), 0
    while whole % 1024 == 0 and power < len(BINARY) - 1:
        whole, power = whole // 1024, power + 1
    return f"{whole}{next(suffix for suffix, each in BINARY.items() if each == power)}"


def _decimal(number: Fraction, suffixes: dict[int, str]) -> str | None:
    if number == 0:
        return "0"
    if abs(number) > LARGEST:
        return None
    for power in sorted(suffixes, reverse=True):
        mantissa = number / Fraction(10) ** power
        if mantissa.denominator == 1:
            return f"{mantissa}{suffixes[power] if power else ''}"
    return None  # finer than a billionth


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value if len(value) <= LONGEST else ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return json.dumps(value)[:LONGEST] if is_number else ""
