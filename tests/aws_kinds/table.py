"""Table: DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from aws_kinds.facts import (
    ACCOUNT,
    FOLLOWS_DELETION_POLICY,
    JSON,
    AWSKind,
    Claim,
    Managed,
    Rights,
    Service,
    UnknownFieldError,
)

ON_INDEXES = frozenset({"dynamodb:Query", "dynamodb:Scan"})
"""Actions that an index takes as well as a table."""
INDEXES = {"letters": ("by-author", "by-time")}
"""Table of the documents below -> its indexes."""
KEYS = [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}, {"name": "at", "type": "N"}]
INDEX = {"name": "by-time", "hashKey": "pk", "rangeKey": "at", "projectionType": "ALL"}


def in_aws(name: str, wanted: Mapping[str, Any]) -> dict[str, JSON]:
    """What AWS tells of a table."""
    arn = f"arn:aws:dynamodb:{wanted['region']}:{ACCOUNT}:table/{name}"
    return {"id": name, "arn": arn, "streamArn": f"{arn}/stream/2026-08-01T00:00:00.000"}


def make(service: Service, spec: dict[str, Any]) -> None:
    """Make the table, then what AWS takes only of one that is there."""
    name = spec.pop("tableName")
    ttl = spec.pop("ttl", {"enabled": False})
    recovery = spec.pop("pointInTimeRecovery")
    attributes = [{"AttributeName": one["name"], "AttributeType": one["type"]} for one in spec.pop("attribute")]
    indexes = [_index(dict(one)) for one in spec.pop("globalSecondaryIndex", ())]
    dynamodb = service("dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=list(_schema(spec)),
        AttributeDefinitions=attributes,
        BillingMode=spec.pop("billingMode"),
        DeletionProtectionEnabled=spec.pop("deletionProtection"),
        Tags=[{"Key": key, "Value": value} for key, value in spec.pop("tags").items()],
        **_throughput(spec),
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
    if ttl["enabled"]:
        wanted = {"Enabled": True, "AttributeName": ttl["attributeName"]}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
    wanted = {"PointInTimeRecoveryEnabled": recovery}
    dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wanted)


def _schema(of: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The keys of a table or an index, taken out of it."""
    yield {"AttributeName": of.pop("hashKey"), "KeyType": "HASH"}
    if "rangeKey" in of:
        yield {"AttributeName": of.pop("rangeKey"), "KeyType": "RANGE"}


def _throughput(of: dict[str, Any]) -> dict[str, Any]:
    """Capacities, for a table or index that has any."""
    if "readCapacity" not in of:
        return {}
    units = {"ReadCapacityUnits": of.pop("readCapacity"), "WriteCapacityUnits": of.pop("writeCapacity")}
    return {"ProvisionedThroughput": units}


def _index(of: dict[str, Any]) -> dict[str, Any]:
    projection = {"ProjectionType": of.pop("projectionType")}
    if "nonKeyAttributes" in of:
        projection["NonKeyAttributes"] = of.pop("nonKeyAttributes")
    made = {"IndexName": of.pop("name"), "KeySchema": list(_schema(of)), "Projection": projection, **_throughput(of)}
    if of:
        raise UnknownFieldError(f"an index: {', '.join(of)}")
    return made


def _attributes(spec: JSON) -> set[str]:
    """The names of a table's attributes."""
    return {attribute["name"] for attribute in spec["attribute"]}


def _keys(spec: JSON) -> set[str]:
    """The attributes that a table's indexes are made of."""
    return {
        index[key] for index in spec.get("globalSecondaryIndex", ()) for key in ("hashKey", "rangeKey") if key in index
    }


def _has_capacity(spec: JSON) -> bool:
    """Whether both capacities are given or neither is, as the billing mode asks."""
    given = ["readCapacity" in spec, "writeCapacity" in spec]
    return all(given) if spec.get("billingMode") == "PROVISIONED" else not any(given)


def _indexes(name: str, arn: str) -> tuple[str, ...]:
    return tuple(f"{arn}/index/{index}" for index in INDEXES.get(name, ()))


TABLE = Managed(
    kind="Table",
    plural="tables",
    api_versions=("dynamodb.aws.m.upbound.io/v1beta1", "dynamodb.aws.upbound.io/v1beta2"),
    external_name="tableName",
    named_by={},
    policies=FOLLOWS_DELETION_POLICY,
    arn=lambda spec: f"arn:aws:dynamodb:{spec['region']}:{ACCOUNT}:table/{spec['tableName']}",
    # Source: hashicorp/terraform-provider-aws internal/service/dynamodb/table, and the tags_gen beside it.
    calls=(
        "dynamodb:CreateTable",
        "dynamodb:DescribeContinuousBackups",
        "dynamodb:DescribeTable",
        "dynamodb:DescribeTimeToLive",
        "dynamodb:ListTagsOfResource",
        "dynamodb:TagResource",
        "dynamodb:UntagResource",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTable",
        "dynamodb:UpdateTimeToLive",
    ),
    deletes=("dynamodb:DeleteTable",),
    in_aws=in_aws,
)

