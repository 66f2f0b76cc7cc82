"""Argo CD's health checks, run by a real Lua with no more libraries than Argo CD gives them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lupa  # type: ignore[import-untyped]  # it has no stubs

CHECKS = Path(__file__).parents[2] / "argocd" / "health"


def health(check: str, instance: dict[str, Any]) -> tuple[str, str]:
    """Health and message, as the check gives them."""
    lua = lupa.LuaRuntime(register_eval=False, register_builtins=False)
    # util/lua/lua.go of Argo CD opens the base and the table library; texts have no methods either.
    lua.execute("debug.setmetatable('', nil); string = nil; math = nil; io = nil; os = nil; debug = nil; require = nil")
    lua.globals()["obj"] = lua.table_from(instance, recursive=True)
    found = lua.execute((CHECKS / f"{check}.lua").read_text(encoding="utf-8"))
    return found["status"], found["message"]
