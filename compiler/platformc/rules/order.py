"""Order: rules about the order in which things start and restart."""

from __future__ import annotations

from functools import partial

from platformc.rules.pages import documented

_rule = partial(documented, "order")

ORDER_ACROSS_APPLICATIONS = _rule("order-across-applications")
ORDER_CYCLE = _rule("order-cycle")
RESTART_CYCLE = _rule("restart-cycle")
