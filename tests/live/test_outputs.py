"""The verb `outputs`: from the spec, and from what AWS says."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_cluster import FakeCluster, fake_cluster
from live_command import ROOT, Command, command_for

URL = "https://sqs.ca-central-1.amazonaws.com/123456789012/agentic-events"


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    """A cluster without objects."""
    with fake_cluster() as made:
        yield made


@pytest.fixture
def command(cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, and a kubeconfig that leads to that cluster."""
    return command_for(cluster, tmp_path, monkeypatch)


def add_claim(cluster: FakeCluster, kind: str, name: str, status: dict[str, str]) -> None:
    """A claim in the bot's namespace."""
    metadata = {"name": name, "namespace": "discord-bot"}
    cluster.add({"apiVersion": "aws.platformc.dev/v1alpha1", "kind": kind, "metadata": metadata, "status": status})


class TestFromTheSpec:
    """Without --live."""

    def test_all(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """Every output of the Platform, and nobody was asked."""
        assert command("outputs", "-e", "production") == 0
        out, err = capsys.readouterr()
        found = dict(line.split(maxsplit=1) for line in out.splitlines())
        assert len(found) == 14
        assert found["agentic_events_queue_url"] == URL
        assert found["agentic_events_dlq_url"] == f"{URL}-dlq"
        assert found["stoat_url"] == "https://stoat.example.com"
        assert err == ""
        assert cluster.asked == []

    def test_another_environment(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """With its prefix."""
        assert command("outputs", "-e", "staging", "--raw", "sessions_table_name") == 0
        assert capsys.readouterr() == ("staging-discord_sessions\n", "")

    def test_json(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """For programs."""
        assert command("outputs", "-e", "production", "--format", "json") == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["schemaVersion"], found["environment"], found["live"]) == (1, "production", False)
        assert found["outputs"]["agentic_events_queue_url"] == URL

    def test_which_environment(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """A script that forgot to say so must not get one by chance."""
        assert command("outputs", "--raw", "stoat_url") == 64
        assert "-e production or -e staging" in capsys.readouterr().err
        assert command("outputs", "-e", "prod") == 64

    def test_an_unknown_output(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """With the nearest ones."""
        assert command("outputs", "-e", "production", "--raw", "stoat_ulr") == 64
        assert "did you mean `stoat_url`" in capsys.readouterr().err

    def test_no_import_of_a_cluster(self) -> None:
        """kr8s takes longer to start than the rest of the verb."""
        code = (
            "import sys; from platformc.cli import main;"
            f"main(['--specs', {str(ROOT / 'specs')!r}, 'outputs', '-e', 'production', '--raw', 'stoat_url']);"
            "assert 'kr8s' not in sys.modules and 'httpx' not in sys.modules"
        )
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


class TestLive:
    """With --live."""

    def test_as_aws_has_it(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """A difference from the spec is told, and the live value is the result."""
        add_claim(cluster, "Queue", "agentic-events", {"queueUrl": "https://sqs.example.com/other"})
        words = ("outputs", "-e", "production", "--live", "--raw", "agentic_events_queue_url")
        assert command(*words) == 0
        out, err = capsys.readouterr()
        assert out == "https://sqs.example.com/other\n"
        assert f"agentic_events_queue_url is https://sqs.example.com/other in AWS, but {URL} in the spec" in err
        add_claim(cluster, "Queue", "agentic-events", {"queueUrl": URL})
        assert command(*words) == 0
        assert capsys.readouterr() == (f"{URL}\n", "")

    def test_a_dead_letter_queue_is_a_claim_of_its_own(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It is asked, not the queue that it belongs to."""
        add_claim(cluster, "Queue", "agentic-events-dlq", {"queueUrl": f"{URL}-dlq"})
        assert command("outputs", "-e", "production", "--live", "--raw", "agentic_events_dlq_url") == 0
        assert capsys.readouterr().out == f"{URL}-dlq\n"

    def test_what_no_claim_tells(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A constant, and a repository that another environment owns, are as the spec has them."""
        assert command("outputs", "-e", "staging", "--live", "--raw", "discord_bot_repository_url") == 0
        assert command("outputs", "-e", "staging", "--live", "--raw", "stoat_url") == 0
        out = capsys.readouterr().out.splitlines()
        assert out == [
            "123456789012.dkr.ecr.ca-central-1.amazonaws.com/discord-bot",
            "https://stoat.staging.example.com",
        ]
        assert not any("aws.platformc.dev" in one for one in cluster.asked)

    def test_what_is_not_there_yet(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """What is there is printed; what is not is named, with 69."""
        add_claim(cluster, "Table", "discord-sessions", {"tableName": "discord-sessions"})
        add_claim(cluster, "Table", "discord-executions", {})
        assert command("outputs", "-e", "production", "--live") == 69
        out, err = capsys.readouterr()
        assert [line.split()[0] for line in out.splitlines()] == ["sessions_table_name", "stoat_url"]
        assert "executions_table_name: the Table discord-bot/discord-executions has no status.tableName yet" in err
        assert "chat_history_table_name: there is no Table discord-bot/chat-history" in err

    def test_no_claim_api(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """A cluster without the definitions has no claims."""
        del cluster.kinds["aws.platformc.dev/v1alpha1"]
        assert command("outputs", "-e", "production", "--live", "--raw", "sessions_table_name") == 69
        out, err = capsys.readouterr()
        assert out == ""
        assert "there is no Table discord-bot/discord-sessions" in err
