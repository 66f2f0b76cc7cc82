"""snapshot: whole platforms in one state, paired by what identifies their objects."""

from platformc.snapshot.compiled import (
    Commit,
    environment_snapshot,
    snapshot_of_commit,
    snapshot_of_files_at,
    snapshot_of_files_in,
    snapshot_of_folder,
    snapshot_of_outcome,
)
from platformc.snapshot.list_keys import ListKeys, list_keys
from platformc.snapshot.model import (
    ABSENT,
    Comparison,
    EnvironmentSnapshot,
    FieldChange,
    ObjectChange,
    ObjectKey,
    Part,
    Same,
    Snapshot,
    SnapshotObject,
    Verb,
)
from platformc.snapshot.pairing import compare
from platformc.snapshot.rendered import snapshot_of_files

__all__ = [
    "ABSENT",
    "Commit",
    "Comparison",
    "EnvironmentSnapshot",
    "FieldChange",
    "ListKeys",
    "ObjectChange",
    "ObjectKey",
    "Part",
    "Same",
    "Snapshot",
    "SnapshotObject",
    "Verb",
    "compare",
    "environment_snapshot",
    "list_keys",
    "snapshot_of_commit",
    "snapshot_of_files",
    "snapshot_of_files_at",
    "snapshot_of_files_in",
    "snapshot_of_folder",
    "snapshot_of_outcome",
]
