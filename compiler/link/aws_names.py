"""AWS names: what a table, queue, repository or user is called in AWS, and its ARN.

All of it is known at compile time, so nothing has to be looked up in a running account.
Source of the forms: AWS, "Amazon Resource Names (ARNs)", and the service authorization reference.
"""

from __future__ import annotations

from typing import Any

from compiler.link.scope import Target
from compiler.spec.models.aws import IdentitySpec, ManagedSpec, QueueSpec, RepositorySpec, TableSpec
from compiler.spec.models.platform import AWS
from compiler.spec.origin import derive
from compiler.spec.platform import Platform, Resource


def account(platform: Platform) -> AWS:
    """The platform's AWS settings; LookupError where it has none."""
    if platform.settings.aws is None:
        raise LookupError("the Platform has no `aws` settings")
    return platform.settings.aws


def partition(region: str) -> str:
    """The part of AWS that a region belongs to: they share no accounts and no addresses."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def domain(region: str) -> str:
    """The domain of AWS' addresses in a region."""
    return "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"


def prefix(platform: Platform, resource: Resource[Any]) -> str:
    """The environment's prefix; none for what another environment owns."""
    spec = resource.spec
    if isinstance(spec, ManagedSpec) and spec.management_policy == "Observe":
        return derive("", spec.management_policy)
    policy = spec.management_policy if isinstance(spec, ManagedSpec) else ""
    return derive(platform.target.aws.name_prefix, policy)


def _named(platform: Platform, resource: Resource[Any], name: str) -> str:
    before = prefix(platform, resource)
    return derive(f"{before}{name}", name, before)


def table_name(platform: Platform, resource: Resource[TableSpec]) -> str:
    """A table's name in AWS."""
    return _named(platform, resource, resource.spec.table_name or resource.name)


def queue_name(platform: Platform, resource: Resource[QueueSpec]) -> str:
    """A queue's name in AWS."""
    return _named(platform, resource, resource.spec.queue_name or resource.name)


def dead_letter_queue_name(platform: Platform, resource: Resource[QueueSpec]) -> str:
    """The name in AWS of a queue's dead-letter queue; LookupError where it has none."""
    if resource.spec.dead_letter_queue is None:
        raise LookupError(f"the queue {resource.name} has no dead-letter queue")
    return _named(platform, resource, resource.spec.dead_letter_queue.name)


def repository_name(platform: Platform, resource: Resource[RepositorySpec]) -> str:
    """A repository's name in AWS."""
    return _named(platform, resource, resource.spec.repository_name or resource.name)


def user_name(platform: Platform, resource: Resource[IdentitySpec]) -> str:
    """An identity's user name in AWS."""
    return _named(platform, resource, resource.spec.user_name or resource.name)


def arn(platform: Platform, service: str, path: str) -> str:
    """The ARN of a regional resource."""
    aws = account(platform)
    text = f"arn:{partition(aws.region)}:{service}:{aws.region}:{aws.account_id}:{path}"
    return derive(text, path, aws.region, aws.account_id)


def table_arn(platform: Platform, resource: Resource[TableSpec]) -> str:
    """A table's ARN."""
    name = table_name(platform, resource)
    return arn(platform, "dynamodb", derive(f"table/{name}", name))


def target_queue_name(platform: Platform, target: Target) -> str:
    """The name in AWS of the queue that a reference means: the queue itself, or its dead-letter queue."""
    resource: Resource[QueueSpec] = target.resource
    return (
        queue_name(platform, resource) if target.name == resource.name else dead_letter_queue_name(platform, resource)
    )


def queue_arn(platform: Platform, target: Target) -> str:
    """A queue's ARN."""
    return arn(platform, "sqs", target_queue_name(platform, target))


def queue_url(platform: Platform, target: Target) -> str:
    """A queue's URL."""
    aws = account(platform)
    name = target_queue_name(platform, target)
    url = f"https://sqs.{aws.region}.{domain(aws.region)}/{aws.account_id}/{name}"
    return derive(url, name, aws.region, aws.account_id)


def repository_arn(platform: Platform, resource: Resource[RepositorySpec]) -> str:
    """A repository's ARN."""
    name = repository_name(platform, resource)
    return arn(platform, "ecr", derive(f"repository/{name}", name))


def registry(platform: Platform) -> str:
    """The host name of the account's image registry."""
    aws = account(platform)
    return derive(f"{aws.account_id}.dkr.ecr.{aws.region}.{domain(aws.region)}", aws.account_id, aws.region)


def repository_url(platform: Platform, resource: Resource[RepositorySpec]) -> str:
    """The address to push to and pull from, without a tag."""
    host, name = registry(platform), repository_name(platform, resource)
    return derive(f"{host}/{name}", name, host)
