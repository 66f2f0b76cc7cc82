"""IAM policies, evaluated as AWS does for an identity-based policy without conditions.

Source: AWS, IAM User Guide, "Policy evaluation logic" and "IAM JSON policy elements": denied unless
a statement allows it, and never where one denies it; `*` and `?` are wildcards, in actions without
regard to case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any


def allows(policy: Mapping[str, Any], action: str, resource: str) -> bool:
    """Whether the policy lets its user do this to this."""
    effects = {
        statement["Effect"]
        for statement in policy["Statement"]
        if _any(statement["Action"], action.lower(), lower=True) and _any(statement["Resource"], resource, lower=False)
    }
    return effects == {"Allow"}


def _any(patterns: str | list[str], text: str, *, lower: bool) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(_matches(pattern.lower() if lower else pattern, text) for pattern in listed)


@cache
def _matches(pattern: str, text: str) -> bool:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None
