"""Queue: an SQS queue and its dead-letter queue; its model, its facts in AWS, and its claims."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from platformc.diagnostics import Finding
from platformc.kinds.common import ALLOW, DELETION_POLICY, attribute, is_observed, itself
from platformc.language import Kind, Platform, Resource
from platformc.language.aws_facts import (
    Action,
    AWSFacts,
    ClaimFacts,
    Credentials,
    Data,
    Immutable,
    Kept,
    ManagedResource,
    NameForm,
    NameInAWS,
    Retention,
    Unique,
    nothing_else,
)
from platformc.language.kind import Layers, References, Symbol, unchanged
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import Boolean, Integer, SpecModel, problem
from platformc.language.models.types import LONGEST_LABEL, Duration, seconds
from platformc.language.origin import derive
from platformc.link import Program, Target, aws_names
from platformc.lower import Manifest
from platformc.lower.claim import claim, common_fields, compact
from platformc.rules.aws import INVALID_QUEUE, OUTSIDE_AWS_LIMITS

DAY = 86400
LEAST_RETENTION, MOST_RETENTION = 60, 14 * DAY
"""Seconds that SQS keeps messages. AWS, Amazon SQS message quotas."""
LONGEST_VISIBILITY = DAY // 2
"""The most seconds that a received message is hidden. AWS, Amazon SQS message quotas."""
FIFO = ".fifo"


class DeadLetterQueue(SpecModel):
    """The queue for messages that were received too often."""

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-zA-Z0-9_-]+(\.fifo)?$")]
    """Its name, also in AWS (without the environment's prefix)."""
    max_receive_count: Annotated[Integer, Field(ge=1, le=1000)]
    """How often a message is received before it is moved there."""
    message_retention_period: Duration = "14d"
    """How long messages are kept there."""

    @model_validator(mode="after")
    def _limits(self) -> Self:
        period = self.message_retention_period
        if not LEAST_RETENTION <= seconds(period) <= MOST_RETENTION:
            message = f"messageRetentionPeriod is {period}; AWS allows 1m to 14d"
            raise problem(OUTSIDE_AWS_LIMITS, message, at=("messageRetentionPeriod",))
        return self


class QueueSpec(ManagedSpec):
    """An SQS queue."""

    queue_name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-zA-Z0-9_-]+(\.fifo)?$")] | None = None
    """The name in AWS, without the environment's prefix; defaults to the document's."""
    message_retention_period: Duration = "4d"
    """How long messages are kept: 1m to 14d."""
    visibility_timeout: Duration = "30s"
    """How long a received message is hidden from others: up to 12h."""
    receive_wait_time: Duration = "0s"
    """How long a receive call waits for a message: up to 20s."""
    delay: Duration = "0s"
    """How long a new message is delayed: up to 15m."""
    fifo: Boolean = False
    """Preserve the order; the name must end in .fifo."""
    encryption: Literal["SSE-SQS", "None"] = "SSE-SQS"
    """How messages are encrypted at rest."""
    dead_letter_queue: DeadLetterQueue | None = None
    """The queue for messages that were received too often."""

    @model_validator(mode="after")
    def _limits(self) -> Self:
        # AWS, "Amazon SQS message quotas" and the SetQueueAttributes API.
        limits = (
            ("messageRetentionPeriod", self.message_retention_period, LEAST_RETENTION, MOST_RETENTION, "1m to 14d"),
            ("visibilityTimeout", self.visibility_timeout, 0, LONGEST_VISIBILITY, "0s to 12h"),
            ("receiveWaitTime", self.receive_wait_time, 0, 20, "0s to 20s"),
            ("delay", self.delay, 0, 900, "0s to 15m"),
        )
        for field, value, least, most, words in limits:
            if not least <= seconds(value) <= most:
                raise problem(OUTSIDE_AWS_LIMITS, f"{field} is {value}; AWS allows {words}", at=(field,))
        return self


def _aliases(resource: Resource[QueueSpec]) -> tuple[str, ...]:
    """The dead-letter queue's name; for a fifo queue also without `.fifo`, because a dot ends a name in references."""
    queue = resource.spec.dead_letter_queue
    return tuple(dict.fromkeys((queue.name, queue.name.removesuffix(FIFO)))) if queue else ()


