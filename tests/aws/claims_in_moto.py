"""What Crossplane's provider makes of our claims, made in moto: an AWS in memory, of one account.

In      the claims below rendered/, both environments in one account, as they are.
Out     the same resources in moto, made from the claims' values alone.
Never   leaves a field of a claim out: one that this does not know raises.

Each function is the Composition and the provider in a few lines: claim field -> API call.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped] # it has no types
import yaml

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
"""The account of moto, and of this repository's platform."""
COMMON = ("region", "providerConfigName", "deletionPolicy")
"""What is about Crossplane, or the client's; no call carries it."""

Spec = dict[str, Any]


class UnknownFieldError(AssertionError):
    """A claim has a field that is not made into anything."""


@dataclass(frozen=True, slots=True)
class Clients:
    """The services, in one region."""

    dynamodb: Any
    sqs: Any
    ecr: Any
    iam: Any


def clients(region: str) -> Clients:
    """Clients with credentials of nobody."""
    session = boto3.Session("testing", "testing", region_name=region)
    return Clients(*(session.client(service) for service in ("dynamodb", "sqs", "ecr", "iam")))


def rendered_claims(environment: str) -> list[dict[str, Any]]:
    """All claims of an environment: what others point to stands first, as Crossplane tries again until it is there."""
    files = sorted((ROOT / "rendered" / environment).glob("*-aws/*/*.yaml"))
    claims = [yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) for path in files]
    return sorted(
        (one for one in claims if one["apiVersion"].startswith("aws.platformc.dev/")),
        key=lambda one: (one["kind"] == "RepositoryLifecycle", "redrivePolicy" in one["spec"]),
    )


def create(made: Clients, claim: Mapping[str, Any]) -> None:
    """Make what one claim describes. Raises UnknownFieldError for a field or a kind that is not known here."""
    if claim["kind"] not in MAKERS:
        raise UnknownFieldError(f"kind {claim['kind']}")
    spec = dict(claim["spec"])
    for field in COMMON:
        spec.pop(field, None)
    MAKERS[claim["kind"]](made, spec)
    if spec:
        raise UnknownFieldError(f"{claim['kind']} {claim['metadata']['name']}: {', '.join(spec)}")


def _tags(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _schema(of: Spec) -> Iterator[dict[str, str]]:
    """The keys of a table or an index, taken out of it."""
    yield {"AttributeName": of.pop("hashKey"), "KeyType": "HASH"}
    if "rangeKey" in of:
        yield {"AttributeName": of.pop("rangeKey"), "KeyType": "RANGE"}


def _throughput(of: Spec) -> dict[str, Any]:
    """Capacities, for a table or index that has any."""
    if "readCapacity" not in of:
        return {}
    units = {"ReadCapacityUnits": of.pop("readCapacity"), "WriteCapacityUnits": of.pop("writeCapacity")}
    return {"ProvisionedThroughput": units}


def _index(of: Spec) -> dict[str, Any]:
    projection = {"ProjectionType": of.pop("projectionType")}
    if "nonKeyAttributes" in of:
        projection["NonKeyAttributes"] = of.pop("nonKeyAttributes")
    made = {"IndexName": of.pop("name"), "KeySchema": list(_schema(of)), "Projection": projection, **_throughput(of)}
    if of:
        raise UnknownFieldError(f"an index: {', '.join(of)}")
    return made


def _table(made: Clients, spec: Spec) -> None:
    name = spec.pop("tableName")
    ttl = spec.pop("ttl", {"enabled": False})
    recovery = spec.pop("pointInTimeRecovery")
    attributes = [{"AttributeName": one["name"], "AttributeType": one["type"]} for one in spec.pop("attribute")]
    indexes = [_index(dict(one)) for one in spec.pop("globalSecondaryIndex", ())]
    made.dynamodb.create_table(
        TableName=name,
        KeySchema=list(_schema(spec)),
        AttributeDefinitions=attributes,
        BillingMode=spec.pop("billingMode"),
        DeletionProtectionEnabled=spec.pop("deletionProtection"),
        Tags=_tags(spec.pop("tags")),
        **_throughput(spec),
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    )
    if ttl["enabled"]:
        wanted = {"Enabled": True, "AttributeName": ttl["attributeName"]}
        made.dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted)
    wanted = {"PointInTimeRecoveryEnabled": recovery}
    made.dynamodb.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=wanted)


QUEUE_ATTRIBUTES = {
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "delaySeconds": "DelaySeconds",
    "redrivePolicy": "RedrivePolicy",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "sqsManagedSse": "SqsManagedSseEnabled",
}
"""Claim field -> attribute of the API, whose values are all texts."""


def _queue(made: Clients, spec: Spec) -> None:
    attributes = {
        name: value if isinstance(value, str) else json.dumps(value)
        for field, name in QUEUE_ATTRIBUTES.items()
        if (value := spec.pop(field, None)) is not None
    }
    if spec.pop("fifo"):
        attributes["FifoQueue"] = "true"
    made.sqs.create_queue(QueueName=spec.pop("queueName"), Attributes=attributes, tags=spec.pop("tags"))


def _repository(made: Clients, spec: Spec) -> None:
    made.ecr.create_repository(
        repositoryName=spec.pop("repositoryName"),
        imageTagMutability=spec.pop("imageTagMutability"),
        imageScanningConfiguration={"scanOnPush": spec.pop("scanOnPush")},
        encryptionConfiguration={"encryptionType": spec.pop("encryptionType")},
        tags=_tags(spec.pop("tags")),
    )


def _repository_lifecycle(made: Clients, spec: Spec) -> None:
    made.ecr.put_lifecycle_policy(repositoryName=spec.pop("repositoryName"), lifecyclePolicyText=spec.pop("policy"))


def _identity(made: Clients, spec: Spec) -> None:
    user, tags = spec.pop("userName"), _tags(spec.pop("tags"))
    made.iam.create_user(UserName=user, Tags=tags)
    policy = made.iam.create_policy(
        PolicyName=spec.pop("policyName"), PolicyDocument=spec.pop("policyDocument"), Tags=tags
    )
    assert policy["Policy"]["Arn"] == spec["policyArn"]  # the claim works it out; Crossplane attaches by it
    made.iam.attach_user_policy(UserName=user, PolicyArn=spec.pop("policyArn"))
    made.iam.create_access_key(UserName=user)
    spec.pop("writeConnectionSecretToRef")  # a Secret in the cluster


MAKERS: Mapping[str, Callable[[Clients, Spec], None]] = {
    "Table": _table,
    "Queue": _queue,
    "Repository": _repository,
    "RepositoryLifecycle": _repository_lifecycle,
    "Identity": _identity,
}
"""Kind -> what makes it; it takes every field that it knows out of the spec."""
