"""Bucket: an S3 bucket; its model, its facts in AWS, and its claim.

Every bucket blocks public access, has ACLs disabled and rejects customer-provided keys: the Composition sets this, and
no field here changes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

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
    Protection,
    Retention,
    Unique,
    nothing_else,
)
from platformc.language.kind import Layers, References, Symbol, no_aliases, unchanged
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import SpecModel, problem
from platformc.language.models.types import Duration, Label, seconds
from platformc.language.origin import derive
from platformc.link import Program, Target, aws_names
from platformc.lower import Manifest
from platformc.lower.claim import claim, common_fields
from platformc.lower.metadata import without_nothing
from platformc.rules.aws import INVALID_AWS_NAME, OUTSIDE_AWS_LIMITS
from platformc.rules.fields import INVALID_VALUE

DAY = 86400
MOST_DAYS = 2**31 - 1
MOST_RULES = 1000
LONGEST_PREFIX = 1024
"""Days and rules of a lifecycle configuration; bytes of a key. AWS, S3 API Reference and User Guide, "Object keys"."""
ABORT = "abortIncompleteUploads"
"""The lifecycle rule of every bucket; names of other rules have no capitals."""

ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")
RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")
"""AWS, S3 User Guide, "General purpose bucket naming rules"."""
ACCOUNT_NAMESPACE = "-an"
"""The suffix of names in an account's own namespace. To create such a bucket takes a header that the provider does not
send. AWS, S3 User Guide, "Namespaces for general purpose buckets"."""


def fault(name: str) -> str:
    """Return why a name of allowed characters is not allowed; empty if it is.

    >>> fault("10.0.0.1"), fault("sthree-logs")
    ('is an IP address', 'starts with sthree-, which AWS reserves')
    """
    if ".." in name:
        return "has two adjacent dots"
    if ADDRESS.fullmatch(name):
        return "is an IP address"
    for reserved in RESERVED_PREFIXES:
        if name.startswith(reserved):
            return f"starts with {reserved}, which AWS reserves"
    for reserved in RESERVED_SUFFIXES:
        if name.endswith(reserved):
            return f"ends in {reserved}, which AWS reserves"
    return ""


def faultless(text: str) -> str:
    """Check the part of a name's form that is not in the editors' schema."""
    if why := fault(text):
        raise problem(INVALID_AWS_NAME, f"{text} is not the name of a bucket: it {why}", "write another name")
    return text


def whole_days(text: str) -> str:
    """Check a duration that S3 counts in days."""
    if seconds(text) % DAY or not 1 <= seconds(text) // DAY <= MOST_DAYS:
        message = f"{text} is not a number of days; S3 allows whole days, at least 1d"
        raise problem(OUTSIDE_AWS_LIMITS, message)
    return text


def key_prefix(text: str) -> str:
    """Check the length of a prefix of keys."""
    if (length := len(text.encode())) > LONGEST_PREFIX:
        raise problem(OUTSIDE_AWS_LIMITS, f"the prefix is {length} bytes long; the limit is {LONGEST_PREFIX}")
    return text


Days = Annotated[Duration, AfterValidator(whole_days)]


class LifecycleRule(SpecModel):
    """What S3 deletes automatically, in whole days."""

    prefix: Annotated[str, AfterValidator(key_prefix)] = ""
    """The prefix of the objects' keys; defaults to all objects."""
    expiration: Days | None = None
    """How long after its creation an object is deleted; with versioning it becomes a noncurrent version."""
    noncurrent_version_expiration: Days | None = None
    """How long a noncurrent version is kept after the object was overwritten or deleted."""

    @model_validator(mode="after")
    def _deletes(self) -> Self:
        if self.expiration is None and self.noncurrent_version_expiration is None:
            hint = "add `expiration` or `noncurrentVersionExpiration`, or delete the rule"
            raise problem(INVALID_VALUE, "the lifecycle rule deletes nothing", hint)
        return self


class BucketSpec(ManagedSpec):
    """An S3 bucket."""

    bucket_name: (
        Annotated[
            str,
            Field(min_length=3, max_length=63, pattern=r"^[a-z0-9][a-z0-9.-]*[a-z0-9]$"),
            AfterValidator(faultless),
        ]
        | None
    ) = None
    """The name in AWS, without the environment's prefix; defaults to the document's. It is unique in all of AWS."""
    versioning: Literal["Enabled", "Suspended"] = "Enabled"
    """Enabled keeps overwritten and deleted objects as noncurrent versions; Suspended keeps the existing ones."""
    encryption: Literal["SSE-S3", "SSE-KMS"] = "SSE-S3"
    """How new objects are encrypted at rest: with S3's own key, or with the KMS key that AWS manages for S3."""
    lifecycle: Annotated[dict[Label, LifecycleRule], Field(max_length=MOST_RULES - 1)] = {}
    """Rules, by name, for what S3 deletes; without a rule, objects are kept."""
    abort_incomplete_uploads: Days = "7d"
    """How long an incomplete multipart upload is kept after its start, in whole days."""


