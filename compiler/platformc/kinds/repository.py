"""Repository: an ECR image repository; its model, its facts in AWS, and its claims."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from platformc.kinds.common import ALLOW, DELETION_POLICY, anything, attribute, is_observed, itself
from platformc.language import Kind, Platform, Resource
from platformc.language.aws_facts import (
    Action,
    AWSFacts,
    ClaimFacts,
    Credentials,
    Data,
    Immutable,
    Kept,
    ManagedResource,
    NameForm,
    NameInAWS,
    Protection,
    Retention,
    Unique,
    no_further_limits,
    nothing_else,
)
from platformc.language.kind import Layers, References, Symbol, no_aliases, unchanged
from platformc.language.models.aws import ManagedSpec
from platformc.language.models.base import Boolean, Integer
from platformc.language.origin import derive
from platformc.link import Program, Target, aws_names
from platformc.lower import Manifest
from platformc.lower.claim import claim, common_fields, compact


class RepositorySpec(ManagedSpec):
    """An ECR image repository."""

    repository_name: (
        Annotated[str, Field(min_length=2, max_length=256, pattern=r"^[a-z0-9]+(?:[._/-][a-z0-9]+)*$")] | None
    ) = None
    """The name in AWS, without the environment's prefix; defaults to the document's."""
    image_tag_mutability: Literal["MUTABLE", "IMMUTABLE"] = "IMMUTABLE"
    """Whether tags can be overwritten."""
    scan_on_push: Boolean = True
    """Scan each pushed image for known vulnerabilities."""
    encryption: Literal["AES256", "KMS"] = "AES256"
    """How images are encrypted at rest; immutable."""
    keep_last: Annotated[Integer, Field(ge=1, le=1000)] | None = None
    """Delete all but the last N images."""


def _names(platform: Platform, resource: Resource[RepositorySpec]) -> tuple[NameInAWS, ...]:
    return (NameInAWS(_name(platform, resource), ("repositoryName",) if resource.spec.repository_name else ()),)


def _name(platform: Platform, resource: Resource[RepositorySpec]) -> str:
    return aws_names.prefixed(platform, resource, resource.spec.repository_name or resource.name)


def _arn(platform: Platform, target: Target) -> str:
    name = _name(platform, target.resource)
    return aws_names.arn(platform, "ecr", derive(f"repository/{name}", name))


def _url(platform: Platform, target: Target) -> str:
    """Return the URL to push to and pull from, without a tag."""
    host, name = aws_names.registry(platform), _name(platform, target.resource)
    return derive(f"{host}/{name}", name, host)


def _lower(program: Program, resource: Resource[RepositorySpec]) -> Iterator[Manifest]:
    """Make one Repository claim, and a RepositoryLifecycle claim named after the number of images to keep."""
    spec = resource.spec
    if is_observed(resource):
        return
    name = _name(program.platform, resource)
    common = common_fields(program, resource, name)
    yield claim(
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
    # AWS' provider cannot change a lifecycle policy in place: another number is another claim.
    rule = {
        "rulePriority": 1,
        "description": f"keep last {spec.keep_last} images",
        "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": spec.keep_last},
        "action": {"type": "expire"},
    }
    yield claim(
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


NEW_REPOSITORY = "in AWS this is a new repository: rename the document, and copy the images"

IMMUTABLE_TAGS = Protection(
    claim=("spec", "imageTagMutability"),
    strongest_first=("IMMUTABLE", "MUTABLE"),
    absent="MUTABLE",
    consequence="a tag can be pushed again, and no longer names the image that was released with it",
)


def _kept(spec: Mapping[str, Any]) -> Iterator[Kept]:
    """How many images each rule of a lifecycle policy keeps; the policy is JSON in text, or what a patch made of it."""
    try:
        policy = json.loads(str(spec.get("policy")))
    except (ValueError, RecursionError):
        return
    rules = policy.get("rules") if isinstance(policy, dict) else None
    for rule in rules if isinstance(rules, list) else ():
        selection = rule.get("selection") if isinstance(rule, dict) else None
        count = selection.get("countNumber") if isinstance(selection, dict) else None
        if isinstance(selection, dict) and isinstance(count, int):
            what = f"{selection.get('tagStatus')} images by {selection.get('countType')}"
            unit = " images" if selection.get("countType") == "imageCountMoreThan" else f" {selection.get('countUnit')}"
            yield Kept(what, count, f"the last {count}{unit}", ("spec", "policy"))


def _on(name: str) -> Action:
    return Action(f"ecr:{name}", itself)


SIGNED_IN = Action("ecr:GetAuthorizationToken", anything)

KIND = Kind(
    name="Repository",
    model=RepositorySpec,
    longest_name=53,  # the name of its lifecycle claim ends in `-keep-1000`
    symbol=Symbol.REGISTRY,
    references=References(
        word="repository",
        attributes={"url": attribute(_url, "the URL to pull from"), "arn": attribute(_arn, "its ARN")},
        any_attribute=None,
        itself=None,
        aliases=no_aliases,
    ),
    layers=Layers(merge_keys=ALLOW, one_of={}, null_values=(), expand=unchanged),
    aws=AWSFacts(
        names=_names,
        # AWS, ECR API Reference, CreateRepository.
        form=NameForm(
            "a repository",
            "repositoryName",
            2,
            256,
            re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*"),
            folds_case=False,
        ),
        unique=Unique.REGION,
        arn=_arn,
        # AWS, Service Authorization Reference, Amazon ECR.
        access={
            "pull": (
                _on("BatchCheckLayerAvailability"),
                _on("BatchGetImage"),
                SIGNED_IN,
                _on("GetDownloadUrlForLayer"),
            ),
            "push": (
                _on("BatchCheckLayerAvailability"),
                _on("BatchGetImage"),
                _on("CompleteLayerUpload"),
                SIGNED_IN,
                _on("InitiateLayerUpload"),
                _on("PutImage"),
                _on("UploadLayerPart"),
            ),
        },
        credentials=Credentials.PULL_SECRET,
        need="An image repository; `access` says how.",
        claims=(
            ClaimFacts(
                kind="Repository",
                name="repositoryName",
                immutable=(
                    Immutable(("spec", "region"), (), NEW_REPOSITORY),
                    Immutable(("spec", "repositoryName"), ("repositoryName",), NEW_REPOSITORY),
                    Immutable(("spec", "encryptionType"), ("encryption",), NEW_REPOSITORY),
                ),
                changes=nothing_else,
                data=Data(protection=None, protections=(DELETION_POLICY, IMMUTABLE_TAGS), part=None),
                retention=None,  # that is a claim of its own
                managed=(
                    ManagedResource(
                        "ecr",
                        "Repository",
                        named_by_annotation=True,
                        required_inside=(("spec", "forProvider", "imageScanningConfiguration", "scanOnPush"),),
                        immutable=("encryptionConfiguration",),
                    ),
                ),
                policy=None,
                writes_secret=False,
            ),
            ClaimFacts(
                kind="RepositoryLifecycle",
                name=None,
                immutable=(),  # another policy is another claim (D20)
                changes=nothing_else,
                data=None,
                retention=Retention(kind="Repository", name="repositoryName", kept=_kept),
                managed=(
                    ManagedResource(
                        "ecr",
                        "LifecyclePolicy",
                        named_by_annotation=False,
                        required_inside=(),
                        immutable=("policy", "repository"),
                    ),
                ),
                policy=None,
                writes_secret=False,
            ),
        ),
        claim_name=lambda target: target.resource.name,
        outputs={"url": "repositoryUri", "arn": "arn"},
        limits=no_further_limits,
        connection_secret=None,
    ),
    lower=_lower,
)