def _names(platform: Platform, resource: Resource[QueueSpec]) -> tuple[NameInAWS, ...]:
    queue = NameInAWS(_own_name(platform, resource), ("queueName",) if resource.spec.queue_name else ())
    if resource.spec.dead_letter_queue is None:
        return (queue,)
    return (queue, NameInAWS(_dead_letter_name(platform, resource), ("deadLetterQueue", "name")))


def _own_name(platform: Platform, resource: Resource[QueueSpec]) -> str:
    return aws_names.prefixed(platform, resource, resource.spec.queue_name or resource.name)


def _dead_letter_name(platform: Platform, resource: Resource[QueueSpec]) -> str:
    """The name in AWS of a queue's dead-letter queue; LookupError if it has none."""
    if resource.spec.dead_letter_queue is None:
        raise LookupError(f"the queue {resource.name} has no dead-letter queue")
    return aws_names.prefixed(platform, resource, resource.spec.dead_letter_queue.name)


def _name(platform: Platform, target: Target) -> str:
    """The name in AWS of the queue that a reference names: the queue itself, or its dead-letter queue."""
    if target.name == target.resource.name:
        return _own_name(platform, target.resource)
    return _dead_letter_name(platform, target.resource)


def _arn(platform: Platform, target: Target) -> str:
    return aws_names.arn(platform, "sqs", _name(platform, target))


def _url(platform: Platform, target: Target) -> str:
    aws = aws_names.account(platform)
    name = _name(platform, target)
    url = f"https://sqs.{aws.region}.{aws_names.domain(aws.region)}/{aws.account_id}/{name}"
    return derive(url, name, aws.region, aws.account_id)


def _dead_letter_claim(resource: Resource[QueueSpec]) -> str:
    """The name of a dead-letter queue's claim: its own name, as Kubernetes allows it; LookupError without one."""
    dead = resource.spec.dead_letter_queue
    if dead is None:
        raise LookupError(f"the queue {resource.name} has no dead-letter queue")
    return derive(dead.name.removesuffix(FIFO).lower().replace("_", "-"), dead.name)


def _claim_name(target: Target) -> str:
    return target.name if target.name == target.resource.name else _dead_letter_claim(target.resource)


def _lower(program: Program, resource: Resource[QueueSpec]) -> Iterator[Manifest]:
    """Make one Queue claim, and one for its dead-letter queue."""
    spec = resource.spec
    if is_observed(resource):
        return
    platform = program.platform
    name = _own_name(platform, resource)
    arn = _arn(platform, Target(resource, resource.name))
    dead = spec.dead_letter_queue
    redrive = None
    if dead is not None:
        dead_arn = _arn(platform, Target(resource, dead.name))
        redrive = compact({"deadLetterTargetArn": dead_arn, "maxReceiveCount": dead.max_receive_count})
    encrypted = derive(spec.encryption == "SSE-SQS", spec.encryption)
    yield claim(
        program,
        resource,
        "Queue",
        resource.name,
        {
            **common_fields(program, resource, name),
            "queueName": name,
            "fifo": spec.fifo,
            "messageRetentionSeconds": _seconds(spec.message_retention_period),
            "visibilityTimeoutSeconds": _seconds(spec.visibility_timeout),
            "receiveWaitTimeSeconds": _seconds(spec.receive_wait_time),
            "delaySeconds": _seconds(spec.delay),
            "sqsManagedSse": encrypted,
            "redrivePolicy": redrive,
        },
    )
    if dead is None:
        return
    dead_name = _dead_letter_name(platform, resource)
    yield claim(
        program,
        resource,
        "Queue",
        _dead_letter_claim(resource),
        {
            **common_fields(program, resource, dead_name),
            "queueName": dead_name,
            "fifo": spec.fifo,  # AWS: the dead-letter queue of a FIFO queue must be one too
            "messageRetentionSeconds": _seconds(dead.message_retention_period),
            "sqsManagedSse": encrypted,
            "redriveAllowPolicy": compact({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}),
        },
    )


def _seconds(text: str) -> int:
    return derive(seconds(text), text)


