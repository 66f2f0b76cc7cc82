"""AWS: rights that reach too far, and what keeps images and messages safe there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.check.rules.reading import below, kind_of, name_of, of_group, text
from compiler.check.rules.rule import Problem, rule
from compiler.diagnostics import Severity
from compiler.link.program import Program
from compiler.lower.manifest import Manifest
from compiler.lower.values import text as bound_text
from compiler.spec.models.aws import IdentitySpec

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
    return kind_of(manifest) == kind and of_group(manifest, CLAIMS)


@rule("iam-wildcard", Severity.ERROR, "aws")
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


@rule("repository-tags-mutable", Severity.WARNING, "aws")
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


@rule("repository-unscanned", Severity.WARNING, "aws")
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


@rule("queue-unencrypted", Severity.WARNING, "aws")
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
