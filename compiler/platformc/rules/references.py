"""References: rules about `${…}` and what names refer to."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "references")

CONFIG_IN_TEXT = _rule("config-in-text")
FILTER_NOT_ALLOWED = _rule("filter-not-allowed")
MOVED_INVALID = _rule("moved-invalid")
REFERENCE_IN_TEXT = _rule("reference-in-text")
REFERENCE_NOT_ALLOWED = _rule("reference-not-allowed")
REFERENCE_SYNTAX = _rule("reference-syntax")
SECRET_IN_CONFIG = _rule("secret-in-config")
SECRET_IN_TEXT = _rule("secret-in-text")
UNKNOWN_REFERENCE = _rule("unknown-reference")
