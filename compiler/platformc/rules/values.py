"""Values: rules about the values of environments and the constants made from them."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "values")

INVALID_VALUES_SCHEMA = _rule("invalid-values-schema")
MISSING_VALUE = _rule("missing-value")
UNKNOWN_VALUE = _rule("unknown-value")
