"""The health checks of argocd/ say of each recorded status what an operator should see."""

from __future__ import annotations

import pytest
from lua_health import CHECKS, health
from recorded_statuses import KINDS, Recorded, recorded

NEEDED = {"no status", "provisioning", "ready", "resource sync failed", "stale generation", "deleting", "just created"}


def test_every_check_has_statuses() -> None:
    """A check without one would be tried by nobody."""
    assert {path.stem for path in CHECKS.iterdir()} == set(KINDS)
    assert {one.name for one in recorded() if one.check == "claim"} >= NEEDED


@pytest.mark.parametrize("one", recorded(), ids=str)
def test_health(one: Recorded) -> None:
    """Each recorded status has the health, and the words, that an operator should see."""
    assert health(one.check, one.object) == (one.health, one.message)


@pytest.mark.parametrize("one", [one for one in recorded() if "conditions" in one.object.get("status", {})], ids=str)
def test_the_order_of_conditions_does_not_matter(one: Recorded) -> None:
    """Controllers promise none."""
    status = one.object["status"]
    status["conditions"].reverse()
    for conditions in status.get("resources", {}).values():
        conditions.reverse()
    assert health(one.check, one.object) == (one.health, one.message)
