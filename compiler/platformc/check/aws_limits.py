"""AWS limits: what AWS would reject once prefixes, default names, the platform's tags and all rights are included.

In      a Program, its manifests.
Finds   invalid-aws-name, invalid-tag, and what each kind finds about its own limits.
Never   reports again what a model found in one document; makes requests to AWS.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from platformc.diagnostics import Finding
from platformc.language import DocumentId, Platform, Resource
from platformc.language.aws_facts import NameForm, NameInAWS
from platformc.language.models.aws_tags import MOST_TAGS, OF_PROVIDER
from platformc.language.nodes import span_of
from platformc.link import Program, aws_names
from platformc.lower import Manifest
from platformc.rules.aws import INVALID_AWS_NAME, INVALID_TAG

PREFIX = ("spec", "aws", "namePrefix")


def check_aws_limits(program: Program, manifests: Iterable[Manifest]) -> Iterator[Finding]:
    """Check everything that the platform manages in AWS against AWS' limits."""
    platform = program.platform
    refused: set[str] = set()
    made: dict[DocumentId, list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        made[manifest.owner].append(manifest)
    for resource in platform.resources:
        facts = resource.kind.aws
        if facts is not None and aws_names.is_managed(resource):
            for name in facts.names(platform, resource):
                yield from _name(platform, resource, name, facts.form, refused)
            yield from _tags(platform, resource)
            yield from facts.limits(program, resource, tuple(made[resource.id]))


def _name(
    platform: Platform, resource: Resource[Any], name: NameInAWS, form: NameForm, refused: set[str]
) -> Iterator[Finding]:
    """Length and characters; a prefix that does not fit is one mistake, not one for each document."""
    prefix = aws_names.prefix(platform, resource)
    prefix_span = span_of(platform.target_node, PREFIX)
    if not form.pattern.fullmatch(name.text):
        if prefix in refused or not form.pattern.fullmatch(name.text.removeprefix(prefix)):
            return  # already reported, here or by the model
        refused.add(prefix)
        message = f"with the prefix {prefix} the name of {form.what} is {name.text}, which AWS does not allow"
        hint = "use lower-case letters, digits and a final -, such as staging-, which every kind allows"
        yield INVALID_AWS_NAME.at(prefix_span, message, hint)
    elif not form.shortest <= len(name.text) <= form.longest:
        limit = f"at most {form.longest}" if len(name.text) > form.longest else f"at least {form.shortest}"
        message = f"{name.text} is {len(name.text)} characters long; AWS allows {limit} for the name of {form.what}"
        hint = f"write another {name.path[-1]}" if name.path else f"write {form.field}: …"
        related = ((prefix_span, "with this prefix"),) if prefix else ()
        yield INVALID_AWS_NAME.at(resource.at(*name.path), message, hint, related=related)


def _tags(platform: Platform, resource: Resource[Any]) -> Iterator[Finding]:
    """All tags of one resource together: its Name, the platform's, its own, the provider's."""
    shared = aws_names.account(platform).tags
    count = len({"Name", *shared, *resource.spec.tags}) + OF_PROVIDER
    if count > MOST_TAGS:
        at = resource.key_at("tags") if resource.spec.tags else platform.platform.key_at("aws", "tags")
        message = f"{resource.name} gets {count} tags; the limit is {MOST_TAGS}"
        related = ((platform.platform.key_at("aws", "tags"), f"{len(shared)} of them"),) if shared else ()
        yield INVALID_TAG.at(
            at, message, "remove some; Name is one of them, and Crossplane's provider adds three", related=related
        )
