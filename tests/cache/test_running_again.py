"""What a run says from memory is what it would say anew, and only where the output folder is as it was left."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from platformc.cache.storage import cache_folder
from platformc.check.kubeconform.install import install_kubeconform
from platformc.check.schemas.store import SchemaStore, add_file
from repository import CRD, WARNINGS, Repository, small_platform

FORMATS = ("text", "json", "github", "sarif")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A small platform that nothing is known about yet."""
    return small_platform(tmp_path)


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
        assert "not validated, because there are no schemas" in anew.output
        assert not repository.compiles("check")
        assert repository.say("check") == anew
        add_file(SchemaStore(repository.folder / "cache" / "schemas"), CRD.encode(), "toys.yaml")
        assert repository.compiles("check")

    def test_hardly_anything_is_loaded(self, repository: Repository) -> None:
        """An answer from memory needs neither YAML nor models, nor any stage of the compiler."""
        program = (
            "import sys; from platformc.cli import main; code = main(sys.argv[1:]);"
            "print(code, *sorted(name for name in sys.modules if name in {'yaml', 'pydantic', 'pydantic_core'}"
            " or name.startswith(('platformc.language', 'platformc.link', 'platformc.tree', 'platformc.pipeline'))))"
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
        assert {"yaml", "pydantic", "platformc.pipeline"} <= set(anew)
        assert again == ["0", "platformc.language", "platformc.language.source"]


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


@pytest.fixture(scope="module")
def rendered_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small platform that was rendered, with the cache of that run."""
    made = small_platform(tmp_path_factory.mktemp("rendered"))
    made.say("render", "--no-validate")
    return made.folder


@pytest.fixture
def rendered(rendered_once: Path, tmp_path: Path) -> Repository:
    """A copy of it."""
    shutil.copytree(rendered_once, tmp_path, dirs_exist_ok=True)
    return Repository(tmp_path)


class TestRendered:
    """The output folder is looked at itself."""

    @pytest.mark.slow
    @pytest.mark.parametrize("disturbance", DISTURBANCES)
    @pytest.mark.parametrize("words", [("render",), ("render", "--check")])
    def test_disturbed(self, rendered: Repository, disturbance: str, words: tuple[str, ...]) -> None:
        """Whatever is not as it was left is seen, and the same is said as without a memory."""
        assert not rendered.compiles(*words, "--no-validate")
        DISTURBANCES[disturbance](rendered)
        disturbed = rendered.folder / "disturbed"
        shutil.copytree(rendered.root, disturbed / "repository", symlinks=True)
        told = rendered.say(*words, "--no-validate")
        rendered.forget()
        shutil.rmtree(rendered.root)
        shutil.move(disturbed / "repository", rendered.root)
        assert rendered.say(*words, "--no-validate") == told

    def test_what_is_printed_is_always_made(self, rendered: Repository) -> None:
        """An answer has no objects in it."""
        assert "kind: Deployment\n" in rendered.say("render", "--no-validate", "--stdout").output
        assert rendered.compiles("render", "--no-validate", "deployment/bot")

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


@pytest.mark.parametrize(
    ("below", "rule", "code"),
    [("rendered/production", "rendered-file-foreign", 0), ("specs/bot", "file-unreadable", 1)],
)
def test_folders_deeper_than_calls(repository: Repository, below: str, rule: str, code: int) -> None:
    """They are not remembered, and told as what they are: foreign, or too deep."""
    repository.say("render", "--no-validate")
    descriptor = os.open(repository.root / below, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=descriptor)
        deeper = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = deeper
    os.close(descriptor)
    try:
        said = repository.say("render", "--no-validate")
        assert (said.exit, f"[{rule}]" in said.output) == (code, True)
    finally:
        subprocess.run(["rm", "-r", repository.root / below / "d"], check=True)  # shutil.rmtree calls itself