def _limits(_program: Program, resource: Resource[QueueSpec], _manifests: tuple[Manifest, ...]) -> Iterator[Finding]:
    """What must be the same for a queue and its dead-letter queue, and what must differ."""
    spec = resource.spec
    name = spec.queue_name or resource.name
    if spec.fifo != name.endswith(FIFO):
        at = resource.at("queueName") if spec.queue_name else resource.at("fifo")
        message = f"the fifo queue {resource.name} is named {name} in AWS, which does not end in {FIFO}"
        hint = f"write queueName: {name}{FIFO}"
        if not spec.fifo:
            message, hint = f"{name} ends in {FIFO}, which only the name of a fifo queue may", "write fifo: true"
        yield INVALID_QUEUE.at(at, message, hint)
    dead = spec.dead_letter_queue
    if dead is None:
        return
    at = resource.at("deadLetterQueue", "name")
    claimed = _dead_letter_claim(resource)
    if spec.fifo != dead.name.endswith(FIFO):
        message = f"the dead-letter queue of a fifo queue must be fifo, but {dead.name} does not end in {FIFO}"
        hint = f"write {dead.name}{FIFO}"
        if not spec.fifo:
            message = f"the dead-letter queue of a standard queue must be standard, but {dead.name} ends in {FIFO}"
            hint = f"write {dead.name.removesuffix(FIFO)}"
        yield INVALID_QUEUE.at(at, message, hint)
    elif dead.name == name:
        if claimed != resource.name:  # otherwise its claim already is a duplicate-object
            yield INVALID_QUEUE.at(at, "a queue cannot be its own dead-letter queue", f"write {dead.name}-dlq")
    elif len(claimed) > LONGEST_LABEL:
        message = f"the name of this queue's claim would be {len(claimed)} characters long; the limit is 63"
        yield INVALID_QUEUE.at(at, message, "write a shorter name")


NEW_QUEUE = "in AWS this is a new queue: change the document's name and queueName, and empty the old queue first"


def _kept(spec: Mapping[str, Any]) -> Iterator[Kept]:
    period = spec.get("messageRetentionSeconds")
    if isinstance(period, int):
        yield Kept("messages", period, f"messages for {period} seconds", ("spec", "messageRetentionSeconds"))


def _on(name: str) -> Action:
    return Action(f"sqs:{name}", itself)


KIND = Kind(
    name="Queue",
    model=QueueSpec,
    longest_name=63,
    symbol=Symbol.QUEUE,
    references=References(
        word="queue",
        attributes={
            "name": attribute(_name, "its name in AWS"),
            "url": attribute(_url, "its URL"),
            "arn": attribute(_arn, "its ARN"),
        },
        any_attribute=None,
        itself=None,
        aliases=_aliases,
    ),
    layers=Layers(merge_keys=ALLOW, one_of={}, null_values=(), expand=unchanged),
    aws=AWSFacts(
        names=_names,
        # AWS, SQS API Reference, CreateQueue; the 80 characters include `.fifo`.
        form=NameForm("a queue", "queueName", 1, 80, re.compile(r"[a-zA-Z0-9_-]+(\.fifo)?"), folds_case=False),
        unique=Unique.REGION,
        arn=_arn,
        # AWS, Service Authorization Reference, Amazon SQS.
        access={
            "send": (_on("GetQueueAttributes"), _on("GetQueueUrl"), _on("SendMessage")),
            "receive": (
                _on("ChangeMessageVisibility"),
                _on("DeleteMessage"),
                _on("GetQueueAttributes"),
                _on("GetQueueUrl"),
                _on("ReceiveMessage"),
            ),
        },
        credentials=Credentials.IDENTITY,
        need="A Queue or a dead-letter queue; `access` says how.",
        claims=(
            ClaimFacts(
                kind="Queue",
                name="queueName",
                immutable=(
                    Immutable(("spec", "region"), (), NEW_QUEUE),
                    Immutable(("spec", "queueName"), ("queueName",), NEW_QUEUE),
                    Immutable(("spec", "fifo"), ("fifo",), NEW_QUEUE),
                ),
                changes=nothing_else,
                data=Data(
                    protection=None,
                    protections=(DELETION_POLICY,),
                    part=("spec", "redriveAllowPolicy"),
                ),
                retention=Retention(kind="Queue", name="queueName", kept=_kept),
                managed=(
                    ManagedResource(
                        "sqs",
                        "Queue",
                        named_by_annotation=False,
                        required_inside=(),
                        immutable=("fifoQueue", "name"),
                    ),
                ),
                policy=None,
                writes_secret=False,
            ),
        ),
        claim_name=_claim_name,
        outputs={"name": "queueName", "url": "queueUrl", "arn": "arn"},
        limits=_limits,
        connection_secret=None,
    ),
    lower=_lower,
)
