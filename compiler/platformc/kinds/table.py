"""Table: a DynamoDB table; its model, its facts in AWS, and its claim. What changes of one mean is in table_changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from platformc.kinds.common import ALLOW, DELETION_POLICY, attribute, is_observed, itself
from platformc.kinds.table_changes import DELETION_PROTECTION, NEW_TABLE, POINT_IN_TIME_RECOVERY, changes, kept
from platformc.language import Kind, Platform, Resource
from platformc.language.aws_facts import (
    Action,
    AWSFacts,
    ClaimFacts,
    Credentials,
    Data,
    Immutable,
    ManagedResource,
    NameForm,
    NameInAWS,
    Retention,
    Unique,
    no_further_limits,
)
from platformc.language.kind import Layers, References, Symbol, no_aliases, unchanged
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import Boolean, Integer, SpecModel, problem, problems
from platformc.language.origin import derive
from platformc.link import Program, Target, aws_names
from platformc.lower import Manifest
from platformc.lower.claim import claim, common_fields
from platformc.lower.metadata import without_nothing
from platformc.rules.aws import INVALID_INDEX, INVALID_TABLE, OUTSIDE_AWS_LIMITS

MOST_PROJECTED = 100
"""Attributes that all indexes of a table project together. AWS, DynamoDB API Reference, Projection."""


class TableKey(SpecModel):
    """A key attribute."""

    name: Annotated[str, Field(min_length=1, max_length=255)]
    """The attribute's name."""
    type: Literal["S", "N", "B"]
    """S for text, N for numbers, B for bytes."""


class GlobalSecondaryIndex(SpecModel):
    """Another way to look up items."""

    name: Annotated[str, Field(min_length=3, max_length=255, pattern=r"^[a-zA-Z0-9_.-]+$")]
    """The index's name."""
    hash_key: TableKey
    """The attribute that selects the partition."""
    range_key: TableKey | None = None
    """The attribute that sorts within the partition."""
    projection_type: Literal["ALL", "KEYS_ONLY", "INCLUDE"] = "ALL"
    """Which attributes the index contains."""
    non_key_attributes: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=255)], ...], Field(max_length=20)
    ] = ()
    """The attributes, for INCLUDE; at most 100 in all indexes of the table together."""
    read_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Read capacity units, for a PROVISIONED table."""
    write_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Write capacity units, for a PROVISIONED table."""

    @model_validator(mode="after")
    def _include(self) -> Self:
        if (self.projection_type == "INCLUDE") != bool(self.non_key_attributes):
            raise problem(
                INVALID_INDEX,
                "`nonKeyAttributes` is required with projectionType INCLUDE and not allowed without it",
                at=("projectionType",),
            )
        return self


class TimeToLive(SpecModel):
    """When items expire."""

    attribute_name: Annotated[str, Field(min_length=1, max_length=255)]
    """The attribute with the expiry time, in seconds since 1970; it cannot change while items expire."""
    enabled: Boolean = True
    """False disables it again; omitting `ttl` does not."""


