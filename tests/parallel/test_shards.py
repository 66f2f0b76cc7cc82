"""Shards: several machines do what one does, and what is not wholly of one run is never green."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fleet import Fleet, fleet
from platformc.cache import with_digest
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.install import install_kubeconform
from platformc.compiled import DamagedError, Shard, parse_environment

sys.path.append(str(Path(__file__).parents[1]))
from cases_runner import Result, run

pytestmark = pytest.mark.slow  # starts processes, or compiles whole platforms

CHECK = ("check", "--no-validate", "--format", "json")
ENVIRONMENTS, SHARDS = 200, 10


@dataclass(frozen=True, slots=True)
class Machines:
    """Machines that check one fleet."""

    fleet: Fleet
    footprints: Path

    def say(self, *words: str) -> Result:
        """Run a command with the cache of one machine."""
        return run(["--specs", str(self.fleet.root / "specs"), "--no-color", *words], self.fleet.root.parent)

    def compile(self, of: int, *words: str) -> list[Result]:
        """Compile all shards."""
        return [
            self.say(*(words or CHECK), "--shard", f"{number}/{of}", "--footprints", str(self.footprints))
            for number in range(1, of + 1)
        ]

    def judge(self, *words: str) -> Result:
        """Judge them together."""
        return self.say(*(words or CHECK), "--together", str(self.footprints))

    def file(self, number: int, of: int) -> Path:
        """The file of a shard."""
        return self.footprints / Shard(number, of).file


def machines(folder: Path, environments: int) -> Machines:
    """Machines for a fleet with warnings, and mistakes that only several environments together show."""
    made = fleet(folder, environments)
    made.environment(1, "  destination: {name: e000}\n")
    made.environment(2, "  overrides: [{kind: Workload, metadata: {name: none}, spec: {}}]\n")
    return Machines(made, folder / "footprints")


def spoil(path: Path, change: Callable[[Any], None]) -> None:
    """Change the data in the file of a shard, and make its digest right again."""
    data = json.loads(path.read_bytes().partition(b"\n")[2])
    change(data)
    path.write_bytes(with_digest(json.dumps(data).encode()))


@pytest.fixture
def few(tmp_path: Path) -> Machines:
    """A few environments without errors, compiled by three machines."""
    made = Machines(fleet(tmp_path, 5), tmp_path / "footprints")
    assert [one.exit for one in made.compile(3)] == [0, 0, 0]
    assert made.judge().exit == 0
    return made


class TestTheSame:
    """What all machines together say is what one says."""

    def test_two_hundred_environments_in_ten_shards(self, tmp_path: Path) -> None:
        """Objects and resources in AWS that two environments share, an error in one, and a warning in all."""
        fleet_ = machines(tmp_path, ENVIRONMENTS)
        alone = fleet_.say(*CHECK)
        shutil.rmtree(tmp_path / "cache")
        parts = fleet_.compile(SHARDS)
        assert {one.exit for one in parts} == {0, 1}
        assert fleet_.judge() == alone
        assert {finding["rule"] for finding in json.loads(alone.output)["findings"]} == {
            "object-shared",
            "override-names-nothing",
            "probe-missing",
        }
        assert len(list(fleet_.footprints.iterdir())) == SHARDS

    def test_without_errors(self, few: Machines) -> None:
        """Also what is said about counts, and with warnings in words."""
        words = ("check", "--no-validate")
        assert few.judge(*words) == few.say(*words)
        assert few.judge(*words).output.endswith("checked 5 environments\n")

    def test_more_shards_than_environments(self, few: Machines) -> None:
        """Some have nothing to do."""
        shutil.rmtree(few.footprints)
        assert {one.exit for one in few.compile(7)} == {0}
        assert few.judge() == few.say(*CHECK)

    def test_a_part_says_what_it_found(self, tmp_path: Path) -> None:
        """But nothing about what it may share with others; and it is no green run of all."""
        fleet_ = machines(tmp_path, 4)
        first, second = fleet_.compile(2)
        assert (first.exit, second.exit) == (1, 0)
        assert "object-shared" not in first.output + second.output
        assert "override-names-nothing" in first.output

    def test_nothing_is_remembered_of_other_machines(self, few: Machines) -> None:
        """Their files may be anybody's."""
        assert not (few.fleet.root.parent / "cache" / "answers").exists()


def _emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _other_commit(one: Machines) -> None:
    one.fleet.write("shop/more.yaml", "# another comment\n")


DISTURBANCES: dict[str, tuple[Callable[[Machines], object], str]] = {
    "missing": (lambda one: one.file(2, 3).unlink(), "shard 2/3 missing"),
    "all missing": (lambda one: _emptied(one.footprints), "it is empty"),
    "no folder": (lambda one: shutil.rmtree(one.footprints), "it is not a folder"),
    "another commit": (_other_commit, "made from other inputs"),
    "another split": (lambda one: one.compile(2), "different splits"),
    "another shard's file": (
        lambda one: shutil.copyfile(one.file(1, 3), one.file(2, 3)),
        "it is the file of another shard",
    ),
    "a file that is not ours": (lambda one: (one.footprints / "notes.txt").touch(), "'notes.txt' is not the file"),
    "a number too large": (lambda one: one.file(1, 3).rename(one.file(4, 3)), "is not the file of a shard"),
    "a link": (
        lambda one: one.file(1, 3).symlink_to(one.file(1, 3).rename(one.footprints.parent / "aside")),
        "is not the file of a shard",
    ),
    "shortened": (lambda one: one.file(1, 3).write_bytes(one.file(1, 3).read_bytes()[:-1]), "it is damaged"),
    "empty": (lambda one: one.file(1, 3).write_bytes(b""), "it is damaged"),
    "not JSON": (lambda one: one.file(1, 3).write_bytes(with_digest(b"{")), "it is not JSON"),
    "deep": (lambda one: one.file(1, 3).write_bytes(with_digest(b"[" * 100_000)), "it is not JSON"),
    "the same key twice": (lambda one: one.file(1, 3).write_bytes(with_digest(b'{"a":1,"a":1}')), "it is not JSON"),
    "another version": (lambda one: spoil(one.file(1, 3), lambda data: data.update(version=2)), "another version"),
    "an environment too few": (lambda one: spoil(one.file(1, 3), lambda data: data["environments"].pop()), "other env"),
    "an environment of another shard": (
        lambda one: spoil(one.file(1, 3), lambda data: data["environments"][0].update(name="e001")),
        "is of another environment",
    ),
    "a file outside": (
        lambda one: spoil(one.file(1, 3), lambda data: data["environments"][0]["files"].update({"../../x": [""] * 7})),
        "no SHA-256 digest",
    ),
}


