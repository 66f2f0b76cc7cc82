"""Table, Queue, Repository, Identity: what the platform has in AWS."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from compiler.spec.models.base import Boolean, DocumentSpec, Integer, SpecModel, problem
from compiler.spec.models.pod import Need
from compiler.spec.models.types import Duration, Subdomain, TemplateText, seconds

DAY = 86400
LEAST_RETENTION, MOST_RETENTION = 60, 14 * DAY
"""Seconds that SQS keeps messages. AWS, Amazon SQS message quotas."""


class ManagedSpec(DocumentSpec):
    """The fields of everything in AWS. Inherited, as YAML has them in one map with a kind's own."""

    deletion_policy: Literal["Orphan", "Delete"] = "Orphan"
    """What becomes of it in AWS when the document goes: Orphan keeps it."""
    management_policy: Literal["Full", "Observe"] = "Full"
    """Observe where another environment or tool owns it; it is then never created, changed or deleted from here."""
    tags: dict[str, str] = {}
    """Tags beside the platform's."""


class TableKey(SpecModel):
    """A key attribute."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    """The attribute's name."""
    type: Literal["S", "N", "B"]
    """S for text, N for numbers, B for bytes."""


class GlobalSecondaryIndex(SpecModel):
    """Another way to look items up."""

    name: Annotated[str, Field(min_length=3, max_length=255)]
    """The index's name."""
    hash_key: TableKey
    """The attribute that picks the partition."""
    range_key: TableKey | None = None
    """The attribute that sorts within it."""
    projection_type: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    """Which attributes the index holds."""
    non_key_attributes: tuple[str, ...] = ()
    """The attributes, for INCLUDE."""

    @model_validator(mode="after")
    def _include(self) -> Self:
        if (self.projection_type == "INCLUDE") != bool(self.non_key_attributes):
            raise problem(
                "invalid-index",
                "`nonKeyAttributes` goes with projectionType INCLUDE, and only with it",
                at=("projectionType",),
            )
        return self


class TimeToLive(SpecModel):
    """Items that expire."""

    attribute_name: Annotated[str, Field(min_length=1, max_length=255)]
    """The attribute that holds the time, in seconds since 1970."""
    enabled: Boolean = True
    """False switches it off again."""


class TableSpec(ManagedSpec):
    """A DynamoDB table."""

    table_name: Annotated[str, Field(min_length=3, max_length=255, pattern=r"^[a-zA-Z0-9_.-]+$")] | None = None
    """The name in AWS without the environment's prefix; by default the document's."""
    hash_key: TableKey
    """The attribute that picks the partition; can never change."""
    range_key: TableKey | None = None
    """The attribute that sorts within it; can never change."""
    global_secondary_indexes: Annotated[tuple[GlobalSecondaryIndex, ...], Field(max_length=20)] = ()
    """Other ways to look items up."""
    ttl: TimeToLive | None = None
    """Items that expire."""
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] = "PAY_PER_REQUEST"
    """How it is paid for."""
    read_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Read capacity units, for PROVISIONED."""
    write_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Write capacity units, for PROVISIONED."""
    point_in_time_recovery: Boolean = True
    """Keep what is needed to go back to any second of the last 35 days."""
    deletion_protection: Boolean | None = None
    """Refuse to delete the table; by default on unless deletionPolicy is Delete."""

    @model_validator(mode="after")
    def _capacities(self) -> Self:
        for field, given in (("readCapacity", self.read_capacity), ("writeCapacity", self.write_capacity)):
            if (given is None) == (self.billing_mode == "PROVISIONED"):
                at = "billingMode" if given is None else field
                raise problem(
                    "invalid-table", f"`{field}` goes with billingMode PROVISIONED, and only with it", at=(at,)
                )
        return self


