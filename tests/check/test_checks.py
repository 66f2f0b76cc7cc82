"""The lists of checks: none is forgotten."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import platformc.check
from platformc.check import checks

PACKAGE = Path(platformc.check.__file__).parent


def test_every_check_is_in_a_list() -> None:
    """What is called like one and stands in no list would never run; so would one of a list that nobody calls."""
    called = set(re.findall(r"\bcheck_\w+(?=\()", Path(checks.__file__).read_text(encoding="utf-8")))
    beside = {
        node.name
        for path in PACKAGE.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("check_")
    }
    rooms = {"check_claims", "check_policies", "check_claim_api"}
    assert called == beside | rooms
    assert {"check_sealed", "check_certificate", "check_across_environments"} <= beside
    assert len(called) == len((*checks.ENVIRONMENT_CHECKS, *checks.OBJECT_CHECKS, *checks.PLATFORM_CHECKS))
