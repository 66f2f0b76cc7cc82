"""Documents: rules about which documents exist, where they belong, and that no two are the same."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "documents")

APPLICATION_MISSING = _rule("application-missing")
APPLICATION_NAME_RESERVED = _rule("application-name-reserved")
DUPLICATE_DOCUMENT = _rule("duplicate-document")
DUPLICATE_OBJECT = _rule("duplicate-object")
INVALID_DOCUMENT = _rule("invalid-document")
MISPLACED_DOCUMENT = _rule("misplaced-document")
NAMESPACE_CREATED_TWICE = _rule("namespace-created-twice")
NAMESPACE_NOT_CREATED = _rule("namespace-not-created")
PLATFORM_MISSING = _rule("platform-missing")
UNKNOWN_KIND = _rule("unknown-kind")
