"""Each cell of docs/data-safety.md that names a finding really makes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from cases_runner import CASES, ENDING, expected
from changed_platform import TOLD
from platformc.check.policies.object_fields import below
from platformc.kinds import KINDS
from platformc.language.nodes import KeyPath
from platformc.lower.claim import API
from platformc.safety import transitions
from snapshots import between, of_objects

from tools.docs.data_safety import CLAIMS, COLUMNS, ROWS, Effect, Finding, cells

FOUND = [(row, column, cell) for row, column, cell in cells() if isinstance(cell, Finding)]
OTHER = "another-value"


def claim(kind: str, path: KeyPath, value: Any) -> dict[str, Any]:
    """A claim with one field."""
    made: dict[str, Any] = {
        "apiVersion": API,
        "kind": kind,
        "metadata": {"name": "one", "namespace": "shop"},
        "spec": {CLAIMS[kind][0].name: "one"},
    }
    inner = made
    for step in path[:-1]:
        inner = inner.setdefault(str(step), {})
    inner[str(path[-1])] = value
    return made


def rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> set[str]:
    """What is found where an object changes."""
    return {one.rule.id for one in transitions(between(of_objects(before), of_objects(after)))}


def test_the_table_is_full() -> None:
    """Every cell has an answer, and there is a column for every kind with data."""
    answers = list(cells())
    assert len(answers) == len(ROWS) * len(COLUMNS)
    assert all(cell.text for _, _, cell in answers if isinstance(cell, Effect))
    with_data = {one.kind for kind in KINDS.values() if kind.aws for one in kind.aws.claims if one.data is not None}
    assert set(COLUMNS) >= with_data
    assert len(FOUND) > len(answers) / 2


@pytest.mark.parametrize(("row", "column", "cell"), FOUND, ids=lambda one: one if isinstance(one, str) else "")
def test_it_is_found(row: str, column: str, cell: Finding) -> None:
    """In the change or the case that the cell names; else with each field that it names."""
    assert row
    if "/" in cell.shown_by:
        assert cell.rule.id in expected(CASES / f"{cell.shown_by}{ENDING}").rules
    elif cell.shown_by:
        assert f"[{cell.rule.id}]" in (TOLD / f"{cell.shown_by}.txt").read_text(encoding="utf-8")
    else:
        assert column in CLAIMS, "only records show their fields themselves"


@pytest.mark.parametrize("kind", CLAIMS)
def test_fields_that_cannot_change(kind: str) -> None:
    """Each that the record has is found, under its name."""
    for field in CLAIMS[kind][0].immutable:
        before, after = claim(kind, field.claim, "one"), claim(kind, field.claim, OTHER)
        assert "immutable-field" in rules(before, after), field.claim
        assert below(after, *map(str, field.claim)) == OTHER


@pytest.mark.parametrize("kind", CLAIMS)
def test_fields_that_protect(kind: str) -> None:
    """Each that the record has is found if it becomes weaker, and only then; so is a value that nobody knows."""
    for field in CLAIMS[kind][1].protections:
        strong, *_, weak = field.strongest_first
        assert rules(claim(kind, field.claim, strong), claim(kind, field.claim, weak)) == {"data-unprotected"}
        assert rules(claim(kind, field.claim, strong), claim(kind, field.claim, OTHER)) == {"data-unprotected"}
        assert rules(claim(kind, field.claim, weak), claim(kind, field.claim, strong)) == set()
        assert field.absent in field.strongest_first
