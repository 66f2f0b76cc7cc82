"""model: a whole platform in one state, and what changes between two of them.

In      objects of a compiled platform, or of files that were rendered before.
Out     Snapshot, Comparison: frozen values that data safety and the diff read.
Never   keeps text that is compared: objects are paired by what identifies them for a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from platformc.diagnostics import BugReport, Finding
from platformc.language import Sources
from platformc.language.nodes import KeyPath
from platformc.link import Program
from platformc.lower import ObjectId
from platformc.origins import Places


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """What identifies an object, whatever file, Application or environment it comes from."""

    cluster: str
    """For people: `the cluster https://…`; two environments on one cluster have the same."""
    group: str
    kind: str
    namespace: str
    """Empty for an object of the whole cluster."""
    name: str

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind} {place}"


@dataclass(frozen=True, slots=True, eq=False)
class SnapshotObject:
    """One object of a snapshot."""

    key: ObjectKey
    environment: str
    application: str
    """The folder of its Argo CD Application, without the environment's prefix."""
    path: str
    """Its file below the output folder: `production/stoat/stoat/deployment-api.yaml`."""
    object: Mapping[str, Any]
    """Plain data; never changed in place."""
    owner: str
    """The document that it comes from: `Workload stoat/api`; empty if nobody knows."""

    @property
    def id(self) -> ObjectId:
        """Its identity for an API server."""
        return ObjectId(self.key.group, self.key.kind, self.key.namespace, self.key.name)

    @property
    def home(self) -> tuple[str, str]:
        """Its environment and its Application."""
        return self.environment, self.application


@dataclass(frozen=True, slots=True, eq=False)
class EnvironmentSnapshot:
    """One environment of a snapshot."""

    name: str
    objects: tuple[SnapshotObject, ...]
    cluster: str
    """The cluster of everything but Argo CD's own objects, as in ObjectKey."""
    program: Program | None
    """Its graph; None if the environment does not compile, or only its files are known."""
    places: Places | None
    """The way back to the spec; None if there is no graph."""
    unknown: str = ""
    """Why its objects are not known, as the end of a sentence about it; then it has none here."""
    inputs: str = ""
    """The digest of all that it was compiled from: two with the same are the same. Empty if nobody knows."""


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A whole platform in one state: at a commit, in a folder, or as it was rendered."""

    label: str
    """For people: `main at 1a2b3c4`, `the working tree`."""
    commit: str
    """The full id of a commit; empty for a folder."""
    environments: Mapping[str, EnvironmentSnapshot]
    sources: Sources | None
    """The spec; None if only files are known."""
    findings: tuple[Finding, ...]
    settings: Mapping[str, bytes]
    """The files below argocd/, by path."""
    rendered: Mapping[str, bytes]
    """The files of the output folder as they were found, by path below it, without the compiler's own."""
    compiled_files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file that this compiler makes, by the same paths, of the environments without errors."""

    @property
    def objects(self) -> Sequence[SnapshotObject]:
        """All objects of all environments."""
        return [one for environment in self.environments.values() for one in environment.objects]

    def only(self, environments: Sequence[str]) -> Snapshot:
        """The same with these environments alone; of none, all."""
        if not environments:
            return self
        return replace(
            self, environments={name: one for name, one in self.environments.items() if name in environments}
        )

    def program(self, environment: str) -> Program | None:
        """The graph of an environment, if it exists and has one."""
        found = self.environments.get(environment)
        return found.program if found is not None else None


class Absent:
    """Stands for a value that is not there: null is a value."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent()


class Same(StrEnum):
    """Why two forms of a value mean the same to the API server."""

    QUANTITIES = "equal quantities"
    DEFAULT = "the API server's default"
    EMPTY = "empty, which is the same as absent"
    ORDER_OF_NAMED = "order of items with names"
    ORDER_OF_SET = "order of a set"
    LAYOUT = "only layout"


STORED_ALIKE = frozenset({Same.QUANTITIES, Same.DEFAULT, Same.EMPTY})
"""Of these, the API server stores the very same bytes."""


class Part(StrEnum):
    """What of the value at its paths a FieldChange is about."""

    VALUE = "value"
    """The value itself: at its paths are `before` and `after`."""
    ORDER = "order"
    """The order of a list's items alone: `before` and `after` are what identifies the items in both states, in order."""
    INSIDE = "inside"
    """A value inside of the text at its paths."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldChange:
    """One value that differs between two states of an object; `before` or `after` may be ABSENT.

    A value is a leaf, except where everything below it appears or disappears at once.
    """

    before_path: KeyPath
    """Its path in the old object, with positions in lists; up to its nearest ancestor there if it is ABSENT."""
    after_path: KeyPath
    """The same in the new object."""
    shown: str
    """Its path for people: items of lists by their names, what is inside of structured text after a `»`."""
    before: Any
    after: Any
    same: str = ""
    """Why both mean the same to the API server (`equal quantities`); empty if they do not."""
    part: Part = Part.VALUE

    @property
    def is_stored_alike(self) -> bool:
        """Whether the API server stores the same bytes.

        Then nobody can see a difference: neither Argo CD, nor the controller that replaces pods if their template differs.
        """
        return self.same in STORED_ALIKE


class Verb(StrEnum):
    """What happens to an object."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, eq=False)
class ObjectChange:
    """One object that is not the same in both states."""

    key: ObjectKey
    before: SnapshotObject | None
    after: SnapshotObject | None
    fields: tuple[FieldChange, ...]
    """What differs, if it is in both states; empty if only its Application, file or owner differs."""

    @property
    def verb(self) -> Verb:
        """What happens to it."""
        if self.before is None:
            return Verb.CREATE
        return Verb.DELETE if self.after is None else Verb.UPDATE

    @property
    def present(self) -> SnapshotObject:
        """The object after the change; before it if it is deleted."""
        found = self.after or self.before
        if found is None:
            raise BugReport(f"{self.key} is in neither state")
        return found

    @property
    def environment(self) -> str:
        """The environment that it belongs to afterwards."""
        return self.present.environment

    @property
    def is_moved(self) -> bool:
        """Whether another Application has it now."""
        return self.before is not None and self.after is not None and self.before.home != self.after.home


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two states of a platform, and every object that differs between them, sorted by key.

    Neither side has an environment of which the other one knows nothing.
    """

    base: Snapshot
    head: Snapshot
    before: Mapping[ObjectKey, SnapshotObject]
    """All objects of the base by key."""
    after: Mapping[ObjectKey, SnapshotObject]
    """All objects of the head by key."""
    changes: tuple[ObjectChange, ...]

    @cached_property
    def by_key(self) -> Mapping[ObjectKey, ObjectChange]:
        """The changes by the key of their object."""
        return {change.key: change for change in self.changes}
