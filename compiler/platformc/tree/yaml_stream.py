"""yaml_stream: the named objects of compiled environments, as one stream.

In      trees, and words such as `deployment/discord-bot`.
Out     YAML documents in the order of the trees, each once; all of them if nothing is named.
Finds   a word that is not the name of an object: UsageError with similar names.
"""

from __future__ import annotations

from collections.abc import Sequence

from platformc.diagnostics import UsageError, did_you_mean
from platformc.lower import ObjectId
from platformc.tree.build import Tree

SUGGESTIONS = 3


def yaml_stream(trees: Sequence[Tree], words: Sequence[str] = ()) -> str:
    """Write the named objects, in every tree that has them, as one stream of YAML documents; without names, all.

    Each document starts with its path below the output folder. The case of the kind is ignored, as in
    kubectl. Raises UsageError for a word that is not KIND/NAME or not the name of an object.
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
            raise UsageError(
                f"`{word}` is not the name of an object", "write KIND/NAME, such as deployment/discord-bot"
            )
        hint = did_you_mean(word, known.values(), SUGGESTIONS)
        raise UsageError(f"there is no object `{word}`", hint or "`platformc render --stdout` prints all of them")


def _named(identity: ObjectId) -> str:
    return f"{identity.kind}/{identity.name}"
