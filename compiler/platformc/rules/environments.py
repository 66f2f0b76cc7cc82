"""Environments: rules about an environment, and about what two of them must not share."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "environments")

AWS_NAME_SHARED = _rule("aws-name-shared")
ENVIRONMENT_MISSING = _rule("environment-missing")
INVALID_DESTINATION = _rule("invalid-destination")
OBJECT_SHARED = _rule("object-shared")
OBSERVED_ELSEWHERE = _rule("observed-elsewhere")
UNKNOWN_APPLICATION = _rule("unknown-application")
UNKNOWN_ENVIRONMENT = _rule("unknown-environment")
