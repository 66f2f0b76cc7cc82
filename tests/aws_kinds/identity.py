"""Identity: a user of IAM, its policy and its access key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_kinds.facts import ACCOUNT, FOLLOWS_DELETION_POLICY, AWSKind, Claim, Managed, Service

GROUPS = ("iam.aws.m.upbound.io/v1beta1", "iam.aws.upbound.io/v1beta1")


def make(service: Service, spec: dict[str, Any]) -> None:
    """Make the user, then what it has."""
    iam = service("iam")
    user, tags = spec.pop("userName"), [{"Key": key, "Value": value} for key, value in spec.pop("tags").items()]
    iam.create_user(UserName=user, Tags=tags)
    policy = iam.create_policy(PolicyName=spec.pop("policyName"), PolicyDocument=spec.pop("policyDocument"), Tags=tags)
    assert policy["Policy"]["Arn"] == spec["policyArn"]  # the claim works it out; Crossplane attaches by it
    iam.attach_user_policy(UserName=user, PolicyArn=spec.pop("policyArn"))
    iam.create_access_key(UserName=user)
    spec.pop("writeConnectionSecretToRef")  # a Secret in the cluster


def user_arn(spec: Mapping[str, Any]) -> str:
    """Of the user, and of what is about it alone."""
    return f"arn:aws:iam::{ACCOUNT}:user/{spec['userName']}"


# Source of the calls: hashicorp/terraform-provider-aws internal/service/iam/{user,policy,user_policy_attachment,
# access_key}, the tags_gen beside them, and internal/provider/sdkv2/tags_interceptor.
USER = Managed(
    kind="User",
    plural="users",
    api_versions=GROUPS,
    external_name="userName",
    named_by={},
    policies=FOLLOWS_DELETION_POLICY,
    arn=user_arn,
    calls=("iam:CreateUser", "iam:GetUser", "iam:ListUserTags", "iam:TagUser", "iam:UntagUser"),
    deletes=("iam:DeleteUser", "iam:ListGroupsForUser"),
    in_aws=lambda name, _wanted: {"id": name, "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"},
)
POLICY = Managed(
    kind="Policy",
    plural="policies",
    api_versions=GROUPS,
    external_name="policyName",
    named_by={},
    policies=FOLLOWS_DELETION_POLICY,
    arn=lambda spec: f"arn:aws:iam::{ACCOUNT}:policy/{spec['policyName']}",
    calls=(
        "iam:CreatePolicy",
        "iam:CreatePolicyVersion",
        "iam:DeletePolicyVersion",
        "iam:GetPolicy",
        "iam:GetPolicyVersion",
        "iam:ListPolicyTags",
        "iam:ListPolicyVersions",
        "iam:TagPolicy",
        "iam:UntagPolicy",
    ),
    deletes=("iam:DeletePolicy",),
    in_aws=lambda name, _wanted: {"id": name, "arn": f"arn:aws:iam::{ACCOUNT}:policy/{name}"},
)
ATTACHMENT = Managed(
    kind="UserPolicyAttachment",
    plural="userpolicyattachments",
    api_versions=GROUPS,
    external_name="",
    named_by={"user": "userName"},
    policies=FOLLOWS_DELETION_POLICY,
    arn=user_arn,
    calls=("iam:AttachUserPolicy", "iam:ListAttachedUserPolicies"),
    deletes=("iam:DetachUserPolicy",),
    in_aws=lambda _name, wanted: {"id": f"{wanted['user']}-attached"},
)
ACCESS_KEY = Managed(
    kind="AccessKey",
    plural="accesskeys",
    api_versions=GROUPS,
    external_name="",
    named_by={"user": "userName"},
    policies=("*",),  # a live key must not outlive its claim
    arn=user_arn,
    calls=("iam:CreateAccessKey", "iam:ListAccessKeys"),
    deletes=("iam:DeleteAccessKey",),
    in_aws=lambda _name, _wanted: {"id": "AKIA0123456789ABCDEF"},
)

KIND = AWSKind(
    claims=(
        Claim(
            kind="Identity",
            plural="identities",
            managed={"user": USER, "policy": POLICY, "attachment": ATTACHMENT, "access-key": ACCESS_KEY},
            outputs={
                "userName": ("user", "id"),
                "userArn": ("user", "arn"),
                "policyArn": ("policy", "arn"),
                "accessKeyId": ("access-key", "id"),
            },
            make=make,
            without_default={},
            changeable={},
            changes={
                "policyName": ["other", "policy"],
                "policyArn": [
                    "arn:aws:iam::123456789012:policy/other",
                    "arn:aws:iam::123456789012:policy/a/bot",
                ],
                "tags": [{}, {"a": "b"}],
            },
            rules={
                "policyArn must end in policyName (no IAM path)": lambda spec: (
                    spec["policyArn"].split(":policy/")[1] == spec["policyName"]
                ),
            },
            values={"writeConnectionSecretToRef": [{}, {"name": ""}, {"name": "other"}]},
        ),
    ),
    rights=None,
)
