"""AWS: permissions that are too broad, protection of images and messages, and messages lost or processed twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from platformc.check.policies.object_fields import below, group_of, kind_of, name_of, text
from platformc.check.policies.policy import Problem, policy
from platformc.diagnostics import Severity
from platformc.kinds.identity import IdentitySpec
from platformc.kinds.queue import LONGEST_VISIBILITY, QueueSpec
from platformc.language.models.job import JobSpec
from platformc.language.models.types import seconds
from platformc.language.models.workload import WorkloadSpec
from platformc.link import Edge, EdgeKind, Program
from platformc.lower import Manifest
from platformc.lower.values import text as bound_text

CLAIMS = "aws.platformc.dev"


def is_every_action(action: str) -> bool:
    """Whether an action covers all of AWS or all of a service.

    >>> is_every_action("s3:*"), is_every_action("*"), is_every_action("s3:Get*")
    (True, True, False)
    """
    return action == "*" or action.endswith(":*")


def is_every_resource(arn: str) -> bool:
    """Whether an ARN covers all resources of a service; a path below one bucket or queue does not.

    >>> is_every_resource("*"), is_every_resource("arn:aws:s3:::*"), is_every_resource("arn:aws:s3:::bucket/*")
    (True, True, False)
    """
    return arn == "*" or arn.rpartition(":")[2] == "*"


def _is_claim(manifest: Manifest, kind: str) -> bool:
    return kind_of(manifest) == kind and group_of(manifest) == CLAIMS


@policy("iam-wildcard", Severity.ERROR, "aws")
def iam_wildcard(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """AWS permissions granted with `*`.

    ## Why is this bad?
    `s3:*` includes deleting buckets and making them public; a `*` as the resource covers everybody's resources
    in the whole account. A leaked access key with such permissions gives away the account.

    ## Example
    ```yaml
    statements: [{actions: ["s3:*"], resources: ["arn:aws:s3:::artifacts"]}]
    ```

    ## Use instead
    ```yaml
    statements: [{actions: [s3:GetObject, s3:PutObject], resources: ["arn:aws:s3:::artifacts/*"]}]
    ```
    For resources that the platform owns, a need generates the statement: `needs: [{queue: events, access: [send]}]`.

    ## How to allow it
    ```yaml
    allow: [{rule: iam-wildcard, reason: "ses:SendEmail accepts no other resource"}]
    ```
    """
    for manifest in manifests:
        resource = program.resources.get(manifest.owner)
        if resource is None or not isinstance(resource.spec, IdentitySpec) or kind_of(manifest) != "Identity":
            continue
        for position, statement in enumerate(resource.spec.statements):
            if statement.effect != "Allow":
                continue
            place = ("spec", "policyDocument", "statements", position)
            for at, action in enumerate(statement.actions):
                if is_every_action(action):
                    message = f"the identity {resource.name} may perform every action that {action} covers"
                    yield Problem(manifest, (*place, "actions", at), message, "list the actions that are needed")
            for at, template in enumerate(statement.resources):
                if is_every_resource(bound_text(program, resource, template)):
                    message = (
                        f"the identity {resource.name} may use {statement.actions[0]} on every resource in the account"
                    )
                    yield Problem(manifest, (*place, "resources", at), message, "write the exact ARNs")


@policy("repository-tags-mutable", Severity.WARNING, "aws")
def repository_tags_mutable(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image repository whose tags can be overwritten.

    ## Why is this bad?
    The version that was reviewed and tested can then be replaced under the same name, by mistake or on purpose,
    and a rollback brings back something else.

    ## Example
    ```yaml
    kind: Repository
    spec: {imageTagMutability: MUTABLE}
    ```

    ## Use instead
    ```yaml
    kind: Repository
    spec: {imageTagMutability: IMMUTABLE}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: repository-tags-mutable, reason: "deployments refer to images only by digest"}]
    ```
    """
    for manifest in manifests:
        mutability = text(below(manifest.object, "spec", "imageTagMutability"))
        if _is_claim(manifest, "Repository") and mutability == "MUTABLE":
            message = f"tags of the repository {name_of(manifest)} can be overwritten"
            yield Problem(manifest, ("spec", "imageTagMutability"), message, "write IMMUTABLE")


