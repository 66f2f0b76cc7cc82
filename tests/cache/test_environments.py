"""One environment is compiled anew only if something changed that it depends on, and nobody can tell the difference."""

from __future__ import annotations

import dataclasses
import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from platformc.cache import inputs, records, with_digest
from platformc.cache.inputs import environment_of, inputs_of
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.install import install_kubeconform
from platformc.compiled import dump_environment, parse_environment
from platformc.language import sources
from platformc.request import Request
from repository import Repository, small_platform

STAGING = "specs/environments/staging.yaml"
RENDER = ("render", "--no-validate")
CHECK = ("check", "--no-validate")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A small platform that nothing is known about yet."""
    return small_platform(tmp_path)


class TestRecalled:
    """What is not compiled again."""

    @pytest.mark.parametrize("words", [CHECK, RENDER, ("render", "--check", "--no-validate")])
    @pytest.mark.parametrize("changed", [STAGING, "specs/sealed/staging/bot.bot.yaml"])
    def test_a_change_in_another_environment(
        self, repository: Repository, words: tuple[str, ...], changed: str
    ) -> None:
        """Staging's documents and sealed values are nothing to production, whichever verb asks."""
        repository.say(*RENDER)
        repository.edit(changed)
        assert repository.recalled(*words) == {"production"}

    @pytest.mark.parametrize(
        "changed", ["specs/platform.yaml", "specs/sealing/staging.pem", "specs/environments/a.yaml"]
    )
    def test_a_change_for_all(self, repository: Repository, changed: str) -> None:
        """Among them a file that any environment could read, and another environment's name."""
        repository.say(*RENDER)
        repository.edit(changed)
        assert repository.recalled(*CHECK) == set()

    def test_what_is_printed(self, repository: Repository) -> None:
        """Objects of an environment that is recalled are those that were rendered."""
        anew = repository.say("render", "--no-validate", "--stdout")
        repository.say(*RENDER)
        repository.edit(STAGING)
        assert repository.recalled("render", "--no-validate", "--stdout") == {"production"}
        assert repository.say("render", "--no-validate", "--stdout") == anew

    def test_only_one_is_asked_for(self, repository: Repository) -> None:
        """The other one is needed for what they share, not its files."""
        repository.say(*CHECK)
        repository.edit(STAGING)
        assert repository.recalled("render", "-e", "staging", "--no-validate") == {"production"}

    def test_an_error_elsewhere(self, repository: Repository) -> None:
        """An environment without one is kept; the one with it is not."""
        repository.edit(STAGING, "    - {kind: Workload, metadata: {name: none}, spec: {}}\n")
        assert repository.say(*CHECK).exit == 1
        assert repository.recalled(*CHECK) == {"production"}

    def test_an_error_in_a_document(self, repository: Repository) -> None:
        """What one file says could be missing in any environment, so all are compiled."""
        repository.say(*CHECK)
        repository.edit(STAGING, "---\nkind: Nothing\n")
        assert repository.recalled(*CHECK) == set()

    @pytest.mark.parametrize("file", ["deployment-bot.yaml", "service-bot.yaml"])
    def test_files_that_are_not_there(self, repository: Repository, file: str) -> None:
        """An environment whose files were changed or removed is compiled for them, but not for findings."""
        repository.say(*RENDER)
        path = next((repository.root / "rendered/production").rglob(file))
        repository.edit(STAGING)
        path.write_text("other", "utf-8") if file.startswith("service") else path.unlink()
        assert repository.recalled(*CHECK) == {"production"}
        assert repository.recalled("render", "--check", "--no-validate") == {"staging"}

    def test_validation(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        """What kubeconform said is recalled with the rest, and asked for if it is not known."""
        programs = repository.folder / "bin"
        programs.mkdir()
        (programs / "kubeconform").symlink_to(install_kubeconform(os.environ, cache_folder(os.environ), print))
        monkeypatch.setenv("PATH", str(programs))
        repository.say(*CHECK)
        assert repository.recalled("check") == set(), "nobody has validated them"
        repository.edit(STAGING)
        copy = Repository(repository.folder / "copy")
        shutil.copytree(repository.root, copy.root)
        for words in (("check",), ("check", "--strict-schemas"), CHECK):
            assert repository.recalled(*words) >= {"production"}
            assert repository.say(*words) == copy.say(*words)
            copy.forget()


class TestKeys:
    """What an environment depends on."""

    def test_places_of_files(self) -> None:
        """Only documents in the folders of environments; the names of these are the language's own."""
        assert (inputs.ENVIRONMENTS, inputs.SEALED) == (sources.ENVIRONMENTS, sources.SEALED)
        whose = {
            "environments/a.yaml": "a",
            "environments/a.b.yml": "a.b",
            "environments/a/b/c.yaml": "a",
            "sealed/a/b.yaml": "a",
            "sealed/a.yaml": None,
            "environments/a.pem": None,
            "environments/a/b.pem": None,
            "environments/.yaml": None,
            "platform.yaml": None,
            "environments.yaml": None,
            "bot/environments/a.yaml": None,
        }
        assert {path: environment_of(path) for path in whose} == whose

    def test_a_file_that_an_environment_names_itself(self) -> None:
        """It may have any name, also one of a file that no other environment's key has."""
        assert inputs.counts_for_all("sealing/production.pem")
        for path in ("environments/staging.yaml", "./sealed//staging/a.yml", "Sealed/staging/a.YAML", "a.ya\u200cml"):
            assert not inputs.counts_for_all(path)

    def test_options(self, repository: Repository) -> None:
        """Every field of a Request that can change what is kept; a new field has to be decided on."""
        shutil.copytree(repository.root / "specs", repository.root / "bot")
        other: dict[str, Any] = {
            "specs": repository.root / "bot",
            "allow_unsealed": True,
            "today": date(2026, 1, 1),
        }
        without = {
            "root": "paths are told from the root",
            "output": "looked at itself",
            "environments": "all are compiled",
            "validate": "a record says whether it was validated",
            "strict_schemas": "a record says which kinds have no schema",
            "paranoid": "asks anew",
            "kinds": "such a run has no key",
        }
        assert {one.name for one in dataclasses.fields(Request)} == other.keys() | without.keys()
        keys = {_key(replace(repository.request, **{name: value})) for name, value in other.items()}
        assert len(keys | {_key(repository.request)}) == len(other) + 1
        assert _key(replace(repository.request, environments=("staging",))) == _key(repository.request)


def _key(request: Request) -> str:
    found = inputs_of(request, request.root / "schemas")
    assert found is not None
    return found.environments["production"]


class TestKept:
    """What lies in the user's cache folder."""

    def test_no_line_of_a_file(self, repository: Repository) -> None:
        """Only the user may read it."""
        canary = "canary-8d1f"
        repository.edit("specs/bot/profiles.yaml", f"# {canary}\n")
        repository.say(*CHECK)
        for path in repository.records():
            assert path.stat().st_mode & 0o777 == 0o600
            assert canary.encode() not in path.read_bytes()

    def test_every_damaged_byte_is_seen(self, repository: Repository) -> None:
        """A record that something fell upon is none."""
        repository.say(*CHECK)
        repository.edit("specs/environments/other.yaml", "# nothing\n")
        anew = repository.say(*CHECK)
        kept = {path: path.read_bytes() for path in repository.records()}
        for path, content in kept.items():
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        shutil.rmtree(repository.folder / "cache" / "answers")
        assert repository.recalled(*CHECK) == set()
        assert repository.say(*CHECK) == anew

    def test_another_environments_record(self, repository: Repository) -> None:
        """A record in the wrong place is none."""
        repository.say(*CHECK)
        one, other = (path.read_bytes() for path in repository.records())
        first, second = repository.records()
        first.write_bytes(other)
        second.write_bytes(one)
        shutil.rmtree(repository.folder / "cache" / "answers")
        assert repository.recalled(*CHECK) == set()

    @pytest.mark.parametrize("verb", ["check", "render"])
    def test_paranoid(self, repository: Repository, verb: str) -> None:
        """Compiles all the same; a difference is our bug."""
        repository.say(verb, "--no-validate")
        shutil.rmtree(repository.folder / "cache" / "answers")
        assert repository.recalled(verb, "--no-validate", "--paranoid") == set()
        for path in repository.records():
            digest, _, body = path.read_bytes().partition(b"\n")
            record = parse_environment(body)
            other = with_digest(dump_environment(replace(record, claim_scope="Other")))
            path.write_bytes(other)
            assert digest not in other
        shutil.rmtree(repository.folder / "cache" / "answers")
        refused = repository.say(verb, "--no-validate", "--paranoid")
        assert refused.exit == 70
        assert "an earlier run with the same inputs compiled production to something else" in refused.output

    def test_the_oldest_goes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The folder does not grow beyond its limit, and what is asked for stays."""
        monkeypatch.setattr(records, "MOST_BYTES", 10 * 75)
        for number in range(10):
            records.remember_records(tmp_path, {f"{number:064}": b"0123456789"})
            os.utime(tmp_path / "environments" / f"{number:064}", (number, number))
        assert records.recall_record(tmp_path, f"{0:064}") == b"0123456789"
        records.remember_records(tmp_path, {f"{10:064}": b"0123456789"})
        assert records.recall_record(tmp_path, f"{0:064}") == b"0123456789"
        assert records.recall_record(tmp_path, f"{1:064}") is None
        assert len(list((tmp_path / "environments").iterdir())) == 10

    def test_what_cannot_be_written(self, repository: Repository) -> None:
        """Nothing is kept, and nothing is said about it."""
        (repository.folder / "cache").mkdir()
        (repository.folder / "cache" / "environments").touch()
        assert repository.say(*CHECK).exit == 0
