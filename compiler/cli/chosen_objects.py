"""chosen_objects: the objects of a compiled platform that somebody named on the command line.

In      trees, and words such as `deployment/discord-bot`.
Out     files in the order of the trees, each once; or all of them where nothing is named.
Finds   a word that names no object: UsageError with the nearest ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from compiler.cli.suggestions import did_you_mean
from compiler.diagnostics.errors import UsageError

if TYPE_CHECKING:
    from compiler.tree import File, Tree

SUGGESTIONS = 3


def choose(trees: Sequence[Tree], words: Sequence[str]) -> tuple[File, ...]:
    """Give the files of the named objects, in every tree that has them.

    The kind counts in any case, as for kubectl. Raises UsageError for a word without `/` and for one
    that names nothing.
    """
    known = {_named(file).lower(): _named(file) for tree in trees for file in tree.files}
    for word in words:
        if word.count("/") != 1:
            raise UsageError(f"`{word}` names no object", "write KIND/NAME, as in deployment/discord-bot")
        if word.lower() not in known:
            hint = did_you_mean(word, known.values(), SUGGESTIONS)
            raise UsageError(f"no object is named `{word}`", hint or "`platformc render --stdout` prints them all")
    wanted = {word.lower() for word in words}
    return tuple(file for tree in trees for file in tree.files if not wanted or _named(file).lower() in wanted)


def yaml_stream(files: Sequence[File]) -> str:
    """Write the files as one stream of YAML documents, each headed by the path it has in the output."""
    return "".join(_documents(files))


def _documents(files: Sequence[File]) -> Iterator[str]:
    for file in files:
        yield f"---\n# {file.path}\n{file.content.decode()}"


def _named(file: File) -> str:
    return f"{file.id.kind}/{file.id.name}"
