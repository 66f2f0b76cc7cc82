"""nearest: which of the known words somebody probably meant.

In      a word that is not known, and those that are.
Out     a hint for a finding or an error; empty where nothing comes close.
"""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str], most: int = 1) -> str:
    """Name the nearest known words, `most` of them at most, in whatever case they were typed.

    >>> did_you_mean("Rendr", ["check", "render"]), did_you_mean("zzz", ["check"])
    ('did you mean `render`?', '')
    """
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed, and start-up is counted

    by_lower = {each.lower(): each for each in known}
    near = [f"`{by_lower[each]}`" for each in get_close_matches(word.lower(), by_lower, n=most)]
    return f"did you mean {' or '.join(near)}?" if near else ""
