"""known: what all judges of this package share.

In      a Comparison.
Out     the records of kinds; what holds data; which environments are gone or on another cluster; what replaces what.
Never   compiles a second time before something is gone: many changes remove nothing.

Objects are looked up among what changed: what is the same in both states may be missing from both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from platformc.check.aws_resources import Claims, group_of, kind_of
from platformc.check.policies.object_fields import below, sequence, text, texts
from platformc.diagnostics import Span
from platformc.kinds import KINDS
from platformc.language import DocumentId, Resource
from platformc.language.models.base import DocumentSpec
from platformc.link import Program
from platformc.lower.argocd import FINALIZER, FOLDER
from platformc.snapshot import Comparison, EnvironmentSnapshot, ObjectChange, SnapshotObject, Verb

Object = Mapping[str, Any]

WORKLOADS = frozenset(
    {
        ("", "Pod"),
        ("apps", "DaemonSet"),
        ("apps", "Deployment"),
        ("apps", "ReplicaSet"),
        ("apps", "StatefulSet"),
        ("batch", "CronJob"),
        ("batch", "Job"),
    }
)
"""What runs pods; each of these can take the place of another one."""
ON_CLUSTER = frozenset({("", "Namespace"), ("", "PersistentVolume"), ("", "PersistentVolumeClaim")})
"""Kubernetes' own kinds that hold data, besides a StatefulSet with volumes."""
DEFINING = frozenset(
    {
        ("apiextensions.crossplane.io", "CompositeResourceDefinition"),
        ("apiextensions.k8s.io", "CustomResourceDefinition"),
        ("pkg.crossplane.io", "Provider"),
    }
)
"""What defines other kinds: with it go all objects of these kinds."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A document that declares a former name."""

    resource: Resource[Any]
    position: int

    @property
    def at(self) -> Span:
        """The former name in the spec."""
        return self.resource.at("moved", self.position, "from")


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """One thing in both states: the same object, or one that takes the place of another."""

    before: SnapshotObject
    after: SnapshotObject
    moved: Moved | None
    """The entry that says so, if there is one."""


