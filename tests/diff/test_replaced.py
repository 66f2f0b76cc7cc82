"""What replacing the rendered files would break is said before anything is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from compiler.diagnostics import Finding, Severity
from compiler.diff.replaced import check_replaced
from compiler.pipeline import Outcome, Request, Tools, compile_platform
from compiler.tree import write

ROOT = Path(__file__).parents[2]


class Repository:
    """A copy of the real specs and of what they render to."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def compile(self) -> Outcome:
        """Compile what the specs say now."""
        request = Request(self.root, self.root / "specs", self.root / "rendered", validate=False)
        outcome = compile_platform(request, Tools(self.root / "cache", ""), lambda _stage: None)
        errors = [finding for finding in outcome.findings if finding.severity is Severity.ERROR]
        assert not errors
        return outcome

    def edit(self, file: str, before: str, after: str) -> None:
        """Change one text of one file; every place where it stands."""
        path = self.root / "specs" / file
        text = path.read_text()
        assert before in text
        path.write_text(text.replace(before, after))

    def findings(self) -> list[Finding]:
        """What replacing the rendered files by what the specs say now would break."""
        outcome = self.compile()
        return list(check_replaced(outcome.sources, self.root / "rendered", "rendered", outcome.trees))


@pytest.fixture(scope="session")
def rendered_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real specs, rendered by the first test that asks."""
    root = tmp_path_factory.mktemp("replaced")
    shutil.copytree(ROOT / "specs", root / "specs")
    shutil.copytree(ROOT / "crossplane", root / "crossplane")
    trees = Repository(root).compile().trees
    write(root / "rendered", trees, unsealed=frozenset(), discard_edits=False, all_environments=True)
    return root


@pytest.fixture
def repository(rendered_once: Path, tmp_path: Path) -> Repository:
    """A fresh copy for each test."""
    shutil.copytree(rendered_once, tmp_path / "copy")
    return Repository(tmp_path / "copy")


def _told(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.rule, str(finding.at).rpartition(":")[0]) for finding in findings}


def _line(repository: Repository, file: str, text: str) -> str:
    lines = (repository.root / "specs" / file).read_text().splitlines()
    return f"specs/{file}:{next(number for number, line in enumerate(lines, 1) if text in line)}"


def test_unchanged_specs_have_no_findings(repository: Repository) -> None:
    """Rendering the same again breaks nothing."""
    assert repository.findings() == []


def test_a_table_key_cannot_change(repository: Repository) -> None:
    """A hash key is immutable in AWS, and the finding stands on it."""
    repository.edit("discord-bot/tables.yaml", "{name: thread_id, type: S}\n", "{name: session_id, type: S}\n")
    findings = repository.findings()
    at = _line(repository, "discord-bot/tables.yaml", "session_id")
    assert ("immutable-field", at) in _told(findings)
    assert all(finding.severity is Severity.ERROR for finding in findings)
    assert any("from thread_id to session_id" in finding.message for finding in findings)


def test_a_claimed_volume_cannot_shrink(repository: Repository) -> None:
    """A smaller PersistentVolumeClaim is refused; a larger one is not."""
    repository.edit("stoat/stores.yaml", "size: 10Gi", "size: 5Gi")
    at = _line(repository, "stoat/stores.yaml", "size: 5Gi")
    assert _told(repository.findings()) == {("volume-shrinks", at)}
    repository.edit("stoat/stores.yaml", "size: 5Gi", "size: 11Gi")
    assert repository.findings() == []


def test_a_volume_of_a_stateful_set_cannot_shrink(repository: Repository) -> None:
    """Sizes inside volumeClaimTemplates have the same rule, and only that one."""
    repository.edit("discord-bot/redis.yaml", "size: 1Gi", "size: 500Mi")
    assert {rule for rule, _ in _told(repository.findings())} == {"volume-shrinks"}


def test_a_storage_class_cannot_change(repository: Repository) -> None:
    """The class of a volume is immutable, wherever it was set."""
    repository.edit("platform.yaml", "do-block-storage-retain", "do-block-storage-fast")
    findings = repository.findings()
    assert {finding.rule for finding in findings} == {"immutable-field"}
    at = _line(repository, "platform.yaml", "do-block-storage-fast")
    assert {str(finding.at).rpartition(":")[0] for finding in findings} == {at}


def test_an_exception_is_written_down(repository: Repository) -> None:
    """`allow` on the document silences it, and is no unused exception afterwards."""
    repository.edit("stoat/stores.yaml", "size: 10Gi", "size: 5Gi")
    repository.edit(
        "stoat/stores.yaml",
        "metadata: {name: stoat-mongodb}\nspec:\n",
        'metadata: {name: stoat-mongodb}\nspec:\n  allow: [{rule: volume-shrinks, reason: "it was empty"}]\n',
    )
    assert repository.findings() == []
    assert not [finding for finding in repository.compile().findings if finding.rule.startswith("allow-")]


def test_a_removed_volume_is_said(repository: Repository) -> None:
    """What holds data and is no longer rendered is a warning, at the file that would go."""
    path = repository.root / "specs/stoat/edge.yaml"
    before, _, rest = path.read_text().partition("  volumes:\n")
    path.write_text(before + rest[rest.index("  mounts:") :])
    findings = repository.findings()
    assert {(finding.rule, finding.severity) for finding in findings} == {("data-removed", Severity.WARNING)}
    folder = "stoat/discord-bot/persistentvolumeclaim-stoat-caddy-data.yaml"
    assert {finding.at.path for finding in findings} == {
        f"rendered/{name}/{folder}" for name in ("production", "staging")
    }


def test_moved_tells_a_rename_from_a_removal(repository: Repository) -> None:
    """With `moved` the old claim's removal is no warning: the table in AWS keeps its name."""
    repository.edit("discord-bot/tables.yaml", "name: chat-history}", "name: chat-log}")
    for file in ("discord-bot/bot.yaml", "environments/staging.yaml", "platform.yaml"):
        path = repository.root / "specs" / file
        path.write_text(path.read_text().replace("chat-history", "chat-log"))
    assert {finding.rule for finding in repository.findings()} == {"data-removed"}
    repository.edit(
        "discord-bot/tables.yaml",
        "  tableName: chat_history\n",
        "  tableName: chat_history\n  moved: [{from: table.chat-history, to: table.chat-log}]\n",
    )
    assert repository.findings() == []


def test_what_a_person_edited_is_left_to_writing(repository: Repository) -> None:
    """An edited rendered file is no measure: writing refuses it anyway."""
    repository.edit("stoat/stores.yaml", "size: 10Gi", "size: 5Gi")
    path = repository.root / "rendered/production/stoat/discord-bot/persistentvolumeclaim-stoat-mongodb-data.yaml"
    path.write_text(path.read_text().replace("10Gi", "1Gi"))
    assert repository.findings() == []


def test_a_broken_index_is_left_to_writing(repository: Repository) -> None:
    """No traceback for an index that cannot be read."""
    (repository.root / "rendered/.platformc/index.json").write_text("{")
    repository.edit("stoat/stores.yaml", "size: 10Gi", "size: 5Gi")
    assert repository.findings() == []
