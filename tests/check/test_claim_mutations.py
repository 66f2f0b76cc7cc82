"""Good claims with two fields changed: each breaks the rules of its definition that Python says it must, and no other.

The rules are stated here a second time, in Python. The comparison with Crossplane's own validator is
e2e/nightly/test_same_verdicts.py.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from platformc.check.schemas.yaml_documents import yaml_documents
from test_claim_rules import BAD_CLAIMS, Case, merged

JSON = Any
Says = Mapping[str, Callable[[JSON], bool]]
"""Message of a rule -> whether a claim's spec, with its defaults, keeps it."""

KEYS = [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}, {"name": "at", "type": "N"}]
INDEX = {"name": "by-time", "hashKey": "pk", "rangeKey": "at", "projectionType": "ALL"}

CHANGES: Mapping[str, Mapping[str, list[JSON]]] = {
    "Identity": {
        "policyName": ["other", "policy"],
        "policyArn": ["arn:aws:iam::123456789012:policy/other", "arn:aws:iam::123456789012:policy/a/bot"],
        "tags": [{}, {"a": "b"}],
    },
    "Queue": {
        "fifo": [True, False, None],
        "queueName": ["events", "events.fifo", "events-dlq"],
        "sqsManagedSse": [True, False, None],
        "kmsMasterKeyId": ["alias/aws/sqs", None],
        "redrivePolicy": ['{"deadLetterTargetArn":"arn:aws:sqs:ca-central-1:1:events","maxReceiveCount":3}', None],
    },
    "Repository": {
        "encryptionType": ["KMS", "AES256", None],
        "kmsKey": ["arn:aws:kms:ca-central-1:123456789012:key/k", None],
        "tags": [{}, {"a": "b"}],
    },
    "Table": {
        "attribute": [KEYS[:1], KEYS[:2], [*KEYS, {"name": "more", "type": "B"}]],
        "hashKey": ["other"],
        "rangeKey": [None, "other"],
        "billingMode": ["PROVISIONED"],
        "readCapacity": [1],
        "writeCapacity": [5],
        "globalSecondaryIndex": [
            None,
            [{**INDEX, "hashKey": "other"}],
            [{**INDEX, "projectionType": "INCLUDE"}],
            [{**INDEX, "nonKeyAttributes": ["a"]}],
            [{**INDEX, "projectionType": "INCLUDE", "nonKeyAttributes": ["a"]}],
        ],
        "ttl": [{"enabled": True, "attributeName": None}, None],
    },
}


def attributes(spec: JSON) -> set[str]:
    """The names of a table's attributes."""
    return {attribute["name"] for attribute in spec["attribute"]}


def keys(spec: JSON) -> set[str]:
    """The attributes that a table's indexes are made of."""
    return {
        index[key] for index in spec.get("globalSecondaryIndex", ()) for key in ("hashKey", "rangeKey") if key in index
    }


def has_capacity(spec: JSON) -> bool:
    """Whether both capacities are given or neither is, as the billing mode asks."""
    given = ["readCapacity" in spec, "writeCapacity" in spec]
    return all(given) if spec.get("billingMode") == "PROVISIONED" else not any(given)


RULES: Mapping[str, Says] = {
    "Identity": {
        "policyArn must end in policyName (no IAM path)": lambda spec: (
            spec["policyArn"].split(":policy/")[1] == spec["policyName"]
        ),
    },
    "Queue": {
        "queueName ends in .fifo exactly when fifo is true": lambda spec: (
            spec["fifo"] is (spec["queueName"][-5:] == ".fifo")
        ),
        "kmsMasterKeyId and sqsManagedSse exclude each other": lambda spec: (
            "kmsMasterKeyId" not in spec or not spec.get("sqsManagedSse")
        ),
        "a queue cannot be its own dead letter queue": lambda spec: (
            f':{spec["queueName"]}"' not in spec.get("redrivePolicy", "")
        ),
    },
    "Repository": {
        "kmsKey goes with encryptionType KMS": lambda spec: "kmsKey" not in spec or spec["encryptionType"] == "KMS",
    },
    "Table": {
        "hashKey must be declared in attribute": lambda spec: spec["hashKey"] in attributes(spec),
        "rangeKey must be declared in attribute": lambda spec: (
            spec.get("rangeKey", spec["attribute"][0]["name"]) in attributes(spec)
        ),
        "every index key must be declared in attribute": lambda spec: keys(spec) <= attributes(spec),
        "attribute lists key attributes only: DynamoDB refuses others": lambda spec: (
            attributes(spec) <= {spec["hashKey"], spec.get("rangeKey")} | keys(spec)
        ),
        "readCapacity and writeCapacity go with billingMode PROVISIONED, and only with it": has_capacity,
        "nonKeyAttributes goes with projectionType INCLUDE, and only with it": lambda spec: all(
            ("nonKeyAttributes" in index) is (index["projectionType"] == "INCLUDE")
            for index in spec.get("globalSecondaryIndex", ())
        ),
        "ttl.attributeName is required when ttl is enabled": lambda spec: (
            "ttl" not in spec or not spec["ttl"]["enabled"] or "attributeName" in spec["ttl"]
        ),
    },
}


def claims(kind: str) -> Iterator[Case]:
    """The good claim of a kind, every single change of it, and all pairs of two; those that fit the schema."""
    (content,) = yaml_documents((BAD_CLAIMS / f"{kind.lower()}.yaml").read_bytes())
    single = [{name: value} for name, values in CHANGES[kind].items() for value in values]
    pairs = ({**one, **other} for one, other in combinations(single, 2) if one.keys() != other.keys())
    for change in ({}, *single, *pairs):
        case = Case(merged(content["claim"], {"spec": copy.deepcopy(change)}), "")
        if case.fits_the_schema():
            yield case


@pytest.mark.parametrize("kind", CHANGES)
def test_each_breaks_what_it_must(kind: str) -> None:
    """Neither more nor less, and every rule is broken by some."""
    seen: set[str] = set()
    good = 0
    for case in claims(kind):
        spec = case.with_defaults()["spec"]
        wanted = {message for message, keeps in RULES[kind].items() if not keeps(spec)}
        assert set(case.broken()) == wanted, spec
        seen |= wanted
        good += not wanted
    assert seen == set(RULES[kind])
    assert good > 1
