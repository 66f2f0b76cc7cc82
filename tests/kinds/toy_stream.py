"""Stream: a thing in AWS that lives in the tests alone, written as every kind in AWS is: model, facts and lowering."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from platformc.diagnostics import Finding
from platformc.kinds.common import ALLOW, attribute, is_observed, itself
from platformc.language.aws_facts import (
    Action,
    AWSFacts,
    Change,
    ClaimFacts,
    Credentials,
    Data,
    Immutable,
    ManagedResource,
    NameForm,
    NameInAWS,
    Unique,
)
from platformc.language.kind import Kind, Layers, References, Symbol
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import Boolean, Integer, SpecModel
from platformc.language.models.types import Label
from platformc.language.nodes import Mapping as MappingNode
from platformc.language.platform import Platform, Resource
from platformc.link import Program, Target, aws_names
from platformc.lower.claim import claim, common_fields
from platformc.lower.manifest import Manifest
from platformc.rules.aws import OUTSIDE_AWS_LIMITS
from platformc.rules.output import IMMUTABLE_FIELD
from pydantic import Field

MOST_SHARDS = 500
NEW_STREAM = "in AWS this is a new stream: give the document another name"


class Consumer(SpecModel):
    """A program that reads the stream."""

    name: Label
    """Its name."""
    mode: Literal["push", "pull"] = "pull"
    """How it gets its records."""


class Retention(SpecModel):
    """How long records stay: in one of two units."""

    hours: Integer | None = None
    """Hours."""
    days: Integer | None = None
    """Days."""


class StreamSpec(ManagedSpec):
    """A stream of records."""

    stream_name: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-zA-Z0-9-]+$")] | None = None
    """The name in AWS without the environment's prefix; by default the document's."""
    shards: Annotated[Integer, Field(ge=1)] = 1
    """How many parts it has."""
    consumers: tuple[Consumer, ...] = ()
    """Who reads it."""
    retention: dict[str, Retention] = {}  # noqa: RUF012 - pydantic copies mutable defaults
    """How long records of a kind stay."""
    ceiling: Integer | None = 5
    """The most that it may cost; null for no ceiling."""
    protected: Boolean | None = None
    """Whether AWS refuses to delete it."""
    mirror: Label | None = None
    """The name of a second stream with the same records."""


def _expand(spec: MappingNode) -> MappingNode:
    """`shardCount` is a short form of `shards`."""

    def named(entries: Mapping[str, Any]) -> dict[str, Any]:
        return {"shards" if key == "shardCount" else key: value for key, value in entries.items()}

    return MappingNode(named(spec.entries), named(spec.keys), spec.span, spec.replaced)


def _aliases(resource: Resource[StreamSpec]) -> tuple[str, ...]:
    return (resource.spec.mirror,) if resource.spec.mirror else ()


def _names(platform: Platform, resource: Resource[StreamSpec]) -> tuple[NameInAWS, ...]:
    own = NameInAWS(
        _name(platform, Target(resource, resource.name)), ("streamName",) if resource.spec.stream_name else ()
    )
    mirrors = (NameInAWS(_name(platform, Target(resource, name)), ("mirror",)) for name in _aliases(resource))
    return (own, *mirrors)


def _name(platform: Platform, target: Target) -> str:
    resource = target.resource
    own = resource.spec.stream_name or resource.name
    return aws_names.prefixed(platform, resource, own if target.name == resource.name else target.name)


def _arn(platform: Platform, target: Target) -> str:
    return aws_names.arn(platform, "kinesis", f"stream/{_name(platform, target)}")


def _lower(program: Program, resource: Resource[StreamSpec]) -> Iterator[Manifest]:
    """A Stream claim, and one for its mirror."""
    spec = resource.spec
    if is_observed(resource):
        return
    for name in (resource.name, *_aliases(resource)):
        in_aws = _name(program.platform, Target(resource, name))
        yield claim(
            program,
            resource,
            "Stream",
            name,
            {
                **common_fields(program, resource, in_aws),
                "streamName": in_aws,
                "shards": spec.shards,
                "consumers": [f"{one.name}/{one.mode}" for one in spec.consumers],
                "retention": {key: one.hours or (one.days or 0) * 24 for key, one in spec.retention.items()},
                "ceiling": spec.ceiling,
                "protected": spec.protected,
                "mirrorOf": None if name == resource.name else resource.name,
            },
        )


def _limits(_program: Program, resource: Resource[StreamSpec], _objects: tuple[Manifest, ...]) -> Iterator[Finding]:
    if resource.spec.shards > MOST_SHARDS:
        yield OUTSIDE_AWS_LIMITS.at(resource.at("shards"), f"{resource.spec.shards} shards; the limit is {MOST_SHARDS}")


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if new["shards"] < old["shards"]:
        yield Change(IMMUTABLE_FIELD, ("spec", "shards"), "shards cannot become fewer", "keep the number")


STREAM = Kind(
    name="Stream",
    model=StreamSpec,
    longest_name=30,
    symbol=Symbol.QUEUE,
    references=References(
        word="stream",
        attributes={"name": attribute(_name, "its name in AWS"), "arn": attribute(_arn, "its ARN")},
        any_attribute=None,
        itself=None,
        aliases=_aliases,
    ),
    layers=Layers(
        merge_keys={**ALLOW, "consumers": ("name",)},
        one_of={"retention": ("hours", "days")},
        null_values=("ceiling",),
        expand=_expand,
    ),
    aws=AWSFacts(
        names=_names,
        form=NameForm("a stream", "streamName", 4, 40, re.compile(r"[a-zA-Z0-9-]+"), folds_case=True),
        unique=Unique.REGION,
        arn=_arn,
        access={
            "read": (Action("kinesis:GetRecords", itself),),
            "write": (Action("kinesis:PutRecord", itself),),
        },
        credentials=Credentials.IDENTITY,
        need="A Stream; `access` says how.",
        claims=(
            ClaimFacts(
                kind="Stream",
                immutable=(Immutable(("spec", "streamName"), ("streamName",), NEW_STREAM),),
                changes=_changes,
                data=Data(name="streamName", protection="protected", part=("spec", "mirrorOf")),
                managed=(
                    ManagedResource(
                        "kinesis",
                        "Stream",
                        named_by_annotation=True,
                        required_inside=(("spec", "forProvider", "streamModeDetails", "streamMode"),),
                    ),
                ),
                policy=None,
                writes_secret=False,
            ),
        ),
        claim_name=lambda target: target.name,
        outputs={"name": "streamName", "arn": "arn"},
        limits=_limits,
        connection_secret=None,
    ),
    lower=_lower,
)
