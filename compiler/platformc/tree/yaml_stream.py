"""yaml_stream: the objects of compiled environments that somebody named, as one stream.

In      trees, and words such as `deployment/discord-bot`.
Out     YAML documents in the order of the trees, each once; or all of them where nothing is named.
Finds   a word that names no object: UsageError with the nearest ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc.diagnostics import UsageError, did_you_mean
from platformc.lower import ObjectId
from platformc.tree.build import Tree

SUGGESTIONS = 3


def yaml_stream(trees: Sequence[Tree], words: Sequence[str] = ()) -> str:
    """Write the named objects, in every tree that has them, as one stream of YAML documents; without names, all.

    Each document is headed by its path below the output folder. The kind counts in any case, as for
    kubectl. Raises UsageError for a word that is not KIND/NAME or names nothing.
    """
    _refuse_unknown(trees, words)
    wanted = {word.lower() for word in words}
    return "".join(
        f"---\n# {tree.environment}/{path}\n{file.content.decode()}"
        for tree in trees
        for path, file in tree.files.items()
        if not wanted or _named(file.id).lower() in wanted
    )


def _refuse_unknown(trees: Sequence[Tree], words: Sequence[str]) -> None:
    known = {_named(file.id).lower(): _named(file.id) for tree in trees for file in tree.files.values()}
    for word in words:
        if word.lower() in known:
            continue
        if word.count("/") != 1:
            raise UsageError(f"`{word}` names no object", "write KIND/NAME, as in deployment/discord-bot")
        hint = did_you_mean(word, known.values(), SUGGESTIONS)
        raise UsageError(f"no object is named `{word}`", hint or "`platformc render --stdout` prints them all")


def _named(identity: ObjectId) -> str:
    return f"{identity.kind}/{identity.name}"
