"""tree: the manifests of each environment -> files below rendered/, written all together or not at all.

In      manifests (from lower) and the files below rendered/.
Out     `build` makes a Tree; `write` writes trees; `stale` only compares; `recover` ends an interrupted run.
Never   deletes or overwrites what the ownership index does not list, or what a person edited.
"""

from platformc.canonical_yaml import emit
from platformc.disk import Disk, EntryKind, FileSystem
from platformc.rendered_folder import HOME, INDEX
from platformc.tree.build import RenderedFile, Tree, build
from platformc.tree.journal import Outcome
from platformc.tree.layout import CLUSTER, arrange, folder_name
from platformc.tree.lock import Waiting
from platformc.tree.ownership import Index, OwnedEnvironment, OwnedFile, dump_index, parse_index
from platformc.tree.plan import Difference, DifferenceKind
from platformc.tree.write import Comparison, WriteReport, recover, stale, write

__all__ = [
    "CLUSTER",
    "HOME",
    "INDEX",
    "Comparison",
    "Difference",
    "DifferenceKind",
    "Disk",
    "EntryKind",
    "FileSystem",
    "Index",
    "Outcome",
    "OwnedEnvironment",
    "OwnedFile",
    "RenderedFile",
    "Tree",
    "Waiting",
    "WriteReport",
    "arrange",
    "build",
    "dump_index",
    "emit",
    "folder_name",
    "parse_index",
    "recover",
    "stale",
    "write",
]