@dataclass(frozen=True)
class Known:
    """Two states, and what is known about them."""

    comparison: Comparison

    @cached_property
    def claims(self) -> Claims:
        """The facts of claims; of the compiler's own kinds if neither side has a spec."""
        sources = self.comparison.head.sources or self.comparison.base.sources
        return Claims(sources.kinds if sources is not None else KINDS)

    @cached_property
    def shared(self) -> Sequence[tuple[EnvironmentSnapshot, EnvironmentSnapshot]]:
        """The environments that both states have, by name: before, after."""
        base, head = self.comparison.base.environments, self.comparison.head.environments
        names = sorted(base.keys() & head.keys() - self.unknown)
        return [(base[name], head[name]) for name in names]

    @cached_property
    def unknown(self) -> frozenset[str]:
        """The environments that do not compile on one side, so that nobody knows what changes in them."""
        sides = (self.comparison.base, self.comparison.head)
        return frozenset(name for side in sides for name, one in side.environments.items() if one.unknown)

    @cached_property
    def gone(self) -> frozenset[str]:
        """The environments that only the base has."""
        return frozenset(self.comparison.base.environments.keys() - self.comparison.head.environments.keys())

    @cached_property
    def rehosted(self) -> frozenset[str]:
        """The environments whose cluster is another one."""
        return frozenset(
            before.name
            for before, after in self.shared
            if before.objects and after.objects and before.cluster != after.cluster
        )

    @cached_property
    def deleted_applications(self) -> frozenset[tuple[str, str]]:
        """Environment and folder of each Application that goes, and that deletes what it synced."""
        return frozenset(
            (change.before.environment, folder)
            for change in self.comparison.changes
            if change.before is not None and change.after is None and change.key.kind == "Application"
            if FINALIZER in texts(below(dict(change.before.object), "metadata", "finalizers"))
            if (folder := text(below(dict(change.before.object), "spec", "source", "path")).rpartition("/")[2])
        )

    @cached_property
    def changes(self) -> Sequence[ObjectChange]:
        """All changes but those that follow from an environment that is gone or elsewhere."""
        return [change for change in self.comparison.changes if not self._is_covered(change)]

    def _is_covered(self, change: ObjectChange) -> bool:
        if change.verb is Verb.UPDATE:
            return False
        if change.environment in self.gone or change.environment in self.unknown:
            return True
        return change.environment in self.rehosted and change.present.application != FOLDER

    @cached_property
    def deleted(self) -> Sequence[SnapshotObject]:
        """The objects that are gone."""
        return [one for change in self.changes if change.after is None and (one := change.before) is not None]

    @cached_property
    def created(self) -> Sequence[SnapshotObject]:
        """The objects that are new."""
        return [one for change in self.changes if change.before is None and (one := change.after) is not None]

    def program(self, environment: str) -> Program | None:
        """The graph of an environment of the head; None if it has none."""
        found = self.comparison.head.environments.get(environment)
        if found is None:
            return None
        return found.program if found.program is not None else found.places.program if found.places else None

    def base_program(self, environment: str) -> Program | None:
        """The graph of an environment of the base, if it was compiled."""
        return self.comparison.base.program(environment)

    def holds_data(self, object_: Object) -> bool:
        """Whether an object holds data, or data is lost with it."""
        identity = (group_of(object_), kind_of(object_))
        if identity == ("apps", "StatefulSet"):
            return bool(templates_of(object_))
        if identity in ON_CLUSTER or identity in DEFINING:
            return True
        if self.claims.data(object_) is not None:
            return True
        managed = self.claims.of_managed(object_)
        return managed is not None and managed.data is not None

    @cached_property
    def _moved(self) -> Mapping[tuple[str, str], Moved]:
        """Environment and former owner -> the document that replaces it."""
        environments = {one.environment for one in self.deleted if self._may_move(one)}
        return {
            (environment, former): entry
            for environment in environments
            if (program := self.program(environment)) is not None
            for former, entry in _entries(program)
        }

    def _may_move(self, one: SnapshotObject) -> bool:
        return self.holds_data(one.object) or (one.key.group, one.key.kind) in WORKLOADS

    def moved(self, one: SnapshotObject) -> Moved | None:
        """The entry of `moved` that names the document that an object comes from."""
        return self._moved.get((one.environment, one.owner))

    def base_place(self, one: SnapshotObject) -> Span | None:
        """The document of an object of the base in the base's spec."""
        program = self.base_program(one.environment)
        document = document_of(one.owner)
        found = program.resources.get(document) if program is not None and document is not None else None
        return found.name_span if found is not None else None

    @cached_property
    def _created_by_owner(self) -> Mapping[tuple[str, str], Sequence[SnapshotObject]]:
        found: dict[tuple[str, str], list[SnapshotObject]] = {}
        for one in self.created:
            found.setdefault((one.environment, one.owner), []).append(one)
        return found

    def successor(self, old: SnapshotObject) -> Pair | None:
        """What takes the place of an object that is gone: of the same document, or of the one that it was moved to."""
        entry = self.moved(old)
        owner = str(entry.resource.id) if entry is not None else old.owner
        if not owner:
            return None
        candidates = self._created_by_owner.get((old.environment, owner), ())
        same = [one for one in candidates if self._is_like(old, one)]
        if len(same) > 1:  # several objects of one document: the one that kept its name
            same = [one for one in same if one.key.name == old.key.name] or same[:1]
        return Pair(old, same[0], entry) if same else None

    def _is_like(self, old: SnapshotObject, new: SnapshotObject) -> bool:
        identities = [(one.key.group, one.key.kind) for one in (old, new)]
        if identities[0] != identities[1]:
            return all(one in WORKLOADS for one in identities)
        data = self.claims.data(old.object)
        part = data.part if data is not None else None
        if part is None:
            return True
        steps = [str(step) for step in part]
        return (below(dict(old.object), *steps) is None) == (below(dict(new.object), *steps) is None)

    @cached_property
    def pairs(self) -> Sequence[Pair]:
        """Everything that is in both states and not the same."""
        replaced = [pair for old in self.deleted if (pair := self.successor(old)) is not None]
        return [*self._updated(), *replaced, *self._elsewhere()]

    def _updated(self) -> Iterator[Pair]:
        for change in self.changes:
            if change.before is not None and change.after is not None:
                yield Pair(change.before, change.after, None)

    def _elsewhere(self) -> Iterator[Pair]:
        """The objects of environments whose cluster is another one: what protects them can change at the same time."""
        found = [change for change in self.comparison.changes if change.environment in self.rehosted]
        after = {_without_cluster(one): one for change in found if change.before is None and (one := change.after)}
        for change in found:
            if change.before is not None and change.after is None:
                new = after.get(_without_cluster(change.before))
                if new is not None:
                    yield Pair(change.before, new, None)


def _without_cluster(one: SnapshotObject) -> tuple[str, str, str, str, str]:
    return one.environment, one.key.group, one.key.kind, one.key.namespace, one.key.name


def templates_of(stateful_set: Object) -> list[Any]:
    """The volume claim templates of a StatefulSet."""
    return sequence(below(dict(stateful_set), "spec", "volumeClaimTemplates"))


def document_of(owner: str) -> DocumentId | None:
    """The document that an owner's text names; None if it names none.

    >>> document_of("Workload stoat/api")
    DocumentId(kind='Workload', application='stoat', name='api')
    """
    kind, _, place = owner.partition(" ")
    application, slash, name = place.partition("/")
    return DocumentId(kind, application, name) if slash else None


def _entries(program: Program) -> Iterator[tuple[str, Moved]]:
    for resource in program.resources.values():
        if isinstance(resource.spec, DocumentSpec):
            for position, entry in enumerate(resource.spec.moved):
                word, _, name = entry.from_.partition(".")
                if word == resource.kind.word:
                    yield f"{resource.id.kind} {resource.id.application}/{name}", Moved(resource, position)
