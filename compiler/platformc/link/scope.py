"""Scope: which document a name means.

In      the documents of a Platform.
Out     for a word, a name and the application it is used in: the document, or why there is none.
Never   reports an absence that already has a finding: a document that failed, a file that
        could not be read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import Finding, Span, suggestion
from platformc.language import DocumentId, Platform, Resource


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The target of a reference: a document, under one of its names."""

    resource: Resource[Any]
    name: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Why a name has no target. A silent one was caused by something that is already reported."""

    message: str
    hint: str = ""
    related: tuple[tuple[Span, str], ...] = ()
    silent: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """A finding about a name without a target. A note is dropped if an error reports the same target."""

    target: Absent
    finding: Finding


class UnboundError(LookupError):
    """A reference cannot be bound: the message says why, the hint what to write. Link adds the place."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """All names of one environment."""

    platform: Platform
    targets: Mapping[tuple[str, str], tuple[Target, ...]]
    """Word and name -> the possible targets."""
    failed: frozenset[tuple[str, str]]
    failed_words: frozenset[str]
    """Words of failed documents that may have had further names."""
    disabled: Mapping[tuple[str, str], Span]

    def find(self, word: str, name: str, application: str) -> Target | Absent:
        """The document of a name: the own application's, else the only one, else `application/name`."""
        wanted, _, short = name.rpartition("/")
        matches = [
            target
            for target in self.targets.get((word, short), ())
            if not wanted or target.resource.id.application == wanted
        ]
        own = [target for target in matches if target.resource.id.application == application]
        if own or len(matches) == 1:
            return (own or matches)[0]
        if matches:
            choices = " or ".join(f"{target.resource.id.application}/{short}" for target in matches)
            return Absent(f"several applications have a {word} {short}", f"write {choices}")
        return self._absent(word, short)

    def _absent(self, word: str, name: str) -> Absent:
        if (word, name) in self.failed or word in self.failed_words or self.platform.incomplete:
            return Absent("", silent=True)
        if (word, name) in self.disabled:
            related = ((self.disabled[word, name], "disabled here"),)
            message = f"the {word} {name} does not exist in the environment {self.platform.environment}"
            hint = f"override this document in {self.platform.environment} too, or enable the {word} there"
            return Absent(message, hint, related, disabled=True)
        return Absent(f"there is no {word} {name}", suggestion(name, list(self.names(word))))

    def share_namespace(self, document: DocumentId, namespace: str, other: Resource[Any]) -> bool:
        """Whether a document's objects are in the namespace of another one's, or may be as far as is known."""
        failed = {identity.name for identity in self.platform.failed if identity.kind == "Application"}
        return namespace == other.namespace or bool({document.application, other.id.application} & failed)

    def names(self, word: str) -> Iterator[str]:
        """All names of a word."""
        return (name for known, name in self.targets if known == word)


def scope_of(platform: Platform) -> Scope:
    """Collect the names of all documents, further names of a document included."""
    targets: dict[tuple[str, str], list[Target]] = defaultdict(list)
    for resource in platform.resources:
        word = resource.kind.word
        if word:
            for name in (resource.name, *resource.kind.aliases(resource)):
                targets[word, name].append(Target(resource, name))
    return Scope(
        platform=platform,
        targets={key: tuple(found) for key, found in sorted(targets.items(), key=lambda item: item[0])},
        failed=frozenset((_word(platform, identity), identity.name) for identity in platform.failed),
        failed_words=frozenset(
            _word(platform, identity) for identity in platform.failed if platform.kinds[identity.kind].has_aliases
        ),
        disabled={(_word(platform, identity), identity.name): span for identity, span in platform.disabled.items()},
    )


def _word(platform: Platform, identity: DocumentId) -> str:
    return platform.kinds[identity.kind].word
