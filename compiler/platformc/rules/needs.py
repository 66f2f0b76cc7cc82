"""Needs: rules about the needs of a workload and what follows from them."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "needs")

IDENTITY_MISSING = _rule("identity-missing")
INVALID_NEED = _rule("invalid-need")
KUBERNETES_API_MISSING = _rule("kubernetes-api-missing")
MISSING_ACCESS = _rule("missing-access")
NEED_DROPPED = _rule("need-dropped")
NEED_WITHOUT_EFFECT = _rule("need-without-effect")
PORT_UNCLEAR = _rule("port-unclear")
UNKNOWN_ACCESS = _rule("unknown-access")
WAIT_WITHOUT_SERVICE = _rule("wait-without-service")
