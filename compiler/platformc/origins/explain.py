"""explain: for a leaf of the output, the chain of places in the spec that made it; and the other way round.

In      the Sources of a platform, its environments' Programs.
Out     Explanations: a value, the scalars that it was made from with what they replaced and which constants
        are in them, the edges that caused it, or the convention that it belongs to.
Never   guesses: a leaf without origins and without a convention is shown as such.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from platformc.diagnostics import Span
from platformc.language import DocumentId, Reference, Sources, pieces
from platformc.language.models.pod import PodFields
from platformc.language.nodes import KeyPath, Node, Scalar, at
from platformc.language.origin import Cause, origins_of, unmarked
from platformc.link import Program, access_edges
from platformc.lower import Manifest
from platformc.lower.argocd_projects import CLUSTER_CHILDREN, children_of
from platformc.lower.claim import GROUP
from platformc.lower.claim_api import claim_api
from platformc.lower.composed import claimed_kind, composed_kinds
from platformc.origins.conventions import CLAIM, Convention, convention_of
from platformc.origins.documents import Documents
from platformc.origins.inside import origins_of_line
from platformc.origins.lines import last_line
from platformc.origins.places import Places
from platformc.tree import arrange

"""The kind and the path of what edges become in AWS."""
PLACES_OF_FILES: dict[str, KeyPath] = {"ConfigMap": ("data",), "SealedSecret": ("spec", "template", "data")}
"""The paths in objects of the files of a Config or Secret."""
WHITELIST = ("spec", "LIST", "POSITION", "FIELD")
"""The form of the paths of the kinds that a project allows."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One place in the spec that a value comes from."""

    at: Span
    text: str
    """Its line, without the indentation."""
    document: str
    """The document, such as `Workload stoat-api` or `Profile stoat-backend`."""
    is_cause: bool
    """Whether it is an edge that caused the value, not a part of it."""
    path: KeyPath = ()
    """Its path in the document; empty in files that are not documents of the spec."""
    extended: Span | None = None
    """Of a Profile's value: where the document of the object extends the Profile."""
    replaced: tuple[Origin, ...] = ()
    """What it replaced, the nearest layer first."""
    constants: tuple[Origin, ...] = ()
    """The constants that were substituted into it."""


@dataclass(frozen=True, slots=True)
class AccessWord:
    """An access word of `needs` and what it allows in AWS."""

    kind: str
    """The word for the kind in `needs`, such as `table`."""
    word: str
    actions: tuple[str, ...]
    targets: tuple[str, ...]
    """The documents that it applies to here."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Why an AppProject allows a kind."""

    rendered: tuple[str, ...]
    """The objects of the kind, as KIND/NAME."""
    made_of: tuple[str, ...]
    """The objects from which the cluster creates objects of the kind."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where one leaf comes from."""

    environment: str
    file: str
    """Relative to the output folder."""
    kind: str
    name: str
    """Of the object."""
    path: KeyPath
    value: Any
    origins: tuple[Origin, ...]
    convention: Convention | None
    """Set if no scalar is in the value, or if it is computed from several."""
    access: tuple[AccessWord, ...] = ()
    """For a policy in AWS: the words in `needs` behind its statements."""
    part_of: tuple[Origin, ...] = ()
    """Of a value that has no origins: those of the name of the item in a list that it is in, or of its document."""
    allowed: Allowed | None = None
    """For a kind that an AppProject allows."""
    line: int | None = None
    """For a line of a file in a ConfigMap or SealedSecret, counted from 1; `value` is then only that line."""

    @property
    def object(self) -> str:
        """KIND/NAME, for people."""
        return f"{self.kind}/{self.name}"


