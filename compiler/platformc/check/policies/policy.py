"""Policy: a rule about what was lowered, and the function that yields Problems for it.

A rule of the language or of a tool is found by an earlier stage; it stands in `platformc.rules`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import Manifest
from platformc.rules import Page, Rule


@dataclass(frozen=True, slots=True)
class Problem:
    """A policy rule's complaint about one place in an object."""

    manifest: Manifest
    path: KeyPath
    """Where in the object; a place that is missing is named where it should be."""
    message: str
    hint: str = ""


Check = Callable[[Program, Sequence[Manifest]], Iterator[Problem]]


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule about what was lowered, with the function that looks for it."""

    rule: Rule
    check: Check

    def __call__(self, program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
        """The problems in an environment's objects."""
        yield from self.check(program, manifests)


def policy(identity: str, severity: Severity, family: str) -> Callable[[Check], Policy]:
    """Make a policy of a function; its docstring is the rule's page, and the page's first line the summary."""

    def made(check: Check) -> Policy:
        text = inspect.cleandoc(check.__doc__ or "")
        page = Page((severity,), text.partition("\n")[0].rstrip("."), text)
        return Policy(Rule(identity, family, lambda: page, allowable=True), check)

    return made


@dataclass(frozen=True, slots=True)
class Pod:
    """The pods of one manifest: where their spec stands, and the spec."""

    manifest: Manifest
    path: KeyPath
    spec: dict[str, Any]


POD_PATHS: dict[str, KeyPath] = {
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "DaemonSet": ("spec", "template", "spec"),
    "Deployment": ("spec", "template", "spec"),
    "Job": ("spec", "template", "spec"),
    "Pod": ("spec",),
    "ReplicaSet": ("spec", "template", "spec"),
    "StatefulSet": ("spec", "template", "spec"),
}


class Lowered(tuple[Manifest, ...]):  # noqa: SLOT001 - what is found once is kept in its __dict__
    """The manifests of an environment; dozens of rules ask for their pods, which are found once."""

    @cached_property
    def pods(self) -> tuple[Pod, ...]:
        """The pods of all manifests that make any."""
        return tuple(_pods(self))


def pods(manifests: Sequence[Manifest]) -> Iterable[Pod]:
    """The pods of all manifests that make any."""
    return manifests.pods if isinstance(manifests, Lowered) else _pods(manifests)


def _pods(manifests: Sequence[Manifest]) -> Iterator[Pod]:
    for manifest in manifests:
        path = POD_PATHS.get(manifest.object["kind"])
        if path is None:
            continue
        found: Any = manifest.object
        for step in path:
            found = found.get(step) if isinstance(found, dict) else None
        if isinstance(found, dict):
            yield Pod(manifest, path, found)
