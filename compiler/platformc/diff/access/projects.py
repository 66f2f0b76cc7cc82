"""projects: what Argo CD's AppProjects allow, compared between two states.

In      the `spec` of an AppProject, of any shape.
Out     what one state allows and the other does not, as phrases.
Never   calls a field equal that it does not know: another value of it is told as a change that is not compared.

Source: Argo CD docs, "Projects"; pkg/apis/application/v1alpha1/app_project_types.go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from platformc.check.policies.object_fields import mapping, sequence, text
from platformc.diff.redaction import shown

Kind = tuple[str, str]
"""Group and kind."""


@dataclass(frozen=True, slots=True)
class Widened:
    """One thing that a project allows in one of the states only."""

    field: str
    phrase: str
    kind: Kind | None = None
    """The one kind of objects in a namespace that it is about: no pattern, no name."""


def _source(value: Any) -> tuple[str, ...]:
    return (text(value),)


def _destination(value: Any) -> tuple[str, ...]:
    """An empty server or name is not compared with an Application's, so the two are one."""
    one = mapping(value)
    return text(one.get("server")) or text(one.get("name")), text(one.get("namespace"))


def _kind(value: Any) -> tuple[str, ...]:
    one = mapping(value)
    return text(one.get("group")), text(one.get("kind")), text(one.get("name")) or "*"


def _role(value: Any) -> tuple[str, ...]:
    return (json.dumps(value, sort_keys=True, default=str),)


def _cluster_words(given: tuple[str, ...]) -> str:
    return f"deploy to {_any(given[1], 'every namespace', 'the namespace ')} of {_any(given[0], 'every cluster', '')}"


def _own_words(own: str) -> Callable[[tuple[str, ...]], str]:
    """Words for destinations in which the environment's own cluster is called that."""

    def words(given: tuple[str, ...]) -> str:
        return _cluster_words(("the environment's cluster" if given[0] == own else given[0], given[1]))

    return words


def _kind_words(given: tuple[str, ...]) -> str:
    if given[:2] == ("*", "*"):
        return "sync objects of every kind"
    name = "" if given[2] == "*" else f" {given[2]}"
    return f"sync {_any(given[1], 'every kind', '')}{name} ({_any(given[0], 'every API group', '') or 'core'})"


def _any(value: str, everything: str, prefix: str) -> str:
    return everything if value == "*" else f"{prefix}{value}"


@dataclass(frozen=True, slots=True)
class _List:
    """One list of an AppProject."""

    read: Callable[[Any], tuple[str, ...]]
    words: Callable[[tuple[str, ...]], str]
    allows: bool = True
    """Whether an entry allows; those of a blacklist forbid."""
    missing_is_everything: bool = False
    """Whether a missing list allows all. Argo CD docs: of namespaced kinds; of cluster-wide ones it allows none."""


LISTS: Mapping[str, _List] = {
    "sourceRepos": _List(
        _source, lambda given: f"sync from {_any(shown(['repoURL'], given[0]), 'every repository', '')}"
    ),
    "destinations": _List(_destination, _cluster_words),
    "clusterResourceWhitelist": _List(_kind, lambda given: f"{_kind_words(given)} of the whole cluster"),
    "namespaceResourceWhitelist": _List(_kind, _kind_words, missing_is_everything=True),
    "clusterResourceBlacklist": _List(_kind, lambda given: f"{_kind_words(given)} of the whole cluster", allows=False),
    "namespaceResourceBlacklist": _List(_kind, _kind_words, allows=False),
    "sourceNamespaces": _List(_source, lambda given: f"have Applications in {_any(given[0], 'every namespace', '')}"),
}
HARMLESS = frozenset({"description"})


def compare_projects(
    before: Mapping[str, Any], after: Mapping[str, Any], own: str
) -> tuple[list[Widened], list[Widened], list[str]]:
    """What a project newly allows, what it allows no more, and the fields that changed without being compared.

    `own` is the name or address of the environment's cluster, which phrases call that.
    """
    gained, lost = list(_wider(before, after, own)), list(_wider(after, before, own))
    known = {*LISTS, *HARMLESS}
    others = sorted(name for name in {*before, *after} - known if before.get(name) != after.get(name))
    return gained, lost, others


def _wider(narrow: Mapping[str, Any], wide: Mapping[str, Any], own: str) -> Iterator[Widened]:
    """What the second state allows and the first does not."""
    for name, one in LISTS.items():
        words = _own_words(own) if name == "destinations" and own else one.words
        old, new = _entries(one, narrow, name), _entries(one, wide, name)
        if one.allows:
            for entry in sorted(new - old):
                if not entry[0].startswith("!") and not any(_within(entry, other) for other in old):
                    yield Widened(name, words(entry), _plain_kind(name, entry))
        for entry in sorted(old - new):  # what no longer forbids
            if not one.allows and not any(_within(entry, other) for other in new):
                yield Widened(name, words(entry))
            elif one.allows and any(part.startswith("!") for part in entry):
                yield Widened(name, words(tuple(part.removeprefix("!") for part in entry)))


def _plain_kind(name: str, entry: tuple[str, ...]) -> Kind | None:
    is_plain = name == "namespaceResourceWhitelist" and entry[2] == "*"
    return (entry[0], entry[1]) if is_plain and not set("*?[!") & set(entry[0] + entry[1]) else None


def _entries(one: _List, spec: Mapping[str, Any], name: str) -> set[tuple[str, ...]]:
    given = spec.get(name)
    if not given and one.missing_is_everything and spec:
        return {one.read({"group": "*", "kind": "*"})}
    return {one.read(entry) for entry in sequence(given)}


def _within(entry: tuple[str, ...], wide: tuple[str, ...]) -> bool:
    return all(fnmatchcase(part, pattern) for part, pattern in zip(entry, wide, strict=True))
