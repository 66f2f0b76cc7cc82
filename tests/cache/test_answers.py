"""Answers: kept whole, for a while, and without a line of any file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from platformc.cache.answer import Answer, dump_answer, parse_answer
from platformc.cache.answers import MOST, recall, remember
from platformc.diagnostics import Finding, Severity, Span
from repository import Repository, small_platform

CANARY = "canary-8d1f"
ANSWER = Answer(
    (
        Finding(
            Span("specs/a.yaml", 3, 1, 3, 9),
            "probe-missing",
            Severity.WARNING,
            "größer",
            "write probes",
            ((Span("specs/b.yaml"), "the other"),),
            "production",
            confidential=True,
        ),
    ),
    2,
    7,
    5,
    2,
    ("Toy (example.com/v1)",),
    ("Part (example.com/v1)",),
    "0" * 64,
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A small platform that nothing is known about yet."""
    return small_platform(tmp_path)


class TestErrors:
    """A run that failed, and a memory that does."""

    def test_errors_are_never_remembered(self, repository: Repository) -> None:
        """Whoever mends them reads them from the compiler itself."""
        repository.edit("specs/bot/bot.yaml", "---\nkind: Nothing\n")
        assert repository.say("check", "--no-validate").exit == 1
        assert repository.compiles("check", "--no-validate")
        assert not (repository.folder / "cache" / "answers").exists()

    @pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xff\xfe", b"{}"])
    def test_a_damaged_answer_counts_as_none(self, repository: Repository, damage: bytes) -> None:
        """It is made anew, and can be used again."""
        anew = repository.say("check", "--no-validate")
        (path,) = repository.answers()
        path.write_bytes(damage)
        assert repository.compiles("check", "--no-validate")
        assert not repository.compiles("check", "--no-validate")
        assert repository.say("check", "--no-validate") == anew

    def test_every_damaged_byte_is_seen(self) -> None:
        """Bytes that something fell upon are no answer, whichever they are."""
        whole = dump_answer(ANSWER)
        assert parse_answer(whole) == ANSWER
        for position in range(len(whole)):
            assert parse_answer(whole[:position]) is None
            assert parse_answer(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :]) is None

    def test_a_cache_that_cannot_be_written(self, repository: Repository) -> None:
        """Nothing is remembered, and nothing is said about it."""
        (repository.folder / "cache").mkdir()
        (repository.folder / "cache" / "answers").touch()
        assert repository.say("check", "--no-validate").exit == 0
        assert repository.compiles("check", "--no-validate")

    @pytest.mark.parametrize("verb", ["check", "render"])
    def test_paranoid(self, repository: Repository, verb: str) -> None:
        """Compiles all the same; a difference is our bug and says what to delete."""
        repository.say(verb, "--no-validate")
        assert repository.compiles(verb, "--no-validate", "--paranoid")
        assert repository.say(verb, "--no-validate", "--paranoid").exit == 0
        (path,) = repository.answers()
        answer = parse_answer(path.read_bytes())
        assert answer is not None
        path.write_bytes(dump_answer(replace(answer, findings=answer.findings[1:])))
        refused = repository.say(verb, "--no-validate", "--paranoid")
        assert refused.exit == 70
        assert "another outcome" in refused.output

    def test_paranoid_about_files(self, repository: Repository) -> None:
        """The same for what was written."""
        repository.say("render", "--no-validate")
        (path,) = repository.answers()
        answer = parse_answer(path.read_bytes())
        assert answer is not None
        path.write_bytes(dump_answer(replace(answer, rendered="0" * 64)))
        assert repository.say("render", "--no-validate", "--paranoid").exit == 70


class TestKept:
    """What lies in the user's cache folder."""

    def test_no_line_of_a_file(self, repository: Repository) -> None:
        """A finding beside a secret leaves no trace of it (D31), and only the user may read answers."""
        variable = f"RABBITMQ_DEFAULT_PASS: ${{secret.bot.OTHER}}  # {CANARY}\n    TABLE:"
        path = repository.root / "specs/bot/bot.yaml"
        text = path.read_text("utf-8").replace("TABLE:", variable)
        path.write_text(text.replace("  keys:\n", f"  keys:\n    OTHER: {{description: {CANARY}}}\n"), "utf-8")
        told = repository.say("check", "--no-validate", "--allow-unsealed")
        assert "default-credential-accepted" in told.output
        assert not repository.compiles("check", "--no-validate", "--allow-unsealed")
        (path,) = repository.answers()
        assert b"default-credential-accepted" in path.read_bytes()
        assert CANARY.encode() not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_the_oldest_goes(self, tmp_path: Path) -> None:
        """The folder does not grow beyond its limit, and what is asked for stays."""
        for number in range(MOST):
            remember(tmp_path, f"{number:064}", ANSWER)
            os.utime(tmp_path / "answers" / f"{number:064}", (number, number))
        assert recall(tmp_path, f"{0:064}") == ANSWER
        remember(tmp_path, f"{MOST:064}", ANSWER)
        assert len(list((tmp_path / "answers").iterdir())) == MOST
        assert recall(tmp_path, f"{0:064}") == ANSWER
        assert recall(tmp_path, f"{1:064}") is None