class TableSpec(ManagedSpec):
    """A DynamoDB table."""

    table_name: Annotated[str, Field(min_length=3, max_length=255, pattern=r"^[a-zA-Z0-9_.-]+$")] | None = None
    """The name in AWS, without the environment's prefix; defaults to the document's."""
    hash_key: TableKey
    """The attribute that selects the partition; immutable."""
    range_key: TableKey | None = None
    """The attribute that sorts within the partition; immutable."""
    global_secondary_indexes: Annotated[tuple[GlobalSecondaryIndex, ...], Field(max_length=20)] = ()
    """Other ways to look up items."""
    ttl: TimeToLive | None = None
    """When items expire."""
    billing_mode: Literal["PAY_PER_REQUEST", "PROVISIONED"] = "PAY_PER_REQUEST"
    """How capacity is billed."""
    read_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Read capacity units, for PROVISIONED."""
    write_capacity: Annotated[Integer, Field(ge=1)] | None = None
    """Write capacity units, for PROVISIONED."""
    point_in_time_recovery: Boolean = True
    """Keep backups to restore any second of the last 35 days."""
    deletion_protection: Boolean | None = None
    """Protect the table from deletion; enabled by default unless deletionPolicy is Delete."""

    @model_validator(mode="after")
    def _keys(self) -> Self:
        found = [*_index_names(self), *_key_attributes(self)]
        projected = sum(len(index.non_key_attributes) for index in self.global_secondary_indexes)
        if projected > MOST_PROJECTED:
            message = f"the indexes project {projected} attributes in total; the limit is {MOST_PROJECTED}"
            hint = "use projectionType ALL, which projects every attribute and does not count"
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
    """Check that the table and each index have both capacities with PROVISIONED, and none otherwise."""
    of_index = f" of the index {holder.name}" if isinstance(holder, GlobalSecondaryIndex) else ""
    for field, given in (("readCapacity", holder.read_capacity), ("writeCapacity", holder.write_capacity)):
        if (given is None) == (billing_mode == "PROVISIONED"):
            message = f"`{field}`{of_index} is required with billingMode PROVISIONED and not allowed without it"
            at = (*place, field) if given is not None else (*place, "name") if of_index else ("billingMode",)
            yield problem(INVALID_TABLE, message, at=at)


def _key_attributes(table: TableSpec) -> Iterator[PydanticCustomError]:
    """Check that an attribute has one type, and that a key has two different attributes."""
    types: dict[str, str] = {}
    for place, holder in _key_holders(table):
        if holder.range_key is not None and holder.range_key.name == holder.hash_key.name:
            message = f"the attribute {holder.hash_key.name} is both the hash key and the range key"
            yield problem(
                INVALID_TABLE, message, "use another attribute as the range key", at=(*place, "rangeKey", "name")
            )
            continue
        for field, key in (("hashKey", holder.hash_key), ("rangeKey", holder.range_key)):
            if key is not None and types.setdefault(key.name, key.type) != key.type:
                message = f"the attribute {key.name} has the type {key.type} here, but {types[key.name]} elsewhere"
                hint = "use one type for an attribute in all keys of a table"
                yield problem(INVALID_TABLE, message, hint, at=(*place, field, "type"))


def _key_holders(table: TableSpec) -> Iterator[tuple[tuple[str | int, ...], TableSpec | GlobalSecondaryIndex]]:
    """Yield the table and its indexes, each with its place."""
    yield (), table
    for position, index in enumerate(table.global_secondary_indexes):
        yield ("globalSecondaryIndexes", position), index


def _index_names(table: TableSpec) -> Iterator[PydanticCustomError]:
    known: set[str] = set()
    for position, index in enumerate(table.global_secondary_indexes):
        if index.name in known:
            message = f"two indexes are named {index.name}"
            at = ("globalSecondaryIndexes", position, "name")
            yield problem(INVALID_INDEX, message, "give one of them another name", at=at)
        known.add(index.name)


def _names(platform: Platform, resource: Resource[TableSpec]) -> tuple[NameInAWS, ...]:
    return (NameInAWS(_name(platform, resource), ("tableName",) if resource.spec.table_name else ()),)


def _name(platform: Platform, resource: Resource[TableSpec]) -> str:
    return aws_names.prefixed(platform, resource, resource.spec.table_name or resource.name)


def _arn(platform: Platform, target: Target) -> str:
    name = _name(platform, target.resource)
    return aws_names.arn(platform, "dynamodb", derive(f"table/{name}", name))


def _with_indexes(arn: str, target: Target) -> tuple[str, ...]:
    """An index is queried and scanned like a table."""
    indexes = target.resource.spec.global_secondary_indexes
    return (arn, *(derive(f"{arn}/index/{index.name}", arn, index.name) for index in indexes))


def _lower(program: Program, resource: Resource[TableSpec]) -> Iterator[Manifest]:
    """Make one Table claim."""
    spec = resource.spec
    if is_observed(resource):
        return
    name = _name(program.platform, resource)
    keys = [spec.hash_key, spec.range_key]
    keys += [key for index in spec.global_secondary_indexes for key in (index.hash_key, index.range_key)]
    attributes = {key.name: key.type for key in keys if key is not None}
    protected = spec.deletion_protection
    if protected is None:
        protected = derive(spec.deletion_policy != "Delete", spec.deletion_policy)
    yield claim(
        program,
        resource,
        "Table",
        resource.name,
        {
            **common_fields(program, resource, name),
            "tableName": name,
            "billingMode": spec.billing_mode,
            "readCapacity": spec.read_capacity,
            "writeCapacity": spec.write_capacity,
            "hashKey": spec.hash_key.name,
            "rangeKey": spec.range_key.name if spec.range_key else None,
            # DynamoDB rejects attributes that are not part of a key; the names of the fields are the provider's.
            "attribute": [{"name": key, "type": attributes[key]} for key in attributes],
            "globalSecondaryIndex": [
                without_nothing(
                    {
                        "name": index.name,
                        "hashKey": index.hash_key.name,
                        "rangeKey": index.range_key.name if index.range_key else None,
                        "projectionType": index.projection_type,
                        "nonKeyAttributes": list(index.non_key_attributes),
                        "readCapacity": index.read_capacity,
                        "writeCapacity": index.write_capacity,
                    }
                )
                for index in spec.global_secondary_indexes
            ],
            "ttl": _time_to_live(spec),
            "pointInTimeRecovery": spec.point_in_time_recovery,
            "deletionProtection": protected,
        },
    )


def _time_to_live(spec: TableSpec) -> dict[str, Any] | None:
    """Keep the attribute's name even if it is off: AWS requires it, and the provider ignores a ttl without it (D54)."""
    if spec.ttl is None:
        return None
    return {"enabled": spec.ttl.enabled, "attributeName": spec.ttl.attribute_name}


