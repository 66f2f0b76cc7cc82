"""Table, Queue, Repository and Identity -> claims of our own API (`aws.platformc.dev/v1alpha1`).

The compiler does the thinking; a Composition is one patch per field (D9). What another environment
owns (`managementPolicy: Observe`) makes no object at all, so it can neither be changed nor deleted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from platformc.language.models.aws import IdentitySpec, ManagedSpec, QueueSpec, RepositorySpec, TableSpec
from platformc.language.models.types import seconds
from platformc.language.origin import derive, unmarked
from platformc.language.platform import Resource
from platformc.link import aws_names
from platformc.link.attributes import identity_secret
from platformc.link.program import Program
from platformc.link.scope import Target
from platformc.lower.iam import policy_document
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import CONFIRMED_REMOVAL, SYNC_OPTIONS, metadata, without_nothing

API = "aws.platformc.dev/v1alpha1"
CLAIMS = "-aws"
"""What the Application of an application's claims is called after: they take minutes, workloads do not."""


def compact(document: Any) -> str:
    """JSON as AWS takes it inside a text: no spaces, keys in the order given."""
    return derive(json.dumps(unmarked(document), separators=(",", ":"), ensure_ascii=False), document)


def _claim(program: Program, resource: Resource[Any], kind: str, name: str, spec: dict[str, Any]) -> Manifest:
    described = metadata(program, resource, name, annotations={SYNC_OPTIONS: CONFIRMED_REMOVAL})
    made = {"apiVersion": API, "kind": kind, "metadata": described, "spec": without_nothing(spec)}
    return Manifest(made, resource.id, derive(f"{resource.id.application}{CLAIMS}", resource.id.application))


def _common(program: Program, resource: Resource[Any], name: str) -> dict[str, Any]:
    """The fields that every claim has; tags with the AWS name first. Of an Identity there is no region: IAM has none."""
    aws = aws_names.account(program.platform)
    spec = resource.spec
    own = dict(spec.tags)
    return {
        "region": aws.region if isinstance(spec, ManagedSpec) else None,
        "providerConfigName": aws.provider_config.name,
        "deletionPolicy": spec.deletion_policy if isinstance(spec, ManagedSpec) else "Delete",
        "tags": {"Name": name, **aws.tags, **own},
    }


def lower_table(program: Program, resource: Resource[TableSpec]) -> Iterator[Manifest]:
    """One Table claim."""
    spec = resource.spec
    if spec.management_policy == "Observe":
        return
    name = aws_names.table_name(program.platform, resource)
    keys = [spec.hash_key, spec.range_key]
    keys += [key for index in spec.global_secondary_indexes for key in (index.hash_key, index.range_key)]
    attributes = {key.name: key.type for key in keys if key is not None}
    protected = spec.deletion_protection
    if protected is None:
        protected = derive(spec.deletion_policy != "Delete", spec.deletion_policy)
    yield _claim(
        program,
        resource,
        "Table",
        resource.name,
        {
            **_common(program, resource, name),
            "tableName": name,
            "billingMode": spec.billing_mode,
            "readCapacity": spec.read_capacity,
            "writeCapacity": spec.write_capacity,
            "hashKey": spec.hash_key.name,
            "rangeKey": spec.range_key.name if spec.range_key else None,
            # DynamoDB refuses attributes that are no key, and the item fields' names are the provider's.
            "attribute": [{"name": key, "type": attributes[key]} for key in attributes],
            "globalSecondaryIndex": [
                without_nothing(
                    {
                        "name": index.name,
                        "hashKey": index.hash_key.name,
                        "rangeKey": index.range_key.name if index.range_key else None,
                        "projectionType": index.projection_type,
                        "nonKeyAttributes": list(index.non_key_attributes),
                        "readCapacity": index.read_capacity,
                        "writeCapacity": index.write_capacity,
                    }
                )
                for index in spec.global_secondary_indexes
            ],
            "ttl": _time_to_live(spec),
            "pointInTimeRecovery": spec.point_in_time_recovery,
            "deletionProtection": protected,
        },
    )