class DeadLetterQueue(SpecModel):
    """Where messages go that were received too often."""

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-zA-Z0-9_-]+(\.fifo)?$")]
    """Its name, in AWS too (without the environment's prefix)."""
    max_receive_count: Annotated[Integer, Field(ge=1, le=1000)]
    """How often a message is received before it goes there."""
    message_retention_period: Duration = "14d"
    """How long messages are kept there."""

    @model_validator(mode="after")
    def _limits(self) -> Self:
        period = self.message_retention_period
        if not LEAST_RETENTION <= seconds(period) <= MOST_RETENTION:
            message = f"messageRetentionPeriod is {period}, and AWS takes 1m to 14d"
            raise problem("outside-aws-limits", message, at=("messageRetentionPeriod",))
        return self


class QueueSpec(ManagedSpec):
    """An SQS queue."""

    queue_name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[a-zA-Z0-9_-]+(\.fifo)?$")] | None = None
    """The name in AWS without the environment's prefix; by default the document's."""
    message_retention_period: Duration = "4d"
    """How long a message waits to be received: 1m to 14d."""
    visibility_timeout: Duration = "30s"
    """How long a received message is hidden from others: up to 12h."""
    receive_wait_time: Duration = "0s"
    """How long a receive call waits for a message: up to 20s."""
    delay: Duration = "0s"
    """How long a new message is held back: up to 15m."""
    fifo: Boolean = False
    """Keep the order; the name then ends in .fifo."""
    encryption: Literal["SSE-SQS", "None"] = "SSE-SQS"
    """How messages are encrypted at rest."""
    dead_letter_queue: DeadLetterQueue | None = None
    """Where messages go that were received too often."""

    @model_validator(mode="after")
    def _limits(self) -> Self:
        # AWS, "Amazon SQS message quotas" and the SetQueueAttributes API.
        limits = (
            ("messageRetentionPeriod", self.message_retention_period, LEAST_RETENTION, MOST_RETENTION, "1m to 14d"),
            ("visibilityTimeout", self.visibility_timeout, 0, DAY // 2, "0s to 12h"),
            ("receiveWaitTime", self.receive_wait_time, 0, 20, "0s to 20s"),
            ("delay", self.delay, 0, 900, "0s to 15m"),
        )
        for field, value, least, most, words in limits:
            if not least <= seconds(value) <= most:
                raise problem("outside-aws-limits", f"{field} is {value}, and AWS takes {words}", at=(field,))
        return self


class RepositorySpec(ManagedSpec):
    """An ECR image repository."""

    repository_name: (
        Annotated[str, Field(min_length=2, max_length=256, pattern=r"^[a-z0-9]+(?:[._/-][a-z0-9]+)*$")] | None
    ) = None
    """The name in AWS without the environment's prefix; by default the document's."""
    image_tag_mutability: Literal["MUTABLE", "IMMUTABLE"] = "IMMUTABLE"
    """Whether a tag may be pushed twice."""
    scan_on_push: Boolean = True
    """Look for known weaknesses in each pushed image."""
    encryption: Literal["AES256", "KMS"] = "AES256"
    """How images are encrypted at rest; can never change."""
    keep_last: Annotated[Integer, Field(ge=1, le=1000)] | None = None
    """Delete all but the last N images."""


class Statement(SpecModel):
    """Rights on something that the platform does not own."""

    effect: Literal["Allow", "Deny"] = "Allow"
    """Allow or deny."""
    actions: tuple[str, ...]
    """The actions, such as s3:GetObject."""
    resources: tuple[TemplateText, ...]
    """The exact ARNs."""


class IdentitySpec(DocumentSpec):
    """An IAM user whose policy is exactly what the workloads that name it need."""

    secret_name: Subdomain | None = None
    """The Secret that Crossplane writes the access key to; by default `<name>-aws`."""
    user_name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w+=,.@-]+$")] | None = None
    """The name in AWS without the environment's prefix; by default the document's."""
    needs: tuple[Need, ...] = ()
    """Needs of its own, beside those of its workloads."""
    statements: tuple[Statement, ...] = ()
    """Rights on what the platform does not own."""
    tags: dict[str, str] = {}
    """Tags beside the platform's."""
