"""The key: every input is a part of it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import platformc
import pytest
from platformc.cache.answer import Answer
from platformc.cache.answers import recall
from platformc.cache.inputs import Inputs, inputs_of
from platformc.cache.remembering import Asked
from platformc.check.schemas.store import SchemaStore, add_file
from platformc.request import Request
from repository import CRD, Repository, small_platform

PACKAGE = Path(platformc.__file__).parent


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A small platform that nothing is known about yet."""
    return small_platform(tmp_path)


CHANGES: dict[str, Callable[[Repository], object]] = {
    "a byte of a spec file": lambda one: one.edit("specs/bot/bot.yaml"),
    "a new spec file": lambda one: one.edit("specs/bot/new.yaml"),
    "a spec file with another name": lambda one: (
        shutil.move(one.root / "specs/store/redis.yaml", one.root / "specs/store/other.yaml") and None
    ),
    "a spec file that went": lambda one: (one.root / "specs/bot/profiles.yaml").unlink(),
    "a spec file in a folder that is called like one of Python's": lambda one: one.edit("specs/__pycache__/new.yaml"),
    "a certificate": lambda one: one.edit("specs/sealing/production.pem"),
    "crossplane": lambda one: one.edit("crossplane/definition.yaml"),
}


def key_of(request: Request, schemas: Path) -> str | None:
    """The digest of all that a run depends on."""
    inputs = inputs_of(request, schemas)
    return None if inputs is None else inputs.run


class TestInputs:
    """Each input is a part of the key."""

    @pytest.mark.parametrize("change", CHANGES)
    def test_files(self, repository: Repository, change: str) -> None:
        """A change is seen, and taking it back finds the old answer again."""
        before = key_of(repository.request, repository.folder / "schemas")
        repository.say("check", "--no-validate")
        shutil.copytree(repository.root, repository.folder / "before")
        CHANGES[change](repository)
        assert key_of(repository.request, repository.folder / "schemas") != before
        assert repository.compiles("check", "--no-validate")
        shutil.rmtree(repository.root)
        shutil.move(repository.folder / "before", repository.root)
        assert key_of(repository.request, repository.folder / "schemas") == before
        assert not repository.compiles("check", "--no-validate")

    def test_options(self, repository: Repository) -> None:
        """Every field of a Request that can change what a run says; a new field has to be decided on."""
        other: dict[str, Any] = {
            "specs": repository.root / "bot",
            "environments": ("staging",),
            "allow_unsealed": True,
            "validate": True,
            "strict_schemas": True,
            "today": date(2026, 1, 1),
        }
        assert key_of(replace(repository.request, kinds={}), repository.folder / "schemas") is None
        shutil.copytree(repository.root / "specs", repository.root / "bot")
        without = {"root": "paths are told from the root", "output": "looked at itself", "paranoid": "asks anew"}
        without["kinds"] = "such a run has no key"
        assert {one.name for one in dataclasses.fields(Request)} == other.keys() | without.keys()
        keys = {
            key_of(replace(repository.request, **{name: value}), repository.folder / "schemas")
            for name, value in other.items()
        }
        assert len(keys | {key_of(repository.request, repository.folder / "schemas")}) == len(other) + 1

    def test_environments_are_told_apart(self, repository: Repository) -> None:
        """Their order does not matter, their names do."""
        one, two, joined = (
            key_of(replace(repository.request, environments=names), repository.folder / "schemas")
            for names in (("a", "b"), ("b", "a", "a"), ("a,b",))
        )
        assert one == two
        assert one != joined

    def test_schemas(self, repository: Repository) -> None:
        """Schemas that were added on this machine, each of their bytes."""
        store = SchemaStore(repository.folder / "schemas")
        keys = {key_of(repository.request, store.folder)}
        add_file(store, CRD.encode(), "toys.yaml")
        keys.add(key_of(repository.request, store.folder))
        (schema,) = store.kinds.rglob("*.json")
        schema.write_bytes(schema.read_bytes() + b"\n")
        keys.add(key_of(repository.request, store.folder))
        assert len(keys) == 3

    def test_the_compiler_and_what_it_uses(self, repository: Repository) -> None:
        """Each of its own files, and the version of whatever is installed."""
        library = repository.folder / "library"
        shutil.copytree(PACKAGE, library / "platformc", ignore=shutil.ignore_patterns("__pycache__"))
        (library / "yaml-1.dist-info").mkdir()
        keys = [_key_with(library, repository)]
        shutil.copytree(
            PACKAGE / "cli" / "__pycache__", library / "platformc" / "cli" / "__pycache__", dirs_exist_ok=True
        )
        assert _key_with(library, repository) == keys[0], "what Python compiles is no input"
        with (library / "platformc" / "lower" / "pod.py").open("a", encoding="utf-8") as file:
            file.write("# more\n")
        keys.append(_key_with(library, repository))
        (library / "yaml-1.dist-info").rename(library / "yaml-2.dist-info")
        keys.append(_key_with(library, repository))
        assert len(set(keys)) == 3

    def test_what_is_no_plain_file(self, repository: Repository) -> None:
        """Nothing is said about a folder with a link or a pipe in it; a run there is not remembered."""
        (repository.root / "specs" / "link").symlink_to("bot")
        assert key_of(repository.request, repository.folder / "schemas") is None
        (repository.root / "specs" / "link").unlink()
        os.mkfifo(repository.root / "specs" / "pipe")
        assert key_of(repository.request, repository.folder / "schemas") is None
        repository.say("check", "--no-validate")
        assert repository.compiles("check", "--no-validate")

    def test_what_changes_meanwhile(self, repository: Repository) -> None:
        """An answer is not kept where its inputs are others by the time that it is there."""
        cache = repository.folder / "cache"
        answer = Answer((), 1, 1, None)
        Asked(repository.request, cache, Inputs("0" * 64, {}), None).keep(answer)
        assert recall(cache, "0" * 64) is None
        inputs = inputs_of(repository.request, cache / "schemas")
        assert inputs is not None
        Asked(repository.request, cache, inputs, None).keep(answer)
        assert recall(cache, inputs.run) == answer


def _key_with(library: Path, repository: Repository) -> str:
    """The key that a compiler in another folder makes."""
    program = (
        "import sys; from pathlib import Path; from platformc.cache.inputs import inputs_of;"
        "from platformc.request import Request; root = Path(sys.argv[1]);"
        "print(inputs_of(Request(root, root / 'specs', root / 'rendered'), root).run)"
    )
    command = [sys.executable, "-c", program, str(repository.root)]
    environment = {**os.environ, "PYTHONPATH": str(library), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, env=environment, cwd=library, capture_output=True, text=True, check=True
    ).stdout.strip()
