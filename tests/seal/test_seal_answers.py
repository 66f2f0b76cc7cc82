"""Sealing with somebody who answers, without a terminal: what is asked, told, and sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from platformc.diagnostics import Finding, FindingsError, UsageError
from platformc.programs import sound_sources
from platformc.request import Request
from platformc.seal.inputs import Given
from platformc.seal.session import Session, open_session
from platformc.seal.values import seal
from sealing_platform import API, Case

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
NOTHING = Given((), None, from_stdin=False)


@dataclass
class Scripted:
    """A person with answers that are known before."""

    replies: list[bytes] = field(default_factory=list)
    answers: bool = True
    longest_answer: int = 100
    stdin: bytes = b""
    results: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    found: list[Finding] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)

    def result(self, line: str) -> None:
        """Keep it."""
        self.results.append(line)

    def inform(self, text: str) -> None:
        """Nobody wants to know."""

    def say(self, text: str) -> None:
        """Keep it."""
        self.told.append(text)

    def problem(self, message: str, hint: str = "") -> None:
        """Keep it."""
        self.problems.append((message, hint))

    def show(self, findings: Sequence[Finding]) -> None:
        """Keep them."""
        self.found += findings

    def ask_hidden(self, question: str) -> bytes:
        """The next answer; giving up, where none is left."""
        self.questions.append(question)
        if not self.replies:
            raise KeyboardInterrupt
        return self.replies.pop(0)

    def piped(self, most: int) -> bytes:
        """What stands in stdin."""
        return self.stdin[:most]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """A Secret of which a person has to give two values."""
    return Case(tmp_path, {"app/secrets.yaml": WALK})


def session(case: Case, console: Scripted) -> Session:
    """A run for the platform's only environment."""
    request = Request(case.root, case.specs, case.root / "rendered")
    return open_session(request, sound_sources(request), (), console, datetime.now(UTC))


def sealed(case: Case, console: Scripted, *names: str) -> bool:
    """Seal what is named, or what is missing."""
    return seal(session(case, console), names, NOTHING, (), force=False)


def test_it_goes_through_what_is_missing(case: Case) -> None:
    """What can be made is made first; each question says what is asked for, and how many there are."""
    console = Scripted([VALUE, VALUE, OTHER, OTHER])
    assert sealed(case, console)
    assert console.results == [
        "sealed password of db (revision 1)",
        "sealed token of db (revision 1)",
        "sealed other_token of db (revision 1)",
    ]
    assert console.questions == ["token: ", "token again: ", "other_token: ", "other_token again: "]
    assert console.told == [
        "\n1 of 2: token of the Secret db (app)\n  From the portal.",
        "  (press Enter to skip it)",
        "\n2 of 2: other_token of the Secret db (app)\n  From the other portal.",
        "  (press Enter to skip it)",
    ]
    assert (case.value("db", "token"), case.value("db", "other_token")) == (VALUE, OTHER)


def test_nobody_is_asked_who_is_not_there(case: Case) -> None:
    """What is missing is the result, with a command that gives the first."""
    console = Scripted([VALUE], answers=False)
    assert not sealed(case, console)
    assert console.questions == []
    assert [line.split("\n")[0] for line in console.results] == [
        "sealed password of db (revision 1)",
        "missing: token of the Secret db (app)",
        "missing: other_token of the Secret db (app)",
    ]
    ((message, hint),) = console.problems
    assert message == "2 values of production must be entered by a person"
    assert hint.endswith("platformc seal -e production db --from-file token=PATH")


def test_a_value_can_be_left_for_later(case: Case) -> None:
    """The others are asked for; what is left is told, and no success."""
    console = Scripted([b"", OTHER, OTHER])
    assert not sealed(case, console)
    assert console.problems == [("still missing: token of db", "run the same command again when you have the values")]
    assert set(case.stored("db")) == {"password", "other_token"}


def test_a_key_that_was_named_cannot_be_left(case: Case) -> None:
    """Nothing is a value then, and refused like one."""
    console = Scripted([b"", b"", VALUE, VALUE])
    assert sealed(case, console, "db", "token")
    assert [finding.message for finding in console.found] == ["the value for token of db is empty"]
    assert console.told == ["\n1 of 1: token of the Secret db (app)\n  From the portal."]
    assert set(case.stored("db")) == {"token"}


def test_a_wrong_value_is_asked_for_again_twice(case: Case) -> None:
    """With what is wrong; the third time it ends the run, and what was sealed before stays."""
    console = Scripted([VALUE, VALUE, *[b"hunter2"] * 6])
    with pytest.raises(FindingsError) as refused:
        sealed(case, console)
    wrong = [*console.found, *refused.value.findings]
    assert {finding.rule for finding in wrong} == {"value-refused"}
    assert sum("does not match the pattern" in finding.message for finding in wrong) == 3
    assert not any("hunter2" in str(part) for part in (wrong, console.told, console.results))
    assert set(case.stored("db")) == {"password", "token"}


def test_what_is_never_typed_twice_alike_is_not_sealed(case: Case) -> None:
    """Three times, then the run ends."""
    console = Scripted([VALUE, OTHER] * 3)
    with pytest.raises(UsageError, match="did not match"):
        sealed(case, console, "db", "token")
    assert console.told[1:] == ["the values do not match"] * 3
    assert not case.path("db").exists()


def test_a_value_that_would_be_cut_off(case: Case) -> None:
    """Twice the same beginning looks like the same value."""
    console = Scripted([b"a" * 100] * 2)
    with pytest.raises(UsageError, match="truncates lines after 100 bytes"):
        sealed(case, console, "db", "token")
    assert not case.path("db").exists()


def test_who_gives_up_keeps_what_was_sealed_before(case: Case) -> None:
    """As with Ctrl-C at the second value."""
    console = Scripted([VALUE, VALUE])
    with pytest.raises(KeyboardInterrupt):
        sealed(case, console)
    assert set(case.stored("db")) == {"password", "token"}


def test_what_is_piped_in_is_a_value(case: Case) -> None:
    """For the one key that is named."""
    console = Scripted(stdin=VALUE)
    given = Given((), None, from_stdin=True)
    assert seal(session(case, console), ("db", "token"), given, (), force=False)
    assert console.questions == []
    assert case.value("db", "token") == VALUE
