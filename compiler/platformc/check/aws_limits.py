"""AWS limits: what AWS would refuse once prefixes, default names, the platform's tags and all rights are counted in.

In      a Program, its manifests.
Finds   invalid-aws-name, invalid-queue, invalid-statement, invalid-tag, outside-aws-limits.
Never   finds again what a model saw in one document alone; asks AWS.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.reading import below
from platformc.diagnostics import Finding
from platformc.language.models.aws import IdentitySpec, QueueSpec
from platformc.language.models.aws_tags import MOST_TAGS, OF_PROVIDER
from platformc.language.models.types import LONGEST_LABEL
from platformc.language.nodes import span_of
from platformc.language.platform import Platform, Resource
from platformc.link import aws_names, has_unbound
from platformc.link.aws_names import NameInAWS
from platformc.link.program import Program
from platformc.lower.manifest import Manifest
from platformc.lower.values import text
from platformc.rules.aws import INVALID_AWS_NAME, INVALID_QUEUE, INVALID_STATEMENT, INVALID_TAG, OUTSIDE_AWS_LIMITS

LONGEST_POLICY = 6144
"""Characters of a managed policy, white space not counted. AWS, "IAM and AWS STS quotas"."""
WHITE_SPACE = re.compile(r"\s+")
ARN = re.compile(r"arn:(?P<partition>[a-z*-]+):[a-z0-9*-]+:[a-z0-9*-]*:[0-9*]*:.+", re.DOTALL)
"""Partition, service, region, account, resource. AWS, "Amazon Resource Names (ARNs)"."""
FIFO = ".fifo"
PREFIX = ("spec", "aws", "namePrefix")


@dataclass(frozen=True, slots=True)
class NameForm:
    """How AWS wants the names of one kind."""

    what: str
    field: str
    """Where a document says its name in AWS."""
    shortest: int
    longest: int
    pattern: re.Pattern[str]


FORMS = {
    "Table": NameForm("a table", "tableName", 3, 255, re.compile(r"[a-zA-Z0-9_.-]+")),
    "Queue": NameForm("a queue", "queueName", 1, 80, re.compile(r"[a-zA-Z0-9_-]+(\.fifo)?")),
    "Repository": NameForm("a repository", "repositoryName", 2, 256, re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*")),
    "Identity": NameForm("a user", "userName", 1, 64, re.compile(r"[A-Za-z0-9_+=,.@-]+")),
}
"""AWS: DynamoDB "Naming rules", SQS CreateQueue, ECR CreateRepository, "IAM and AWS STS quotas".

A queue's 80 characters count `.fifo`. An identity's policy is called after its user, and may be longer.
"""


def check_aws_limits(program: Program, manifests: Iterable[Manifest]) -> Iterator[Finding]:
    """Hold everything that the platform manages in AWS against AWS' limits."""
    platform = program.platform
    refused: set[str] = set()
    for resource in platform.resources:
        if aws_names.is_managed(resource):
            for name in aws_names.names(platform, resource):
                yield from _name(platform, resource, name, refused)
            yield from _tags(platform, resource)
            if isinstance(resource.spec, QueueSpec):
                yield from _queue(resource)
            elif isinstance(resource.spec, IdentitySpec) and not has_unbound(resource, program.values):
                yield from _statements(program, resource)
    for manifest in manifests:
        owner = program.resources[manifest.owner]
        document = below(manifest.object, "spec", "policyDocument")
        if isinstance(owner.spec, IdentitySpec) and isinstance(document, str):
            yield from _policy(owner, document)


def _name(platform: Platform, resource: Resource[Any], name: NameInAWS, refused: set[str]) -> Iterator[Finding]:
    """Length and characters; a prefix that does not fit is one mistake, and no mistake of each document."""
    form = FORMS[resource.id.kind]
    prefix = aws_names.prefix(platform, resource)
    prefix_span = span_of(platform.target_node, PREFIX)
    if not form.pattern.fullmatch(name.text):
        if prefix in refused or not form.pattern.fullmatch(name.text.removeprefix(prefix)):
            return  # said already, here or by the model
        refused.add(prefix)
        message = f"with the prefix {prefix} {form.what} is called {name.text}, which AWS does not take"
        hint = "a prefix of small letters and digits with - at its end fits every kind, such as staging-"
        yield INVALID_AWS_NAME.at(prefix_span, message, hint)
    elif not form.shortest <= len(name.text) <= form.longest:
        limit = f"{form.longest} at most" if len(name.text) > form.longest else f"{form.shortest} at least"
        message = f"{name.text} has {len(name.text)} characters, and the name of {form.what} in AWS has {limit}"
        hint = f"write another {name.path[-1]}" if name.path else f"write {form.field}: …"
        related = ((prefix_span, "this stands before it"),) if prefix else ()
        yield INVALID_AWS_NAME.at(resource.at(*name.path), message, hint, related=related)


