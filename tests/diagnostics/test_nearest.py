"""The known word that somebody meant, and the hint that says so."""

import pytest
from platformc.diagnostics import known_hint, meant_hint, nearest, suggestion
from platformc.diagnostics.nearest import MOST_LISTED, did_you_mean

KINDS = ["Queue", "Table", "Workload"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [("Quue", "Queue"), ("workloads", "Workload"), ("QUEUE", "Queue"), ("Bucket", None), ("", None)],
)
def test_the_nearest_word(word: str, meant: str | None) -> None:
    """In whatever case it was typed, and only where one comes close."""
    assert nearest(word, KINDS) == meant


def test_a_word_of_a_megabyte_is_near_to_nothing() -> None:
    """Comparing takes the product of both lengths."""
    assert nearest("Queue" * 200_000, KINDS) is None
    assert nearest("Queue", []) is None


def test_hints() -> None:
    """The word that was meant; else all that there are, sorted; else nothing."""
    assert suggestion("Quue", KINDS) == meant_hint("Queue") == "did you mean Queue?"
    assert suggestion("Bucket", reversed(KINDS)) == known_hint(KINDS) == "known are: Queue, Table, Workload"
    assert suggestion("Bucket", []) == meant_hint(None) == known_hint([]) == ""


def test_long_lists_are_cut() -> None:
    """Nobody reads a hundred names."""
    names = [f"name-{number:03}" for number in range(MOST_LISTED + 80)]
    assert known_hint(names).endswith("name-019 and 80 more")


def test_several_words_for_the_command_line() -> None:
    """In quotes, the nearest one first."""
    assert did_you_mean("redi", ["redis", "redid", "bot"], most=2) == "did you mean `redis` or `redid`?"
    assert did_you_mean("redi", ["bot"]) == ""
