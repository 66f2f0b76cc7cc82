"""Queue: SQS, dead-letter queues included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_kinds.facts import ACCOUNT, FOLLOWS_DELETION_POLICY, JSON, AWSKind, Claim, Managed, Rights, Service

ATTRIBUTES = {
    "messageRetentionSeconds": "MessageRetentionPeriod",
    "visibilityTimeoutSeconds": "VisibilityTimeout",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
    "delaySeconds": "DelaySeconds",
    "redrivePolicy": "RedrivePolicy",
    "redriveAllowPolicy": "RedriveAllowPolicy",
    "sqsManagedSse": "SqsManagedSseEnabled",
}
"""Claim field -> attribute of the API, whose values are all texts."""


def in_aws(name: str, wanted: Mapping[str, Any]) -> dict[str, JSON]:
    """What AWS tells of a queue."""
    return {
        "name": name,
        "url": f"https://sqs.{wanted['region']}.amazonaws.com/{ACCOUNT}/{name}",
        "arn": f"arn:aws:sqs:{wanted['region']}:{ACCOUNT}:{name}",
    }


def make(service: Service, spec: dict[str, Any]) -> None:
    """Make the queue."""
    attributes = {
        name: value if isinstance(value, str) else json.dumps(value)
        for field, name in ATTRIBUTES.items()
        if (value := spec.pop(field, None)) is not None
    }
    if spec.pop("fifo"):
        attributes["FifoQueue"] = "true"
    service("sqs").create_queue(QueueName=spec.pop("queueName"), Attributes=attributes, tags=spec.pop("tags"))


QUEUE = Managed(
    kind="Queue",
    plural="queues",
    api_versions=("sqs.aws.m.upbound.io/v1beta1", "sqs.aws.upbound.io/v1beta1"),
    external_name="queueUrl",  # its URL: to adopt one that is there
    named_by={"name": "queueName"},
    policies=FOLLOWS_DELETION_POLICY,
    arn=lambda spec: f"arn:aws:sqs:{spec['region']}:{ACCOUNT}:{spec['queueName']}",
    # Source: hashicorp/terraform-provider-aws internal/service/sqs/queue, and the tags_gen beside it.
    calls=(
        "sqs:CreateQueue",
        "sqs:GetQueueAttributes",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
        "sqs:TagQueue",
        "sqs:UntagQueue",
    ),
    deletes=("sqs:DeleteQueue",),
    in_aws=in_aws,
)

KIND = AWSKind(
    claims=(
        Claim(
            kind="Queue",
            plural="queues",
            managed={"queue": QUEUE},
            outputs={"queueName": ("queue", "name"), "queueUrl": ("queue", "url"), "arn": ("queue", "arn")},
            make=make,
            without_default={
                "contentBasedDeduplication": "AWS refuses it for a queue that is not fifo, in either value",
                "sqsManagedSse": "excludes kmsMasterKeyId, so that no value fits every queue",
            },
            changeable={"queueUrl": "for adopting a queue: it is added to a claim that has none, and stays"},
            changes={
                "fifo": [True, False, None],
                "queueName": ["events", "events.fifo", "events-dlq"],
                "sqsManagedSse": [True, False, None],
                "kmsMasterKeyId": ["alias/aws/sqs", None],
                "redrivePolicy": [
                    '{"deadLetterTargetArn":"arn:aws:sqs:ca-central-1:1:events","maxReceiveCount":3}',
                    None,
                ],
            },
            rules={
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
            values={
                "fifo": [True, False],
                "queueName": ["events", "events.fifo", "not a name", "x" * 81],
                "redrivePolicy": [
                    '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:events","maxReceiveCount":3}',
                    "{}",
                ],
            },
        ),
    ),
    rights=Rights(
        word="queue",
        documents="""\
            apiVersion: platformc.dev/v1alpha1
            kind: Queue
            metadata: {name: events}
            spec: {deadLetterQueue: {name: events-dead, maxReceiveCount: 3}}
            ---
            apiVersion: platformc.dev/v1alpha1
            kind: Queue
            metadata: {name: orders}
            spec: {fifo: true, queueName: orders.fifo}
            """,
        targets={
            "events": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:%sevents",
            "events-dead": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:%sevents-dead",
            "orders": f"arn:aws:sqs:eu-central-1:{ACCOUNT}:%sorders.fifo",
        },
        inside=lambda _name, _arn: (),
        access={
            "send": frozenset({"sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"}),
            "receive": frozenset(
                {
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:GetQueueUrl",
                    "sqs:ReceiveMessage",
                }
            ),
        },
        reaches=lambda _action, _name, arn, resource: resource == arn,
        patterns=lambda _arn: (),
        statements=1,
        dangerous=(
            "sqs:AddPermission",
            "sqs:CreateQueue",
            "sqs:DeleteQueue",
            "sqs:ListQueues",
            "sqs:PurgeQueue",
            "sqs:SetQueueAttributes",
            "sqs:StartMessageMoveTask",
        ),
    ),
)
