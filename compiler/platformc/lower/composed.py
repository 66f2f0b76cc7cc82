"""composed: the managed resources that Compositions make, read from their bases.

In      objects of crossplane/ as plain data, of any shape: Compositions are validated elsewhere.
Out     apiVersion and kind of each base.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from platformc.language.origin import derive

Kind = tuple[str, str]
"""API group and kind."""

COMPOSITION = "Composition"


def claimed_kind(composition: Mapping[str, Any]) -> Kind:
    """The claim kind of a Composition."""
    return kind_of(_map(_map(composition.get("spec")).get("compositeTypeRef")))


def composed_kinds(composition: Mapping[str, Any]) -> Iterator[Kind]:
    """The kinds that a Composition makes, in the order of its pipeline; none for any other object."""
    if composition.get("kind") != COMPOSITION:
        return
    for step in _list(_map(composition.get("spec")).get("pipeline")):
        for resource in _list(_map(_map(step).get("input")).get("resources")):
            base = _map(_map(resource).get("base"))
            if base:
                yield kind_of(base)


def kind_of(described: Mapping[str, Any]) -> Kind:
    """Group and kind of an object, or of a reference to a kind."""
    api_version, kind = described.get("apiVersion", ""), described.get("kind", "")
    return derive(str(api_version).rpartition("/")[0], api_version), derive(str(kind), kind)


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()