class Explainer:
    """Explains the output of one environment. Compiles it once more, with origins."""

    def __init__(self, sources: Sources, environment: str) -> None:
        self.sources = sources
        places = Places.of(sources, environment)
        self.program: Program = places.program
        self.manifests = places.manifests
        identities = [(unmarked(manifest.application), manifest.id) for manifest in self.manifests]
        self.files: dict[str, Manifest] = dict(zip(arrange(identities), self.manifests, strict=True))
        self._documents = Documents.of(sources)

    def leaves(self, file: str) -> Iterator[tuple[KeyPath, Any]]:
        """Every leaf of a file's object with its path, in order."""
        yield from _leaves(self.files[file].object, ())

    def explain(self, file: str, path: KeyPath) -> tuple[Explanation, ...]:
        """Every leaf at or below a path of a file."""
        return tuple(
            self._explanation(file, leaf, value) for leaf, value in self.leaves(file) if leaf[: len(path)] == path
        )

    def explain_line(self, file: str, path: KeyPath, line: int) -> tuple[Explanation, ...]:
        """One line, counted from 0, of the file at a path; the whole file if there is nothing on it."""
        manifest = self.files[file]
        resource = self.program.resources.get(manifest.owner)
        found = self.explain(file, path)
        if len(found) != 1 or resource is None or path[:-1] != PLACES_OF_FILES.get(str(manifest.object["kind"])):
            return found
        (whole,) = found
        scalars = origins_of_line(self.program, resource, str(path[-1]), line, str(whole.value))
        if not scalars:
            return found
        text = str(whole.value).split("\n")[line]
        origins = tuple(map(_of_its_line, self._origins(scalars, manifest)))
        return (replace(whole, value=text, line=line + 1, origins=origins),)

    def reached(self, file: str, line: int | None = None, column: int | None = None) -> tuple[Explanation, ...]:
        """Every leaf that contains, or is caused by, a scalar on a line of the spec; without a line, of the whole file.

        A line with the name of a Profile affects what comes from the Profile in the objects of its document.
        With a column, only for the scalar there, if there is one.
        """
        on_line: list[Explanation] = []
        at_column: list[Explanation] = []
        for rendered, manifest in self.files.items():
            extended = {
                profile: span for profile, span in self._extended(manifest).items() if _covers(span, file, line, None)
            }
            for path, value in _leaves(manifest.object, ()):
                spans = [span for origin in _origins_of_leaf(path, value) for span in _spans(origin)]
                if extended:
                    documents = {self._documents.at(span)[0] for span in spans}
                    spans += [span for profile, span in extended.items() if profile in documents]
                if not any(_covers(span, file, line, None) for span in spans):
                    continue
                explanation = self._explanation(rendered, path, value)
                on_line.append(explanation)
                if any(_covers(span, file, line, column) for span in spans):
                    at_column.append(explanation)
        return tuple(at_column or on_line)

    def _explanation(self, file: str, path: KeyPath, value: Any) -> Explanation:
        manifest = self.files[file]
        kind, name = str(manifest.object["kind"]), str(manifest.object["metadata"]["name"])
        origins = _origins_of_leaf(path, value)
        return Explanation(
            environment=str(self.program.platform.environment),
            file=f"{self.program.platform.environment}/{file}",
            kind=kind,
            name=name,
            path=tuple(unmarked(step) for step in path),
            value=unmarked(value),
            origins=self._origins(origins, manifest),
            convention=_convention(CLAIM if manifest.id.group == GROUP else kind, path, origins),
            access=tuple(self._access(manifest)) if self._is_policy(manifest, path) else (),
            part_of=() if origins else self._part_of(manifest, path),
            allowed=self._allowed(manifest, path) if kind == "AppProject" else None,
        )

    def _part_of(self, manifest: Manifest, path: KeyPath) -> tuple[Origin, ...]:
        """Of a value without origins: what names the item of a list that it is in, else the object's document."""
        scalars = _item_name(manifest.object, path)
        resource = self.program.resources.get(manifest.owner)
        if not scalars and resource is not None:
            name = at(resource.node, ("metadata", "name"))
            scalars = (name,) if isinstance(name, Scalar) else ()
        return self._origins(scalars, manifest)

    def _allowed(self, manifest: Manifest, path: KeyPath) -> Allowed | None:
        """The objects for which a project has an entry in one of its lists of kinds; None for its other values."""
        if len(path) < len(WHITELIST) or path[:1] != ("spec",) or not str(path[1]).endswith("ResourceWhitelist"):
            return None
        entry = manifest.object["spec"][path[1]][path[2]]
        kind = (str(entry["group"]), str(entry["kind"]))
        makers = {
            parent
            for parent, children in (*children_of(self.program).items(), *CLUSTER_CHILDREN.items())
            if kind in children
        }
        makers |= {claimed_kind(one) for one in claim_api(self.program) if kind in composed_kinds(one)}
        return Allowed(self._named({kind}), self._named(makers))

    def _named(self, kinds: Collection[tuple[str, str]]) -> tuple[str, ...]:
        found = {f"{one.id.kind}/{one.id.name}" for one in self.manifests if (one.id.group, one.id.kind) in kinds}
        return tuple(sorted(map(unmarked, found)))

    def _is_policy(self, manifest: Manifest, path: KeyPath) -> bool:
        """Whether a value is a policy made from edges."""
        aws = self.program.resources[manifest.owner].kind.aws if manifest.owner in self.program.resources else None
        claims = aws.claims if aws is not None else ()
        return any((claim.kind, claim.policy) == (manifest.object["kind"], path) for claim in claims)

    def _access(self, manifest: Manifest) -> Iterator[AccessWord]:
        """The access words behind an identity's policy, each with the actions that its kind's record gives it."""
        found: dict[tuple[str, str], set[str]] = {}
        for edge in access_edges(self.program, self.program.resources[manifest.owner]):
            if isinstance(edge.target, DocumentId):
                for word in edge.access:
                    key = (str(edge.target.kind), str(unmarked(word)))
                    found.setdefault(key, set()).add(str(edge.name))
        for (kind, word), targets in sorted(found.items()):
            record = self.program.platform.kinds[kind]
            actions = record.aws.actions((word,)) if record.aws is not None else ()
            yield AccessWord(record.word, word, tuple(action.name for action in actions), tuple(sorted(targets)))

    def _origins(self, scalars: Sequence[Scalar], manifest: Manifest) -> tuple[Origin, ...]:
        """Parts of the value first, then what caused it; each place once."""
        made: dict[tuple[Span, bool], Origin] = {}
        for scalar in sorted(scalars, key=lambda one: isinstance(one, Cause)):
            is_cause = isinstance(scalar, Cause)
            if is_cause and (scalar.span, False) in made:
                continue
            made.setdefault((scalar.span, is_cause), self._origin(scalar, self._extended(manifest)))
        return tuple(made.values())

    def _extended(self, manifest: Manifest) -> dict[str, Span]:
        """The places where the document of an object names its Profiles, by their names here."""
        resource = self.program.resources.get(manifest.owner)
        if resource is None or not isinstance(resource.spec, PodFields):
            return {}
        return {
            f"Profile {unmarked(name)}": resource.at("extends", position)
            for position, name in enumerate(resource.spec.extends)
        }

    def _origin(self, scalar: Node, extended: dict[str, Span]) -> Origin:
        replaced = []
        below = scalar.replaced
        while below is not None:
            replaced.append(self._place(below))
            below = below.replaced
        constants = tuple(self._origin(one, {}) for one in scalar.sources) if isinstance(scalar, Scalar) else ()
        place = self._place(scalar)
        through = extended.get(place.document)
        return replace(place, replaced=tuple(replaced), constants=constants, extended=through)

    def _place(self, node: Node) -> Origin:
        lines = self.sources.texts.get(node.span.path, "").split("\n")
        text = lines[node.span.line - 1].strip() if node.span.line <= len(lines) else ""
        document, path = self._documents.at(node.span)
        return Origin(node.span, text, document, isinstance(node, Cause), path)


