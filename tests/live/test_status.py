"""The verb `status`: what it shows of a platform that is well, and of one that is not."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_cluster import FakeCluster, fake_cluster
from healthy_platform import let_it_be_healthy
from live_command import ROOT, Command, command_for

sys.path.append(str(Path(__file__).parents[1] / "argocd"))
from platformc.live.health import Health, health_of
from recorded_statuses import Recorded, recorded

STATUS = ("status", "-e", "production", "--destination-context", "other")
ARGOCD = "/apis/argoproj.io/v1alpha1"
APPLICATIONS = f"{ARGOCD}/namespaces/argocd/applications"
BOT = "discord-bot"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{BOT}/deployments"
STATEFUL_SETS = f"/apis/apps/v1/namespaces/{BOT}/statefulsets"
SEALED = f"/apis/bitnami.com/v1alpha1/namespaces/{BOT}/sealedsecrets"


@pytest.fixture
def cluster() -> Iterator[FakeCluster]:
    """A cluster on which production is well."""
    with fake_cluster() as made:
        let_it_be_healthy(made, "production")
        yield made


@pytest.fixture
def command(cluster: FakeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, and a kubeconfig that leads to that cluster."""
    return command_for(cluster, tmp_path, monkeypatch)


def shown(command: Command, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What `status` prints."""
    assert command(*STATUS, *words) == 0
    return capsys.readouterr().out


class TestHealth:
    """The same words as the checks that Argo CD runs."""

    @pytest.mark.parametrize("one", [one for one in recorded() if one.check != "crossplane"], ids=str)
    def test_it_agrees_with_argo_cds_checks(self, one: Recorded) -> None:
        """One set of statuses for the Lua and for this."""
        assert health_of(one.object) == Health(one.health, one.message)

    @pytest.mark.parametrize(
        ("kind", "spec", "status", "expected"),
        [
            ("Deployment", {"paused": True}, {}, Health("Suspended", "Paused")),
            ("Deployment", {}, {}, Health("Progressing", "Waiting for the rollout to begin")),
            (
                "Deployment",
                {"replicas": 2},
                {"observedGeneration": 2},
                Health("Progressing", "0 of 2 replicas are new"),
            ),
            (
                "Deployment",
                {},
                {"observedGeneration": 2, "updatedReplicas": 1, "replicas": 2},
                Health("Progressing", "1 old replicas have to go"),
            ),
            (
                "Deployment",
                {},
                {"observedGeneration": 2, "updatedReplicas": 1, "replicas": 1},
                Health("Progressing", "0 of 1 replicas are available"),
            ),
            ("Deployment", {"replicas": 0}, {"observedGeneration": 2}, Health("Healthy")),
            (
                "Deployment",
                {},
                {
                    "observedGeneration": 2,
                    "conditions": [
                        {
                            "type": "Progressing",
                            "status": "False",
                            "reason": "ProgressDeadlineExceeded",
                            "message": "late",
                        }
                    ],
                },
                Health("Degraded", "late"),
            ),
            ("StatefulSet", {}, {}, Health("Progressing", "Waiting for the rollout to begin")),
            ("StatefulSet", {}, {"observedGeneration": 2}, Health("Progressing", "0 of 1 replicas are ready")),
            (
                "StatefulSet",
                {},
                {"observedGeneration": 2, "readyReplicas": 1, "updateRevision": "b", "currentRevision": "a"},
                Health("Progressing", "Some replicas are old"),
            ),
            ("StatefulSet", {"replicas": 0}, {"observedGeneration": 2}, Health("Healthy")),
        ],
    )
    def test_workloads(self, kind: str, spec: dict[str, Any], status: dict[str, Any], expected: Health) -> None:
        """As Argo CD's own checks see them."""
        instance = {
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"generation": 2},
            "spec": spec,
            "status": status,
        }
        assert health_of(instance) == expected

    @pytest.mark.parametrize(
        ("conditions", "expected"),
        [
            ([], Health("Progressing", "Running")),
            ([{"type": "Complete", "status": "True"}], Health("Healthy")),
            (
                [{"type": "Failed", "status": "True", "message": "BackoffLimitExceeded"}],
                Health("Degraded", "BackoffLimitExceeded"),
            ),
            ([{"type": "Suspended", "status": "True"}], Health("Suspended")),
            ([{"type": "Failed", "status": "False"}], Health("Progressing", "Running")),
        ],
    )
    def test_jobs(self, conditions: list[dict[str, Any]], expected: Health) -> None:
        """Failed, complete, or still at it."""
        instance = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {}, "status": {"conditions": conditions}}
        assert health_of(instance) == expected

    def test_a_kind_without_health(self) -> None:
        """It is there, and that is all."""
        assert health_of({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}}) is None


