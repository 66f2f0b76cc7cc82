"""Rule: one thing that a finding can be about, with the page that explains it.

A policy rule looks at what was lowered and yields Problems; a rule of the language or of a tool is
found by an earlier stage, and only its page is here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.diagnostics import Severity
from platformc.language.nodes import KeyPath
from platformc.link.program import Program
from platformc.lower.manifest import Manifest


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
class Rule:
    """One rule."""

    id: str
    """Stable kebab-case id, named by the bad thing, so that it reads after "allow"."""
    severity: Severity
    family: str
    summary: str
    page: str
    """Markdown: what it does, why it is bad, an example, what to use instead, how to allow it."""
    check: Check | None = None
    """None for a rule that another stage finds."""
    allowable: bool = False
    """Whether `allow` silences it although no policy finds it."""

    def __call__(self, program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
        """The problems in an environment's objects; none for a rule that an earlier stage finds."""
        if self.check is not None:
            yield from self.check(program, manifests)


def rule(identity: str, severity: Severity, family: str) -> Callable[[Check], Rule]:
    """Make a policy rule of a function; its docstring is the page, and the page's first line the summary."""

    def made(check: Check) -> Rule:
        page = inspect.cleandoc(check.__doc__ or "")
        return Rule(identity, severity, family, page.partition("\n")[0].rstrip("."), page, check)

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
