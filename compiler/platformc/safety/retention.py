"""retention: data that AWS deletes by itself, sooner than before.

In      what is known of two states; the records of kinds say what their claims keep.
Out     transitions: retention-shortened.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from platformc.check.aws_resources import name_in_aws
from platformc.check.policies.object_fields import below, mapping, text
from platformc.language.aws_facts import Kept, Retention
from platformc.rules.data import RETENTION_SHORTENED
from platformc.safety.claims import name_of
from platformc.safety.known import Known
from platformc.safety.transition import Loss, Transition
from platformc.snapshot import SnapshotObject

Resource = tuple[str, str]
"""A kind of claim, and the name in AWS of what it holds."""
HINT = "look at what is older than the new limit, and copy what is still needed"


@dataclass(frozen=True, slots=True, eq=False)
class _Limit:
    """What one claim says about one part of the data."""

    kept: Kept
    source: SnapshotObject


def judge(known: Known) -> Iterator[Transition]:
    """Yield what is kept for less time, or in smaller numbers, of resources that were there before."""
    before = _limits(known, [pair.before for pair in known.pairs] + list(known.deleted))
    after = _limits(known, [pair.after for pair in known.pairs] + list(known.created))
    was_there = {_resource(known, one) for one in (*(pair.before for pair in known.pairs), *known.deleted)}
    new = {_resource(known, one) for one in (*(pair.after for pair in known.pairs), *known.created)} - was_there
    for resource, limits in after.items():
        if resource in new:
            continue
        former = before.get(resource, {})
        for what, limit in limits.items():
            old = former.get(what)
            if old is None or limit.kept.limit < old.kept.limit:
                yield _transition(limit, old)


def _limits(known: Known, objects: list[SnapshotObject]) -> Mapping[tuple[str, Resource], Mapping[str, _Limit]]:
    """The shortest limit of each part of each resource."""
    found: dict[tuple[str, Resource], dict[str, _Limit]] = {}
    for one in dict.fromkeys(objects):
        claim = known.claims.of(one.object)
        retention = claim.retention if claim is not None else None
        if retention is None:
            continue
        limits = found.setdefault((one.environment, _named(retention, one)), {})
        for kept in retention.kept(mapping(one.object.get("spec"))):
            if kept.what not in limits or kept.limit < limits[kept.what].kept.limit:
                limits[kept.what] = _Limit(kept, one)
    return found


def _named(retention: Retention, one: SnapshotObject) -> Resource:
    return retention.kind, text(below(dict(one.object), "spec", retention.name))


def _resource(known: Known, one: SnapshotObject) -> tuple[str, Resource]:
    """What a claim with data holds."""
    return one.environment, (one.key.kind, name_in_aws(known.claims, one.object))


def _transition(limit: _Limit, old: _Limit | None) -> Transition:
    source = limit.source
    before = f" instead of {old.kept.words}" if old is not None else ", where it kept everything"
    return Transition(
        RETENTION_SHORTENED,
        Loss.LOST,
        source.environment,
        source.key,
        f"{name_of(source.object)}: AWS keeps only {limit.kept.words}{before}",
        HINT,
        old.kept.place if old is not None and old.source.key == source.key else None,
        limit.kept.place,
    )
