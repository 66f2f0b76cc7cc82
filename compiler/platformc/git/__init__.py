"""git: what a repository holds, read from its objects alone."""

from platformc.git.objects import Entry, EntryType
from platformc.git.repository import Repository, label, open_repository, short

__all__ = [
    "Entry",
    "EntryType",
    "Repository",
    "label",
    "open_repository",
    "short",
]
