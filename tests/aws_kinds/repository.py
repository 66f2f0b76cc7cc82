"""Repository: ECR, and the claim of what a repository keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_kinds.facts import ACCOUNT, FOLLOWS_DELETION_POLICY, JSON, AWSKind, Claim, Managed, Rights, Service

LOGIN = "ecr:GetAuthorizationToken"
"""AWS takes this one on everything alone: it is no right on any repository."""


def in_aws(name: str, wanted: Mapping[str, Any]) -> dict[str, JSON]:
    """What AWS tells of a repository."""
    return {
        "id": name,
        "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{wanted['region']}.amazonaws.com/{name}",
        "arn": f"arn:aws:ecr:{wanted['region']}:{ACCOUNT}:repository/{name}",
        "registryId": ACCOUNT,
    }


def make(service: Service, spec: dict[str, Any]) -> None:
    """Make the repository."""
    service("ecr").create_repository(
        repositoryName=spec.pop("repositoryName"),
        imageTagMutability=spec.pop("imageTagMutability"),
        imageScanningConfiguration={"scanOnPush": spec.pop("scanOnPush")},
        encryptionConfiguration={"encryptionType": spec.pop("encryptionType")},
        tags=[{"Key": key, "Value": value} for key, value in spec.pop("tags").items()],
    )


def make_lifecycle(service: Service, spec: dict[str, Any]) -> None:
    """Give a repository its policy."""
    service("ecr").put_lifecycle_policy(
        repositoryName=spec.pop("repositoryName"), lifecyclePolicyText=spec.pop("policy")
    )


def arn(spec: Mapping[str, Any]) -> str:
    """Of a repository; its policy is a part of it."""
    return f"arn:aws:ecr:{spec['region']}:{ACCOUNT}:repository/{spec['repositoryName']}"


REPOSITORY = Managed(
    kind="Repository",
    plural="repositories",
    api_versions=("ecr.aws.m.upbound.io/v1beta1", "ecr.aws.upbound.io/v1beta2"),
    external_name="repositoryName",
    named_by={},
    policies=FOLLOWS_DELETION_POLICY,
    arn=arn,
    # Source: hashicorp/terraform-provider-aws internal/service/ecr/repository, and the tags_gen beside it.
    calls=(
        "ecr:CreateRepository",
        "ecr:DescribeRepositories",
        "ecr:ListTagsForResource",
        "ecr:PutImageScanningConfiguration",
        "ecr:PutImageTagMutability",
        "ecr:TagResource",
        "ecr:UntagResource",
    ),
    deletes=("ecr:DeleteRepository",),
    in_aws=in_aws,
)
LIFECYCLE = Managed(
    kind="LifecyclePolicy",
    plural="lifecyclepolicies",
    api_versions=("ecr.aws.m.upbound.io/v1beta1", "ecr.aws.upbound.io/v1beta1"),
    external_name="",
    named_by={"repository": "repositoryName"},
    policies=("Observe", "Create"),  # never changed, never deleted
    arn=arn,
    # Source: hashicorp/terraform-provider-aws internal/service/ecr/lifecycle_policy.
    calls=("ecr:GetLifecyclePolicy", "ecr:PutLifecyclePolicy"),
    deletes=(),
    in_aws=lambda _name, wanted: {"repository": wanted["repository"]},
)

KIND = AWSKind(
    claims=(
        Claim(
            kind="Repository",
            plural="repositories",
            managed={"repository": REPOSITORY},
            outputs={
                "repositoryName": ("repository", "id"),
                "repositoryUri": ("repository", "repositoryUrl"),
                "arn": ("repository", "arn"),
                "registryId": ("repository", "registryId"),
            },
            make=make,
            without_default={},
            changeable={},
            changes={
                "encryptionType": ["KMS", "AES256", None],
                "kmsKey": ["arn:aws:kms:ca-central-1:123456789012:key/k", None],
                "tags": [{}, {"a": "b"}],
            },
            rules={
                "kmsKey goes with encryptionType KMS": lambda spec: (
                    "kmsKey" not in spec or spec["encryptionType"] == "KMS"
                ),
            },
            values={},
        ),
        Claim(
            kind="RepositoryLifecycle",
            plural="repositorylifecycles",
            managed={"lifecycle": LIFECYCLE},
            outputs={"repositoryName": ("lifecycle", "repository")},
            make=make_lifecycle,
            without_default={},
            changeable={},
            changes={},
            rules={},
            values={},
        ),
    ),
    rights=Rights(
        word="repository",
        documents="""\
            apiVersion: platformc.dev/v1alpha1
            kind: Repository
            metadata: {name: bot}
            spec: {}
            ---
            apiVersion: platformc.dev/v1alpha1
            kind: Repository
            metadata: {name: shared}
            spec: {repositoryName: team/shared, managementPolicy: Observe}
            """,
        targets={
            "bot": f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/%sbot",
            "shared": f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/team/shared",
        },
        inside=lambda _name, _arn: (),
        access={
            "pull": frozenset(
                {
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    LOGIN,
                    "ecr:GetDownloadUrlForLayer",
                }
            ),
            "push": frozenset(
                {
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:CompleteLayerUpload",
                    LOGIN,
                    "ecr:InitiateLayerUpload",
                    "ecr:PutImage",
                    "ecr:UploadLayerPart",
                }
            ),
        },
        reaches=lambda action, _name, arn, resource: resource == arn or action == LOGIN,
        patterns=lambda _arn: (),
        statements=2,
        dangerous=(
            "ecr:BatchDeleteImage",
            "ecr:CreateRepository",
            "ecr:DeleteLifecyclePolicy",
            "ecr:DeleteRepository",
            "ecr:PutImageTagMutability",
            "ecr:PutLifecyclePolicy",
            "ecr:PutReplicationConfiguration",
            "ecr:SetRepositoryPolicy",
        ),
    ),
)
