"""selectors: label selectors as Kubernetes evaluates them, and the pods that a selector is about.

In      a LabelSelector as plain data of any shape.
Out     Selector; whether it matches labels; labels that it matches.
Never   treats what it cannot read as a match of nothing: that is an UnreadableError.

Source: Kubernetes docs, "Labels and Selectors"; apimachinery, pkg/labels/selector.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


class UnreadableError(ValueError):
    """A part of an object that the API server would refuse; the text says which, for people."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of a selector's `matchExpressions`."""

    key: str
    operator: str
    values: frozenset[str]

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether labels satisfy it; `NotIn` is satisfied without the label."""
        if self.operator == "In":
            return labels.get(self.key) in self.values
        if self.operator == "NotIn":
            return self.key not in labels or labels[self.key] not in self.values
        return (self.key in labels) is (self.operator == "Exists")


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; an empty one matches everything."""

    labels: tuple[tuple[str, str], ...] = ()
    requirements: tuple[Requirement, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether it selects what has these labels."""
        return all(labels.get(key) == value for key, value in self.labels) and all(
            one.matches(labels) for one in self.requirements
        )

    @property
    def keys(self) -> frozenset[str]:
        """The labels that it looks at."""
        return frozenset([*(key for key, _ in self.labels), *(one.key for one in self.requirements)])

    def example(self) -> dict[str, str] | None:
        """Labels that it matches and that say as little else as possible; None if it matches none."""
        found = dict(self.labels)
        for one in self.requirements:
            if one.operator == "In" and one.values:
                found.setdefault(one.key, min(one.values))
            elif one.operator == "Exists":
                found.setdefault(one.key, "any")
        return found if self.matches(found) else None

    def __str__(self) -> str:
        words = [f"{key}={value}" for key, value in self.labels]
        for one in self.requirements:
            values = "|".join(sorted(one.values))
            words.append(
                {
                    "In": f"{one.key}={values}",
                    "NotIn": f"{one.key}≠{values}",
                    "Exists": one.key,
                    "DoesNotExist": f"no {one.key}",
                }[one.operator]
            )
        return ", ".join(words)


def read_selector(value: Any) -> Selector:
    """Read a LabelSelector. Raises UnreadableError."""
    if value is None:
        return Selector()
    if not isinstance(value, dict):
        raise UnreadableError("a selector is not a map")
    labels, expressions = value.get("matchLabels") or {}, value.get("matchExpressions") or []
    if not isinstance(labels, dict) or not all(isinstance(one, str) for pair in labels.items() for one in pair):
        raise UnreadableError("matchLabels is not a map of texts")
    if not isinstance(expressions, list):
        raise UnreadableError("matchExpressions is not a list")
    return Selector(tuple(sorted(labels.items())), tuple(_requirement(one) for one in expressions))


def _requirement(value: Any) -> Requirement:
    if not isinstance(value, dict) or not isinstance(value.get("key"), str) or value.get("operator") not in OPERATORS:
        raise UnreadableError("an entry of matchExpressions has no key, or an unknown operator")
    values = value.get("values") or []
    if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
        raise UnreadableError("the values of an entry of matchExpressions are not texts")
    if bool(values) is not (value["operator"] in ("In", "NotIn")):
        raise UnreadableError(f"an entry of matchExpressions with {value['operator']} has no values, or needless ones")
    return Requirement(value["key"], value["operator"], frozenset(values))
