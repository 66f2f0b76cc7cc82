"""tree: the manifests of each environment -> files below rendered/, written all together or not at all.

In      manifests (from lower) and the files below rendered/.
Out     `build` makes a Tree; `write` writes trees; `stale` only compares; `recover` ends an interrupted run.
Never   deletes or overwrites what the ownership index does not list, or what a person edited.
"""

from platformc.tree.build import RenderedFile, Tree, build, paths_of
from platformc.tree.journal import Outcome
from platformc.tree.layout import arrange, folder_name, is_rendered_path
from platformc.tree.lock import Waiting, locked
from platformc.tree.ownership import OwnedFile, digest, is_digest, parse_index, unique_pairs
from platformc.tree.plan import Difference, DifferenceKind
from platformc.tree.write import Comparison, WriteReport, recover, stale, write
from platformc.tree.yaml_stream import yaml_stream

__all__ = [
    "Comparison",
    "Difference",
    "DifferenceKind",
    "Outcome",
    "OwnedFile",
    "RenderedFile",
    "Tree",
    "Waiting",
    "WriteReport",
    "arrange",
    "build",
    "digest",
    "folder_name",
    "is_digest",
    "is_rendered_path",
    "locked",
    "parse_index",
    "paths_of",
    "recover",
    "stale",
    "unique_pairs",
    "write",
    "yaml_stream",
]
