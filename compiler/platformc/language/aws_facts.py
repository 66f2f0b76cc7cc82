"""AWS facts: what the compiler must know about a kind of resource in AWS besides its model and its lowering.

Each such kind has one record (`kinds/`). No field has a default, so a forgotten fact fails at start-up;
`__post_init__` rejects facts that contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from platformc.language.nodes import KeyPath

if TYPE_CHECKING:
    from platformc.diagnostics import Finding
    from platformc.language.platform import Platform, Resource
    from platformc.link import Program, Target
    from platformc.lower import Manifest
    from platformc.rules import Rule

Steps = tuple[str, ...]


class Credentials(Enum):
    """Whose credentials a pod uses for a resource in AWS."""

    IDENTITY = auto()
    """Its own: it must have an Identity, and a reference to the resource requires an entry in `needs`."""
    PULL_SECRET = auto()
    """The node's, which pulls images with a pull secret; a reference in `image` is enough."""
    NOT_USED = auto()
    """Nobody's: it is the identity that others use."""


class Unique(Enum):
    """Where a name in AWS must be unique."""

    REGION = auto()
    """In one account and region."""
    ACCOUNT = auto()
    """In one account: the service has no regions."""
    PARTITION = auto()
    """In all accounts and regions of one partition of AWS."""

    def place(self, account: str, region: str, partition: str) -> tuple[str, str]:
        """Account and region, as far as two resources of the same name can differ in them."""
        places = {Unique.REGION: (account, region), Unique.ACCOUNT: (account, ""), Unique.PARTITION: ("", partition)}
        return places[self]


@dataclass(frozen=True, slots=True)
class NameInAWS:
    """A name in AWS that belongs to a document, and its path below the document's `spec`."""

    text: str
    path: KeyPath
    """Empty if it is the document's own name."""


@dataclass(frozen=True, slots=True)
class NameForm:
    """The names that AWS allows for one kind."""

    what: str
    """The resource in a sentence: `a table`."""
    field: str
    """The field of a document with its name in AWS."""
    shortest: int
    longest: int
    pattern: re.Pattern[str]
    folds_case: bool
    """Whether `Bot` and `bot` are the same name for AWS."""


@dataclass(frozen=True, slots=True)
class Action:
    """One IAM action, and the resources that it is allowed on."""

    name: str
    on: Callable[[str, Target], tuple[str, ...]]
    """The ARNs, from the target's own; `*` alone if AWS allows nothing else."""


@dataclass(frozen=True, slots=True)
class Immutable:
    """An immutable field of a claim."""

    claim: KeyPath
    spec: Steps
    """The field of the document that it comes from; empty if it comes from several."""
    hint: str
    """What to do instead."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is not possible for a claim; `place` is in the new object."""

    rule: Rule
    place: KeyPath
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Protection:
    """A field of a claim that protects its data, and how much each value protects it."""

    claim: KeyPath
    strongest_first: tuple[Any, ...]
    """Its values; one that is not among them protects nothing."""
    absent: Any
    """The value that an absent field stands for."""
    consequence: str
    """What a weaker value means, in a sentence: `AWS deletes the table together with its claim`."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much of some data AWS keeps; it deletes the rest by itself."""

    what: str
    """Which data, the same as long as it is the same data: `messages`, `objects below logs/`."""
    limit: int
    """How much is kept, in any unit: less is a loss."""
    words: str
    """What is kept, in a sentence: `messages for 60 seconds`."""
    place: KeyPath
    """The value in the claim that says so."""


@dataclass(frozen=True, slots=True)
class Retention:
    """What a kind of claim says about how long AWS keeps data."""

    kind: str
    """The kind of claim that holds the data: its own, or another one for the same resource in AWS."""
    name: str
    """Its field with the name in AWS of that resource."""
    kept: Callable[[Mapping[str, Any]], Iterable[Kept]]
    """What is deleted after a while, from a claim's `spec` of any shape; nothing for what is kept forever."""


