"""Bucket: S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_kinds.facts import FOLLOWS_DELETION_POLICY, AWSKind, Claim, Managed, Rights, Service

NEVER_DELETED = ("Observe", "Create", "Update")
"""AWS deletes it with the bucket, which until then keeps its protection."""
ON_OBJECTS = frozenset({"s3:GetObject", "s3:PutObject", "s3:DeleteObject"})
RULE = {"id": "one", "status": "Enabled", "filter": [{"prefix": ""}]}
ABORT = {**RULE, "abortIncompleteMultipartUpload": [{"daysAfterInitiation": 7}]}


def make(service: Service, spec: dict[str, Any]) -> None:
    """Make the bucket, then its settings."""
    s3, name = service("s3"), spec.pop("bucketName")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    tags = [{"Key": key, "Value": value} for key, value in spec.pop("tags").items()]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": spec.pop("versioning")})
    encrypted = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": spec.pop("sseAlgorithm")}}
    rule = {**encrypted, "BucketKeyEnabled": spec.pop("bucketKeyEnabled")}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [rule]})
    blocked = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=dict.fromkeys(blocked, True))
    owned = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=owned)
    rules = [_rule(dict(one)) for one in spec.pop("lifecycleRule")]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})


def _rule(of: dict[str, Any]) -> dict[str, Any]:
    """A lifecycle rule as the API has it."""
    (about,) = of.pop("filter")
    made = {"ID": of.pop("id"), "Status": of.pop("status"), "Filter": {"Prefix": about["prefix"]}}
    fields = {
        "expiration": ("Expiration", "days", "Days"),
        "noncurrentVersionExpiration": ("NoncurrentVersionExpiration", "noncurrentDays", "NoncurrentDays"),
        "abortIncompleteMultipartUpload": (
            "AbortIncompleteMultipartUpload",
            "daysAfterInitiation",
            "DaysAfterInitiation",
        ),
    }
    for field, (name, days, in_api) in fields.items():
        if field in of:
            (after,) = of.pop(field)
            made[name] = {in_api: after[days]}
    assert not of, f"a lifecycle rule: {', '.join(of)}"
    return made


def arn(spec: Mapping[str, Any]) -> str:
    """Of the bucket; its settings have none of their own."""
    return f"arn:aws:s3:::{spec['bucketName']}"


def _part(kind: str, plural: str, version: str, *calls: str) -> Managed:
    """A setting of the bucket."""
    return Managed(
        kind=kind,
        plural=plural,
        api_versions=("s3.aws.m.upbound.io/v1beta1", f"s3.aws.upbound.io/{version}"),
        external_name="",
        named_by={"bucket": "bucketName"},
        policies=NEVER_DELETED,
        arn=arn,
        calls=calls,
        deletes=(),
        in_aws=lambda _name, wanted: {"id": wanted["bucket"], "bucket": wanted["bucket"]},
    )


# Source of the calls: hashicorp/terraform-provider-aws internal/service/s3/{bucket,bucket_versioning,
# bucket_server_side_encryption_configuration,bucket_public_access_block,bucket_ownership_controls,
# bucket_lifecycle_configuration}; for tags its pull request 45251; and which action each call is: AWS, S3 User Guide,
# "Required permissions for Amazon S3 API operations".
BUCKET = Managed(
    kind="Bucket",
    plural="buckets",
    api_versions=("s3.aws.m.upbound.io/v1beta1", "s3.aws.upbound.io/v1beta2"),
    external_name="bucketName",
    named_by={},
    policies=FOLLOWS_DELETION_POLICY,
    arn=arn,
    calls=(
        "s3:CreateBucket",
        "s3:GetAccelerateConfiguration",
        "s3:GetBucketAcl",
        "s3:GetBucketCORS",
        "s3:GetBucketLogging",
        "s3:GetBucketObjectLockConfiguration",
        "s3:GetBucketPolicy",
        "s3:GetBucketRequestPayment",
        "s3:GetBucketVersioning",
        "s3:GetBucketWebsite",
        "s3:GetEncryptionConfiguration",
        "s3:GetLifecycleConfiguration",
        "s3:GetReplicationConfiguration",
        "s3:ListBucket",
        "s3:ListTagsForResource",
        "s3:TagResource",
        "s3:UntagResource",
    ),
    deletes=("s3:DeleteBucket",),
    in_aws=lambda name, _wanted: {"id": name, "arn": f"arn:aws:s3:::{name}"},
)

KIND = AWSKind(
    claims=(
        Claim(
            kind="Bucket",
            plural="buckets",
            managed={
                "bucket": BUCKET,
                "versioning": _part(
                    "BucketVersioning",
                    "bucketversionings",
                    "v1beta2",
                    "s3:GetBucketVersioning",
                    "s3:PutBucketVersioning",
                ),
                "encryption": _part(
                    "BucketServerSideEncryptionConfiguration",
                    "bucketserversideencryptionconfigurations",
                    "v1beta2",
                    "s3:GetEncryptionConfiguration",
                    "s3:PutEncryptionConfiguration",
                ),
                "public-access-block": _part(
                    "BucketPublicAccessBlock",
                    "bucketpublicaccessblocks",
                    "v1beta1",
                    "s3:GetBucketPublicAccessBlock",
                    "s3:PutBucketPublicAccessBlock",
                ),
                "ownership": _part(
                    "BucketOwnershipControls",
                    "bucketownershipcontrols",
                    "v1beta2",
                    "s3:GetBucketOwnershipControls",
                    "s3:PutBucketOwnershipControls",
                ),
                "lifecycle": _part(
                    "BucketLifecycleConfiguration",
                    "bucketlifecycleconfigurations",
                    "v1beta1",
                    "s3:GetLifecycleConfiguration",
                    "s3:PutLifecycleConfiguration",
                ),
            },
            outputs={"bucketName": ("bucket", "id"), "arn": ("bucket", "arn")},
            make=make,
            without_default={},
            changeable={},
            changes={
                "bucketName": ["xn--logs", "logs--x-s3", "logs-an", "10.0.0.1", "a..b", "logs.example"],
                "sseAlgorithm": ["aws:kms", "AES256", None],
                "bucketKeyEnabled": [True, False, None],
                "lifecycleRule": [[ABORT], [RULE], [{**RULE, "expiration": [{"days": 1}]}]],
            },
            rules={
                "bucketName is not an IP address and has no adjacent dots": lambda spec: (
                    ".." not in spec["bucketName"]
                    and not (spec["bucketName"].count(".") == 3 and spec["bucketName"].replace(".", "").isdigit())
                ),
                "bucketName does not start with a prefix that AWS reserves": lambda spec: (
                    spec["bucketName"][:4] != "xn--"
                ),
                "bucketName does not end in a suffix that AWS reserves": lambda spec: (
                    spec["bucketName"].rpartition("-")[2] not in {"s3", "an"}
                ),
                "bucketKeyEnabled goes with sseAlgorithm aws:kms": lambda spec: (
                    not spec["bucketKeyEnabled"] or spec["sseAlgorithm"] == "aws:kms"
                ),
                "a lifecycle rule needs an action": lambda spec: all(
                    len(rule) > len(RULE) for rule in spec["lifecycleRule"]
                ),
            },
            values={
                "bucketName": ["logs", "xn--logs", "logs.mrap", "10.0.0.1", "a..b", "Logs", "x" * 64],
                "sseAlgorithm": ["aws:kms", "none"],
                "lifecycleRule": [[], [ABORT], [RULE], [{**ABORT, "filter": []}]],
            },
        ),
    ),
    rights=Rights(
        word="bucket",
        documents="""\
            apiVersion: platformc.dev/v1alpha1
            kind: Bucket
            metadata: {name: artifacts}
            spec: {}
            ---
            apiVersion: platformc.dev/v1alpha1
            kind: Bucket
            metadata: {name: reports}
            spec: {bucketName: reports.example.com, managementPolicy: Observe}
            """,
        targets={"artifacts": "arn:aws:s3:::%sartifacts", "reports": "arn:aws:s3:::reports.example.com"},
        inside=lambda _name, arn: (f"{arn}/runs/1",),
        access={
            "get": frozenset({"s3:GetObject"}),
            "put": frozenset({"s3:PutObject"}),
            "delete": frozenset({"s3:DeleteObject"}),
            "list": frozenset({"s3:ListBucket"}),
        },
        reaches=lambda action, _name, arn, resource: (
            resource.startswith(f"{arn}/") if action in ON_OBJECTS else resource == arn
        ),
        patterns=lambda arn: (f"{arn}/*",),
        statements=2,
        dangerous=(
            "s3:BypassGovernanceRetention",
            "s3:DeleteBucket",
            "s3:DeleteBucketPolicy",
            "s3:DeleteObjectVersion",
            "s3:GetObjectVersion",
            "s3:PutBucketAcl",
            "s3:PutBucketPolicy",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutBucketVersioning",
            "s3:PutLifecycleConfiguration",
            "s3:PutObjectAcl",
            "s3:ReplicateObject",
        ),
    ),
)