def _names(platform: Platform, resource: Resource[BucketSpec]) -> tuple[NameInAWS, ...]:
    return (NameInAWS(_name(platform, resource), ("bucketName",) if resource.spec.bucket_name else ()),)


def _name(platform: Platform, resource: Resource[BucketSpec]) -> str:
    return aws_names.prefixed(platform, resource, resource.spec.bucket_name or resource.name)


def _arn(platform: Platform, target: Target) -> str:
    """It has neither a region nor an account, because a bucket's name is unique without them."""
    name, region = _name(platform, target.resource), aws_names.account(platform).region
    return derive(f"arn:{aws_names.partition(region)}:s3:::{name}", name, region)


def _objects(arn: str, _target: Target) -> tuple[str, ...]:
    """All objects in it: an object's ARN is its bucket's and its key."""
    return (derive(f"{arn}/*", arn),)


ALGORITHMS = {"SSE-S3": "AES256", "SSE-KMS": "aws:kms"}
"""AWS, S3 API Reference, ServerSideEncryptionByDefault."""


def _lower(program: Program, resource: Resource[BucketSpec]) -> Iterator[Manifest]:
    """One Bucket claim."""
    spec = resource.spec
    if is_observed(resource):
        return
    name = _name(program.platform, resource)
    yield claim(
        program,
        resource,
        "Bucket",
        resource.name,
        {
            **common_fields(program, resource, name),
            "bucketName": name,
            "versioning": spec.versioning,
            "sseAlgorithm": derive(ALGORITHMS[spec.encryption], spec.encryption),
            # Otherwise S3 would call KMS for every object.
            "bucketKeyEnabled": derive(spec.encryption == "SSE-KMS", spec.encryption),
            "lifecycleRule": [
                *(_rule(name, rule) for name, rule in spec.lifecycle.items()),
                _abort(spec.abort_incomplete_uploads),
            ],
        },
    )


def _rule(name: str, rule: LifecycleRule) -> dict[str, Any]:
    """A lifecycle rule; the item fields' names are the provider's."""
    former = rule.noncurrent_version_expiration
    return without_nothing(
        {
            "id": name,
            "status": "Enabled",
            "filter": [{"prefix": rule.prefix}],
            "expiration": [{"days": _in_days(rule.expiration)}] if rule.expiration else None,
            "noncurrentVersionExpiration": [{"noncurrentDays": _in_days(former)}] if former else None,
        }
    )


def _abort(after: str) -> dict[str, Any]:
    """Every bucket has this rule: parts of incomplete uploads cost money, and no list of objects shows them."""
    return {
        "id": ABORT,
        "status": "Enabled",
        "filter": [{"prefix": ""}],
        "abortIncompleteMultipartUpload": [{"daysAfterInitiation": _in_days(after)}],
    }


