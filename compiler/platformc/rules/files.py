"""Files: rules about files that cannot be read."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "files")

FILE_NOT_TEXT = _rule("file-not-text")
FILE_TOO_LARGE = _rule("file-too-large")
FILE_UNREADABLE = _rule("file-unreadable")
HIDDEN_CHARACTER = _rule("hidden-character")
INVALID_ARGOCD_SETTINGS = _rule("invalid-argocd-settings")
INVALID_CLAIM_API = _rule("invalid-claim-api")
SYMLINK_REFUSED = _rule("symlink-refused")
