"""contents: what Argo CD's Applications sync that come or go: how much of it, where to, and what of it is now another's.

In      a Comparison; an Application that only one of the states has.
Out     words for the effect on the Application itself.
Never   says what becomes of the objects: each of them has an effect of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from platformc.check.policies.object_fields import below, mapping, sequence, text
from platformc.diff.effects.syncing import Application, Home, Syncs
from platformc.diff.reachability import in_words
from platformc.snapshot import Comparison, ObjectKey, SnapshotObject

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Contents:
    """The objects below each Application, in both states."""

    comparison: Comparison
    before: Mapping[ObjectKey, Sequence[SnapshotObject]]
    after: Mapping[ObjectKey, Sequence[SnapshotObject]]

    def of_new(self, application: SnapshotObject) -> str:
        """What a new Application syncs, as the end of a sentence: `and syncs 2 objects to …, by itself`."""
        number = len(self.after.get(application.key, ()))
        what = _objects(number) if number else "a chart" if has_chart(application) else "objects"
        how = "by itself" if Application(application).is_automated else "when somebody starts it"
        cluster = self.comparison.head.environments[application.environment].cluster
        return f"and syncs {what} to {_destination(application, cluster)}, {how}"

    def of_former(self, application: SnapshotObject) -> Iterator[str]:
        """What one that goes has synced, by kind; and how much of that another Application has now."""
        found = self.before.get(application.key, ())
        kept = [now for one in found if (now := self.comparison.after.get(one.key)) is not None]
        homes = sorted({one.application for one in kept})
        if kept:
            has = "has" if len(kept) == 1 else "have"
            yield f"{len(kept)} of its {_objects(len(found))} {has} moved to {in_words(homes, MOST_NAMED)}"
        kinds = Counter(one.key.kind for one in found)
        if kinds:
            yield f"it syncs {in_words([f'{number} {kind}' for kind, number in sorted(kinds.items())], len(kinds))}"


def contents_of(comparison: Comparison, syncs: Syncs) -> Contents:
    """What each Application of both states syncs."""
    sides = (comparison.before, syncs.base), (comparison.after, syncs.head)
    before, after = (_by_application(objects.values(), homes) for objects, homes in sides)
    return Contents(comparison, before, after)


def _by_application(
    objects: Iterable[SnapshotObject], homes: Mapping[Home, Application]
) -> Mapping[ObjectKey, Sequence[SnapshotObject]]:
    found: defaultdict[Home, list[SnapshotObject]] = defaultdict(list)
    for one in objects:
        found[one.environment, one.application].append(one)
    return {application.key: found[home] for home, application in homes.items()}


def has_chart(application: SnapshotObject) -> bool:
    """Whether an Application installs a chart."""
    spec = mapping(application.object.get("spec"))
    return any(text(mapping(source).get("chart")) for source in (spec.get("source"), *sequence(spec.get("sources"))))


def _destination(application: SnapshotObject, own: str) -> str:
    """Where an Application deploys to; the environment's own cluster is called that, in each environment alike."""
    found = mapping(below(application.object, "spec", "destination"))
    name = text(found.get("server")) or text(found.get("name"))
    return "the environment's cluster" if own == f"the cluster {name}" else name or "an unknown cluster"


def _objects(number: int) -> str:
    return f"{number} object{'' if number == 1 else 's'}"
