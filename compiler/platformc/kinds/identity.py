"""Identity: an IAM user, its access key and its policy; its model, its facts in AWS, and its claim."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from platformc.diagnostics import Finding
from platformc.kinds.common import ALLOW, NEEDS
from platformc.kinds.identity_policy import policy_document
from platformc.language import Kind, Platform, Resource
from platformc.language.aws_facts import (
    AWSFacts,
    ClaimFacts,
    Credentials,
    Immutable,
    ManagedResource,
    NameForm,
    NameInAWS,
    Unique,
    nothing_else,
)
from platformc.language.kind import Attribute, Layers, References, Symbol, no_aliases, unchanged
from platformc.language.models.aws_tags import Tags
from platformc.language.models.base import DocumentSpec, SpecModel, problem
from platformc.language.models.pod import Need
from platformc.language.models.types import Subdomain, TemplateText
from platformc.language.origin import derive
from platformc.link import Program, SecretValue, Target, aws_names, has_unbound
from platformc.lower import Manifest
from platformc.lower.claim import claim, common_fields, compact
from platformc.lower.values import text
from platformc.rules.aws import INVALID_STATEMENT, OUTSIDE_AWS_LIMITS

LONGEST_SECRET_NAME = 249
"""The provider's own Secret has the same name with the suffix `-raw`; Kubernetes allows 253."""
ACTION = re.compile(r"\*|[a-z0-9-]+:[A-Za-z0-9*?]+")
"""IAM JSON policy elements, Action: a service and one of its actions."""


def action(text: str) -> str:
    """Check the name of an AWS action."""
    if not ACTION.fullmatch(text):
        message = f"`{text}` is not an action"
        raise problem(INVALID_STATEMENT, message, "write one such as s3:GetObject")
    return text


def _some(given: tuple[Any, ...]) -> tuple[Any, ...]:
    if not given:
        raise problem(INVALID_STATEMENT, "the list is empty", "name at least one, or remove the statement")
    return given


class Statement(SpecModel):
    """Permissions on resources that the platform does not own."""

    effect: Literal["Allow", "Deny"] = "Allow"
    """Whether to allow or deny."""
    actions: Annotated[tuple[Annotated[str, AfterValidator(action)], ...], AfterValidator(_some)]
    """The actions, such as s3:GetObject."""
    resources: Annotated[tuple[TemplateText, ...], AfterValidator(_some)]
    """The exact ARNs."""


class IdentitySpec(DocumentSpec):
    """An IAM user whose policy is exactly what the workloads that use it need."""

    secret_name: Annotated[Subdomain, Field(max_length=LONGEST_SECRET_NAME)] | None = None
    """The Secret that Crossplane writes the access key to; defaults to `<name>-aws`."""
    user_name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+=,.@-]+$")] | None = None
    """The name in AWS, without the environment's prefix; defaults to the document's."""
    needs: tuple[Need, ...] = ()
    """Its own needs, in addition to those of its workloads."""
    statements: tuple[Statement, ...] = ()
    """Permissions on resources that the platform does not own."""
    tags: Tags = {}
    """Tags in addition to the platform's."""


def _names(platform: Platform, resource: Resource[IdentitySpec]) -> tuple[NameInAWS, ...]:
    return (NameInAWS(_name(platform, resource), ("userName",) if resource.spec.user_name else ()),)


def _name(platform: Platform, resource: Resource[IdentitySpec]) -> str:
    return aws_names.prefixed(platform, resource, resource.spec.user_name or resource.name)


def _arn(platform: Platform, target: Target) -> str:
    return _iam_arn(platform, "user", _name(platform, target.resource))


def _iam_arn(platform: Platform, what: str, name: str) -> str:
    """Return an ARN of IAM, which has no regions."""
    aws = aws_names.account(platform)
    text = f"arn:{aws_names.partition(aws.region)}:iam::{aws.account_id}:{what}/{name}"
    return derive(text, name, aws.account_id)


def _secret(resource: Resource[IdentitySpec]) -> str:
    """Return the name of the Secret that Crossplane writes an identity's access key to."""
    return resource.spec.secret_name or derive(f"{resource.name}-aws", resource.name)


def _access_key(key: str) -> Attribute:
    def evaluate(_platform: Platform, target: Target, _user: Resource[Any], _names: tuple[str, ...]) -> SecretValue:
        resource = target.resource
        return SecretValue(resource.id, resource.namespace, _secret(resource), key)

    return Attribute(evaluate, f"the key {key} of the Secret that Crossplane writes", takes="")


def _lower(program: Program, resource: Resource[IdentitySpec]) -> Iterator[Manifest]:
    """Make one Identity claim: a user, its access key, and the policy that follows from the edges."""
    name = _name(program.platform, resource)
    yield claim(
        program,
        resource,
        "Identity",
        resource.name,
        {
            **common_fields(program, resource, name),
            "userName": name,
            "policyName": name,
            "policyArn": _iam_arn(program.platform, "policy", name),
            "policyDocument": compact(policy_document(program, resource)),
            "writeConnectionSecretToRef": {"name": _secret(resource)},
        },
    )


