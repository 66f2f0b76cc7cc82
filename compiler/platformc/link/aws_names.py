"""AWS names: the names of resources in AWS, and the parts of addresses and ARNs.

The names and ARNs of each kind are with the kind, in `kinds/`. All of them are known at compile time, so nothing
has to be looked up in a running account.
Source of the forms: AWS, "Amazon Resource Names (ARNs)", and the service authorization reference.
"""

from __future__ import annotations

from typing import Any

from platformc.language import Platform, Resource
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.platform import AWS
from platformc.language.origin import derive


def account(platform: Platform) -> AWS:
    """The platform's AWS settings; LookupError if it has none."""
    if platform.settings.aws is None:
        raise LookupError("the Platform has no `aws` settings")
    return platform.settings.aws


def partition(region: str) -> str:
    """The partition of a region: partitions share no accounts and no addresses."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def domain(region: str) -> str:
    """The domain of AWS' addresses in a region."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def prefix(platform: Platform, resource: Resource[Any]) -> str:
    """The environment's prefix; empty for what another environment owns."""
    spec = resource.spec
    if isinstance(spec, ManagedSpec) and spec.management_policy == "Observe":
        return derive("", spec.management_policy)
    policy = spec.management_policy if isinstance(spec, ManagedSpec) else ""
    return derive(platform.target.aws.name_prefix, policy)


def is_managed(resource: Resource[Any]) -> bool:
    """Whether a document creates something in AWS: what another environment owns is only referred to."""
    if isinstance(resource.spec, ManagedSpec):
        return resource.spec.management_policy == "Full"
    return resource.kind.aws is not None


def prefixed(platform: Platform, resource: Resource[Any], name: str) -> str:
    """A name in AWS: the environment's prefix and the name in the document."""
    before = prefix(platform, resource)
    return derive(f"{before}{name}", name, before)


def arn(platform: Platform, service: str, path: str) -> str:
    """The ARN of a regional resource."""
    aws = account(platform)
    text = f"arn:{partition(aws.region)}:{service}:{aws.region}:{aws.account_id}:{path}"
    return derive(text, path, aws.region, aws.account_id)


def registry(platform: Platform) -> str:
    """The host name of the account's image registry."""
    aws = account(platform)
    return derive(f"{aws.account_id}.dkr.ecr.{aws.region}.{domain(aws.region)}", aws.account_id, aws.region)
