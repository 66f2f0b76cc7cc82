"""What a run says from memory is what it would say anew, and only where nothing that matters has changed."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1]))
from cases_runner import BASE, Result, run

import compiler
from compiler.check.cache import cache_folder
from compiler.check.kubeconform_binary import install_kubeconform
from compiler.check.schema_store import SchemaStore, add_file
from compiler.cli.remembering import Asked, keep
from compiler.diagnostics import Finding, Severity, Span
from compiler.remembered.answer import Answer, Unvalidated, dump_answer, parse_answer
from compiler.remembered.answers import MOST, recall, remember
from compiler.remembered.inputs import key_of
from compiler.request import Request

CANARY = "canary-8d1f"
WARNINGS = """\
apiVersion: platformc.dev/v1alpha1
kind: Profile
metadata: {name: small}
spec: {replicas: 1}
---
apiVersion: platformc.dev/v1alpha1
kind: Profile
metadata: {name: große}  # é, and a tab\t
spec: {replicas: 2}
"""
FORMATS = ("text", "json", "github", "sarif")
PACKAGE = Path(compiler.__file__).parent
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: toys.example.com}
spec:
  group: example.com
  names: {kind: Toy, plural: toys}
  scope: Namespaced
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A small platform in a folder of its own, with a cache beside it."""

    folder: Path

    @property
    def root(self) -> Path:
        """Where specs/ and rendered/ stand."""
        return self.folder / "repository"

    @property
    def request(self) -> Request:
        """To compile all of it."""
        return Request(self.root, self.root / "specs", self.root / "rendered", validate=False)

    def say(self, *words: str) -> Result:
        """Run a verb; all that it writes."""
        return run(["--specs", str(self.root / "specs"), "--no-color", *words], self.folder)

    def compiles(self, *words: str) -> bool:
        """Whether a verb has to compile: -v tells the stages."""
        return "s  reading the specs\n" in self.say(*words, "-v").output

    def forget(self) -> None:
        """Empty the cache."""
        shutil.rmtree(self.folder / "cache")

    def answers(self) -> list[Path]:
        """The files of the cache that hold answers."""
        return sorted((self.folder / "cache" / "answers").iterdir())

    def edit(self, name: str, text: str = "# more\n") -> None:
        """Append to a file, which need not exist."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(text)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The base of the cases, with two warnings."""
    made = Repository(tmp_path)
    shutil.copytree(BASE, made.root)
    made.edit("specs/bot/profiles.yaml", WARNINGS.replace("große", "large"))
    return made


