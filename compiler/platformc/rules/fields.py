"""Fields: rules about a document's fields and the form of their values."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "fields")

INVALID_ACCOUNT = _rule("invalid-account")
INVALID_CIDR = _rule("invalid-cidr")
INVALID_DURATION = _rule("invalid-duration")
INVALID_EXTERNAL_SERVICE = _rule("invalid-external-service")
INVALID_FILE = _rule("invalid-file")
INVALID_LABEL = _rule("invalid-label")
INVALID_NAME = _rule("invalid-name")
INVALID_PATH = _rule("invalid-path")
INVALID_QUANTITY = _rule("invalid-quantity")
INVALID_VALUE = _rule("invalid-value")
INVALID_VERSION = _rule("invalid-version")
MISSING_FIELD = _rule("missing-field")
UNKNOWN_FIELD = _rule("unknown-field")
WRONG_TYPE = _rule("wrong-type")