def _in_days(text: str) -> int:
    return derive(seconds(text) // DAY, text)


def _limits(program: Program, resource: Resource[BucketSpec], _manifests: tuple[Manifest, ...]) -> Iterator[Finding]:
    """Whether the whole name is allowed: the prefix and the document's own name are not checked by the model."""
    own, whole = resource.spec.bucket_name or resource.name, _name(program.platform, resource)
    at = resource.at("bucketName") if resource.spec.bucket_name else resource.name_span
    why, hint = fault(whole), "write another bucketName"
    if not why and whole.endswith(ACCOUNT_NAMESPACE):
        why = f"ends in {ACCOUNT_NAMESPACE}, which AWS reserves for the namespaces of accounts"
        hint = "Crossplane's provider cannot create such a bucket; write another bucketName"
    if why:
        # Without the prefix where that is not to blame: one mistake, and not one of each environment.
        name = own if own.endswith((*RESERVED_SUFFIXES, ACCOUNT_NAMESPACE)) else whole
        yield INVALID_AWS_NAME.at(at, f"{name} is not the name of a bucket: it {why}", hint)


NEW_BUCKET = "in AWS this is a new bucket: change the document's name and bucketName, and copy the objects"

VERSIONING = Protection(
    claim=("spec", "versioning"),
    strongest_first=("Enabled", "Suspended"),
    absent="Suspended",
    consequence="what is overwritten or deleted from now on cannot be restored",
)
EXPIRATIONS = (("expiration", "days", "objects"), ("noncurrentVersionExpiration", "noncurrentDays", "former versions"))
"""Action of a lifecycle rule, its number of days, and what it deletes."""


def _kept(spec: Mapping[str, Any]) -> Iterator[Kept]:
    """What each enabled lifecycle rule deletes; patches can have changed anything."""
    rules = spec.get("lifecycleRule")
    for position, rule in enumerate(rules if isinstance(rules, list) else ()):
        if not isinstance(rule, dict) or rule.get("status") != "Enabled":
            continue
        prefix = _first(rule.get("filter")).get("prefix")
        below = f" below {prefix}" if prefix else ""
        for action, field, what in EXPIRATIONS:
            days = _first(rule.get(action)).get(field)
            if isinstance(days, int):
                place = ("spec", "lifecycleRule", position, action, 0, field)
                yield Kept(f"{what}{below}", days, f"{what}{below} for {days} days", place)


def _first(value: Any) -> Mapping[str, Any]:
    """The only item of a list, as the provider writes a block."""
    return value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else {}


def _in_it(name: str) -> Action:
    return Action(f"s3:{name}", _objects)


OF_ITS_OWNER = ("bucket", "expectedBucketOwner")
"""The immutable fields of settings that can name the account of their bucket."""


def _part(kind: str, *required: str, immutable: tuple[str, ...]) -> ManagedResource:
    """A setting of the bucket; the provider finds it by the bucket's name in a field."""
    inside = (("spec", "forProvider", *required),) if required else ()
    return ManagedResource("s3", kind, named_by_annotation=False, required_inside=inside, immutable=immutable)


KIND = Kind(
    name="Bucket",
    model=BucketSpec,
    longest_name=63,
    symbol=Symbol.STORAGE,
    references=References(
        word="bucket",
        attributes={
            "name": attribute(lambda platform, target: _name(platform, target.resource), "its name in AWS"),
            "arn": attribute(_arn, "its ARN"),
        },
        any_attribute=None,
        itself=None,
        aliases=no_aliases,
    ),
    layers=Layers(merge_keys=ALLOW, one_of={}, null_values=(), expand=unchanged),
    aws=AWSFacts(
        names=_names,
        # AWS, S3 User Guide, "General purpose bucket naming rules".
        form=NameForm("a bucket", "bucketName", 3, 63, re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?"), folds_case=False),
        unique=Unique.PARTITION,
        arn=_arn,
        # AWS, Service Authorization Reference, Amazon S3. What `delete` deletes stays as a noncurrent version.
        access={
            "get": (_in_it("GetObject"),),
            "put": (_in_it("PutObject"),),
            "delete": (_in_it("DeleteObject"),),
            "list": (Action("s3:ListBucket", itself),),
        },
        credentials=Credentials.IDENTITY,
        need="A Bucket; `access` says how.",
        claims=(
            ClaimFacts(
                kind="Bucket",
                name="bucketName",
                immutable=(
                    Immutable(("spec", "region"), (), NEW_BUCKET),
                    Immutable(("spec", "bucketName"), ("bucketName",), NEW_BUCKET),
                ),
                changes=nothing_else,
                data=Data(protection=None, protections=(DELETION_POLICY, VERSIONING), part=None),
                retention=Retention(kind="Bucket", name="bucketName", kept=_kept),
                managed=(
                    ManagedResource(
                        "s3",
                        "Bucket",
                        named_by_annotation=True,
                        required_inside=(),
                        immutable=("objectLockEnabled",),
                    ),
                    _part("BucketVersioning", "versioningConfiguration", "status", immutable=OF_ITS_OWNER),
                    _part("BucketServerSideEncryptionConfiguration", immutable=OF_ITS_OWNER),
                    _part("BucketPublicAccessBlock", immutable=("bucket",)),
                    _part("BucketOwnershipControls", "rule", "objectOwnership", immutable=("bucket",)),
                    _part("BucketLifecycleConfiguration", immutable=OF_ITS_OWNER),
                ),
                policy=None,
                writes_secret=False,
            ),
        ),
        claim_name=lambda target: target.resource.name,
        outputs={"name": "bucketName", "arn": "arn"},
        limits=_limits,
        connection_secret=None,
    ),
    lower=_lower,
)
