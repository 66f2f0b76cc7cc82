"""pairing: two snapshots -> every object that differs, with the values that differ in it.

In      two Snapshots, the keys of lists.
Out     a Comparison, sorted by key.
Never   guesses: two objects are the same if cluster, group, kind, namespace and name are.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from platformc.snapshot.field_changes import field_changes
from platformc.snapshot.list_keys import ListKeys
from platformc.snapshot.model import Comparison, ObjectChange, Snapshot, SnapshotObject
from platformc.snapshot.values import are_written_alike, identical


def compare(base: Snapshot, head: Snapshot, list_keys: ListKeys) -> Comparison:
    """Pair all objects of two states of a platform; nothing is said of an environment that is unknown in one."""
    skipped = {name for side in (base, head) for name, one in side.environments.items() if one.unknown}
    base, head = _without(base, skipped), _without(head, skipped)
    before = {one.key: one for one in base.objects}
    after = {one.key: one for one in head.objects}
    changes = []
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            changes.append(ObjectChange(key, old, new, ()))
        elif not _is_same(old, new):
            changes.append(ObjectChange(key, old, new, field_changes(old.object, new.object, list_keys)))
    return Comparison(base, head, before, after, tuple(changes))


def _without(snapshot: Snapshot, skipped: Container[str]) -> Snapshot:
    kept = {name: one for name, one in snapshot.environments.items() if name not in skipped}
    return replace(snapshot, environments=kept)


def _is_same(old: SnapshotObject, new: SnapshotObject) -> bool:
    if old is new:  # of an environment that both sides share
        return True
    # For Python, 1 equals true, so equality alone proves nothing; what is also written alike needs no second look.
    return old.home == new.home and (are_written_alike(old.object, new.object) or identical(old.object, new.object))