class TestWell:
    """Nothing needs anybody."""

    def test_a_line_for_each_application(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """The root first, then by waves; no object is shown."""
        lines = shown(command, capsys).splitlines()
        names = [
            path.stem.removeprefix("application-")
            for path in (ROOT / "rendered/production/argocd").rglob("application-*")
        ]
        assert lines[0] == f"production: {len(names)} of {len(names)} applications synced and healthy"
        found = [line.split() for line in lines[1:]]
        assert sorted(words[1] for words in found) == sorted(names)
        assert found[0][1] == "root"
        waves = [int(words[0]) for words in found[1:]]
        assert waves == sorted(waves)
        assert all(words[2:] == ["Synced", "Healthy"] for words in found)

    def test_everything(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """With -v each object has a line."""
        out = shown(command, capsys, "-v", "stoat")
        assert "        Deployment discord-bot/stoat-api: Synced Healthy\n" in out
        assert "ConfigMap discord-bot/stoat-config: Synced\n" in out
        assert "claim-api" not in out

    def test_nothing_is_written(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Looking changes nothing."""
        shown(command, capsys)
        assert cluster.asked
        assert all(one.startswith("GET ") for one in cluster.asked)


class TestSick:
    """What needs somebody, why, and what it waits for."""

    def test_an_image_that_cannot_be_pulled(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Kubernetes' word for it stands in the pod, not in the Deployment."""
        cluster.objects[f"{DEPLOYMENTS}/stoat-api"]["status"]["availableReplicas"] = 0
        waiting = {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}
        cluster.add(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {
                    "name": "stoat-api-1",
                    "namespace": BOT,
                    "labels": {"app.kubernetes.io/name": "stoat-api"},
                },
                "status": {"containerStatuses": [{"name": "stoat-api", "state": {"waiting": waiting}}]},
            }
        )
        assert (
            "        Deployment discord-bot/stoat-api: Synced Progressing, 0 of 1 replicas are available;"
            " stoat-api: ImagePullBackOff: Back-off pulling image\n"
        ) in shown(command, capsys)

    def test_what_it_waits_for(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Along the graph, to the end: not the redis that waits itself, but what that waits for."""
        cluster.objects[f"{DEPLOYMENTS}/discord-bot"]["status"]["availableReplicas"] = 0
        cluster.objects[f"{STATEFUL_SETS}/redis"]["status"]["readyReplicas"] = 0
        condition = {"type": "Synced", "status": "False", "message": "no key could decrypt secret (password)"}
        cluster.objects[f"{SEALED}/redis"]["status"]["conditions"] = [condition]
        lines = shown(command, capsys).splitlines()
        bot = next(number for number, line in enumerate(lines) if "Deployment discord-bot/discord-bot:" in line)
        assert lines[bot + 1] in (
            "          waits for Secret redis (Degraded: no key could decrypt secret (password))",
            "          waits for Workload redis -> Secret redis (Degraded: no key could decrypt secret (password))",
        )
        redis = next(number for number, line in enumerate(lines) if "StatefulSet discord-bot/redis:" in line)
        assert lines[redis + 1] == (
            "          waits for Secret redis (Degraded: no key could decrypt secret (password))"
        )

    def test_a_claim(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """What AWS said of a managed resource, and who waits for the claim."""
        table = cluster.objects[f"/apis/aws.platformc.dev/v1alpha1/namespaces/{BOT}/tables/chat-history"]
        condition = {"type": "Synced", "status": "False", "reason": "ReconcileError", "message": "AccessDenied"}
        table["status"] = {**table["status"], "resources": {"table": [condition]}}
        cluster.objects[f"{DEPLOYMENTS}/discord-bot"]["status"]["availableReplicas"] = 0
        out = shown(command, capsys)
        assert "        Table discord-bot/chat-history: Synced Degraded, table: AccessDenied\n" in out
        assert "          waits for Table chat-history (Degraded: table: AccessDenied)\n" in out

    def test_a_pull_secret(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """What Argo CD says of it, and that the claim of its key is why."""
        identity = cluster.objects["/apis/aws.platformc.dev/v1alpha1/namespaces/registry/identities/ecr-pull"]
        condition = {"type": "Synced", "status": "False", "message": "LimitExceeded: too many users"}
        identity["status"] = {**identity["status"], "resources": {"user": [condition]}}
        told = cluster.objects[f"{APPLICATIONS}/pull-secrets"]["status"]["resources"]
        (secret,) = [one for one in told if one["kind"] == "ExternalSecret"]
        secret["health"] = {"status": "Degraded", "message": "could not get secret data from provider"}
        lines = shown(command, capsys).splitlines()
        line = "        ExternalSecret registry/ecr-registry: Synced Degraded, could not get secret data from provider"
        assert lines[lines.index(line) + 1] == (
            "          waits for Identity ecr-pull (Degraded: user: LimitExceeded: too many users)"
        )

    def test_what_is_missing(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """An Application that is rendered and not there, and an object."""
        del cluster.objects[f"{APPLICATIONS}/stoat"]
        del cluster.objects[f"{DEPLOYMENTS}/discord-bot"]
        bot = cluster.objects[f"{APPLICATIONS}/discord-bot"]["status"]
        bot["resources"] = [one for one in bot["resources"] if one["kind"] != "Deployment"]
        out = shown(command, capsys)
        assert re.search(r"^  10  stoat +Missing +Missing +not there yet$", out, re.MULTILINE)
        assert "        Deployment discord-bot/discord-bot: Missing\n" in out

    def test_what_waits_for_a_confirmation(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A table that is no longer rendered, and Argo CD's own sentence about it."""
        status = cluster.objects[f"{APPLICATIONS}/discord-bot-aws"]["status"]
        status["sync"]["status"] = "OutOfSync"
        message = "Waiting for pruning confirmation of aws.platformc.dev/v1alpha1/Table/old"
        status["operationState"] = {"phase": "Running", "message": message}
        old = {"group": "aws.platformc.dev", "kind": "Table", "namespace": BOT, "name": "old", "status": "OutOfSync"}
        status["resources"].append({**old, "requiresPruning": True})
        out = shown(command, capsys)
        assert f"OutOfSync  Healthy      {message}\n" in out
        assert "        Table discord-bot/old: OutOfSync, no longer rendered, to be pruned\n" in out

    def test_many_that_are_missing(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """In the middle of a first installation: one line, and each of them with -v."""
        cluster.objects[f"{APPLICATIONS}/stoat"]["status"]["resources"] = []
        for path in [path for path in cluster.objects if "/stoat-" in path]:
            del cluster.objects[path]
        assert "        missing: ConfigMap discord-bot/stoat-caddy, " in shown(command, capsys, "stoat")
        assert "        Deployment discord-bot/stoat-api: Missing\n" in shown(command, capsys, "stoat", "-v")

    def test_an_application_that_is_no_longer_rendered(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """It stands below the root, whose sync waits for somebody to say yes."""
        status = cluster.objects[f"{APPLICATIONS}/root"]["status"]
        old = {
            "group": "argoproj.io",
            "kind": "Application",
            "namespace": "argocd",
            "name": "old",
            "status": "OutOfSync",
        }
        status["resources"] = [{**old, "requiresPruning": True, "health": {"status": "Healthy"}}]
        out = shown(command, capsys)
        assert "        Application argocd/old: OutOfSync Healthy, no longer rendered, to be pruned\n" in out

    def test_without_the_environments_own_cluster(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Argo CD's word is taken, and its cluster is asked for nothing but Applications."""
        status = cluster.objects[f"{APPLICATIONS}/stoat"]["status"]
        (api,) = [one for one in status["resources"] if (one["kind"], one["name"]) == ("Deployment", "stoat-api")]
        api["health"] = {"status": "Degraded", "message": "exceeded its progress deadline"}
        assert command("status", "-e", "production") == 0
        out = capsys.readouterr().out
        assert "Deployment discord-bot/stoat-api: Synced Degraded, exceeded its progress deadline\n" in out
        assert "Job" not in out, "a hook is listed nowhere, which is no reason to call it missing"
        assert {one for one in cluster.asked if not one.endswith("argoproj.io/v1alpha1")} == {f"GET {APPLICATIONS}"}


class TestForms:
    """JSON, chosen applications, watching, refusals."""

    def test_json(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """Everything that text has, and all objects."""
        cluster.objects[f"{DEPLOYMENTS}/stoat-api"]["status"]["availableReplicas"] = 0
        (found,) = json.loads(shown(command, capsys, "--format", "json"))["environments"]
        assert (found["name"], found["fine"]) == ("production", False)
        (stoat,) = [one for one in found["applications"] if one["name"] == "stoat"]
        assert (stoat["sync"], stoat["health"], stoat["revision"], stoat["fine"]) == (
            "Synced",
            "Healthy",
            "1234567",
            False,
        )
        (api,) = [one for one in stoat["objects"] if (one["kind"], one["name"]) == ("Deployment", "stoat-api")]
        assert api == {
            "group": "apps",
            "kind": "Deployment",
            "namespace": BOT,
            "name": "stoat-api",
            "sync": "Synced",
            "health": "Progressing",
            "message": "0 of 1 replicas are available",
            "waitsFor": [],
        }

    def test_an_unknown_application(self, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """With the nearest one."""
        assert command(*STATUS, "staot") == 64
        assert "production has no application staot" in capsys.readouterr().err

    def test_watching_ends_when_all_is_well(
        self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each change is shown once; a cluster that is away for a moment is waited for."""
        deployment = cluster.objects[f"{DEPLOYMENTS}/stoat-api"]["status"]

        def change(asked: str) -> None:
            """Each look begins with this question: nothing new at the second, away at the third, well at the fourth."""
            if asked != f"GET {ARGOCD}":
                return
            looks = cluster.asked.count(asked)
            cluster.refused = {ARGOCD: (503, "not now")} if looks == 3 else {}
            deployment["availableReplicas"] = int(looks > 3)

        cluster.before = change
        assert command(*STATUS, "--watch", "--interval", "0.01") == 0
        assert cluster.asked.count(f"GET {ARGOCD}") == 4
        out, err = capsys.readouterr()
        assert out.count("applications synced and healthy") == 2
        assert err.count("trying again") == 1

    def test_refusals(self, cluster: FakeCluster, command: Command, capsys: pytest.CaptureFixture[str]) -> None:
        """No Argo CD, no rights, wrong use."""
        assert command(*STATUS, "--watch", "--format", "json") == 64
        assert command("status", "--destination-context", "other") == 64
        cluster.refused[DEPLOYMENTS] = (403, 'deployments.apps is forbidden: User "me" cannot list resource')
        assert command(*STATUS) == 69
        assert "deployments.apps is forbidden" in capsys.readouterr().err
        del cluster.kinds["argoproj.io/v1alpha1"]
        assert command(*STATUS) == 69
        assert "Argo CD is not installed on the cluster of the current context" in capsys.readouterr().err
