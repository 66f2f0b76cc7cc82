"""AWS facts: what the compiler must know about a kind of thing in AWS beside its model and its lowering.

A record of these belongs to each such kind (`kinds/`). Nothing has a default, so that a fact which was
forgotten fails at start-up; `__post_init__` refuses facts that contradict each other.
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
    """With whose key a program uses a thing in AWS."""

    IDENTITY = auto()
    """Its own: it must act as an Identity, and a reference to the thing needs an entry in `needs`."""
    PULL_SECRET = auto()
    """The node's, which pulls images with a pull secret; a reference in `image` says enough."""
    NOT_USED = auto()
    """Nothing uses it: it is what others act as."""


class Unique(Enum):
    """Where a name in AWS can be given once."""

    REGION = auto()
    """In one account and region."""
    ACCOUNT = auto()
    """In one account: the service knows no regions."""
    PARTITION = auto()
    """In all accounts and regions of AWS' commercial part, or of another part."""

    def place(self, account: str, region: str, partition: str) -> tuple[str, str]:
        """Account and region as far as they tell two things of one name apart."""
        places = {Unique.REGION: (account, region), Unique.ACCOUNT: (account, ""), Unique.PARTITION: ("", partition)}
        return places[self]


@dataclass(frozen=True, slots=True)
class NameInAWS:
    """A name in AWS that a document stands for, and where below its `spec` it is written."""

    text: str
    path: KeyPath
    """Empty where it is the document's own name."""


@dataclass(frozen=True, slots=True)
class NameForm:
    """How AWS wants the names of one kind."""

    what: str
    """The thing in a sentence: `a table`."""
    field: str
    """Where a document says its name in AWS."""
    shortest: int
    longest: int
    pattern: re.Pattern[str]
    folds_case: bool
    """Whether AWS takes `Bot` and `bot` for one."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of IAM, and what it is granted on."""

    name: str
    on: Callable[[Platform, Target], tuple[str, ...]]
    """The ARNs; `*` alone where AWS takes nothing else."""


@dataclass(frozen=True, slots=True)
class Immutable:
    """A field of a claim that cannot change once the thing is made."""

    claim: KeyPath
    spec: Steps
    """The field of the document that it comes from; empty where no single one decides it."""
    hint: str
    """What to do instead."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that a claim cannot become; `place` is in the new object."""

    rule: Rule
    place: KeyPath
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Data:
    """What a claim keeps in AWS that nothing but AWS has."""

    name: str
    """The field of the claim with its name in AWS: another name is another thing, with nothing in it."""
    protection: str | None
    """The field of the claim that has AWS refuse to delete the thing; None where AWS knows no such thing."""
    part: KeyPath | None
    """Where a document makes several claims of this kind: the field that tells them apart, by being there."""


@dataclass(frozen=True, slots=True)
class ManagedResource:
    """A managed resource that the claim's Composition makes, and what no schema says of it.

    Source: crossplane-contrib/provider-upjet-aws v2.6.0, config/externalname.go (NameAsIdentifier), and
    hashicorp/terraform-provider-aws, internal/service.
    """

    service: str
    """The first part of its API group: `dynamodb`."""
    kind: str
    named_by_annotation: bool
    """Whether AWS knows it by the name in its annotation; without one, its generated name is taken."""
    required_inside: tuple[Steps, ...]
    """Fields that the map around them must have, though no schema says so."""


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """One kind of claim that documents of a kind become."""

    kind: str
    immutable: tuple[Immutable, ...]
    changes: Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Change]]
    """What else a claim cannot become, from the old and the new `spec`."""
    data: Data | None
    """None where it holds nothing that cannot be made again."""
    managed: tuple[ManagedResource, ...]
    policy: KeyPath | None
    """The field with the IAM policy that the edges made, as JSON in a text; None where it has none."""
    writes_secret: bool
    """Whether Crossplane writes a Secret beside it."""


@dataclass(frozen=True, slots=True)
class AWSFacts:
    """What is known of a kind of thing in AWS."""

    names: Callable[[Platform, Resource[Any]], tuple[NameInAWS, ...]]
    """The names in AWS that a document stands for; two of a queue with a dead-letter queue."""
    form: NameForm
    unique: Unique
    arn: Callable[[Platform, Target], str]
    access: Mapping[str, tuple[Action, ...]]
    """Access word in `needs` -> what is granted. Empty where nothing can need it."""
    credentials: Credentials
    need: str
    """The field of `needs` that names it, in a sentence for the language reference."""
    claims: tuple[ClaimFacts, ...]
    claim_name: Callable[[Target], str]
    """What the claim of a target is called."""
    outputs: Mapping[str, str]
    """Attribute -> the field of its claim's status that says the same once AWS has made the thing."""
    limits: Callable[[Program, Resource[Any], tuple[Manifest, ...]], Iterable[Finding]]
    """What AWS would refuse beside names and tags, from the document and its objects."""
    connection_secret: Callable[[Resource[Any]], str] | None
    """The name of the Secret with its key; None where it has none."""

    def __post_init__(self) -> None:
        if bool(self.access) is (self.credentials is Credentials.NOT_USED):
            raise ValueError(f"{self.form.what}: access words and credentials go together")
        if bool(self.access) is not bool(self.need):
            raise ValueError(f"{self.form.what}: what can be needed is described")
        if not self.claims:
            raise ValueError(f"{self.form.what}: it becomes no claim")
        if (self.connection_secret is not None) is not any(claim.writes_secret for claim in self.claims):
            raise ValueError(f"{self.form.what}: a Secret that is written has a name")

    def actions(self, words: Iterable[str]) -> tuple[Action, ...]:
        """What some access words grant."""
        return tuple(action for word in words for action in self.access[word])


def nothing_else(_old: Mapping[str, Any], _new: Mapping[str, Any]) -> Iterable[Change]:
    """For claims of which AWS can change everything but what their records name."""
    return ()


def no_further_limits(
    _program: Program, _resource: Resource[Any], _manifests: tuple[Manifest, ...]
) -> Iterable[Finding]:
    """For kinds about which their models say everything."""
    return ()
