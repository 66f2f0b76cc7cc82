"""One claim beside another, also where patches have made something odd of them."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.check.aws_resources import Claims
from platformc.kinds import KINDS
from platformc.safety.claims import left_behind

IN_CLAIMS = {"encryption": "encryptionType", "secretName": "writeConnectionSecretToRef"}
"""Field of a document -> what the claim calls it, where that is not the same."""
FROM_PLATFORM = {"region", "policyArn"}
"""Fields of claims that the Platform's settings give."""
API = "aws.platformc.dev/v1alpha1"
CLAIMS = Claims(KINDS)


def table(**spec: Any) -> dict[str, Any]:
    """A Table claim."""
    return {"apiVersion": API, "kind": "Table", "spec": {"tableName": "letters", **spec}}


KEYED = table(attribute=[{"name": "id", "type": "S"}, {"name": "at", "type": "N"}])
INDEXED = table(globalSecondaryIndex=[{"name": "by-at", "hashKey": "at", "projectionType": "ALL", "readCapacity": 5}])


def told(old: dict[str, Any], new: dict[str, Any]) -> list[tuple[str, str]]:
    """Each change as its rule and its message."""
    claim = CLAIMS.of(old)
    changes = claim.changes(old["spec"], new["spec"]) if claim is not None else ()
    return [(one.rule.id, one.message) for one in changes]


@pytest.mark.parametrize("kind", sorted(CLAIMS.by_kind))
def test_what_documents_say_of_themselves(kind: str) -> None:
    """A field that cannot change names the field of the document that it comes from, or comes from the Platform."""
    for field in CLAIMS.by_kind[kind].immutable:
        assert field.claim[0] == "spec"
        if field.spec:
            assert IN_CLAIMS.get(field.spec[0], field.spec[0]) == field.claim[1]
        else:
            assert field.claim[1] in FROM_PLATFORM


def test_the_order_of_keys_means_nothing() -> None:
    """Only a type that changes is a change; a key more or less is none."""
    turned = table(attribute=[{"name": "at", "type": "N"}, {"name": "new", "type": "B"}])
    assert told(KEYED, turned) == []
    assert told(KEYED, table(attribute=[{"name": "at", "type": "S"}])) == [
        ("immutable-field", "the type of the key at cannot change from N to S")
    ]


def test_an_index_may_cost_more() -> None:
    """Capacities change; what it holds does not."""
    (index,) = INDEXED["spec"]["globalSecondaryIndex"]
    assert told(INDEXED, table(globalSecondaryIndex=[{**index, "readCapacity": 9}])) == []
    narrowed = {**index, "projectionType": "INCLUDE", "nonKeyAttributes": ["a"]}
    assert told(INDEXED, table(globalSecondaryIndex=[narrowed])) == [
        ("immutable-field", "the index by-at cannot change its projectionType")
    ]
    assert told(INDEXED, table(globalSecondaryIndex=[{**narrowed, "name": "by-at-2"}])) == []


def test_a_time_to_live() -> None:
    """On to off and back with one name; another name only while it is off; never left out."""
    on, off = ({"enabled": enabled, "attributeName": "ttl"} for enabled in (True, False))
    other = {"enabled": True, "attributeName": "at"}
    for before, after in ((on, off), (off, on), (off, other), (None, on), (None, None)):
        assert told(table(ttl=before), table(ttl=after)) == []
    assert [rule for rule, _ in told(table(ttl=on), table(ttl=other))] == ["immutable-field"]
    assert [rule for rule, _ in told(table(ttl=on), table())] == ["ttl-dropped"]
    assert [rule for rule, _ in told(table(ttl=off), table())] == ["ttl-dropped"]


@pytest.mark.parametrize("odd", [None, "text", 5, [], [None], ["text"], [{}], [{"name": "at"}], {"name": 5}])
def test_what_a_patch_may_have_made(odd: Any) -> None:
    """Is no reason to fail: schemas judge it."""
    for field in ("attribute", "globalSecondaryIndex", "ttl"):
        for known in (KEYED, INDEXED, table(ttl={"enabled": True, "attributeName": "ttl"})):
            told(known, table(**{field: odd}))
            told(table(**{field: odd}), known)
    assert left_behind("tableName", table(), {"kind": "Table", "spec": {}}) is not None


def test_other_kinds_are_left_alone() -> None:
    """A Table of the provider's own has other fields."""
    foreign = {**KEYED, "apiVersion": "dynamodb.aws.m.upbound.io/v1beta1"}
    assert told(foreign, {**foreign, "spec": {"attribute": [{"name": "at", "type": "S"}]}}) == []
    assert CLAIMS.of({"apiVersion": "v1", "kind": "Namespace", "spec": {}}) is None
