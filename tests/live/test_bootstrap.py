"""The verb `bootstrap`: what it prints, what it applies, and what it says when it cannot."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_cluster import FakeCluster, fake_cluster
from live_command import ROOT, Command, command_for

pytestmark = pytest.mark.slow  # compiles all of specs/ for each command

SYNCED = {"sync": {"status": "Synced"}, "health": {"status": "Healthy"}}
APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    """A cluster without objects."""
    with fake_cluster() as made:
        yield made


@pytest.fixture
def command(cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, and a kubeconfig that leads to that cluster."""
    return command_for(cluster, tmp_path, monkeypatch)


def with_root(cluster: FakeCluster, status: dict[str, Any], name: str = "root") -> None:
    """Let the root Application be there, with what Argo CD says of it."""
    cluster.add(
        {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Application",
            "metadata": {"name": name, "namespace": "argocd"},
            "status": status,
        }
    )


class TestPrinting:
    """Without --apply."""

    def test_objects_in_order(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """Settings, then for each environment its project and its root; byte for byte what is rendered."""
        assert command("bootstrap") == 0
        out, err = capsys.readouterr()
        found = [(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(out)]
        assert found == [
            ("ConfigMap", "argocd-cm"),
            ("ConfigMap", "argocd-cmd-params-cm"),
            ("AppProject", "root"),
            ("Application", "root"),
            ("AppProject", "staging-root"),
            ("Application", "staging-root"),
        ]
        assert (ROOT / "rendered/production/argocd/argocd/application-root.yaml").read_text() in out
        assert "next:\n1. apply the output" in err
        assert "argocd cluster add CONTEXT --name discord-bot-staging" in err

    def test_one_environment(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """What is not named is neither printed nor spoken of."""
        assert command("bootstrap", "-e", "production") == 0
        out, err = capsys.readouterr()
        assert "staging" not in out + err

    def test_settings_and_apply(self, command: Command) -> None:
        """One prints, the other applies."""
        assert command("bootstrap", "--settings", "--apply") == 64

    def test_several_argo_cds(self, tmp_path: Path, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """One command line leads to one cluster."""
        for folder in ("specs", "crossplane", "argocd"):
            shutil.copytree(ROOT / folder, tmp_path / folder)
        staging = tmp_path / "specs" / "environments" / "staging.yaml"
        text = staging.read_text().replace("argocd: {namePrefix: staging-}", "argocd: {instance: second}")
        staging.write_text(text)
        specs = str(tmp_path / "specs")
        assert command("bootstrap", "--specs", specs) == 64
        assert (
            "the environments belong to several Argo CD instances (default: production; second: staging)"
            in capsys.readouterr().err
        )
        assert command("bootstrap", "--specs", specs, "-e", "staging") == 0


class TestApplying:
    """With --apply."""

    def test_twice(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """The second time changes nothing, and keys of Argo CD's own stay."""
        cluster.add(
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "argocd-cm", "namespace": "argocd"},
                "data": {"url": "https://argocd.example.com"},
            }
        )
        with_root(cluster, SYNCED)
        assert command("bootstrap", "-e", "production", "--apply") == 0
        out, err = capsys.readouterr()
        assert out.splitlines() == [
            "applied  ConfigMap argocd/argocd-cm",
            "applied  ConfigMap argocd/argocd-cmd-params-cm",
            "applied  AppProject argocd/root",
            "applied  Application argocd/root",
            "Synced  Application argocd/root",
        ]
        assert "4 objects applied, 0 unchanged" in err
        data = cluster.objects["/api/v1/namespaces/argocd/configmaps/argocd-cm"]["data"]
        assert data["url"] == "https://argocd.example.com"
        assert "resource.exclusions" in data
        assert command("bootstrap", "-e", "production", "--apply") == 0
        out, err = capsys.readouterr()
        assert out.count("unchanged  ") == 4
        assert "0 objects applied, 4 unchanged" in err

        def write_status(asked: str) -> None:
            """As Argo CD does at any time, also between the read and the apply of an object."""
            if asked.startswith("PATCH"):
                root = cluster.objects["/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/root"]
                root["metadata"]["resourceVersion"] = str(int(root["metadata"]["resourceVersion"]) + 1)
                root["status"] = {**root["status"], "reconciledAt": root["metadata"]["resourceVersion"]}

        cluster.before = write_status
        assert command("bootstrap", "-e", "production", "--apply") == 0
        assert capsys.readouterr().out.count("unchanged  ") == 4
        assert "rollout restart" in err

    def test_waits_until_argo_cd_takes_it_up(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """OutOfSync alone is not enough: that a sync began is."""
        with_root(cluster, {"sync": {"status": "OutOfSync"}})

        root = f"{APPLICATIONS}/root"

        def begin(asked: str) -> None:
            """At the second look after it was applied."""
            _, applied, looks = ",".join(cluster.asked).partition(f"PATCH {root}")
            if applied and asked == f"GET {root}" and looks.count(asked) == 2:
                cluster.objects[root]["status"]["operationState"] = {"phase": "Running"}

        cluster.before = begin
        assert command("bootstrap", "-e", "production", "--apply") == 0
        assert cluster.asked[-2:] == [f"GET {root}"] * 2
        assert capsys.readouterr().out.endswith("syncing (Running)  Application argocd/root\n")

    def test_argo_cd_cannot(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """Its own words are the message."""
        with_root(cluster, {"conditions": [{"type": "ComparisonError", "message": "repository not found"}]})
        assert command("bootstrap", "-e", "production", "--apply", "--wait", "0.2") == 69
        err = capsys.readouterr().err
        assert "Argo CD did not start to sync the Application root within 0.2 seconds" in err
        assert "ComparisonError: repository not found" in err

    def test_no_argo_cd(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """Nothing is applied, the settings neither."""
        del cluster.kinds["argoproj.io/v1alpha1"]
        assert command("bootstrap", "-e", "production", "--apply") == 69
        out, err = capsys.readouterr()
        assert out == ""
        assert "Argo CD is not installed on the cluster of the current context" in err
        assert "kubectl apply --server-side -k argocd/install" in err
        assert not any(one.startswith("PATCH") for one in cluster.asked)