KIND = AWSKind(
    claims=(
        Claim(
            kind="Table",
            plural="tables",
            managed={"table": TABLE},
            outputs={"tableName": ("table", "id"), "arn": ("table", "arn"), "streamArn": ("table", "streamArn")},
            make=make,
            without_default={},
            changeable={},
            changes={
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
            rules={
                "hashKey must be declared in attribute": lambda spec: spec["hashKey"] in _attributes(spec),
                "rangeKey must be declared in attribute": lambda spec: (
                    spec.get("rangeKey", spec["attribute"][0]["name"]) in _attributes(spec)
                ),
                "every index key must be declared in attribute": lambda spec: _keys(spec) <= _attributes(spec),
                "attribute lists key attributes only: DynamoDB refuses others": lambda spec: (
                    _attributes(spec) <= {spec["hashKey"], spec.get("rangeKey")} | _keys(spec)
                ),
                "readCapacity and writeCapacity go with billingMode PROVISIONED, and only with it": _has_capacity,
                "nonKeyAttributes goes with projectionType INCLUDE, and only with it": lambda spec: all(
                    ("nonKeyAttributes" in index) is (index["projectionType"] == "INCLUDE")
                    for index in spec.get("globalSecondaryIndex", ())
                ),
                "ttl.attributeName is required when ttl is enabled": lambda spec: (
                    "ttl" not in spec or not spec["ttl"]["enabled"] or "attributeName" in spec["ttl"]
                ),
            },
            values={
                "attribute": [KEYS[:1], KEYS[:2], [*KEYS, {"name": "more", "type": "B"}]],
                "globalSecondaryIndex": [
                    [],
                    [{**INDEX, "projectionType": "INCLUDE"}],
                    [{**INDEX, "nonKeyAttributes": ["a"]}],
                ],
                "readCapacity": [0, 1, 5],
                "ttl": [{"enabled": True}, {"enabled": False}, {"enabled": True, "attributeName": "expires"}],
            },
        ),
    ),
    rights=Rights(
        word="table",
        documents="""\
            apiVersion: platformc.dev/v1alpha1
            kind: Table
            metadata: {name: sessions}
            spec: {hashKey: {name: id, type: S}}
            ---
            apiVersion: platformc.dev/v1alpha1
            kind: Table
            metadata: {name: letters}
            spec:
              tableName: all_letters
              hashKey: {name: id, type: S}
              globalSecondaryIndexes:
                - {name: by-author, hashKey: {name: author, type: S}}
                - {name: by-time, hashKey: {name: author, type: S}, rangeKey: {name: at, type: "N"}}
            """,
        targets={
            "sessions": f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/%ssessions",
            "letters": f"arn:aws:dynamodb:eu-central-1:{ACCOUNT}:table/%sall_letters",
        },
        inside=lambda name, arn: (*_indexes(name, arn), f"{arn}/index/by-nobody"),
        access={
            "read": frozenset(
                {
                    "dynamodb:BatchGetItem",
                    "dynamodb:ConditionCheckItem",
                    "dynamodb:DescribeTable",
                    "dynamodb:GetItem",
                    "dynamodb:Query",
                    "dynamodb:Scan",
                }
            ),
            "write": frozenset(
                {
                    "dynamodb:BatchWriteItem",
                    "dynamodb:DeleteItem",
                    "dynamodb:PutItem",
                    "dynamodb:UpdateItem",
                }
            ),
        },
        reaches=lambda action, name, arn, resource: (
            resource == arn or (action in ON_INDEXES and resource in _indexes(name, arn))
        ),
        patterns=lambda _arn: (),
        statements=2,
        dangerous=(
            "dynamodb:CreateBackup",
            "dynamodb:CreateTable",
            "dynamodb:DeleteBackup",
            "dynamodb:DeleteTable",
            "dynamodb:DescribeStream",
            "dynamodb:ExportTableToPointInTime",
            "dynamodb:GetRecords",
            "dynamodb:ImportTable",
            "dynamodb:PartiQLDelete",
            "dynamodb:PartiQLSelect",
            "dynamodb:PartiQLUpdate",
            "dynamodb:PutResourcePolicy",
            "dynamodb:RestoreTableToPointInTime",
            "dynamodb:TagResource",
            "dynamodb:UpdateContinuousBackups",
            "dynamodb:UpdateTable",
            "dynamodb:UpdateTimeToLive",
        ),
    ),
)
