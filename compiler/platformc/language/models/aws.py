"""Table, Queue, Repository, Identity: what the platform has in AWS."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from platformc.language.models.aws_tags import Tags
from platformc.language.models.base import Boolean, DocumentSpec, Integer, SpecModel, problem, problems
from platformc.language.models.pod import Need
from platformc.language.models.types import Duration, Subdomain, TemplateText, seconds
from platformc.rules.aws import INVALID_INDEX, INVALID_STATEMENT, INVALID_TABLE, OUTSIDE_AWS_LIMITS

DAY = 86400
LEAST_RETENTION, MOST_RETENTION = 60, 14 * DAY
"""Seconds that SQS keeps messages. AWS, Amazon SQS message quotas."""
LONGEST_VISIBILITY = DAY // 2
"""Seconds that a received message is hidden at most. AWS, Amazon SQS message quotas."""
MOST_PROJECTED = 100
"""Attributes that all indexes of a table project together. AWS, DynamoDB API Reference, Projection."""
LONGEST_SECRET_NAME = 249
"""The provider's own Secret has the same name and `-raw` behind it; Kubernetes allows 253."""


class ManagedSpec(DocumentSpec):
    """The fields of everything in AWS. Inherited, as YAML has them in one map with a kind's own."""

    deletion_policy: Literal["Orphan", "Delete"] = "Orphan"
    """What becomes of it in AWS when the document goes: Orphan keeps it."""
    management_policy: Literal["Full", "Observe"] = "Full"
    """Observe where another environment or tool owns it; it is then never created, changed or deleted from here."""
    tags: Tags = {}
    """Tags beside the platform's."""


class TableKey(SpecModel):
    """A key attribute."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    """The attribute's name."""
    type: Literal["S", "N", "B"]
    """S for text, N for numbers, B for bytes."""


class GlobalSecondaryIndex(SpecModel):
    """Another way to look items up."""

    name: Annotated[str, Field(min_length=3, max_length=255, pattern=r"^[a-zA-Z0-9_.-]+$")]
    """The index's name."""
    hash_key: TableKey
    """The attribute that picks the partition."""
    range_key: TableKey | None = None
    """The attribute that sorts within it."""
    projection_type: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    """Which attributes the index holds."""
    non_key_attributes: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=20)
    ] = ()
    """The attributes, for INCLUDE; 100 at most in all indexes of the table together."""
    read_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Read capacity units, for a table that is PROVISIONED."""
    write_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Write capacity units, for a table that is PROVISIONED."""

    @model_validator(mode="after")
    def _include(self) -> Self:
        if (self.projection_type == "INCLUDE") != bool(self.non_key_attributes):
            raise problem(
                INVALID_INDEX,
                "`nonKeyAttributes` goes with projectionType INCLUDE, and only with it",
                at=("projectionType",),
            )
        return self


class TimeToLive(SpecModel):
    """Items that expire."""

    attribute_name: Annotated[str, Field(min_length=1, max_length=255)]
    """The attribute that holds the time, in seconds since 1970; it cannot change while items expire."""
    enabled: Boolean = True
    """False switches it off again; leaving `ttl` out does not."""


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
    def _keys(self) -> Self:
        found = [*_index_names(self), *_key_attributes(self)]
        projected = sum(len(index.non_key_attributes) for index in self.global_secondary_indexes)
        if projected > MOST_PROJECTED:
            message = f"the indexes project {projected} attributes together, and AWS takes {MOST_PROJECTED}"
            hint = "projectionType ALL projects every attribute, and does not count"
            found.append(problem(OUTSIDE_AWS_LIMITS, message, hint, at=("globalSecondaryIndexes",)))
        if found:
            raise problems(found)
        return self

    @model_validator(mode="after")
    def _capacities(self) -> Self:
        found = [wrong for place, holder in _key_holders(self) for wrong in _capacity(self.billing_mode, place, holder)]
        if found:
            raise problems(found)
        return self


def _capacity(
    billing_mode: str, place: tuple[str | int, ...], holder: TableSpec | GlobalSecondaryIndex
) -> Iterator[PydanticCustomError]:
    """Both capacities with PROVISIONED, of the table and of each index, and none without."""
    of_index = f" of the index {holder.name}" if isinstance(holder, GlobalSecondaryIndex) else ""
    for field, given in (("readCapacity", holder.read_capacity), ("writeCapacity", holder.write_capacity)):
        if (given is None) == (billing_mode == "PROVISIONED"):
            message = f"`{field}`{of_index} goes with billingMode PROVISIONED, and only with it"
            at = (*place, field) if given is not None else (*place, "name") if of_index else ("billingMode",)
            yield problem(INVALID_TABLE, message, at=at)


