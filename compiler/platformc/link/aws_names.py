"""AWS names: what a table, queue, repository or user is called in AWS, and its ARN.

All of it is known at compile time, so nothing has to be looked up in a running account.
Source of the forms: AWS, "Amazon Resource Names (ARNs)", and the service authorization reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platformc.language.models.aws import IdentitySpec, ManagedSpec, QueueSpec, RepositorySpec, TableSpec
from platformc.language.models.platform import AWS
from platformc.language.nodes import KeyPath
from platformc.language.origin import derive
from platformc.language.platform import Platform, Resource
from platformc.link.scope import Target


@dataclass(frozen=True, slots=True)
class NameInAWS:
    """A name in AWS that a document stands for, and where below its `spec` it is written."""

    text: str
    path: KeyPath
    """Empty where it is the document's own name."""


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


def is_managed(resource: Resource[Any]) -> bool:
    """Whether a document makes something in AWS: what another environment owns is only named."""
    if isinstance(resource.spec, ManagedSpec):
        return resource.spec.management_policy == "Full"
    return isinstance(resource.spec, IdentitySpec)


def names(platform: Platform, resource: Resource[Any]) -> tuple[NameInAWS, ...]:
    """The names in AWS that a document stands for: none of most kinds, two of a queue with a dead-letter queue."""
    spec = resource.spec
    if isinstance(spec, TableSpec):
        return (NameInAWS(table_name(platform, resource), ("tableName",) if spec.table_name else ()),)
    if isinstance(spec, RepositorySpec):
        return (NameInAWS(repository_name(platform, resource), ("repositoryName",) if spec.repository_name else ()),)
    if isinstance(spec, IdentitySpec):
        return (NameInAWS(user_name(platform, resource), ("userName",) if spec.user_name else ()),)
    if not isinstance(spec, QueueSpec):
        return ()
    queue = NameInAWS(queue_name(platform, resource), ("queueName",) if spec.queue_name else ())
    if spec.dead_letter_queue is None:
        return (queue,)
    return (queue, NameInAWS(dead_letter_queue_name(platform, resource), ("deadLetterQueue", "name")))


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


def dead_letter_claim_name(resource: Resource[QueueSpec]) -> str:
    """What the claim of a dead-letter queue is called: its name, as Kubernetes takes it; LookupError without one."""
    dead = resource.spec.dead_letter_queue
    if dead is None:
        raise LookupError(f"the queue {resource.name} has no dead-letter queue")
    return derive(dead.name.removesuffix(".fifo").lower().replace("_", "-"), dead.name)


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
