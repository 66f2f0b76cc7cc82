"""Stream: a kind that the compiler does not bring, in one file as those of compiler/platformc/kinds/ are.

A stream has a name and an ARN in AWS, data, two access words, a mirror, which is a claim of its own, and a key: what
holds the key may do what the stream's policy says. No fact of it is what a record would have if nobody had thought of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from platformc.diagnostics import Finding, suggestion
from platformc.kinds.common import ALLOW, NEEDS, attribute, is_observed, itself
from platformc.kinds.identity import Statement
from platformc.kinds.identity_policy import policy_document
from platformc.language import Platform, Resource
from platformc.language.aws_facts import (
    Action,
    AWSFacts,
    Change,
    ClaimFacts,
    Credentials,
    Data,
    Immutable,
    Kept,
    ManagedResource,
    NameForm,
    NameInAWS,
    Protection,
    Retention,
    Unique,
)
from platformc.language.kind import Attribute, Kind, Layers, References, Symbol
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import Boolean, Integer, SpecModel, problem
from platformc.language.models.pod import Need
from platformc.language.models.types import LONGEST_LABEL, Label
from platformc.language.nodes import Mapping as MappingNode
from platformc.language.nodes import Scalar, Sequence
from platformc.language.origin import derive
from platformc.link import Program, SecretValue, Target, aws_names
from platformc.link.attributes import connection_secret
from platformc.link.scope import UnboundError
from platformc.lower import Manifest
from platformc.lower.claim import claim, common_fields, compact
from platformc.rules.aws import OUTSIDE_AWS_LIMITS
from platformc.rules.fields import INVALID_VALUE
from platformc.rules.output import IMMUTABLE_FIELD
from pydantic import Field, model_validator

MOST_READS = 20
"""Shards times consumers."""
HOURS_OF_A_DAY = 24
OF_MIRROR = "-mirror"
"""What the claim of a mirror is called after its stream."""


class Consumer(SpecModel):
    """One that reads the stream at its own pace."""

    name: Label
    """Its name."""
    mode: Literal["Shared", "FanOut"] = "Shared"
    """Whether it has a throughput of its own."""


class Period(SpecModel):
    """A time: `hours` or `days`."""

    hours: Annotated[Integer, Field(ge=1)] | None = None
    """Hours."""
    days: Annotated[Integer, Field(ge=1)] | None = None
    """Days."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.hours is None) == (self.days is None):
            raise problem(INVALID_VALUE, "write either hours or days")
        return self


class StreamSpec(ManagedSpec):
    """A stream of records."""

    stream_name: Annotated[str, Field(max_length=24, pattern=r"^[a-zA-Z0-9_-]+$")] | None = None
    """The name in AWS without the environment's prefix; by default the document's."""
    shards: Annotated[Integer, Field(ge=1)] = 1
    """How many parts it has; never fewer than before."""
    consumers: tuple[Consumer, ...] = ()
    """Who reads it; `consumer: x` is short for one of them."""
    retention: dict[Label, Period] = {}  # noqa: RUF012 - pydantic copies mutable defaults
    """How long records stay, by their topic; a day where nothing is said."""
    ceiling: Integer | None = 10
    """To how many shards it may grow; null for no end."""
    mirror: Annotated[str, Field(max_length=24, pattern=r"^[a-zA-Z0-9_-]+$")] | None = None
    """The name of a second stream with the same records."""
    protected: Boolean = False
    """Refuse to delete it."""
    needs: tuple[Need, ...] = ()
    """What it delivers to."""
    statements: tuple[Statement, ...] = ()
    """Rights on what the platform does not own."""


def _expand(spec: MappingNode) -> MappingNode:
    """Write `consumer: x` as `consumers: [{name: x}]`."""
    short = spec.get("consumer")
    if not isinstance(short, Scalar) or "consumers" in spec.entries:
        return spec
    entries = {key: value for key, value in spec.entries.items() if key != "consumer"}
    named = MappingNode({"name": short}, {"name": short.span}, short.span)
    entries["consumers"] = Sequence((named,), short.span)
    return MappingNode(entries, {**spec.keys, "consumers": spec.keys["consumer"]}, spec.span, spec.replaced)