@policy("repository-unscanned", Severity.WARNING, "aws")
def repository_unscanned(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image repository that is not scanned for known vulnerabilities.

    ## Why is this bad?
    A library with a published vulnerability is in the image; attackers know about it, and the team does not.

    ## Example
    ```yaml
    kind: Repository
    spec: {scanOnPush: false}
    ```

    ## Use instead
    ```yaml
    kind: Repository
    spec: {scanOnPush: true}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: repository-unscanned, reason: "the pipeline scans before it pushes"}]
    ```
    """
    for manifest in manifests:
        if _is_claim(manifest, "Repository") and below(manifest.object, "spec", "scanOnPush") is False:
            message = f"images in the repository {name_of(manifest)} are not scanned"
            yield Problem(manifest, ("spec", "scanOnPush"), message, "write scanOnPush: true")


@policy("protection-blocks-deletion", Severity.WARNING, "aws")
def protection_blocks_deletion(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Resource that is deleted with its document although its deletion protection is enabled.

    ## Why is this bad?
    When the document is removed, Crossplane asks AWS to delete the table, AWS refuses while it is protected, and
    the claim stays half deleted; nobody can disable the protection in a document that no longer exists.

    ## Example
    ```yaml
    kind: Table
    spec:
      hashKey: {name: id, type: S}
      deletionPolicy: Delete
      deletionProtection: true
    ```

    ## Use instead
    ```yaml
    kind: Table
    spec:
      hashKey: {name: id, type: S}
      deletionPolicy: Delete      # disables the protection
    ```
    Or omit both: the table is protected, and stays when its document is removed.

    ## How to allow it
    ```yaml
    allow: [{rule: protection-blocks-deletion, reason: "protection is disabled by hand before it is removed"}]
    ```
    """
    protections = {
        claim.kind: (kind.word, claim.data.protection)
        for kind in program.platform.kinds.values()
        if kind.aws is not None
        for claim in kind.aws.claims
        if claim.data is not None and claim.data.protection is not None
    }
    for manifest in manifests:
        if group_of(manifest) != CLAIMS or kind_of(manifest) not in protections:
            continue
        word, field = protections[kind_of(manifest)]
        deleted = text(below(manifest.object, "spec", "deletionPolicy")) == "Delete"
        if deleted and below(manifest.object, "spec", field) is True:
            message = f"the {word} {name_of(manifest)} is deleted with its document, but AWS will refuse to delete it"
            yield Problem(manifest, ("spec", field), message, f"remove {field}")


@policy("queue-unencrypted", Severity.WARNING, "aws")
def queue_unencrypted(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Queue that stores messages unencrypted.

    ## Why is this bad?
    What people write ends up on an unencrypted disk. Encryption with SQS' own key is free.

    ## Example
    ```yaml
    kind: Queue
    spec: {encryption: None}
    ```

    ## Use instead
    ```yaml
    kind: Queue
    spec: {encryption: SSE-SQS}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: queue-unencrypted, reason: "the sender encrypts the messages"}]
    ```
    """
    found = set()
    for manifest in manifests:
        if _is_claim(manifest, "Queue") and below(manifest.object, "spec", "sqsManagedSse") is False:
            if manifest.owner in found:
                continue  # its dead-letter queue: one line of the spec sets both
            found.add(manifest.owner)
            message = f"messages in the queue {name_of(manifest)} are stored unencrypted"
            yield Problem(manifest, ("spec", "sqsManagedSse"), message, "write encryption: SSE-SQS")


@policy("dead-letters-expire-early", Severity.WARNING, "aws")
def dead_letters_expire_early(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Dead-letter queue with a shorter retention period than its source queue.

    ## Why is this bad?
    In a standard queue, a message's age counts from when it was sent, even after it was moved. With four days in
    the queue and one in its dead-letter queue, a message that fails on the second day expires as it is moved, and
    nobody learns that it failed. In FIFO queues, moving a message resets its age.

    ## Example
    ```yaml
    kind: Queue
    spec:
      messageRetentionPeriod: 4d
      deadLetterQueue: {name: events-dlq, maxReceiveCount: 3, messageRetentionPeriod: 1d}
    ```

    ## Use instead
    ```yaml
    kind: Queue
    spec:
      messageRetentionPeriod: 4d
      deadLetterQueue: {name: events-dlq, maxReceiveCount: 3, messageRetentionPeriod: 14d}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: dead-letters-expire-early, reason: "messages older than a day are useless"}]
    ```
    """
    for manifest in manifests:
        spec = program.resources[manifest.owner].spec
        if not isinstance(spec, QueueSpec) or below(manifest.object, "spec", "redriveAllowPolicy") is None:
            continue
        dead = spec.dead_letter_queue
        if dead is None or spec.fifo:
            continue
        if seconds(dead.message_retention_period) < seconds(spec.message_retention_period):
            message = (
                f"{dead.name} keeps messages for {dead.message_retention_period}, their source queue for "
                f"{spec.message_retention_period}, and their age counts from when they were sent"
            )
            yield Problem(manifest, ("spec", "messageRetentionSeconds"), message, "write messageRetentionPeriod: 14d")


@policy("visibility-timeout-short", Severity.WARNING, "aws")
def visibility_timeout_short(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Queue that delivers a message again while its receiver may still be processing it.

    The time comes from the spec: `activeDeadlineSeconds` of a Job that receives, and
    `terminationGracePeriodSeconds` of a Workload that does. Receivers without them are not checked.

    ## Why is this bad?
    A received message is hidden for `visibilityTimeout`. If the receiver takes longer, the message is delivered
    a second time: the work is done twice, and after some rounds the message ends up in the dead-letter queue
    although nothing failed.

    ## Example
    ```yaml
    kind: Job
    metadata: {name: transcode}
    spec:
      activeDeadlineSeconds: 900
      needs: [{queue: videos, access: [receive]}]
    ---
    kind: Queue
    metadata: {name: videos}
    spec: {visibilityTimeout: 30s}
    ```

    ## Use instead
    ```yaml
    kind: Queue
    metadata: {name: videos}
    spec: {visibilityTimeout: 15m}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: visibility-timeout-short, reason: "the receiver extends the timeout while it works"}]
    ```
    """
    for manifest in manifests:
        queue = program.resources[manifest.owner]
        if not isinstance(queue.spec, QueueSpec) or below(manifest.object, "spec", "visibilityTimeoutSeconds") is None:
            continue  # for example its dead-letter queue, which has AWS' default
        receivers = [
            (needed, program.resources[edge.source].name, field)
            for edge in program.edges_to(queue.id, EdgeKind.ACCESS)
            if "receive" in edge.access and edge.name == queue.name
            for needed, field in _working_time(program, edge)
        ]
        needed, name, field = max(receivers, default=(0, "", ""))
        if needed > seconds(queue.spec.visibility_timeout):
            message = (
                f"{queue.name} delivers a message again after {queue.spec.visibility_timeout}, "
                f"but {name} may process it for {needed}s ({field})"
            )
            hint = f"write visibilityTimeout: {needed}s or more"
            if needed > LONGEST_VISIBILITY:
                hint = "AWS allows at most 12h: let the receiver extend the timeout while it works"
            yield Problem(manifest, ("spec", "visibilityTimeoutSeconds"), message, hint)


def _working_time(program: Program, edge: Edge) -> Iterator[tuple[int, str]]:
    """Yield how many seconds a receiver may work on one message, if its spec limits them, and the field that does."""
    spec = program.resources[edge.source].spec
    if isinstance(spec, JobSpec) and spec.active_deadline_seconds is not None:
        yield spec.active_deadline_seconds, "activeDeadlineSeconds"
    elif isinstance(spec, WorkloadSpec) and spec.termination_grace_period_seconds is not None:
        yield spec.termination_grace_period_seconds, "terminationGracePeriodSeconds"
