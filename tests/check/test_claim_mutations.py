"""Good claims with two fields changed: each breaks the rules of its definition that Python says it must, and no other.

The rules are stated a second time in aws_kinds, in Python. The comparison with Crossplane's own validator is
e2e/nightly/test_same_verdicts.py.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest
from aws_kinds import CLAIMS
from platformc.check.schemas.yaml_documents import yaml_documents
from test_claim_rules import BAD_CLAIMS, Case, merged

JSON = Any


def claims(kind: str) -> Iterator[Case]:
    """The good claim of a kind, every single change of it, and all pairs of two; those that fit the schema."""
    (content,) = yaml_documents((BAD_CLAIMS / f"{kind.lower()}.yaml").read_bytes())
    single = [{name: value} for name, values in CLAIMS[kind].changes.items() for value in values]
    pairs = ({**one, **other} for one, other in combinations(single, 2) if one.keys() != other.keys())
    for change in ({}, *single, *pairs):
        case = Case(merged(content["claim"], {"spec": copy.deepcopy(change)}), "")
        if case.fits_the_schema():
            yield case


@pytest.mark.parametrize("kind", [claim.kind for claim in CLAIMS.values() if claim.rules])
def test_each_breaks_what_it_must(kind: str) -> None:
    """Neither more nor less, and every rule is broken by some."""
    seen: set[str] = set()
    good = 0
    for case in claims(kind):
        spec = case.with_defaults()["spec"]
        wanted = {message for message, keeps in CLAIMS[kind].rules.items() if not keeps(spec)}
        assert set(case.broken()) == wanted, spec
        seen |= wanted
        good += not wanted
    assert seen == set(CLAIMS[kind].rules)
    assert good > 1