def _aliases(resource: Resource[StreamSpec]) -> tuple[str, ...]:
    return (resource.spec.mirror,) if resource.spec.mirror else ()


def _names(platform: Platform, resource: Resource[StreamSpec]) -> tuple[NameInAWS, ...]:
    own = NameInAWS(_own_name(platform, resource), ("streamName",) if resource.spec.stream_name else ())
    if resource.spec.mirror is None:
        return (own,)
    return (own, NameInAWS(aws_names.prefixed(platform, resource, resource.spec.mirror), ("mirror",)))


def _own_name(platform: Platform, resource: Resource[StreamSpec]) -> str:
    return aws_names.prefixed(platform, resource, resource.spec.stream_name or resource.name)


def _name(platform: Platform, target: Target) -> str:
    """The name in AWS of the stream that a reference means: the stream itself, or its mirror."""
    if target.name == target.resource.name:
        return _own_name(platform, target.resource)
    return aws_names.prefixed(platform, target.resource, target.name)


def _arn(platform: Platform, target: Target) -> str:
    name = _name(platform, target)
    return aws_names.arn(platform, "toys", derive(f"stream/{name}", name))


def _consumers(arn: str, target: Target) -> tuple[str, ...]:
    """A consumer is subscribed under an ARN of its own."""
    return tuple(derive(f"{arn}/consumer/{one.name}", arn, one.name) for one in target.resource.spec.consumers)


def _consumer(platform: Platform, target: Target, _user: Resource[Any], names: tuple[str, ...]) -> str:
    known = [one.name for one in target.resource.spec.consumers]
    if len(names) != 1 or names[0] not in known:
        wanted = ".".join(names)
        raise UnboundError(f"the stream {target.name} has no consumer {wanted}", suggestion(wanted, known))
    arn = _arn(platform, target)
    return derive(f"{arn}/consumer/{names[0]}", arn)


def _key(_platform: Platform, target: Target, _user: Resource[Any], _names: tuple[str, ...]) -> SecretValue:
    resource = target.resource
    return SecretValue(resource.id, resource.namespace, connection_secret(resource), "key")


def _secret(resource: Resource[StreamSpec]) -> str:
    return derive(f"{resource.name}-stream", resource.name)


def _lower(program: Program, resource: Resource[StreamSpec]) -> Iterator[Manifest]:
    """One Stream claim, and one for its mirror."""
    spec = resource.spec
    if is_observed(resource):
        return
    platform = program.platform
    name = _own_name(platform, resource)
    retention = {topic: _hours(period) for topic, period in spec.retention.items()}
    shared = {"shards": spec.shards, "retentionHours": retention, "protected": spec.protected}
    yield claim(
        program,
        resource,
        "Stream",
        resource.name,
        {
            **common_fields(program, resource, name),
            **shared,
            "streamName": name,
            "ceiling": spec.ceiling,
            "consumers": [{"name": one.name, "mode": one.mode} for one in spec.consumers],
            "policyDocument": compact(policy_document(program, resource)),
            "writeConnectionSecretToRef": {"name": _secret(resource)},
        },
    )
    if spec.mirror is None:
        return
    mirrored = aws_names.prefixed(platform, resource, spec.mirror)
    yield claim(
        program,
        resource,
        "Stream",
        _mirror_claim(resource),
        {
            **common_fields(program, resource, mirrored),
            **shared,
            "streamName": mirrored,
            "sourceArn": _arn(platform, Target(resource, resource.name)),
        },
    )


def _mirror_claim(resource: Resource[StreamSpec]) -> str:
    return derive(f"{resource.name}{OF_MIRROR}", resource.name)


def _claim_name(target: Target) -> str:
    return target.name if target.name == target.resource.name else _mirror_claim(target.resource)


