"""validation: every object validated against its schema by kubeconform, while the next environment compiles.

In      the trees, one after the other; the claim API of the sources, the tools.
Out     of each environment and of all together: how many objects are valid, and which kinds have no schema on
        this machine.
Finds   schema-invalid, schema-missing; both point into the spec.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Self

from platformc.check.kubeconform.documents import Begun, MissingSchema, SchemaProblem, Verdict, begin, finish
from platformc.check.kubeconform.install import VERSION, find_kubeconform
from platformc.check.kubeconform.process import Document, stop
from platformc.check.remarks import Unchecked
from platformc.check.schemas.kubernetes import has_schemas, versions_hint
from platformc.check.schemas.store import SchemaStore
from platformc.diagnostics import Finding, Span, ToolError
from platformc.language import Platform, Sources
from platformc.lower import Manifest
from platformc.origins import Places
from platformc.rules.fields import INVALID_VERSION
from platformc.rules.output import SCHEMA_INVALID, SCHEMA_MISSING
from platformc.tree import Tree

MISSING_HINT = "run `platformc schemas fetch`, or `platformc schemas add DIR` with the folder of its CRD"


@dataclass(frozen=True, slots=True)
class Tools:
    """The places of tools and caches; never changes a byte of output."""

    cache: Path
    path: str
    """Where tools are searched, in the form of PATH."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What kubeconform made of one environment."""

    valid: int
    missing: tuple[MissingSchema, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Validated:
    """What validation covered, in all environments."""

    valid: int
    missing: tuple[MissingSchema, ...]


class Validation:
    """Validates trees with kubeconform, while more environments are compiled.

    One after the other, so that kubeconform needs no more memory than for one. A context manager: after it,
    nothing of it is running.
    """

    def __init__(self, sources: Sources, places: Mapping[str, Places], tools: Tools, *, paranoid: bool = False) -> None:
        self.failure: Exception | None = None
        """Why an environment could not be validated: the first such error, once all are done."""
        self._sources = sources
        self._places = places
        self._tools = tools
        self._paranoid = paranoid
        self._running: tuple[Tree, Begun] | None = None
        self._verdicts: list[tuple[Tree, Verdict]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._running is not None:
            stop(self._running[1].at_work)

    def add(self, tree: Tree, kubernetes_version: str) -> None:
        """Validate the files of one environment, after those of the one before. There must be schemas of the version."""
        self._settle()
        try:
            self._running = (tree, self._begin(tree, kubernetes_version))
        except Exception as error:  # noqa: BLE001 - whatever it is, a mistake in the spec may be its cause
            self.failure = self.failure or error

    def finish(self) -> Mapping[str, Checked]:
        """Wait for all of them: what came out, by environment.

        Raises nothing: what made it impossible to validate an environment is in `failure`.
        """
        self._settle()
        return {
            tree.environment: Checked(
                verdict.valid,
                verdict.missing,
                tuple(_placed(self._places[tree.environment], tree, verdict.problems)),
            )
            for tree, verdict in self._verdicts
        }

    def _settle(self) -> None:
        """Wait for the running one."""
        if self._running is None:
            return
        (tree, begun), self._running = self._running, None
        try:
            self._verdicts.append((tree, finish(begun)))
        except Exception as error:  # noqa: BLE001 - as in `add`
            self.failure = self.failure or error

    def _begin(self, tree: Tree, kubernetes_version: str) -> Begun:
        binary = find_kubeconform(self._tools.path, self._tools.cache)
        if binary is None:
            raise ToolError(
                f"kubeconform {VERSION} is not installed", hint="run `platformc setup`, or render with --no-validate"
            )
        objects = self._sources.claim_api.objects
        return begin(
            [
                Document(tree.environment, path, file.api_version, file.id.kind, file.id.name, file.content)
                for path, file in tree.files.items()
            ],
            kubernetes_version=kubernetes_version,
            own_definitions=[one for one in objects if one["kind"] == "CompositeResourceDefinition"],
            store=SchemaStore(self._tools.cache / "schemas"),
            cache=self._tools.cache,
            binary=binary,
            paranoid=self._paranoid,
        )


def in_all(sources: Sources, checked: Iterable[Checked], *, strict: bool) -> tuple[Validated, tuple[Finding, ...]]:
    """What validation covered, and all that it found. With `strict`, a kind without a schema is an error."""
    every = tuple(checked)
    missing = _together(one.missing for one in every)
    findings = [finding for one in every for finding in one.findings]
    if strict:
        findings += [_missing(sources, one) for one in missing]
    return Validated(sum(one.valid for one in every), missing), tuple(findings)


def _together(missing: Iterable[Sequence[MissingSchema]]) -> tuple[MissingSchema, ...]:
    """Kinds without a schema, each once, with the documents of all environments."""
    labels: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in chain.from_iterable(missing):
        labels[one.api_version, one.kind] += one.labels
    return tuple(MissingSchema(*kind, tuple(sorted(of_kind))) for kind, of_kind in sorted(labels.items()))


def _placed(places: Places, tree: Tree, problems: Sequence[SchemaProblem]) -> Iterator[Finding]:
    """Findings at the places in the spec that the problems come from."""
    for problem in problems:
        manifest = places.manifest(problem.file.partition("/")[0], tree.files[problem.file].id)
        yield replace(_finding(places, manifest, problem), environment=tree.environment)


def _finding(places: Places, manifest: Manifest, problem: SchemaProblem) -> Finding:
    at = places.place(manifest, (*problem.path, problem.absent) if problem.absent else problem.path)
    where = ".".join(str(step) for step in problem.path)
    message = f"{manifest.id}: {f'{where}: ' if where else ''}{problem.message}"
    related = ((Span(f"rendered/{problem.environment}/{problem.file}"), "the rendered file"),)
    return SCHEMA_INVALID.at(at, message, related=related, environment=problem.environment)


def unknown_kubernetes(platform: Platform) -> tuple[Finding, ...]:
    """The finding for an environment that cannot be validated: its version of Kubernetes has no schemas here."""
    version = platform.settings.kubernetes.version
    if has_schemas(version):
        return ()
    at = platform.platform.at("kubernetes", "version")
    message = f"there are no schemas of Kubernetes {version}"
    hint = f"{versions_hint()}; without validation (--no-validate), any version works"
    return (INVALID_VERSION.at(at, message, hint),)


def unchecked_compositions(unchecked: Sequence[Unchecked]) -> tuple[Finding, ...]:
    """The findings of a strict run for managed kinds that Compositions could not be checked against."""
    return tuple(
        SCHEMA_MISSING.at(
            one.at,
            f"there is no schema for {one.kind} ({one.api_version}), so what is composed was not checked",
            MISSING_HINT,
        )
        for one in unchecked
    )


def _missing(sources: Sources, missing: MissingSchema) -> Finding:
    objects = "1 object was" if len(missing.labels) == 1 else f"{len(missing.labels)} objects were"
    message = f"there is no schema for {missing.kind} ({missing.api_version}), so {objects} not validated"
    return SCHEMA_MISSING.at(Span(sources.specs), message, MISSING_HINT)
