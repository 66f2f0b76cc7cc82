"""What stands in rendered/ may be anything, and replacing it is compared without a crash or an endless wait."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest
from platformc.diagnostics import Finding
from repository_copy import Repository

pytestmark = pytest.mark.slow  # compiles all of specs/ for each change


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Rendered by the first test that asks."""
    return Repository.rendered(tmp_path_factory.mktemp("replaced") / "original")


@pytest.fixture
def repository(original: Repository, tmp_path: Path) -> Repository:
    """A fresh copy for each test."""
    return original.copy(tmp_path / "copy")


def _once(findings: list[Finding]) -> list[Finding]:
    """The findings of production alone: both environments say the same."""
    return [finding for finding in findings if finding.environment == "production"]


class TestAnOldTreeThatAnythingMayStandIn:
    """A pull request can change rendered/ and its index together."""

    CLAIMS = "discord-bot-aws/discord-bot"

    def _commit(self, repository: Repository, path: str, content: bytes) -> None:
        """Make a file of production, and let the index own it as it is."""
        rendered = repository.root / "rendered"
        (rendered / "production" / path).write_bytes(content)
        index = json.loads((rendered / ".platformc/index.json").read_bytes())
        entry = {"sha256": hashlib.sha256(content).hexdigest(), "owner": "Table discord-bot/chat-history"}
        index["environments"]["production"]["files"][path] = entry
        (rendered / ".platformc/index.json").write_text(json.dumps(index))

    @pytest.mark.parametrize(
        "content",
        [
            "a: map",
            "- a list",
            "kind: \xff",
            "kind: Table",
            "kind: {a: map}\nmetadata: {name: x}",
            "kind: Table\nmetadata: [name]",
            "apiVersion: aws.platformc.dev/v1alpha1\nkind: Identity\nmetadata: {name: x}\nspec: [tableName]",
            "kind: PersistentVolumeClaim\nmetadata: {name: x}\nspec: {resources: {requests: {storage: 1e9}}}",
        ],
    )
    @pytest.mark.parametrize("file", ["table-chat-history.yaml", "table-no-longer-there.yaml"])
    def test_no_object(self, repository: Repository, content: str, file: str) -> None:
        """What is no object that a compiler has written is no measure."""
        self._commit(repository, f"{self.CLAIMS}/{file}", content.encode("latin-1"))
        assert {finding.rule for finding in repository.findings()} <= {"data-removed"}

    def test_claims_without_fields(self, repository: Repository) -> None:
        """A claim that says nothing differs in every field that cannot change."""
        empty = b"apiVersion: aws.platformc.dev/v1alpha1\nkind: Table\nmetadata: {name: chat-history, namespace: discord-bot}\nspec: []\n"
        self._commit(repository, f"{self.CLAIMS}/table-chat-history.yaml", empty)
        assert {finding.rule for finding in repository.findings()} == {"immutable-field"}

    @pytest.mark.parametrize("path", [f"production/{CLAIMS}/table-chat-history.yaml", ".platformc/index.json"])
    def test_a_pipe(self, repository: Repository, path: str) -> None:
        """Nobody waits for what will never be written into it."""
        repository.edit("discord-bot/tables.yaml", "{name: date, type: S}", "{name: day, type: S}")
        (repository.root / "rendered" / path).unlink()
        os.mkfifo(repository.root / "rendered" / path)
        assert _once(repository.findings()) == []


def test_volumes_of_raw_manifests(repository: Repository) -> None:
    """They are written as Kubernetes allows, and compared like all others."""
    claim = "kind: PersistentVolumeClaim, metadata: {name: raw, namespace: discord-bot}"
    spec = 'spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: "SIZE"}}}'
    document = "---\napiVersion: platformc.dev/v1alpha1\nkind: RawManifest\nmetadata: {name: raw}\nspec:\n  objects:\n"
    path = repository.root / "specs/stoat/stores.yaml"
    path.write_text(f"{path.read_text()}{document}  - {{apiVersion: v1, {claim}, {spec.replace('SIZE', '2e9')}}}\n")
    repository.write()
    repository.edit("stoat/stores.yaml", '"2e9"', '"2000M"')
    assert repository.findings() == []
    repository.edit("stoat/stores.yaml", '"2000M"', '"1e9"')
    assert {finding.rule for finding in repository.findings()} == {"volume-shrinks"}


def test_kinds_of_other_groups(repository: Repository) -> None:
    """A Queue of RabbitMQ is no claim, whatever its fields are called."""
    kind = "apiVersion: rabbitmq.com/v1beta1, kind: Queue, metadata: {name: jobs, namespace: discord-bot}"
    document = "---\napiVersion: platformc.dev/v1alpha1\nkind: RawManifest\nmetadata: {name: raw}\nspec:\n  objects:\n"
    path = repository.root / "specs/stoat/stores.yaml"
    before = path.read_text()
    path.write_text(f"{before}{document}  - {{{kind}, spec: {{queueName: one}}}}\n")
    repository.write()
    repository.edit("stoat/stores.yaml", "queueName: one", "queueName: two")
    assert repository.findings() == []
    path.write_text(before)
    assert repository.findings() == []