def _origins_of_leaf(path: KeyPath, value: Any) -> tuple[Scalar, ...]:
    """The scalars behind a leaf; for null and an empty map or list, which have none, that of its key."""
    is_empty = value is None or value in ({}, [])
    return origins_of(path[-1:]) if is_empty else origins_of(value)


def _of_its_line(origin: Origin) -> Origin:
    """A line of a text, which has no width as a place, has the constants that it names; all of another place."""
    at = origin.at
    if (at.line, at.column) != (at.end_line, at.end_column):
        return origin
    named = {one.steps[-1] for one in pieces(origin.text) if isinstance(one, Reference)}
    return replace(origin, constants=tuple(one for one in origin.constants if one.path and one.path[-1] in named))


def _convention(kind: str, path: KeyPath, origins: Sequence[Scalar]) -> Convention | None:
    """The convention of a value without scalars, or the one that explains how it is computed from them."""
    found = convention_of(kind, path)
    if all(isinstance(one, Cause) for one in origins):
        return found
    return found if found is not None and found.is_computed else None


def _item_name(root: Any, path: KeyPath) -> tuple[Scalar, ...]:
    """The scalars behind the name of the innermost item of a list that a path leads through."""
    found, name = root, None
    for step in path[:-1]:
        found = found[step]
        if isinstance(step, int) and isinstance(found, dict):
            name = found.get("name")
    return origins_of(name)


def _spans(scalar: Scalar) -> Iterator[Span]:
    """The places that a scalar stands for: its own, and those of the constants in it."""
    yield scalar.span
    for constant in scalar.sources:
        yield from _spans(constant)


def _covers(span: Span, file: str, line: int | None, column: int | None) -> bool:
    """Whether a scalar is on a line, at a column; text with several lines is on all of them."""
    if span.path != file or line is None:
        return span.path == file
    if not span.line <= line <= last_line(span):
        return False
    return column is None or span.line != last_line(span) or span.column <= column < span.end_column


def _leaves(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Any]]:
    if isinstance(value, dict) and value:
        for key, below in value.items():
            yield from _leaves(below, (*path, key))
    elif isinstance(value, list) and value:
        for position, item in enumerate(value):
            yield from _leaves(item, (*path, position))
    else:
        yield path, value
