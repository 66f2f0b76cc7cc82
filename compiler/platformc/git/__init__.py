"""git: what a repository holds, read from its objects alone."""

from platformc.git.objects import Entry, EntryType
from platformc.git.repository import Repository, open_repository

__all__ = [
    "Entry",
    "EntryType",
    "Repository",
    "open_repository",
]
