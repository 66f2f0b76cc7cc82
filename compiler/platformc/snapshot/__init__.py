"""snapshot: whole platforms in one state, paired by what identifies their objects."""

from platformc.snapshot.list_keys import ListKeys
from platformc.snapshot.model import (
    ABSENT,
    Comparison,
    EnvironmentSnapshot,
    FieldChange,
    ObjectChange,
    ObjectKey,
    Part,
    Snapshot,
    SnapshotObject,
    Verb,
)
from platformc.snapshot.pairing import compare

__all__ = [
    "ABSENT",
    "Comparison",
    "EnvironmentSnapshot",
    "FieldChange",
    "ListKeys",
    "ObjectChange",
    "ObjectKey",
    "Part",
    "Snapshot",
    "SnapshotObject",
    "Verb",
    "compare",
]
