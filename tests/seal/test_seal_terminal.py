"""`platformc seal` at a terminal, where a person answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sealing_platform import API
from watched_repository import Place

pytestmark = pytest.mark.slow  # a process on a terminal of its own for each

WALK = f"""\
{API}
kind: Secret
metadata: {{name: db}}
spec:
  keys:
    token: {{description: From the portal.}}
    other_token: {{description: From the other portal., pattern: "[a-z]+-[a-z]+"}}
    password: {{generate: {{type: password}}}}
"""
VALUE, OTHER = b"Zx9cV8bN7mQ6wE5rT4y", b"correct-horsebattery"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A Secret of which a person has to give two values."""
    return Place(tmp_path, secrets=WALK)


def test_it_goes_through_what_is_missing(place: Place) -> None:
    """What can be made is made first; each question says what is asked for, and how many there are."""
    ran = place.typed("db", keys=[VALUE, VALUE, OTHER, OTHER])
    assert ran.code == 0, ran.output
    assert ran.output.index(b"sealed password of db") < ran.output.index(b"1 of 2: token of the Secret db (app)")
    assert b"2 of 2: other_token of the Secret db (app)\r\n  From the other portal." in ran.output
    assert (place.case.value("db", "token"), place.case.value("db", "other_token")) == (VALUE, OTHER)


def test_a_value_can_be_left_for_later(place: Place) -> None:
    """Somebody who has the second one seals that; what is missing is told, and is no success."""
    ran = place.typed("db", keys=[b"", OTHER, OTHER])
    assert ran.code == 1, ran.output
    assert b"press Enter to skip it" in ran.output
    assert b"still missing: token of db" in ran.output
    assert set(place.case.stored("db")) == {"password", "other_token"}


def test_a_key_that_was_named_cannot_be_left(place: Place) -> None:
    """Nothing is no value then."""
    ran = place.typed("db", "token", keys=[b"", b"", VALUE, VALUE])
    assert ran.code == 0, ran.output
    assert b"the value for token of db is empty" in ran.output
    assert place.case.value("db", "token") == VALUE


def test_a_wrong_value_is_asked_for_again_three_times(place: Place) -> None:
    """With what is wrong; what was sealed before stays sealed."""
    ran = place.typed("db", keys=[VALUE, VALUE, *[b"hunter2"] * 6])
    assert ran.code == 1, ran.output
    assert ran.output.count(b"does not match the pattern [a-z]+-[a-z]+") == 3
    assert b"hunter2" not in ran.output
    assert set(place.case.stored("db")) == {"password", "token"}


def test_an_interrupt_keeps_what_was_sealed_before_it(place: Place) -> None:
    """Ctrl-C at the second value."""
    ran = place.typed("db", keys=[VALUE, VALUE], interrupt=True)
    assert ran.code == 130, ran.output
    assert set(place.case.stored("db")) == {"password", "token"}


def test_a_value_that_a_terminal_would_cut_off(place: Place) -> None:
    """It is not sealed in part: twice the same beginning looks like the same value."""
    long = b"0123456789abcdef" * 300
    ran = place.typed("db", "token", keys=[long, long])
    assert ran.code == 64, ran.output
    assert b"the terminal truncates lines" in ran.output
    assert not place.case.path("db").exists()


def test_lines_that_are_pasted_do_not_run_on(place: Place) -> None:
    """What is left of them goes nowhere, least of all to the shell."""
    ran = place.typed("db", "token", keys=[b"line-one\nline-two\nline-three", VALUE, VALUE, VALUE])
    assert b"the values do not match" in ran.output
    assert b"line-" not in ran.output
    assert ran.code == 0, ran.output
    assert place.case.value("db", "token") == VALUE
