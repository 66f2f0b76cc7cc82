"""bootstrap, status and outputs against a real API server: its discovery, its server-side apply, its rights.

There is no Argo CD here: what it would write into the Applications, the tests write.
"""

from __future__ import annotations

import json
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from platformc.cli import main

from e2e.certificates import Pair, signed
from e2e.claim_api import XRD, install_claim_api
from e2e.control_plane import ControlPlane
from e2e.crossplane import Crossplane
from e2e.kubernetes_api import JSON, KubernetesAPI, conditions, eventually
from e2e.rendered import of_kind, rendered_objects

ROOT = Path(__file__).resolve().parents[1]
NAMESPACE = "argocd-of-live"
"""An Argo CD of our own: other tests have theirs."""
FOLDERS = ("specs", "crossplane", "argocd")
ARGOCD = "argoproj.io/v1alpha1"
pytestmark = pytest.mark.usefixtures("definitions", "namespaces")


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The platform, on the cluster of an Argo CD with another namespace."""
    folder = tmp_path_factory.mktemp("live")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name)
    _replace(folder / "specs/platform.yaml", "    namespace: argocd\n", f"    namespace: {NAMESPACE}\n")
    destination = "destination: {name: discord-bot-cluster}"
    _replace(folder / "specs/environments/production.yaml", destination, "destination: {name: in-cluster}")
    return folder


def _replace(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture(scope="module")
def namespaces(api: KubernetesAPI) -> Iterator[None]:
    """The namespaces; Argo CD's goes again with all that is in it."""
    for name in (NAMESPACE, "discord-bot"):
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield
    for kind in ("Application", "AppProject"):
        for one in api.list(ARGOCD, kind, NAMESPACE):
            api.merge(one, {"metadata": {"finalizers": None}})
            api.delete(one)


class Live:
    """The command line, on this platform and this cluster."""

    def __init__(self, repository: Path, kubeconfig: Path) -> None:
        self.repository = repository
        self.kubeconfig = kubeconfig

    def __call__(self, verb: str, *words: str, kubeconfig: Path | None = None) -> int:
        """Run a verb about production."""
        specs = str(self.repository / "specs")
        given = ["--specs", specs, "--no-color", verb, "-e", "production", "--kubeconfig"]
        return main([*given, str(kubeconfig or self.kubeconfig), *words])


@pytest.fixture
def live(repository: Path, control_plane: ControlPlane) -> Live:
    """With all rights."""
    return Live(repository, control_plane.kubeconfig)


def compared(application: JSON) -> JSON:
    """What Argo CD says it compared an Application to."""
    return {"source": application["spec"]["source"], "destination": application["spec"]["destination"]}


@pytest.fixture(scope="module")
def bootstrapped(repository: Path, control_plane: ControlPlane, api: KubernetesAPI) -> JSON:
    """The root Application after a bootstrap, with Argo CD's word that it took it up."""
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "argocd-cm", "namespace": NAMESPACE}}
    api.apply({**settings, "data": {"url": "https://argocd.example.com"}})
    live = Live(repository, control_plane.kubeconfig)
    assert live("bootstrap", "--apply", "--wait", "1") == 69, "nobody is there to take it up"
    root = api.get(ARGOCD, "Application", "root", NAMESPACE)
    assert root is not None
    operation = {
        "phase": "Running",
        "message": "waiting for healthy state of argoproj.io/Application/namespaces",
        "startedAt": "2026-01-31T12:00:00Z",
        "operation": {},
    }
    return api.merge(
        root,
        {"status": {"sync": {"status": "OutOfSync", "comparedTo": compared(root)}, "operationState": operation}},
    )