LONGEST_POLICY = 6144
"""Characters of a managed policy, not counting white space. AWS, "IAM and AWS STS quotas"."""
WHITE_SPACE = re.compile(r"\s+")
ARN = re.compile(r"arn:(?P<partition>[a-z*-]+):[a-z0-9*-]+:[a-z0-9*-]*:[0-9*]*:.+", re.DOTALL)
"""Partition, service, region, account, resource. AWS, "Amazon Resource Names (ARNs)"."""
POLICY = ("spec", "policyDocument")


def _limits(program: Program, resource: Resource[IdentitySpec], manifests: tuple[Manifest, ...]) -> Iterator[Finding]:
    if not has_unbound(resource, program.values):
        yield from _statements(program, resource)
    for manifest in manifests:
        spec = manifest.object.get("spec")
        document = spec.get("policyDocument") if isinstance(spec, dict) else None  # a patch can have changed anything
        if isinstance(document, str):
            yield from _policy_size(resource, document)


def _statements(program: Program, resource: Resource[IdentitySpec]) -> Iterator[Finding]:
    """Check that an identity's own statements have ARNs, of the partition that the platform is in."""
    partition = aws_names.partition(aws_names.account(program.platform).region)
    for position, statement in enumerate(resource.spec.statements):
        for index, template in enumerate(statement.resources):
            name = text(program, resource, template)
            at = resource.at("statements", position, "resources", index)
            found = ARN.fullmatch(name)
            if name != "*" and found is None:
                message = f"`{template.text}` is not an ARN"
                hint = f"write one such as arn:{partition}:s3:::bucket/*"
                yield INVALID_STATEMENT.at(at, message, hint)
            elif found and found["partition"] not in {partition, "*"}:
                message = (
                    f"the ARN is of the partition {found['partition']}, but the platform's region is in {partition}"
                )
                yield INVALID_STATEMENT.at(at, message, f"write arn:{partition}:…")


def _policy_size(resource: Resource[IdentitySpec], document: str) -> Iterator[Finding]:
    size = len(WHITE_SPACE.sub("", document))
    if size > LONGEST_POLICY:
        message = f"the policy of {resource.name} is {size} characters long; the limit is {LONGEST_POLICY}"
        hint = "give some of the workloads that use it an Identity of their own"
        yield OUTSIDE_AWS_LIMITS.at(resource.name_span, message, hint)


NEW_USER = "in AWS this is a new user: rename the document; the new user gets a new access key"
NEW_SECRET = "Crossplane keeps the key in the same Secret: rename the document; it gets a new access key"  # noqa: S105 - a sentence


def _of_iam(kind: str, *immutable: str, named_by_annotation: bool) -> ManagedResource:
    return ManagedResource(
        "iam", kind, named_by_annotation=named_by_annotation, required_inside=(), immutable=immutable
    )


KIND = Kind(
    name="Identity",
    model=IdentitySpec,
    longest_name=63,
    symbol=Symbol.USER,
    references=References(
        word="identity",
        attributes={
            "accessKeyID": _access_key("AWS_ACCESS_KEY_ID"),
            "secretAccessKey": _access_key("AWS_SECRET_ACCESS_KEY"),
        },
        any_attribute=None,
        itself=lambda target: target,
        aliases=no_aliases,
    ),
    layers=Layers(merge_keys={**ALLOW, **NEEDS}, one_of={}, null_values=(), expand=unchanged),
    aws=AWSFacts(
        names=_names,
        # AWS, "IAM and AWS STS quotas". Its policy is named after it, and its name can be longer.
        form=NameForm("a user", "userName", 1, 64, re.compile(r"[A-Za-z0-9_+=,.@-]+"), folds_case=True),
        unique=Unique.ACCOUNT,
        arn=_arn,
        access={},
        credentials=Credentials.NOT_USED,
        need="",
        claims=(
            ClaimFacts(
                kind="Identity",
                name="userName",
                immutable=(
                    Immutable(("spec", "userName"), ("userName",), NEW_USER),
                    Immutable(("spec", "policyArn"), (), NEW_USER),
                    Immutable(("spec", "writeConnectionSecretToRef", "name"), ("secretName",), NEW_SECRET),
                ),
                changes=nothing_else,
                data=None,
                retention=None,
                managed=(
                    _of_iam("User", named_by_annotation=True),
                    _of_iam("Policy", "description", "path", named_by_annotation=True),
                    _of_iam("UserPolicyAttachment", "policyArn", "user", named_by_annotation=False),
                    _of_iam("AccessKey", "pgpKey", "user", named_by_annotation=False),
                ),
                policy=POLICY,
                writes_secret=True,
            ),
        ),
        claim_name=lambda target: target.resource.name,
        outputs={},
        limits=_limits,
        connection_secret=_secret,
    ),
    lower=_lower,
)
