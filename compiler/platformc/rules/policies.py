"""Policies: rules about `allow`; the policy rules themselves are in check/policies."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "policies")

ALLOW_IMPOSSIBLE = _rule("allow-impossible")
ALLOW_UNKNOWN_RULE = _rule("allow-unknown-rule")
ALLOW_UNUSED = _rule("allow-unused")
