"""What replacing the rendered files would break is said before anything is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from platformc.diagnostics import Finding, Severity
from repository_copy import Repository

pytestmark = pytest.mark.slow  # compiles all of specs/ for each change

ROOT = Path(__file__).parents[2]
FIFO = "metadata: {name: agentic-events}\nspec:\n  fifo: true\n  queueName: agentic-events.fifo\n"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """Rendered by the first test that asks."""
    return Repository.rendered(tmp_path_factory.mktemp("replaced") / "original")


@pytest.fixture
def repository(original: Repository, tmp_path: Path) -> Repository:
    """A fresh copy for each test."""
    return original.copy(tmp_path / "copy")


def _told(findings: list[Finding]) -> set[tuple[str, str]]:
    return {(finding.rule, str(finding.at).rpartition(":")[0]) for finding in findings}


def _once(findings: list[Finding]) -> list[Finding]:
    """The findings of production alone: both environments say the same."""
    return [finding for finding in findings if finding.environment == "production"]


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


def test_the_hint_names_what_it_means_in_aws(repository: Repository) -> None:
    """A table or queue that cannot change is a new one, with data to be moved."""
    repository.edit("discord-bot/tables.yaml", "{name: date, type: S}", "{name: day, type: S}")
    repository.edit("discord-bot/queues.yaml", "metadata: {name: agentic-events}\nspec:\n", FIFO)
    repository.edit("discord-bot/queues.yaml", "name: agentic-events-dlq\n", "name: agentic-events-dlq.fifo\n")
    found = [finding for finding in repository.findings() if finding.rule == "immutable-field"]
    hints = {finding.message.partition(": ")[0]: finding.hint for finding in found}
    assert "new table" in hints["Table chat-history"]
    assert "copy the items" in hints["Table chat-history"]
    assert "new queue" in hints["Queue agentic-events"]


def test_the_type_of_a_key_cannot_change(repository: Repository) -> None:
    """Nor can it in an index; the finding stands on the type."""
    repository.edit("discord-bot/tables.yaml", '{name: timestamp, type: "N"}', "{name: timestamp, type: S}")
    at = _line(repository, "discord-bot/tables.yaml", "timestamp, type: S")
    (finding,) = _once(repository.findings())
    assert (finding.rule, str(finding.at).rpartition(":")[0]) == ("immutable-field", at)
    assert finding.message == "Table discord-messages: the type of the key timestamp cannot change from N to S"


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        (
            "hashKey: {name: thread_id, type: S}, projectionType",
            "hashKey: {name: owner, type: S}, projectionType",
            "hashKey",
        ),
        (
            "hashKey: {name: thread_id, type: S}, projectionType: ALL",
            "hashKey: {name: thread_id, type: S}, projectionType: KEYS_ONLY",
            "projectionType",
        ),
    ],
    ids=["hashKey", "projectionType"],
)
def test_an_index_cannot_change(repository: Repository, before: str, after: str, field: str) -> None:
    """It is added under another name, then the old one is removed; both renders are without findings."""
    repository.edit("discord-bot/tables.yaml", before, after)
    (finding,) = _once(repository.findings())
    assert finding.rule == "immutable-field"
    assert finding.message == f"Table discord-executions: the index thread_id-index cannot change its {field}"
    repository.edit("discord-bot/tables.yaml", "name: thread_id-index", "name: second-index")
    assert repository.findings() == []


class TestTimeToLive:
    """It is switched off by name; the provider leaves alone what a table says nothing about (D54)."""

    OF_EXECUTIONS = "projectionType: ALL}\n  ttl: {attributeName: ttl}\n"

    def test_left_out(self, repository: Repository) -> None:
        """Items would go on expiring: an error, with the line to write."""
        repository.edit("discord-bot/tables.yaml", self.OF_EXECUTIONS, "projectionType: ALL}\n")
        (finding,) = _once(repository.findings())
        assert (finding.rule, finding.severity) == ("ttl-dropped", Severity.ERROR)
        assert finding.hint == "write ttl: {attributeName: ttl, enabled: false}"
        assert str(finding.at).rpartition(":")[0] == _line(repository, "discord-bot/tables.yaml", "discord-executions}")

    def test_switched_off(self, repository: Repository) -> None:
        """No finding, and the claim names the attribute, as AWS asks for it."""
        off = self.OF_EXECUTIONS.replace("ttl}", "ttl, enabled: false}")
        repository.edit("discord-bot/tables.yaml", self.OF_EXECUTIONS, off)
        assert repository.findings() == []
        (claim,) = repository.claims("production", "Table", "discord-executions")
        assert claim["spec"]["ttl"] == {"enabled": False, "attributeName": "ttl"}

    def test_another_attribute(self, repository: Repository) -> None:
        """AWS takes it in two steps only."""
        repository.edit(
            "discord-bot/tables.yaml", self.OF_EXECUTIONS, "projectionType: ALL}\n  ttl: {attributeName: at}\n"
        )
        (finding,) = _once(repository.findings())
        assert finding.rule == "immutable-field"
        assert finding.message.endswith("ttl.attributeName cannot change from ttl to at while items expire")
        assert "enabled: false" in finding.hint

    def test_a_table_that_never_had_one(self, repository: Repository) -> None:
        """Says nothing; one that is new deletes items."""
        (claim,) = repository.claims("production", "Table", "discord-sessions")
        assert "ttl" not in claim["spec"]
        repository.edit(
            "discord-bot/tables.yaml",
            "tableName: discord_sessions\n",
            "tableName: discord_sessions\n  ttl: {attributeName: ttl}\n",
        )
        assert {finding.rule for finding in repository.findings()} == {"retention-shortened"}


class TestChangesThatAreTaken:
    """What people change about tables, queues and repositories, and what is rendered for it."""

    def test_another_number_of_images(self, repository: Repository) -> None:
        """A claim of another name is made and the old one goes; the repository's own claim stays as it is."""
        before = repository.paths("production", "registry-aws")
        repository.edit("registry/repositories.yaml", "keepLast: 10", "keepLast: 20")
        after = repository.paths("production", "registry-aws")
        old, new = (f"registry-aws/registry/repositorylifecycle-discord-bot-keep-{number}.yaml" for number in (10, 20))
        assert before.keys() - after.keys() == {old}
        assert after.keys() - before.keys() == {new}
        assert {path for path in before.keys() & after.keys() if before[path] != after[path]} == set()
        assert '"countNumber":20' in after[new]
        assert repository.findings() == []

    def test_an_index_more(self, repository: Repository) -> None:
        """One file changes for the table, one for the rights on the index."""
        before = repository.paths("production", "discord-bot-aws")
        index = "    - {name: by-owner, hashKey: {name: owner, type: S}}\n"
        repository.edit(
            "discord-bot/tables.yaml",
            "  ttl: {attributeName: ttl}\n---\n",
            f"{index}  ttl: {{attributeName: ttl}}\n---\n",
        )
        after = repository.paths("production", "discord-bot-aws")
        assert before.keys() == after.keys()
        assert {path.rpartition("/")[2] for path in before if before[path] != after[path]} == {
            "table-discord-executions.yaml",
            "identity-discord-bot.yaml",
        }
        (claim,) = repository.claims("production", "Table", "discord-executions")
        assert [index["name"] for index in claim["spec"]["globalSecondaryIndex"]] == ["thread_id-index", "by-owner"]
        assert {"name": "owner", "type": "S"} in claim["spec"]["attribute"]
        (user,) = repository.claims("production", "Identity", "discord-bot")
        assert "table/discord_executions/index/by-owner" in user["spec"]["policyDocument"]
        assert repository.findings() == []