def _time_to_live(spec: TableSpec) -> dict[str, Any] | None:
    """Off as well with the attribute's name: AWS asks for it, and the provider overlooks a ttl that lost it (D54)."""
    if spec.ttl is None:
        return None
    return {"enabled": spec.ttl.enabled, "attributeName": spec.ttl.attribute_name}


def lower_queue(program: Program, resource: Resource[QueueSpec]) -> Iterator[Manifest]:
    """One Queue claim, and one for its dead-letter queue."""
    spec = resource.spec
    if spec.management_policy == "Observe":
        return
    platform = program.platform
    name = aws_names.queue_name(platform, resource)
    arn = aws_names.queue_arn(platform, Target(resource, resource.name))
    dead = spec.dead_letter_queue
    redrive = None
    if dead is not None:
        dead_arn = aws_names.queue_arn(platform, Target(resource, dead.name))
        redrive = compact({"deadLetterTargetArn": dead_arn, "maxReceiveCount": dead.max_receive_count})
    encrypted = derive(spec.encryption == "SSE-SQS", spec.encryption)
    yield _claim(
        program,
        resource,
        "Queue",
        resource.name,
        {
            **_common(program, resource, name),
            "queueName": name,
            "fifo": spec.fifo,
            "messageRetentionSeconds": _seconds(spec.message_retention_period),
            "visibilityTimeoutSeconds": _seconds(spec.visibility_timeout),
            "receiveWaitTimeSeconds": _seconds(spec.receive_wait_time),
            "delaySeconds": _seconds(spec.delay),
            "sqsManagedSse": encrypted,
            "redrivePolicy": redrive,
        },
    )
    if dead is None:
        return
    dead_name = aws_names.dead_letter_queue_name(platform, resource)
    yield _claim(
        program,
        resource,
        "Queue",
        aws_names.dead_letter_claim_name(resource),
        {
            **_common(program, resource, dead_name),
            "queueName": dead_name,
            "fifo": spec.fifo,  # AWS: the dead-letter queue of a FIFO queue must be one too
            "messageRetentionSeconds": _seconds(dead.message_retention_period),
            "sqsManagedSse": encrypted,
            "redriveAllowPolicy": compact({"redrivePermission": "byQueue", "sourceQueueArns": [arn]}),
        },
    )


def _seconds(text: str) -> int:
    return derive(seconds(text), text)


def lower_repository(program: Program, resource: Resource[RepositorySpec]) -> Iterator[Manifest]:
    """One Repository claim, and a RepositoryLifecycle named after what it keeps."""
    spec = resource.spec
    if spec.management_policy == "Observe":
        return
    name = aws_names.repository_name(program.platform, resource)
    common = _common(program, resource, name)
    yield _claim(
        program,
        resource,
        "Repository",
        resource.name,
        {
            **common,
            "repositoryName": name,
            "imageTagMutability": spec.image_tag_mutability,
            "scanOnPush": spec.scan_on_push,
            "encryptionType": spec.encryption,
        },
    )
    if spec.keep_last is None:
        return
    # AWS' provider refuses to change a lifecycle policy in place: another number is another claim.
    rule = {
        "rulePriority": 1,
        "description": f"keep last {spec.keep_last} images",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": spec.keep_last},
        "action": {"type": "expire"},
    }
    yield _claim(
        program,
        resource,
        "RepositoryLifecycle",
        derive(f"{resource.name}-keep-{spec.keep_last}", resource.name, spec.keep_last),
        {
            "region": common["region"],
            "providerConfigName": common["providerConfigName"],
            "repositoryName": name,
            "policy": compact({"rules": [rule]}),
        },
    )


def lower_identity(program: Program, resource: Resource[IdentitySpec]) -> Iterator[Manifest]:
    """One Identity claim: a user, its access key, and the policy that the edges ask for."""
    aws = aws_names.account(program.platform)
    name = aws_names.user_name(program.platform, resource)
    yield _claim(
        program,
        resource,
        "Identity",
        resource.name,
        {
            **_common(program, resource, name),
            "userName": name,
            "policyName": name,
            "policyArn": derive(
                f"arn:{aws_names.partition(aws.region)}:iam::{aws.account_id}:policy/{name}", name, aws.account_id
            ),
            "policyDocument": compact(policy_document(program, resource)),
            "writeConnectionSecretToRef": {"name": identity_secret(resource)},
        },
    )