class TestBootstrap:
    """The first objects, by the API server's own server-side apply."""

    def test_again(
        self, live: Live, api: KubernetesAPI, bootstrapped: JSON, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Doing it again changes nothing, what was there stays, and it ends well once Argo CD has begun."""
        capsys.readouterr()
        assert live("bootstrap", "--apply") == 0
        assert capsys.readouterr().out.splitlines() == [
            f"unchanged  ConfigMap {NAMESPACE}/argocd-cm",
            f"unchanged  ConfigMap {NAMESPACE}/argocd-cmd-params-cm",
            f"unchanged  AppProject {NAMESPACE}/root",
            f"unchanged  Application {NAMESPACE}/root",
            f"syncing (Running)  Application {NAMESPACE}/root",
        ]
        root = api.get(ARGOCD, "Application", "root", NAMESPACE)
        assert root == bootstrapped
        found = api.get("v1", "ConfigMap", "argocd-cm", NAMESPACE)
        assert found is not None
        data = found["data"]
        assert data["url"] == "https://argocd.example.com"
        (wanted,) = [
            one
            for one in yaml.safe_load_all((ROOT / "argocd/install/settings.yaml").read_text(encoding="utf-8"))
            if one["metadata"]["name"] == "argocd-cm"
        ]
        assert {key: data[key] for key in wanted["data"]} == wanted["data"]


@pytest.mark.usefixtures("bootstrapped")
class TestStatus:
    """What is there, what is not, and what a real Crossplane says."""

    def test_applications(self, live: Live, capsys: pytest.CaptureFixture[str]) -> None:
        """The root is there, and of the others it is told that they are not."""
        assert live("status", "--format", "json") == 0
        (found,) = json.loads(capsys.readouterr().out)["environments"]
        sync = {one["name"]: one["sync"] for one in found["applications"]}
        assert sync.pop("root") == "OutOfSync"
        assert len(sync) > 8
        assert set(sync.values()) == {"Missing"}

    def test_a_claim_of_a_real_crossplane(
        self, live: Live, api: KubernetesAPI, crossplane: Crossplane, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Its own conditions are read, and what AWS would have filled in is an output."""
        assert crossplane.core.process.poll() is None
        production = rendered_objects("production")
        install_claim_api(api, of_kind(production, XRD, "Composition"))
        (table,) = [one for one in of_kind(production, "Table") if one["metadata"]["name"] == "discord-sessions"]
        table["metadata"]["annotations"]["crossplane.io/paused"] = "true"
        created = api.apply(table).object
        try:
            eventually(
                "the claim is paused",
                lambda: conditions(api.get(table["apiVersion"], "Table", "discord-sessions", "discord-bot")).get(
                    "Synced"
                ),
            )
            assert live("status", "discord-bot-aws", "-v") == 0
            # No Application of it is there, so nothing was compared; how it stands is seen on the cluster.
            assert live("outputs", "--live", "--raw", "sessions_table_name") == 69
            assert "the Table discord-bot/discord-sessions has no status.tableName yet" in capsys.readouterr().err
            api.set_status(created, {"tableName": "discord_sessions_2"})
            assert live("outputs", "--live", "--raw", "sessions_table_name") == 0
            out, err = capsys.readouterr()
            assert out == "discord_sessions_2\n"
            assert "is discord_sessions_2 in AWS, but discord_sessions in the spec" in err
        finally:
            api.delete(created)

    def test_a_claim_that_is_synced(self, live: Live, api: KubernetesAPI, capsys: pytest.CaptureFixture[str]) -> None:
        """An Application that a real API server stores, with all that Argo CD writes."""
        objects = [one.object for one in rendered_objects("production") if one.application == "namespaces"]
        (rendered,) = [
            one
            for one in of_kind(rendered_objects("production"), "Application")
            if one["metadata"]["name"] == "namespaces"
        ]
        rendered["metadata"] |= {"namespace": NAMESPACE, "finalizers": []}
        created = api.apply(rendered).object
        resources = [
            {"version": "v1", "kind": one["kind"], "name": one["metadata"]["name"], "status": "Synced"}
            for one in objects
        ]
        sync = {"status": "Synced", "revision": "1234567", "comparedTo": compared(rendered)}
        api.merge(created, {"status": {"sync": sync, "health": {"status": "Healthy"}, "resources": resources}})
        assert live("status", "namespaces", "-v") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0] == "production: 1 of 1 applications synced and healthy"
        assert len(lines) == 2 + len(objects)


class TestRefusals:
    """What the real API server says to those who may not ask, or does not say in time."""

    def kubeconfig_for(self, plane: ControlPlane, folder: Path, user: dict[str, str]) -> Path:
        """A kubeconfig of somebody else."""
        made = json.loads(plane.kubeconfig.read_text(encoding="utf-8"))
        made["users"][0]["user"] = user
        path = folder / "kubeconfig"
        path.write_text(json.dumps(made), encoding="utf-8")
        return path

    def test_no_rights(
        self, live: Live, control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Who was refused what, in the API server's words."""
        pair: Pair = signed(control_plane.authority, tmp_path / "visitor", "visitor", groups=[])
        user = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
        path = self.kubeconfig_for(control_plane, tmp_path, user)
        assert live("status", kubeconfig=path) == 69
        err = capsys.readouterr().err
        assert "the current context does not allow this (403)" in err
        assert 'User "visitor" cannot list resource "applications" in API group "argoproj.io"' in err

    def test_nobody_that_is_known(
        self, live: Live, control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A token that nobody issued."""
        path = self.kubeconfig_for(control_plane, tmp_path, {"token": "none-of-yours"})
        assert live("outputs", "--live", "--raw", "sessions_table_name", kubeconfig=path) == 69
        assert "rejects your credentials (401)" in capsys.readouterr().err

    def test_another_authority(
        self, live: Live, control_plane: ControlPlane, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A cluster that cannot prove who it is, is not asked."""
        made = json.loads(control_plane.kubeconfig.read_text(encoding="utf-8"))
        made["clusters"][0]["cluster"]["certificate-authority"] = str(control_plane.authority.path)
        path = tmp_path / "kubeconfig"
        path.write_text(json.dumps(made), encoding="utf-8")
        assert live("status", kubeconfig=path) == 69
        err = capsys.readouterr().err
        assert "cannot reach the cluster of the current context" in err
        assert "certificate" in err.lower()

    def test_no_answer(self, live: Live, control_plane: ControlPlane, capsys: pytest.CaptureFixture[str]) -> None:
        """An API server that hangs."""
        process = control_plane.server.process
        process.send_signal(signal.SIGSTOP)
        try:
            assert live("status", "--timeout", "0.5") == 69
        finally:
            process.send_signal(signal.SIGCONT)
        assert "did not respond within 0.5 seconds" in capsys.readouterr().err
        eventually("it answers again", control_plane.answers)