def _key_attributes(table: TableSpec) -> Iterator[PydanticCustomError]:
    """An attribute is declared once, so it has one type; and a key has two different attributes."""
    types: dict[str, str] = {}
    for place, holder in _key_holders(table):
        if holder.range_key is not None and holder.range_key.name == holder.hash_key.name:
            message = f"the attribute {holder.hash_key.name} is both the hash key and the range key"
            yield problem(INVALID_TABLE, message, "a range key is another attribute", at=(*place, "rangeKey", "name"))
            continue
        for field, key in (("hashKey", holder.hash_key), ("rangeKey", holder.range_key)):
            if key is not None and types.setdefault(key.name, key.type) != key.type:
                message = f"the attribute {key.name} is of type {key.type} here, and of type {types[key.name]} before"
                hint = "an attribute has one type in all keys of a table"
                yield problem(INVALID_TABLE, message, hint, at=(*place, field, "type"))


def _key_holders(table: TableSpec) -> Iterator[tuple[tuple[str | int, ...], TableSpec | GlobalSecondaryIndex]]:
    """The table and its indexes, each with its place."""
    yield (), table
    for position, index in enumerate(table.global_secondary_indexes):
        yield ("globalSecondaryIndexes", position), index


def _index_names(table: TableSpec) -> Iterator[PydanticCustomError]:
    known: set[str] = set()
    for position, index in enumerate(table.global_secondary_indexes):
        if index.name in known:
            message = f"two indexes are called {index.name}"
            at = ("globalSecondaryIndexes", position, "name")
            yield problem(INVALID_INDEX, message, "give one of them another name", at=at)
        known.add(index.name)


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
            raise problem(OUTSIDE_AWS_LIMITS, message, at=("messageRetentionPeriod",))
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
            ("visibilityTimeout", self.visibility_timeout, 0, LONGEST_VISIBILITY, "0s to 12h"),
            ("receiveWaitTime", self.receive_wait_time, 0, 20, "0s to 20s"),
            ("delay", self.delay, 0, 900, "0s to 15m"),
        )
        for field, value, least, most, words in limits:
            if not least <= seconds(value) <= most:
                raise problem(OUTSIDE_AWS_LIMITS, f"{field} is {value}, and AWS takes {words}", at=(field,))
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


ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
"""IAM JSON policy elements, Action: a service and one of its actions."""


def action(text: str) -> str:
    """Check the name of an action in AWS."""
    if not ACTION.fullmatch(text):
        message = f"`{text}` is no action: a service and what it does, with a : between them"
        raise problem(INVALID_STATEMENT, message, "write one such as s3:GetObject")
    return text


def _some(given: tuple[Any, ...]) -> tuple[Any, ...]:
    if not given:
        raise problem(INVALID_STATEMENT, "a statement about nothing", "name at least one, or delete the statement")
    return given


class Statement(SpecModel):
    """Rights on something that the platform does not own."""

    effect: Literal["Allow", "Deny"] = "Allow"
    """Allow or deny."""
    actions: Annotated[tuple[Annotated[str, AfterValidator(action)], ...], AfterValidator(_some)]
    """The actions, such as s3:GetObject."""
    resources: Annotated[tuple[TemplateText, ...], AfterValidator(_some)]
    """The exact ARNs."""


class IdentitySpec(DocumentSpec):
    """An IAM user whose policy is exactly what the workloads that name it need."""

    secret_name: Annotated[Subdomain, Field(max_length=LONGEST_SECRET_NAME)] | None = None
    """The Secret that Crossplane writes the access key to; by default `<name>-aws`."""
    user_name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+=,.@-]+$")] | None = None
    """The name in AWS without the environment's prefix; by default the document's."""
    needs: tuple[Need, ...] = ()
    """Needs of its own, beside those of its workloads."""
    statements: tuple[Statement, ...] = ()
    """Rights on what the platform does not own."""
    tags: Tags = {}
    """Tags beside the platform's."""