NEVER: tuple[Any, ...] = (-1, 1.5, [[]], {"x": 1})
"""What stands for no value in the file of a shard."""
SOMETIMES: tuple[Any, ...] = ({}, [], "strange", 0, None, True)
"""What stands for some."""


class TestDisturbed:
    """An error, never a green run, and never a traceback."""

    @pytest.mark.parametrize("disturbance", DISTURBANCES)
    def test_what_is_not_wholly_of_one_run(self, few: Machines, disturbance: str) -> None:
        """The message says what is wrong with which file."""
        change, message = DISTURBANCES[disturbance]
        change(few)
        told = few.judge()
        assert (told.exit, message in told.output) == (64, True), told.output

    @pytest.mark.parametrize("words", [("--strict-schemas",), ("--date", "2026-11-24"), ("--allow-unsealed",)])
    def test_other_options(self, few: Machines, words: tuple[str, ...]) -> None:
        """What was compiled with others cannot be judged."""
        assert few.judge(*CHECK, *words).exit == 64

    def test_not_validated(self, few: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody may claim that objects were valid without having asked kubeconform."""
        programs = few.footprints.parent / "bin"
        programs.mkdir()
        (programs / "kubeconform").symlink_to(install_kubeconform(os.environ, cache_folder(os.environ), print))
        monkeypatch.setenv("PATH", str(programs))
        assert few.judge("check").exit == 64, "whether it is validated is one of the inputs"
        few.compile(3, "check")
        assert few.judge("check") == few.say("check")
        spoil(few.file(1, 3), lambda data: data["environments"][1].update(valid=None))
        told = few.judge("check")
        assert (told.exit, "kubeconform did not validate the environment e003" in told.output) == (69, True)

    def test_every_damaged_byte_is_seen(self, few: Machines) -> None:
        """Whichever it is; a sample, as each is judged by the digest."""
        path = few.file(1, 3)
        whole = path.read_bytes()
        for position in range(0, len(whole), len(whole) // 25):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
            assert few.judge().exit == 64

    def test_every_value_of_another_type(self, few: Machines) -> None:
        """Whatever is in the place of a value: it is taken for what it is, or refused; nothing else can happen."""
        whole = json.loads(few.file(1, 3).read_bytes().partition(b"\n")[2])["environments"][0]
        places = list(_places(whole))
        assert len(places) > 100
        for place in places:
            for never in NEVER:
                with pytest.raises(DamagedError):
                    parse_environment(json.dumps(_replaced(whole, place, never)).encode())
            for sometimes in SOMETIMES:
                with suppress(DamagedError):
                    parse_environment(json.dumps(_replaced(whole, place, sometimes)).encode())


def _places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    keys = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for key in keys:
        yield from _places(data[key], (*path, key))


def _replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = _replaced(copy[path[0]], path[1:], value)
    return copy


class TestOptions:
    """What does not fit together is refused before anything is done."""

    @pytest.mark.parametrize(
        "words",
        [
            ("--shard", "1/2"),
            ("--footprints", "x"),
            ("--shard", "1/2", "--footprints", "x", "--together", "x"),
            ("--shard", "1/2", "--footprints", "x", "-e", "e000"),
            ("--together", "x", "-e", "e000"),
            ("--together", "x", "--against", "HEAD"),
            *(
                ("--shard", word, "--footprints", "x")
                for word in ("0/2", "3/2", "1", "1/0", "a/b", "1/1001", "\uff11/2", "")
            ),
        ],
    )
    def test_refused(self, few: Machines, words: tuple[str, ...]) -> None:
        """With a hint."""
        told = few.say(*CHECK, *words)
        assert told.exit == 64
        assert "= help: " in told.output

    def test_inputs_without_a_digest(self, few: Machines) -> None:
        """Nobody could tell whether shards belong together."""
        (few.fleet.root / "specs" / "link").symlink_to("shop")
        assert few.judge().exit == 64
        assert few.compile(3)[0].exit == 64

    def test_a_folder_that_cannot_be_written(self, few: Machines) -> None:
        """The run failed, whatever it found."""
        shutil.rmtree(few.footprints)
        few.footprints.touch()
        assert [one.exit for one in few.compile(1)] == [64]

    def test_parts(self) -> None:
        """Each environment is in exactly one of them."""
        names = tuple(f"e{number}" for number in range(23))
        for of in (1, 2, 10, 23, 30):
            parts = [Shard(number, of).part(names) for number in range(1, of + 1)]
            assert sorted(name for part in parts for name in part) == sorted(names)
            assert max(map(len, parts)) - min(map(len, parts)) <= 1