class TestSaysTheSame:
    """Whoever reads the output cannot tell the two runs apart."""

    @pytest.mark.parametrize("findings", FORMATS)
    def test_check(self, repository: Repository, findings: str) -> None:
        """Findings with their snippets, in every format."""
        words = ("check", "--no-validate", "--format", findings)
        anew = repository.say(*words)
        assert not repository.compiles(*words)
        assert repository.say(*words) == anew
        assert "profile-unused" in anew.output

    @pytest.mark.parametrize("words", [("render",), ("render", "--check"), ("render", "-e", "staging")])
    def test_render(self, repository: Repository, words: tuple[str, ...]) -> None:
        """Also the line that counts files, and warnings that -v shows in full."""
        repository.say("render", "--no-validate")
        repository.forget()
        anew = repository.say(*words, "--no-validate")
        assert not repository.compiles(*words, "--no-validate")
        assert repository.say(*words, "--no-validate") == anew
        assert anew.exit == 0

    def test_snippets_are_read_anew(self, repository: Repository) -> None:
        """A warning shows its line, byte order mark and odd characters included, though no answer holds it."""
        repository.edit("specs/bot/more.yaml", "\ufeff" + WARNINGS.replace("name: small", "name: tiny"))
        anew = repository.say("check", "--no-validate")
        assert "| metadata: {name: große}  # é, and a tab" in anew.output
        assert not repository.compiles("check", "--no-validate")
        assert repository.say("check", "--no-validate") == anew

    def test_one_verb_answers_for_another(self, repository: Repository) -> None:
        """What render remembers, check and render --check know."""
        repository.say("render", "--no-validate")
        assert not repository.compiles("check", "--no-validate")
        assert not repository.compiles("render", "--check", "--no-validate")

    def test_check_does_not_answer_for_render(self, repository: Repository) -> None:
        """Check has not looked at the output folder; and once render has, check does not forget that."""
        repository.say("check", "--no-validate")
        assert repository.compiles("render", "--no-validate")
        assert not repository.compiles("check", "--no-validate")
        assert not repository.compiles("render", "--no-validate")

    def test_another_place(self, repository: Repository) -> None:
        """A copy of the repository has the same inputs."""
        repository.say("render", "--no-validate")
        shutil.move(repository.root, repository.folder / "elsewhere")
        shutil.copytree(repository.folder / "elsewhere", repository.root)
        assert not repository.compiles("render", "--no-validate")

    def test_validated(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        """What kubeconform said is remembered with the rest, and how many objects nobody could validate."""
        programs = repository.folder / "bin"
        programs.mkdir()
        (programs / "kubeconform").symlink_to(install_kubeconform(os.environ, cache_folder(os.environ), print))
        monkeypatch.setenv("PATH", str(programs))
        anew = repository.say("check")
        assert "not validated, for want of schemas" in anew.output
        assert not repository.compiles("check")
        assert repository.say("check") == anew
        add_file(SchemaStore(repository.folder / "cache" / "schemas"), CRD.encode(), "toys.yaml")
        assert repository.compiles("check")


CHANGES: dict[str, Callable[[Repository], object]] = {
    "a byte of a spec file": lambda one: one.edit("specs/bot/bot.yaml"),
    "a new spec file": lambda one: one.edit("specs/bot/new.yaml"),
    "a spec file with another name": lambda one: (
        shutil.move(one.root / "specs/store/redis.yaml", one.root / "specs/store/other.yaml") and None
    ),
    "a spec file that went": lambda one: (one.root / "specs/bot/profiles.yaml").unlink(),
    "a certificate": lambda one: one.edit("specs/sealing/production.pem"),
    "crossplane": lambda one: one.edit("crossplane/definition.yaml"),
}


class TestInputs:
    """Each input is a part of the key."""

    @pytest.mark.parametrize("change", CHANGES)
    def test_files(self, repository: Repository, change: str) -> None:
        """A change is seen, and taking it back finds the old answer again."""
        before = key_of(repository.request, repository.folder)
        repository.say("check", "--no-validate")
        shutil.copytree(repository.root, repository.folder / "before")
        CHANGES[change](repository)
        assert key_of(repository.request, repository.folder) != before
        assert repository.compiles("check", "--no-validate")
        shutil.rmtree(repository.root)
        shutil.move(repository.folder / "before", repository.root)
        assert key_of(repository.request, repository.folder) == before
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
        shutil.copytree(repository.root / "specs", repository.root / "bot")
        without = {"root": "paths are told from the root", "output": "looked at itself", "paranoid": "asks anew"}
        assert {one.name for one in dataclasses.fields(Request)} == other.keys() | without.keys()
        keys = {
            key_of(replace(repository.request, **{name: value}), repository.folder) for name, value in other.items()
        }
        assert len(keys | {key_of(repository.request, repository.folder)}) == len(other) + 1

    def test_environments_are_told_apart(self, repository: Repository) -> None:
        """Their order does not matter, their names do."""
        one, two, joined = (
            key_of(replace(repository.request, environments=names), repository.folder)
            for names in (("a", "b"), ("b", "a", "a"), ("a,b",))
        )
        assert one == two
        assert one != joined

    def test_schemas(self, repository: Repository) -> None:
        """Schemas that were added on this machine count where they are used."""
        store = SchemaStore(repository.folder / "schemas")
        validating = replace(repository.request, validate=True)
        before = key_of(validating, store.kinds), key_of(repository.request, store.kinds)
        add_file(store, CRD.encode(), "toys.yaml")
        assert key_of(repository.request, store.kinds) == before[1]
        added = key_of(validating, store.kinds)
        assert added != before[0]
        (schema,) = store.kinds.rglob("*.json")
        schema.write_bytes(schema.read_bytes() + b"\n")
        assert key_of(validating, store.kinds) not in (added, before[0])

    def test_the_compiler_and_what_it_uses(self, repository: Repository) -> None:
        """Each of its own files, and the version of whatever is installed."""
        library = repository.folder / "library"
        shutil.copytree(PACKAGE, library / "compiler", ignore=shutil.ignore_patterns("__pycache__"))
        (library / "yaml-1.dist-info").mkdir()
        keys = [_key_with(library, repository)]
        shutil.copytree(
            PACKAGE / "cli" / "__pycache__", library / "compiler" / "cli" / "__pycache__", dirs_exist_ok=True
        )
        assert _key_with(library, repository) == keys[0], "what Python compiles is no input"
        with (library / "compiler" / "lower" / "pod.py").open("a", encoding="utf-8") as file:
            file.write("# more\n")
        keys.append(_key_with(library, repository))
        (library / "yaml-1.dist-info").rename(library / "yaml-2.dist-info")
        keys.append(_key_with(library, repository))
        assert len(set(keys)) == 3

    def test_what_is_no_plain_file(self, repository: Repository) -> None:
        """Nothing is said about a folder with a link or a pipe in it; a run there is not remembered."""
        (repository.root / "specs" / "link").symlink_to("bot")
        assert key_of(repository.request, repository.folder) is None
        (repository.root / "specs" / "link").unlink()
        os.mkfifo(repository.root / "specs" / "pipe")
        assert key_of(repository.request, repository.folder) is None
        repository.say("check", "--no-validate")
        assert repository.compiles("check", "--no-validate")

    def test_what_changes_meanwhile(self, repository: Repository) -> None:
        """An answer is not kept where its inputs are others by the time that it is there."""
        cache = repository.folder / "cache"
        answer = Answer((), 1, 1, None)
        keep(Asked(repository.request, cache, "0" * 64, None), answer)
        assert recall(cache, "0" * 64) is None
        key = key_of(repository.request, cache / "schemas" / "kinds")
        assert key is not None
        keep(Asked(repository.request, cache, key, None), answer)
        assert recall(cache, key) == answer


def _key_with(library: Path, repository: Repository) -> str:
    """The key that a compiler in another folder makes."""
    program = (
        "import sys; from pathlib import Path; from compiler.remembered.inputs import key_of;"
        "from compiler.request import Request; root = Path(sys.argv[1]);"
        "print(key_of(Request(root, root / 'specs', root / 'rendered'), root))"
    )
    command = [sys.executable, "-c", program, str(repository.root)]
    environment = {**os.environ, "PYTHONPATH": str(library), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, env=environment, cwd=library, capture_output=True, text=True, check=True
    ).stdout.strip()


RENDERED = "rendered/production/bot/bot/deployment-bot.yaml"
DISTURBANCES: dict[str, Callable[[Repository], object]] = {
    "edited": lambda one: one.edit(RENDERED),
    "removed": lambda one: (one.root / RENDERED).unlink(),
    "foreign": lambda one: one.edit("rendered/production/bot/bot/other.yaml"),
    "foreign at the top": lambda one: one.edit("rendered/note.md"),
    "foreign folder": lambda one: (one.root / "rendered/production/empty").mkdir(),
    "symlink to the same bytes": lambda one: _linked(one.root / RENDERED),
    "symlink to the same folder": lambda one: _linked((one.root / RENDERED).parent),
    "symlink to the whole": lambda one: _linked(one.root / "rendered"),
    "index edited": lambda one: one.edit("rendered/.platformc/index.json", "\n"),
    "interrupted": lambda one: (one.root / "rendered/.platformc/staging").mkdir(),
    "locked by one that died": lambda one: one.edit("rendered/.platformc/lock"),
    "all gone": lambda one: shutil.rmtree(one.root / "rendered"),
}


def _linked(path: Path) -> None:
    aside = path.parents[len(path.parts) - path.parts.index("repository") - 2] / "aside"
    shutil.move(path, aside)
    path.symlink_to(aside)


class TestRendered:
    """The output folder is looked at itself."""

    @pytest.mark.parametrize("disturbance", DISTURBANCES)
    @pytest.mark.parametrize("words", [("render",), ("render", "--check")])
    def test_disturbed(self, repository: Repository, disturbance: str, words: tuple[str, ...]) -> None:
        """Whatever is not as it was left is seen, and the same is said as without a memory."""
        repository.say("render", "--no-validate")
        assert not repository.compiles(*words, "--no-validate")
        DISTURBANCES[disturbance](repository)
        disturbed = repository.folder / "disturbed"
        shutil.copytree(repository.root, disturbed / "repository", symlinks=True)
        told = repository.say(*words, "--no-validate")
        repository.forget()
        shutil.rmtree(repository.root)
        shutil.move(disturbed / "repository", repository.root)
        assert repository.say(*words, "--no-validate") == told

    def test_what_is_printed_is_always_made(self, repository: Repository) -> None:
        """An answer has no objects in it."""
        repository.say("render", "--no-validate")
        assert "kind: Deployment\n" in repository.say("render", "--no-validate", "--stdout").output
        assert repository.compiles("render", "--no-validate", "deployment/bot")

    def test_a_removal_is_told_once(self, repository: Repository) -> None:
        """What replacing the old files said is no part of the answer: they are replaced."""
        repository.say("render", "--no-validate")
        path = repository.root / "specs/bot/aws.yaml"
        path.write_text(path.read_text("utf-8").replace("deletionPolicy: Delete", "deletionPolicy: Orphan"), "utf-8")
        repository.edit(
            "specs/bot/aws.yaml", "---\napiVersion: platformc.dev/v1alpha1\nkind: Queue\nmetadata: {name: old}\n"
        )
        repository.say("render", "--no-validate")
        path.write_text(path.read_text("utf-8").rpartition("---\n")[0], "utf-8")
        assert "data-removed" in repository.say("render", "--no-validate").output
        assert not repository.compiles("render", "--no-validate")
        assert "data-removed" not in repository.say("render", "--no-validate").output


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
    (Unvalidated("example.com/v1", "Toy", 2),),
    "0" * 64,
)


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

    def test_hardly_anything_is_loaded(self, repository: Repository) -> None:
        """An answer from memory needs neither YAML nor models, nor any stage of the compiler."""
        program = (
            "import sys; from compiler.cli import main; code = main(sys.argv[1:]);"
            "print(code, *sorted(name for name in sys.modules if name in {'yaml', 'pydantic', 'pydantic_core'}"
            " or name.startswith(('compiler.spec', 'compiler.link', 'compiler.tree', 'compiler.pipeline'))))"
        )
        command = [
            sys.executable,
            "-c",
            program,
            "-q",
            "--specs",
            str(repository.root / "specs"),
            "render",
            "--no-validate",
        ]
        environment = {**os.environ, "PLATFORMC_CACHE": str(repository.folder / "cache")}
        anew, again = (
            subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.split()
            for _ in range(2)
        )
        assert {"yaml", "pydantic", "compiler.pipeline"} <= set(anew)
        assert again == ["0", "compiler.spec", "compiler.spec.source"]
