"""The adapter: every way in which a cluster can fail is an exit code and a sentence."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from fake_cluster import FakeCluster, fake_cluster
from live_command import Command, command_for

pytestmark = pytest.mark.slow  # waits for clusters that do not answer

APPLY = ("bootstrap", "-e", "production", "--apply")


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    """A cluster without objects."""
    with fake_cluster() as made:
        yield made


@pytest.fixture
def command(cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, and a kubeconfig that leads to that cluster."""
    return command_for(cluster, tmp_path, monkeypatch)


def failed(command: Command, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a failing command says; never a traceback, and always 69."""
    assert command(*APPLY, *words) == 69
    err = capsys.readouterr().err
    assert "Traceback" not in err
    assert "bug" not in err
    return err


class TestFailures:
    """ToolError, in words."""

    def test_no_kubeconfig(self, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The file is named, and where to name another."""
        said = failed(command, capsys, "--kubeconfig", str(tmp_path / "nowhere"))
        assert f"the kubeconfig {tmp_path / 'nowhere'} cannot be used" in said
        assert "--kubeconfig or KUBECONFIG" in said

    def test_no_such_context(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """The context is named."""
        assert "No such context nowhere" in failed(command, capsys, "--context", "nowhere")

    @pytest.mark.parametrize("content", ["", "[]", "a: 1", "clusters: []", "{", "contexts: [{name: a}]"])
    def test_a_kubeconfig_without_sense(
        self, content: str, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whatever stands in it, it is the file that is wrong."""
        (tmp_path / "broken").write_text(content)
        failed(command, capsys, "--kubeconfig", str(tmp_path / "broken"))

    def test_nobody_listens(
        self, cluster: FakeCluster, command: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A cluster that is not up."""
        path = cluster.kubeconfig(tmp_path)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
            made = yaml.safe_load(path.read_text())
            made["clusters"][0]["cluster"]["server"] = f"http://127.0.0.1:{taken.getsockname()[1]}"
            path.write_text(yaml.safe_dump(made))
            assert "cannot reach the cluster of the context tools" in failed(command, capsys, "--context", "tools")

    @pytest.mark.parametrize(
        ("status", "words"),
        [
            (401, "rejects your credentials (401)"),
            (403, "does not allow this (403)"),
            (500, "rejects the request (500)"),
        ],
    )
    def test_no_rights(
        self, status: int, words: str, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The API server's own sentence says which right is missing."""
        cluster.refused["/api/v1/namespaces/argocd/configmaps"] = (status, 'User "me" cannot get configmaps')
        said = failed(command, capsys)
        assert words in said
        assert "/api/v1/namespaces/argocd/configmaps/argocd-cm" in said
        assert status == 500 or 'User "me" cannot get configmaps' in said

    def test_no_answer(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """The time limit is told, and how to change it."""
        over = threading.Event()
        cluster.before = lambda _asked: over.wait()
        said = failed(command, capsys, "--timeout", "0.1")
        over.set()
        assert "the current context did not respond within 0.1 seconds" in said
        assert "--timeout SECONDS" in said


def test_keys_are_not_left_in_files(
    cluster: FakeCluster, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kr8s writes keys of a kubeconfig to temporary files, and leaves them."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    path = cluster.kubeconfig(tmp_path)
    made = yaml.safe_load(path.read_text())
    made["clusters"][0]["cluster"]["certificate-authority-data"] = "bm90IGEgY2VydGlmaWNhdGU="
    made["users"][0]["user"] = {
        "client-key-data": "bm90IGEga2V5",
        "client-certificate-data": "bm90IGEgY2VydGlmaWNhdGU=",
    }
    path.write_text(yaml.safe_dump(made))
    assert command(*APPLY) == 69
    assert list(folder.iterdir()) == []
    assert tempfile.tempdir == str(folder)