class TestRenamedQueue:
    """In AWS a renamed queue is another queue: both sides of its redrive follow, and the old ones are said to go."""

    def rename(self, repository: Repository, moved: str = "") -> None:
        """`agentic-events` becomes `agent-events`, with its dead-letter queue."""
        for file in ("discord-bot/queues.yaml", "discord-bot/bot.yaml", "platform.yaml"):
            path = repository.root / "specs" / file
            path.write_text(path.read_text().replace("agentic-events", "agent-events"))
        head = "metadata: {name: agent-events}\nspec:\n"
        repository.edit("discord-bot/queues.yaml", head, head + moved)

    def test_both_sides(self, repository: Repository) -> None:
        """The source names its dead-letter queue, which names its source."""
        self.rename(repository)
        (source,) = repository.claims("production", "Queue", "agent-events")
        (dead,) = repository.claims("production", "Queue", "agent-events-dlq")
        arn = "arn:aws:sqs:ca-central-1:123456789012:agent-events"
        assert source["spec"]["redrivePolicy"] == f'{{"deadLetterTargetArn":"{arn}-dlq","maxReceiveCount":3}}'
        assert dead["spec"]["redriveAllowPolicy"] == (f'{{"redrivePermission":"byQueue","sourceQueueArns":["{arn}"]}}')
        assert repository.claims("production", "Queue", "agentic-events") == []

    def test_it_is_said(self, repository: Repository) -> None:
        """Of both queues in both environments, at their application, with the files that go."""
        self.rename(repository)
        findings = repository.findings()
        assert {(one.rule, one.severity) for one in findings} == {("data-removed", Severity.WARNING)}
        assert all("the resource in AWS stays" in one.hint for one in findings)
        assert {one.at.path for one in findings} == {"specs/discord-bot/application.yaml"}
        assert {span.path.rpartition("/")[2] for one in findings for span, _ in one.related} == {
            "queue-agentic-events.yaml",
            "queue-agentic-events-dlq.yaml",
        }

    def test_moved_does_not_hide_a_new_name_in_aws(self, repository: Repository) -> None:
        """The claim is renamed and the queue is not: a message in the old one stays there."""
        moved = "  moved: [{from: queue.agentic-events, to: queue.agent-events}]\n"
        self.rename(repository, moved)
        findings = [one for one in repository.findings() if one.environment != "staging"]
        assert {one.rule for one in findings} == {"data-removed"}
        assert {one.message.partition("stays in ")[2] for one in findings} == {
            "agentic-events: the new claim creates agent-events",
            "agentic-events-dlq: the new claim creates agent-events-dlq",
        }
        repository.edit("discord-bot/queues.yaml", moved, f"{moved}  queueName: agentic-events\n")
        repository.edit("discord-bot/queues.yaml", "name: agent-events-dlq\n", "name: agentic-events-dlq\n")
        path = repository.root / "specs/platform.yaml"
        path.write_text(path.read_text().replace("queue.agent-events-dlq", "queue.agentic-events-dlq"))
        assert repository.findings() == []