def _tags(platform: Platform, resource: Resource[Any]) -> Iterator[Finding]:
    """All tags of one resource together: its Name, the platform's, its own, the provider's."""
    shared = aws_names.account(platform).tags
    count = len({"Name", *shared, *resource.spec.tags}) + OF_PROVIDER
    if count > MOST_TAGS:
        at = resource.key_at("tags") if resource.spec.tags else platform.platform.key_at("aws", "tags")
        message = f"{resource.name} gets {count} tags, and AWS takes {MOST_TAGS}"
        related = ((platform.platform.key_at("aws", "tags"), f"{len(shared)} of them"),) if shared else ()
        yield INVALID_TAG.at(
            at, message, "Name is one of them, and Crossplane's provider adds three; leave some out", related=related
        )


def _queue(resource: Resource[QueueSpec]) -> Iterator[Finding]:
    """What a queue and its dead-letter queue must have in common, and what not."""
    spec = resource.spec
    name = spec.queue_name or resource.name
    if spec.fifo != name.endswith(FIFO):
        at = resource.at("queueName") if spec.queue_name else resource.at("fifo")
        message = f"the fifo queue {resource.name} has the name {name} in AWS, without {FIFO} at its end"
        hint = f"write queueName: {name}{FIFO}"
        if not spec.fifo:
            message, hint = f"{name} ends in {FIFO}, as only a fifo queue's name may", "write fifo: true"
        yield INVALID_QUEUE.at(at, message, hint)
    dead = spec.dead_letter_queue
    if dead is None:
        return
    at = resource.at("deadLetterQueue", "name")
    claim = aws_names.dead_letter_claim_name(resource)
    if spec.fifo != dead.name.endswith(FIFO):
        message = f"the dead-letter queue of a fifo queue is one, too, and {dead.name} does not end in {FIFO}"
        hint = f"write {dead.name}{FIFO}"
        if not spec.fifo:
            message = f"the dead-letter queue of a standard queue is one, too, and {dead.name} ends in {FIFO}"
            hint = f"write {dead.name.removesuffix(FIFO)}"
        yield INVALID_QUEUE.at(at, message, hint)
    elif dead.name == name:
        if claim != resource.name:  # else its claim is a duplicate-object already
            yield INVALID_QUEUE.at(at, "a queue cannot be its own dead-letter queue", f"write {dead.name}-dlq")
    elif len(claim) > LONGEST_LABEL:
        message = f"the claim of this queue would have a name of {len(claim)} characters, and Kubernetes takes 63"
        yield INVALID_QUEUE.at(at, message, "write a shorter name")


def _statements(program: Program, resource: Resource[IdentitySpec]) -> Iterator[Finding]:
    """An identity's own statements name ARNs, of the part of AWS that the platform is in."""
    partition = aws_names.partition(aws_names.account(program.platform).region)
    for position, statement in enumerate(resource.spec.statements):
        for index, template in enumerate(statement.resources):
            name = text(program, resource, template)
            at = resource.at("statements", position, "resources", index)
            found = ARN.fullmatch(name)
            if name != "*" and found is None:
                message = f"`{template.text}` is no ARN, and policies know nothing else"
                yield INVALID_STATEMENT.at(at, message, f"write one such as arn:{partition}:s3:::bucket/*")
            elif found and found["partition"] not in {partition, "*"}:
                message = f"the ARN is of {found['partition']}, and the platform's region is of {partition}"
                yield INVALID_STATEMENT.at(at, message, f"write arn:{partition}:…")


def _policy(owner: Resource[Any], document: str) -> Iterator[Finding]:
    size = len(WHITE_SPACE.sub("", document))
    if size > LONGEST_POLICY:
        message = f"the policy of {owner.name} has {size} characters, and AWS takes {LONGEST_POLICY}"
        hint = "give some of the workloads that act as it an Identity of their own"
        yield OUTSIDE_AWS_LIMITS.at(owner.name_span, message, hint)