def _on(name: str) -> Action:
    return Action(f"dynamodb:{name}", itself)


RESTORED = ("restoreDateTime", "restoreSourceName", "restoreSourceTableArn", "restoreToLatestTime")  # only when made

KIND = Kind(
    name="Table",
    model=TableSpec,
    longest_name=63,
    symbol=Symbol.DATABASE,
    references=References(
        word="table",
        attributes={
            "name": attribute(lambda platform, target: _name(platform, target.resource), "its name in AWS"),
            "arn": attribute(_arn, "its ARN"),
        },
        any_attribute=None,
        itself=None,
        aliases=no_aliases,
    ),
    layers=Layers(
        merge_keys={**ALLOW, "globalSecondaryIndexes": ("name",)}, one_of={}, null_values=(), expand=unchanged
    ),
    aws=AWSFacts(
        names=_names,
        # AWS, DynamoDB, "Naming rules".
        form=NameForm("a table", "tableName", 3, 255, re.compile(r"[a-zA-Z0-9_.-]+"), folds_case=False),
        unique=Unique.REGION,
        arn=_arn,
        # AWS, Service Authorization Reference, Amazon DynamoDB.
        access={
            "read": (
                _on("BatchGetItem"),
                _on("ConditionCheckItem"),
                _on("DescribeTable"),
                _on("GetItem"),
                Action("dynamodb:Query", _with_indexes),
                Action("dynamodb:Scan", _with_indexes),
            ),
            "write": (_on("BatchWriteItem"), _on("DeleteItem"), _on("PutItem"), _on("UpdateItem")),
        },
        credentials=Credentials.IDENTITY,
        need="A Table; `access` says how.",
        claims=(
            ClaimFacts(
                kind="Table",
                name="tableName",
                immutable=(
                    Immutable(("spec", "region"), (), NEW_TABLE),
                    Immutable(("spec", "tableName"), ("tableName",), NEW_TABLE),
                    Immutable(("spec", "hashKey"), ("hashKey",), NEW_TABLE),
                    Immutable(("spec", "rangeKey"), ("rangeKey",), NEW_TABLE),
                ),
                changes=changes,
                data=Data(
                    protection="deletionProtection",
                    protections=(DELETION_POLICY, DELETION_PROTECTION, POINT_IN_TIME_RECOVERY),
                    part=None,
                ),
                retention=Retention(kind="Table", name="tableName", kept=kept),
                managed=(
                    ManagedResource(
                        "dynamodb",
                        "Table",
                        named_by_annotation=True,
                        required_inside=(
                            ("spec", "forProvider", "pointInTimeRecovery", "enabled"),
                            ("spec", "forProvider", "serverSideEncryption", "enabled"),
                        ),
                        immutable=("hashKey", "importTable", "localSecondaryIndex", "rangeKey", *RESTORED),
                    ),
                ),
                policy=None,
                writes_secret=False,
            ),
        ),
        claim_name=lambda target: target.resource.name,
        outputs={"name": "tableName", "arn": "arn"},
        limits=no_further_limits,
        connection_secret=None,
    ),
    lower=_lower,
)
