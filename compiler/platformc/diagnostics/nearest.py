"""nearest: the known word that was probably meant, and the hint that says so.

In      an unknown word, and the known ones.
Out     the known word itself, for further use; or a sentence, for a finding or an error.
"""

from __future__ import annotations

from collections.abc import Iterable

MOST_LISTED = 20
"""Known words that a hint lists; nobody reads more."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the most similar known word, ignoring case; None if none is similar.

    >>> nearest("Rendr", ["check", "render"]), nearest("zzz", ["check"])
    ('render', None)
    """
    return next(iter(_near(word, sorted(known), 1)), None)


def meant_hint(meant: str | None) -> str:
    """Return `did you mean X?` for a result of `nearest`; empty for None."""
    return "" if meant is None else f"did you mean {meant}?"


def known_hint(known: Iterable[str]) -> str:
    """Return `known are: …`, sorted; empty if there are none."""
    names = sorted(known)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return f"known are: {', '.join(names[:MOST_LISTED])}{more}" if names else ""


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the most similar known word as a hint, or else all known words.

    >>> suggestion("Quue", ["Queue", "Table"]), suggestion("Bucket", ["Queue", "Table"])
    ('did you mean Queue?', 'known are: Queue, Table')
    """
    names = tuple(known)
    return meant_hint(nearest(word, names)) or known_hint(names)


def did_you_mean(word: str, known: Iterable[str], most: int = 1) -> str:
    """Return up to `most` similar known words as a hint for the command line; empty if none is similar.

    >>> did_you_mean("Rendr", ["check", "render"]), did_you_mean("zzz", ["check"])
    ('did you mean `render`?', '')
    """
    near = [f"`{each}`" for each in _near(word, sorted(known), most)]
    return meant_hint(" or ".join(near) or None)


def _near(word: str, known: list[str], most: int) -> list[str]:
    """The most similar known words, the best match first."""
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed, and start-up is counted

    by_lower = {each.lower(): each for each in known}
    wanted = word.lower()
    if len(wanted) > 3 * max(map(len, by_lower), default=0):  # nothing is similar, and comparing is slow
        return []
    return [by_lower[each] for each in get_close_matches(wanted, by_lower, n=most)]
