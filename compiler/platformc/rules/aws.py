"""AWS: rules about what AWS would reject."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "aws")

INVALID_AWS_NAME = _rule("invalid-aws-name")
INVALID_INDEX = _rule("invalid-index")
INVALID_PROVIDER_CONFIG = _rule("invalid-provider-config")
INVALID_QUEUE = _rule("invalid-queue")
INVALID_STATEMENT = _rule("invalid-statement")
INVALID_TABLE = _rule("invalid-table")
INVALID_TAG = _rule("invalid-tag")
OUTSIDE_AWS_LIMITS = _rule("outside-aws-limits")
