"""kinds: every kind of document in one tuple. A new kind is its model, its lowering, and an entry here."""

from __future__ import annotations

from typing import Any

from platformc.language.kind import Kind, Kinds
from platformc.language.models.addon import AddonSpec
from platformc.language.models.application import ApplicationSpec
from platformc.language.models.aws import IdentitySpec, QueueSpec, RepositorySpec, TableSpec
from platformc.language.models.config import ConfigSpec
from platformc.language.models.environment import EnvironmentSpec
from platformc.language.models.external_service import ExternalServiceSpec
from platformc.language.models.job import JobSpec
from platformc.language.models.platform import PlatformSpec
from platformc.language.models.profile import ProfileSpec
from platformc.language.models.raw_manifest import RawManifestSpec
from platformc.language.models.sealed_values import SealedValuesSpec
from platformc.language.models.secret import SecretSpec
from platformc.language.models.workload import WorkloadSpec
from platformc.language.platform import Resource
from platformc.language.short_forms import expand_pod
from platformc.link import attributes
from platformc.lower import aws, config, job, raw_manifest, secret, workload

ALLOW = {"allow": ("rule",)}
NEEDS = {
    "needs": ("workload", "job", "table", "queue", "repository", "service", "internet", "cidr", "kubernetesAPI", "port")
}
POD_KEYS = {
    **ALLOW,
    **NEEDS,
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "services": ("name",),
}
POD_ONE_OF = {"probes": ("httpGet", "tcpSocket", "exec", "none"), "mounts": ("config", "secret", "volume")}

# AWS, Service Authorization Reference: Amazon DynamoDB, Amazon SQS, Amazon ECR.
TABLE_ACCESS = {
    "read": (
        "dynamodb:BatchGetItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:DescribeTable",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:Scan",
    ),
    "write": ("dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem", "dynamodb:UpdateItem"),
}
QUEUE_ACCESS = {
    "send": ("sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"),
    "receive": (
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
    ),
}
REPOSITORY_ACCESS = {
    "pull": (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
    ),
    "push": (
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetAuthorizationToken",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
    ),
}


def _dead_letter_queue(resource: Resource[Any]) -> tuple[str, ...]:
    """Its name; of a fifo queue also without `.fifo`, as a dot ends a name in references."""
    queue = resource.spec.dead_letter_queue
    return tuple(dict.fromkeys((queue.name, queue.name.removesuffix(".fifo")))) if queue else ()


ALL: tuple[Kind, ...] = (
    Kind("Platform", PlatformSpec, merge_keys=ALLOW),
    Kind("Environment", EnvironmentSpec, merge_keys=ALLOW),
    Kind("Application", ApplicationSpec, merge_keys=ALLOW),
    Kind("Profile", ProfileSpec, merge_keys=POD_KEYS, one_of=POD_ONE_OF, null_values=("servicePort",)),
    Kind(
        "Workload",
        WorkloadSpec,
        word="workload",
        longest_name=52,  # a StatefulSet's pods get 11 characters more, its headless Service 9
        attributes=attributes.WORKLOAD,
        merge_keys=POD_KEYS,
        one_of=POD_ONE_OF,
        null_values=("servicePort",),
        expand=expand_pod,
        lower=workload.lower,
    ),
    Kind(
        "Job",
        JobSpec,
        word="job",
        longest_name=52,  # a CronJob's jobs get 11 characters more
        merge_keys=POD_KEYS,
        one_of=POD_ONE_OF,
        null_values=("servicePort",),
        expand=expand_pod,
        lower=job.lower,
    ),
    Kind(
        "Table",
        TableSpec,
        word="table",
        attributes=attributes.TABLE,
        access=TABLE_ACCESS,
        merge_keys={**ALLOW, "globalSecondaryIndexes": ("name",)},
        immutable=(("tableName",), ("hashKey",), ("rangeKey",)),
        lower=aws.lower_table,
    ),
    Kind(
        "Queue",
        QueueSpec,
        word="queue",
        attributes=attributes.QUEUE,
        aliases=_dead_letter_queue,
        access=QUEUE_ACCESS,
        merge_keys=ALLOW,
        immutable=(("queueName",), ("fifo",)),
        lower=aws.lower_queue,
    ),
    Kind(
        "Repository",
        RepositorySpec,
        word="repository",
        longest_name=53,  # the claim of what it keeps gets `-keep-1000`
        attributes=attributes.REPOSITORY,
        access=REPOSITORY_ACCESS,
        merge_keys=ALLOW,
        immutable=(("repositoryName",), ("encryption",)),
        lower=aws.lower_repository,
    ),
    Kind(
        "Identity",
        IdentitySpec,
        word="identity",
        attributes=attributes.IDENTITY,
        merge_keys={**ALLOW, **NEEDS},
        immutable=(("userName",), ("secretName",)),
        lower=aws.lower_identity,
    ),
    Kind(
        "Secret",
        SecretSpec,
        word="secret",
        any_attribute=attributes.SECRET_KEY,
        merge_keys=ALLOW,
        lower=secret.lower,
    ),
    Kind("SealedValues", SealedValuesSpec),
    Kind(
        "Config",
        ConfigSpec,
        word="config",
        any_attribute=attributes.CONFIG_FILE,
        merge_keys=ALLOW,
        lower=config.lower,
    ),
    Kind(
        "ExternalService", ExternalServiceSpec, word="service", attributes=attributes.EXTERNAL_SERVICE, merge_keys=ALLOW
    ),
    Kind("Addon", AddonSpec, merge_keys=ALLOW),
    Kind("RawManifest", RawManifestSpec, merge_keys={**ALLOW, **NEEDS}, lower=raw_manifest.lower),
)
KINDS: Kinds = {kind.name: kind for kind in ALL}
