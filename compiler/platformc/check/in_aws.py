"""in_aws: what an environment manages in AWS, as its objects say, and what it only observes.

In      a Program, its manifests.
Out     InAWS: each resource with its place in AWS and its document.
Never   trusts a document's fields for what is made: a patch can change a name, a RawManifest can be a claim.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from platformc.check.aws_resources import (
    Claims,
    is_written,
    name_in_aws,
    provider_config_of,
    region_of,
)
from platformc.diagnostics import Span
from platformc.language import DocumentId, Resource
from platformc.language.aws_facts import NameInAWS
from platformc.language.kind import Kind
from platformc.language.models.platform import AWS
from platformc.link import Program, aws_names
from platformc.lower import Manifest


@dataclass(frozen=True, slots=True)
class InAWS:
    """A resource in AWS that an environment manages, or that it observes because another one manages it."""

    account: str
    region: str
    kind: str
    name: str
    same: str
    """The name as AWS compares it: equal for `Bot` and `bot` if AWS ignores case."""
    at: Span
    document: DocumentId
    part: str
    """Distinguishes a queue from its dead-letter queue, which are one document."""
    written: str
    """The name that the document gives it; empty if it gives none."""


def managed(program: Program, manifests: Iterable[Manifest]) -> Iterator[InAWS]:
    """What the objects of an environment make or change in AWS, in the order of the documents."""
    aws = program.platform.settings.aws
    if aws is None:
        return
    claims = Claims(program.platform.kinds)
    found: dict[DocumentId, list[Manifest]] = defaultdict(list)
    for manifest in manifests:
        if name_in_aws(claims, manifest.object) and is_written(claims, manifest.object):
            found[manifest.owner].append(manifest)
    for owner, objects in found.items():
        names = _names(program, owner, len(objects))
        for manifest, name in zip(objects, names, strict=True):
            yield _made(program, aws, claims, manifest, name)


def _names(program: Program, owner: DocumentId, count: int) -> Sequence[NameInAWS | None]:
    """The names that a document gives to what it makes, one for each object."""
    resource = program.resources[owner]
    facts = resource.kind.aws
    names = facts.names(program.platform, resource) if facts is not None else ()
    return names if len(names) == count else [None] * count


def _made(program: Program, aws: AWS, claims: Claims, manifest: Manifest, name: NameInAWS | None) -> InAWS:
    claim = claims.of(manifest.object) or claims.of_managed(manifest.object)
    kind = claims.kind(claim) if claim is not None else program.resources[manifest.owner].kind
    text = name_in_aws(claims, manifest.object)
    region = region_of(manifest.object) or aws.region
    config = provider_config_of(manifest.object)
    account = aws.account_id if config in {"", aws.provider_config.name} else f"that of the provider config {config}"
    resource = program.resources[manifest.owner]
    part = _part(name) if name is not None else str(manifest.id)
    written = name.text if name is not None else ""
    return _in_aws(kind, resource, resource.name_span, NameInAWS(text, ()), (account, region, part, written))


def observed(program: Program) -> Iterator[InAWS]:
    """What an environment only looks at, with the place in the spec that says so: it makes no object."""
    platform = program.platform
    aws = platform.settings.aws
    for resource in platform.resources if aws is not None else ():
        facts = resource.kind.aws
        if aws is not None and facts is not None and not aws_names.is_managed(resource):
            for name in facts.names(platform, resource):
                place = (aws.account_id, aws.region, _part(name), name.text)
                yield _in_aws(resource.kind, resource, resource.at("managementPolicy"), name, place)


def _in_aws(kind: Kind, resource: Resource[Any], at: Span, name: NameInAWS, place: tuple[str, str, str, str]) -> InAWS:
    account, region, part, written = place
    facts = kind.aws
    folds = facts is not None and facts.form.folds_case
    if facts is not None:
        account, region = facts.unique.place(account, region, aws_names.partition(region))
    same = name.text.lower() if folds else name.text
    return InAWS(account, region, kind.name, name.text, same, at, resource.id, part, written)


def _part(name: NameInAWS) -> str:
    return str(name.path[0]) if len(name.path) > 1 else ""
