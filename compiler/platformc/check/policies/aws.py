"""AWS: rights that reach too far, what keeps images and messages safe, and when messages are lost or done twice."""

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


def _everything(action: str) -> bool:
    """Whether an action means all of AWS or all of a service.

    >>> _everything("s3:*"), _everything("*"), _everything("s3:Get*")
    (True, True, False)
    """
    return action == "*" or action.endswith(":*")


def _all_resources(arn: str) -> bool:
    """Whether an ARN means everything of a service; a path below one bucket or queue does not.

    >>> _all_resources("*"), _all_resources("arn:aws:s3:::*"), _all_resources("arn:aws:s3:::bucket/*")
    (True, True, False)
    """
    return arn == "*" or arn.rpartition(":")[2] == "*"


def _is_claim(manifest: Manifest, kind: str) -> bool:
    return kind_of(manifest) == kind and group_of(manifest) == CLAIMS


@policy("iam-wildcard", Severity.ERROR, "aws")
def iam_wildcard(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """AWS rights given with `*`.

    ## Why is this bad?
    `s3:*` deletes buckets and opens them to the world; a `*` for the resource means everybody's, in the
    whole account. A key with such rights that leaks is the account.

    ## Example
    ```yaml
    statements: [{actions: ["s3:*"], resources: ["arn:aws:s3:::artifacts"]}]
    ```

    ## Use instead
    ```yaml
    statements: [{actions: [s3:GetObject, s3:PutObject], resources: ["arn:aws:s3:::artifacts/*"]}]
    ```
    For what the platform owns, a need makes the statement: `needs: [{queue: events, access: [send]}]`.

    ## How to allow it
    ```yaml
    allow: [{rule: iam-wildcard, reason: "ses:SendEmail takes no other resource"}]
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
                if _everything(action):
                    message = f"the identity {resource.name} may do everything that {action} stands for"
                    yield Problem(manifest, (*place, "actions", at), message, "name the actions that are needed")
            for at, template in enumerate(statement.resources):
                if _all_resources(bound_text(program, resource, template)):
                    message = f"the identity {resource.name} gets {statement.actions[0]} on everything in the account"
                    yield Problem(manifest, (*place, "resources", at), message, "write the exact ARNs")


@policy("repository-tags-mutable", Severity.WARNING, "aws")
def repository_tags_mutable(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image repository in which a tag may be pushed a second time.

    ## Why is this bad?
    The version that was reviewed and tested can then be replaced under its name, by mistake or on purpose,
    and a rollback brings something else back.

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
    allow: [{rule: repository-tags-mutable, reason: "deployments name images by digest alone"}]
    ```
    """
    for manifest in manifests:
        mutability = text(below(manifest.object, "spec", "imageTagMutability"))
        if _is_claim(manifest, "Repository") and mutability == "MUTABLE":
            message = f"tags of the repository {name_of(manifest)} can be replaced"
            yield Problem(manifest, ("spec", "imageTagMutability"), message, "write IMMUTABLE")


@policy("repository-unscanned", Severity.WARNING, "aws")
def repository_unscanned(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Image repository in which nobody looks for known weaknesses.

    ## Why is this bad?
    A library with a published hole is in the image, the attackers know, and the team does not.

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
    """Table that is to be deleted with its document, and that AWS is told never to delete.

    ## Why is this bad?
    When the document goes, Crossplane asks AWS to delete the table, AWS refuses for as long as it is protected, and
    the claim hangs half deleted; nobody can switch the protection off in a document that is gone.

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
      deletionPolicy: Delete      # which leaves it unprotected
    ```
    Or leave both out: the table is protected, and stays when its document goes.

    ## How to allow it
    ```yaml
    allow: [{rule: protection-blocks-deletion, reason: "protection is switched off by hand before it goes"}]
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
            message = f"the {word} {name_of(manifest)} goes with its document, and AWS will refuse to delete it"
            yield Problem(manifest, ("spec", field), message, f"leave {field} out")


@policy("queue-unencrypted", Severity.WARNING, "aws")
def queue_unencrypted(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Queue that keeps messages in clear text.

    ## Why is this bad?
    What people write ends up on a disk that is not encrypted. Encryption with SQS' own key costs nothing.

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
    allow: [{rule: queue-unencrypted, reason: "messages are encrypted by their sender"}]
    ```
    """
    found = set()
    for manifest in manifests:
        if _is_claim(manifest, "Queue") and below(manifest.object, "spec", "sqsManagedSse") is False:
            if manifest.owner in found:
                continue  # its dead-letter queue: one line of the spec sets both
            found.add(manifest.owner)
            message = f"messages in the queue {name_of(manifest)} are kept in clear text"
            yield Problem(manifest, ("spec", "sqsManagedSse"), message, "write encryption: SSE-SQS")


@policy("dead-letters-expire-early", Severity.WARNING, "aws")
def dead_letters_expire_early(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Dead-letter queue that forgets messages before their own queue does.

    ## Why is this bad?
    In a standard queue a message's age counts from the day it was sent, also after it was moved. With four days in
    the queue and one in its dead-letter queue, a message that fails on the second day is deleted while it is
    moved, and nobody learns that it failed. Fifo queues count anew.

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
    allow: [{rule: dead-letters-expire-early, reason: "messages older than a day are of no use to anybody"}]
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
                f"{dead.name} keeps messages for {dead.message_retention_period}, and their own queue keeps them for "
                f"{spec.message_retention_period}: their age counts from when they were sent"
            )
            yield Problem(manifest, ("spec", "messageRetentionSeconds"), message, "write messageRetentionPeriod: 14d")


@policy("visibility-timeout-short", Severity.WARNING, "aws")
def visibility_timeout_short(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Queue that hands out a message again while its receiver may still be at work on it.

    Looks at what a spec says about time: `activeDeadlineSeconds` of a Job that receives, and
    `terminationGracePeriodSeconds` of a Workload that does. What says nothing is not judged.

    ## Why is this bad?
    A received message is hidden for `visibilityTimeout`. A receiver that takes longer finds its message handed
    out a second time: the work is done twice, and after some rounds the message is in the dead-letter queue
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
            continue  # among others its dead-letter queue, which has AWS' default
        receivers = [
            (needed, program.resources[edge.source].name, field)
            for edge in program.edges_to(queue.id, EdgeKind.ACCESS)
            if "receive" in edge.access and edge.name == queue.name
            for needed, field in _working_time(program, edge)
        ]
        needed, name, field = max(receivers, default=(0, "", ""))
        if needed > seconds(queue.spec.visibility_timeout):
            message = (
                f"{queue.name} hands a message out again after {queue.spec.visibility_timeout}, "
                f"and {name} may be at work on it for {needed}s ({field})"
            )
            hint = f"write visibilityTimeout: {needed}s, or more"
            if needed > LONGEST_VISIBILITY:
                hint = "12h is the most that AWS takes: let the receiver extend the timeout while it works"
            yield Problem(manifest, ("spec", "visibilityTimeoutSeconds"), message, hint)


def _working_time(program: Program, edge: Edge) -> Iterator[tuple[int, str]]:
    """Seconds that a receiver may work on one message, as far as its spec says so, and the field that does."""
    spec = program.resources[edge.source].spec
    if isinstance(spec, JobSpec) and spec.active_deadline_seconds is not None:
        yield spec.active_deadline_seconds, "activeDeadlineSeconds"
    elif isinstance(spec, WorkloadSpec) and spec.termination_grace_period_seconds is not None:
        yield spec.termination_grace_period_seconds, "terminationGracePeriodSeconds"