@dataclass(frozen=True, slots=True)
class Data:
    """The data of a claim that exists only in AWS."""

    protection: str | None
    """The field of the claim that protects the resource from deletion in AWS; None if AWS has no such protection."""
    protections: tuple[Protection, ...]
    """All fields that protect it, from deletion and from what else can be undone."""
    part: KeyPath | None
    """If a document makes several claims of this kind: the field whose presence distinguishes them."""


@dataclass(frozen=True, slots=True)
class ManagedResource:
    """A managed resource that the claim's Composition makes, and what no schema says about it.

    Source: crossplane-contrib/provider-upjet-aws v2.6.0, config/externalname.go (NameAsIdentifier), and
    hashicorp/terraform-provider-aws, internal/service.
    """

    service: str
    """The first part of its API group: `dynamodb`."""
    kind: str
    named_by_annotation: bool
    """Whether its name in AWS comes from its annotation; without one, AWS uses its generated name."""
    required_inside: tuple[Steps, ...]
    """Fields that are required, although no schema says so."""
    immutable: tuple[str, ...]
    """Fields of `spec.forProvider` that AWS cannot change. To change one, Terraform would replace the resource (`ForceNew`);
    Crossplane's provider refuses instead. `region` is not one: in another region it finds or makes another resource."""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """One kind of claim that documents of a kind become."""

    kind: str
    name: str | None
    """The field with the name in AWS of what it makes: another name is another, empty resource. None if it only adds
    to what another claim makes."""
    immutable: tuple[Immutable, ...]
    changes: Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Change]]
    """Further changes that are not possible, from the old and the new `spec`."""
    data: Data | None
    """None if it has no data that would be lost."""
    retention: Retention | None
    """None if AWS never deletes anything by itself on account of it."""
    managed: tuple[ManagedResource, ...]
    """What its Composition makes; if it has data, the resource that holds it comes first."""
    policy: KeyPath | None
    """The field with the IAM policy made from the edges, as JSON text; None if it has none."""
    writes_secret: bool
    """Whether Crossplane writes a Secret beside it."""


@dataclass(frozen=True, slots=True)
class AWSFacts:
    """What is known about a kind of resource in AWS."""

    names: Callable[[Platform, Resource[Any]], tuple[NameInAWS, ...]]
    """The names in AWS that belong to a document; two for a queue with a dead-letter queue."""
    form: NameForm
    unique: Unique
    arn: Callable[[Platform, Target], str]
    access: Mapping[str, tuple[Action, ...]]
    """Access word in `needs` -> what it allows. Empty if nothing can need it."""
    credentials: Credentials
    need: str
    """The description of its field in `needs`, for the language reference."""
    claims: tuple[ClaimFacts, ...]
    claim_name: Callable[[Target], str]
    """The name of a target's claim."""
    outputs: Mapping[str, str]
    """Attribute -> the field of its claim's status with the same value, once the resource exists in AWS."""
    limits: Callable[[Program, Resource[Any], tuple[Manifest, ...]], Iterable[Finding]]
    """What AWS would reject besides names and tags, from the document and its objects."""
    connection_secret: Callable[[Resource[Any]], str] | None
    """The name of the Secret with its key; None if it has none."""

    def __post_init__(self) -> None:
        if bool(self.access) is (self.credentials is Credentials.NOT_USED):
            raise ValueError(f"{self.form.what}: access words and credentials go together")
        if bool(self.access) is not bool(self.need):
            raise ValueError(f"{self.form.what}: access words need a description")
        if not self.claims:
            raise ValueError(f"{self.form.what}: it does not become a claim")
        if (self.connection_secret is not None) is not any(claim.writes_secret for claim in self.claims):
            raise ValueError(f"{self.form.what}: a written Secret needs a name")

    def actions(self, words: Iterable[str]) -> tuple[Action, ...]:
        """Return what some access words allow."""
        return tuple(action for word in words for action in self.access[word])


def nothing_else(_old: Mapping[str, Any], _new: Mapping[str, Any]) -> Iterable[Change]:
    """For claims whose only immutable fields are those of their records."""
    return ()


def no_further_limits(
    _program: Program, _resource: Resource[Any], _manifests: tuple[Manifest, ...]
) -> Iterable[Finding]:
    """For kinds that are fully checked by their models."""
    return ()
