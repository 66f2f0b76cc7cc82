"""The health checks of argocd/, run by a real Lua with no more libraries than Argo CD gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lupa  # type: ignore[import-untyped]  # it has no stubs
import pytest
from recorded_statuses import KINDS, Recorded, recorded

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "argocd" / "health"
NEEDED = {"no status", "provisioning", "ready", "resource sync failed", "stale generation", "deleting", "just created"}


def run(check: str, instance: dict[str, Any]) -> tuple[str, str]:
    """Health and message, as the check gives them."""
    lua = lupa.LuaRuntime(register_eval=False, register_builtins=False)
    # util/lua/lua.go of Argo CD opens the base and the table library; texts have no methods either.
    lua.execute("debug.setmetatable('', nil); string = nil; math = nil; io = nil; os = nil; debug = nil; require = nil")
    lua.globals()["obj"] = lua.table_from(instance, recursive=True)
    found = lua.execute((CHECKS / f"{check}.lua").read_text(encoding="utf-8"))
    return found["status"], found["message"]


def test_every_check_has_statuses() -> None:
    """A check without one would be tried by nobody."""
    assert {path.stem for path in CHECKS.iterdir()} == set(KINDS)
    assert {one.name for one in recorded() if one.check == "claim"} >= NEEDED


@pytest.mark.parametrize("one", recorded(), ids=str)
def test_health(one: Recorded) -> None:
    """Each recorded status has the health, and the words, that an operator should see."""
    assert run(one.check, one.object) == (one.health, one.message)


@pytest.mark.parametrize("one", [one for one in recorded() if "conditions" in one.object.get("status", {})], ids=str)
def test_the_order_of_conditions_does_not_matter(one: Recorded) -> None:
    """Controllers promise none."""
    status = one.object["status"]
    status["conditions"].reverse()
    for conditions in status.get("resources", {}).values():
        conditions.reverse()
    assert run(one.check, one.object) == (one.health, one.message)
