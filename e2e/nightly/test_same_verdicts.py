"""Thousands of claims, each with two fields changed: platformc and Crossplane's own validator judge each alike.

What is compared is whether a claim is taken: platformc's answer is its schema's, then that of the definition's CEL
rules, evaluated by platformc.check.claim_api.cel.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from aws_kinds import CLAIMS as CLAIM_KINDS
from platformc.check.claim_api.cel.rules import broken_rules
from platformc.check.schemas.conversion import schemas_of
from platformc.check.schemas.structural_defaults import with_defaults

from e2e.definitions import documents
from e2e.nightly.test_resource_validate import definitions
from e2e.resource_validate import judge
from e2e.test_bad_claims import FILES, changed

JSON = Any

DEFINITIONS = {each["spec"]["names"]["kind"]: each for each in definitions("Namespaced")}
CLAIMS = {content["claim"]["kind"]: content["claim"] for content in documents(FILES)}

BY_TYPE: dict[str, list[JSON]] = {
    "string": ["", "KMS", "PROVISIONED", "pk", 7],
    "integer": [0, 30, 2_000_000, "5"],
    "boolean": [True, False, "yes"],
    "array": [[], ["a"]],
    "object": [{}, {"a": "b"}, {"a": 1}],
}
"""What to try for a field that no rule reads; for the others the tests know values (aws_kinds)."""


def changes(kind: str) -> Iterator[JSON]:
    """Every field left out or with each of its values; then all pairs of two fields, each with one value."""
    fields = _schema(kind)["properties"]["spec"]["properties"]
    single = [
        {name: value}
        for name, part in fields.items()
        for value in (None, *CLAIM_KINDS[kind].values.get(name, BY_TYPE[part["type"]]))
    ]
    yield from single
    yield from ({**one, **other} for one, other in combinations(single, 2) if one.keys() != other.keys())


@cache
def _validator(kind: str) -> jsonschema_rs.Draft4Validator:
    (schema,) = schemas_of(DEFINITIONS[kind])
    return jsonschema_rs.Draft4Validator(schema.schema)


def taken(kind: str, claim: JSON) -> bool:
    """What platformc says."""
    if not _validator(kind).is_valid(claim):
        return False
    whole = with_defaults(_schema(kind), claim)
    return not any(broken_rules(whole, _schema(kind)))


def _schema(kind: str) -> JSON:
    return DEFINITIONS[kind]["spec"]["versions"][0]["schema"]["openAPIV3Schema"]


@pytest.mark.parametrize("kind", sorted(CLAIMS))
def test_each_claim_is_judged_alike(tmp_path: Path, kind: str) -> None:
    """Both ways: neither is stricter than the other."""
    claims = [changed(CLAIMS[kind], {"spec": change}) for change in changes(kind)]
    judged = judge(tmp_path, definitions("Namespaced"), claims)
    ours = [taken(kind, claim) for claim in claims]
    assert 0 < sum(ours) < len(claims)
    assert len(claims) > 200
    differences = [
        (claim["spec"], mine, one.errors)
        for claim, mine, one in zip(claims, ours, judged, strict=True)
        if mine != one.valid
    ]
    assert differences == []