def test_moved_does_not_hide_a_deletion(repository: Repository) -> None:
    """In staging the former claim deletes the table that the new one has just taken over."""
    repository.edit("discord-bot/tables.yaml", "name: chat-history}", "name: chat-log}")
    repository.edit(
        "discord-bot/tables.yaml",
        "  tableName: chat_history\n",
        "  tableName: chat_history\n  moved: [{from: table.chat-history, to: table.chat-log}]\n",
    )
    for file in ("discord-bot/bot.yaml", "environments/staging.yaml", "platform.yaml"):
        path = repository.root / "specs" / file
        path.write_text(path.read_text().replace("chat-history", "chat-log"))
    (finding,) = repository.findings()
    assert (finding.rule, finding.environment) == ("data-removed", "staging")
    assert "AWS deletes staging-chat_history" in finding.message
    assert "Orphan" in finding.hint


def test_a_limit_that_is_new(repository: Repository) -> None:
    """A file that replaces none: images that were all kept are not any more."""
    repository.edit("registry/repositories.yaml", "  keepLast: 10\n", "")
    repository.write()
    repository.edit(
        "registry/repositories.yaml", "  encryption: AES256\n---", "  encryption: AES256\n  keepLast: 10\n---"
    )
    assert {finding.rule for finding in repository.findings()} == {"retention-shortened"}


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
    """What holds data and is no longer rendered is a warning, at its workload, with the file that would go."""
    path = repository.root / "specs/stoat/edge.yaml"
    before, _, rest = path.read_text().partition("  volumes:\n")
    path.write_text(before + rest[rest.index("  mounts:") :])
    findings = repository.findings()
    assert {(finding.rule, finding.severity) for finding in findings} == {("data-removed", Severity.WARNING)}
    folder = "stoat/discord-bot/persistentvolumeclaim-stoat-caddy-data.yaml"
    assert {finding.at.path for finding in findings} == {"specs/stoat/edge.yaml"}
    assert {span.path for finding in findings for span, _ in finding.related} == {
        f"rendered/{name}/{folder}" for name in ("production", "staging")
    }


def test_moved_tells_a_rename_from_a_removal(repository: Repository) -> None:
    """With `moved` the old claim's removal is no warning: the table in AWS keeps its name."""
    repository.edit("discord-bot/tables.yaml", "name: chat-history}", "name: chat-log}")
    for file in ("discord-bot/bot.yaml", "environments/staging.yaml", "platform.yaml"):
        path = repository.root / "specs" / file
        path.write_text(path.read_text().replace("chat-history", "chat-log"))
    findings = repository.findings()
    assert {finding.rule for finding in findings} == {"data-removed"}
    assert {finding.environment: "and with it the resource in AWS" in finding.hint for finding in findings} == {
        "production": False,
        "staging": True,
    }
    repository.edit(
        "discord-bot/tables.yaml",
        "  tableName: chat_history\n",
        "  tableName: chat_history\n  moved: [{from: table.chat-history, to: table.chat-log}]\n",
    )
    assert [finding for finding in repository.findings() if finding.environment != "staging"] == []


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
