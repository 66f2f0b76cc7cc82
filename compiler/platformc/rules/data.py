"""Data: rules about what a change does to data, to what protects it, and to what hosts it."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "data", allowable=True)

ADDON_DOWNGRADED = _rule("addon-downgraded")
ADDON_REMOVED = _rule("addon-removed")
APPLICATIONS_RENAMED = _rule("applications-renamed")
AWS_ACCOUNT_CHANGED = _rule("aws-account-changed")
CLAIM_SCOPE_CHANGED = _rule("claim-scope-changed")
CLUSTER_CHANGED = _rule("cluster-changed")
DATA_UNPROTECTED = _rule("data-unprotected")
ENVIRONMENT_REMOVED = _rule("environment-removed")
MOUNT_CHANGED = _rule("mount-changed")
RENDERED_SOURCE_CHANGED = _rule("rendered-source-changed")
RETENTION_SHORTENED = _rule("retention-shortened")
VOLUME_REPLACED = _rule("volume-replaced")
