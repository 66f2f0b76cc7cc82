"""Secrets: rules about Secrets, their sealed values, and sealing certificates."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "secrets")

COPY_CYCLE = _rule("copy-cycle")
INVALID_GENERATE = _rule("invalid-generate")
INVALID_PULL_SECRET = _rule("invalid-pull-secret")
INVALID_REFRESH_INTERVAL = _rule("invalid-refresh-interval")
PUBLIC_VALUE_MISSING = _rule("public-value-missing")
PULL_ACCESS_MISSING = _rule("pull-access-missing")
PULL_SECRET_OTHER_NAMESPACE = _rule("pull-secret-other-namespace")
SEALED_COPY_DIFFERS = _rule("sealed-copy-differs")
SEALED_FOR_ANOTHER_CERTIFICATE = _rule("sealed-for-another-certificate")
SEALED_KEY_UNKNOWN = _rule("sealed-key-unknown")
SEALED_NAME_MISMATCH = _rule("sealed-name-mismatch")
SEALED_SCOPE_MISMATCH = _rule("sealed-scope-mismatch")
SEALED_VALUE_DAMAGED = _rule("sealed-value-damaged")
SEALED_VALUES_UNUSED = _rule("sealed-values-unused")
SEALING_CERTIFICATE_ENDS = _rule("sealing-certificate-ends")
SEALING_CERTIFICATE_UNUSABLE = _rule("sealing-certificate-unusable")
SECRET_KEY_UNUSED = _rule("secret-key-unused")
SECRET_NOT_SEALED = _rule("secret-not-sealed")
SECRET_OTHER_NAMESPACE = _rule("secret-other-namespace")
VALUE_REFUSED = _rule("value-refused")
