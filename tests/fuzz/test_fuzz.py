"""The real specs, damaged: whatever stands in them, the compiler answers with findings or with a tree.

PLATFORMC_FUZZ_CASES is how many cases there are (2,000 in CI), PLATFORMC_FUZZ_FIRST the number of the first one:
a case that failed is run alone by its number.
"""

from __future__ import annotations

import os

import pytest
from fuzz_case import PARTS, Bench, bench, compiled, run_case
from platformc.diagnostics import Severity

pytestmark = pytest.mark.slow  # compiles once for each damaged copy

CASES = int(os.environ.get("PLATFORMC_FUZZ_CASES", "2000" if os.environ.get("CI") else "300"))
FIRST = int(os.environ.get("PLATFORMC_FUZZ_FIRST", "0"))
GROUPS = 6
"""So that several workers share them."""

SHOWN = 5
"""Failures that one group tells in full."""


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The parts of the specs, copied once."""
    return bench(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.parametrize("part", range(len(PARTS)), ids=list(PARTS))
def test_the_parts_are_sound(where: Bench, part: int) -> None:
    """Before they are damaged they compile: else the cases would show errors that nobody made."""
    outcome = compiled(where.parts[part].root)
    assert [finding for finding in outcome.findings if finding.severity is Severity.ERROR] == []
    assert len(outcome.trees) == 1
    assert len(outcome.trees[0].files) > 20


@pytest.mark.parametrize("group", range(GROUPS))
def test_damaged_specs_are_answered(where: Bench, group: int) -> None:
    """No exception, no finding without a place, no tree beside an error."""
    failed = [said for number in range(FIRST + group, FIRST + CASES, GROUPS) if (said := run_case(number, where))]
    assert not failed, f"{len(failed)} cases failed\n\n" + "\n\n".join(failed[:SHOWN])
