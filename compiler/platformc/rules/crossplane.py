"""Crossplane: rules about the claim API in crossplane/ and the claims that use it."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "crossplane")

CLAIM_FIELD_UNUSED = _rule("claim-field-unused")
CLAIM_KIND_UNCOMPOSED = _rule("claim-kind-uncomposed")
CLAIM_REFUSED = _rule("claim-refused")
CLAIM_RULE_NOT_UNDERSTOOD = _rule("claim-rule-not-understood")
CLAIM_RULE_UNBOUNDED = _rule("claim-rule-unbounded")
CLAIM_STATUS_UNWRITTEN = _rule("claim-status-unwritten")
COMPOSITION_DUPLICATE_NAME = _rule("composition-duplicate-name")
COMPOSITION_FIELD_WRITTEN_TWICE = _rule("composition-field-written-twice")
COMPOSITION_HIDES_REFUSALS = _rule("composition-hides-refusals")
COMPOSITION_MALFORMED = _rule("composition-malformed")
COMPOSITION_MAP_MISMATCH = _rule("composition-map-mismatch")
COMPOSITION_MISSING_FIELD = _rule("composition-missing-field")
COMPOSITION_NAME_GENERATED = _rule("composition-name-generated")
COMPOSITION_PATCH_LEFT_OUT = _rule("composition-patch-left-out")
COMPOSITION_UNKNOWN_CLAIM = _rule("composition-unknown-claim")
COMPOSITION_UNKNOWN_FIELD = _rule("composition-unknown-field")
COMPOSITION_UNKNOWN_KIND = _rule("composition-unknown-kind")
COMPOSITION_UNSUPPORTED = _rule("composition-unsupported")
COMPOSITION_WITHOUT_PACKAGE = _rule("composition-without-package")
COMPOSITION_WRONG_SCOPE = _rule("composition-wrong-scope")
COMPOSITION_WRONG_TYPE = _rule("composition-wrong-type")
