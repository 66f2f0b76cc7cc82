"""Overlays: rules about profiles, overrides and patches."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "overlays")

OVERLAY_REMOVES_NOTHING = _rule("overlay-removes-nothing")
OVERRIDE_AMBIGUOUS = _rule("override-ambiguous")
OVERRIDE_CHANGES_NOTHING = _rule("override-changes-nothing")
OVERRIDE_LEFT_OUT = _rule("override-left-out")
OVERRIDE_NAMES_NOTHING = _rule("override-names-nothing")
PATCH_FINDS_NOTHING = _rule("patch-finds-nothing")
PATCH_REFUSED = _rule("patch-refused")
PROFILE_CYCLE = _rule("profile-cycle")
PROFILE_UNUSED = _rule("profile-unused")
UNKNOWN_PROFILE = _rule("unknown-profile")
