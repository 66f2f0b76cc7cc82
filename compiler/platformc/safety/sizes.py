"""sizes: quantities of storage as Kubernetes compares them.

In      text or numbers of objects, in any of Kubernetes' forms: `10Gi`, `1e9`, `1500m`.
Out     numbers that compare.
Never   raises for what is no quantity: schemas judge that.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

# Kubernetes, apimachinery/pkg/api/resource/quantity.go.
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?\d+)")
_BINARY = {unit: 1024**power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), 1)}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_LONGEST = 40
"""Longer text is no size that anything has; a long exponent would take forever."""


def quantity(value: Any) -> Decimal | None:
    """Return a quantity as a number; None if it is none.

    >>> quantity("1Gi") == quantity("1024Mi"), quantity("5Gi") < quantity("10Gi"), quantity("much")
    (True, True, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > _LONGEST:
        return None
    found = _QUANTITY.fullmatch(str(value).strip())
    if found is None:
        return None
    number, unit = Decimal(found[1]), found[2]
    if unit in _BINARY:
        return Decimal(number * _BINARY[unit])
    power = _DECIMAL.get(unit)
    exponent = int(unit[1:]) if power is None else power
    return number.scaleb(exponent) if abs(exponent) <= _LONGEST else None


def is_smaller(size: Any, other: Any) -> bool:
    """Whether one size is less than another; what cannot be read is not compared."""
    one, two = quantity(size), quantity(other)
    return one is not None and two is not None and one < two


def is_same(size: Any, other: Any) -> bool:
    """Whether two values are the same size, or the same text."""
    if size == other:
        return True
    one, two = quantity(size), quantity(other)
    return one is not None and one == two