def _hours(period: Period) -> int:
    if period.hours is not None:
        return period.hours
    return derive((period.days or 0) * HOURS_OF_A_DAY, period.days)


def _limits(_program: Program, resource: Resource[StreamSpec], manifests: tuple[Manifest, ...]) -> Iterator[Finding]:
    """Each claim of a stream is read by all of its consumers."""
    reads = resource.spec.shards * len(resource.spec.consumers) * len(manifests)
    if reads > MOST_READS:
        message = f"the shards of {resource.name} are read {reads} times; the limit is {MOST_READS}"
        yield OUTSIDE_AWS_LIMITS.at(resource.at("consumers"), message, "remove a consumer, or make a second stream")


NEW_STREAM = "in AWS this is a new stream: rename the document and streamName, and read the old one to its end"


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Shards are split, never put together again."""
    before, after = old.get("shards"), new.get("shards")
    if isinstance(before, int) and isinstance(after, int) and after < before:
        message = f"shards cannot go from {before} to {after}"
        yield Change(IMMUTABLE_FIELD, ("spec", "shards"), message, f"keep {before} shards")


PROTECTED = Protection(
    claim=("spec", "protected"), strongest_first=(True, False), absent=False, consequence="the toys may be thrown away"
)


def _kept(spec: Mapping[str, Any]) -> Iterator[Kept]:
    """Records, by their topic."""
    hours = spec.get("retentionHours")
    for topic, limit in hours.items() if isinstance(hours, dict) else ():
        yield Kept(
            f"records on {topic}", limit, f"records on {topic} for {limit} hours", ("spec", "retentionHours", topic)
        )


def _on(name: str) -> Action:
    return Action(f"toys:{name}", itself)


STREAM = Kind(
    name="Stream",
    model=StreamSpec,
    longest_name=LONGEST_LABEL - len(OF_MIRROR),
    symbol=Symbol.QUEUE,
    references=References(
        word="stream",
        attributes={
            "name": attribute(_name, "its name in AWS"),
            "arn": attribute(_arn, "its ARN"),
            "consumer": Attribute(_consumer, "the ARN of a consumer", takes="NAME"),
            "key": Attribute(_key, "the key of the Secret that Crossplane writes", takes=""),
        },
        any_attribute=None,
        itself=None,
        aliases=_aliases,
    ),
    layers=Layers(
        merge_keys={**ALLOW, **NEEDS, "consumers": ("name",)},
        one_of={"retention": ("hours", "days")},
        null_values=("ceiling",),
        expand=_expand,
    ),
    aws=AWSFacts(
        names=_names,
        form=NameForm("a stream", "streamName", 3, 24, re.compile(r"[a-zA-Z0-9_-]+"), folds_case=True),
        unique=Unique.REGION,
        arn=_arn,
        access={
            "read": (_on("DescribeStream"), _on("GetRecords"), Action("toys:SubscribeToShard", _consumers)),
            "write": (_on("PutRecord"),),
        },
        credentials=Credentials.IDENTITY,
        need="A Stream or its mirror; `access` says how.",
        claims=(
            ClaimFacts(
                kind="Stream",
                name="streamName",
                immutable=(
                    Immutable(("spec", "region"), (), NEW_STREAM),
                    Immutable(("spec", "streamName"), ("streamName",), NEW_STREAM),
                ),
                changes=_changes,
                data=Data(protection="protected", protections=(PROTECTED,), part=("spec", "sourceArn")),
                retention=Retention(kind="Stream", name="streamName", kept=_kept),
                managed=(
                    ManagedResource(
                        "toys",
                        "Stream",
                        named_by_annotation=True,
                        required_inside=(("spec", "forProvider", "encryption", "enabled"),),
                        immutable=("sourceArn",),
                    ),
                ),
                policy=("spec", "policyDocument"),
                writes_secret=True,
            ),
        ),
        claim_name=_claim_name,
        outputs={"name": "streamName", "arn": "arn"},
        limits=_limits,
        connection_secret=_secret,
    ),
    lower=_lower,
)
