"""Fixtures of the story: one platform, from nothing to the end of all its modules."""

from __future__ import annotations

import base64
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from e2e.argocd import ArgoCD, start_argocd
from e2e.certificates import Pair, sealing_pair
from e2e.charts import Chart, helm_repository
from e2e.cloud import Cloud
from e2e.conftest import RUNS
from e2e.control_plane import ControlPlane, start_control_plane, start_controller_manager
from e2e.crossplane import Crossplane
from e2e.definitions import ROOT, crossplane_definitions, install, upstream_definitions
from e2e.kubernetes_api import KubernetesAPI
from e2e.processes import Processes, processes
from e2e.rendered import RenderedObject
from e2e.sealed_secrets import SealedSecrets
from e2e.story.applications import refresh, wait_until_settled
from e2e.story.prediction import Cluster, Prediction, look, mistakes, predict
from e2e.story.repository import Repository, addons, make_repository

JSON = Any

WORKLOADS = ("Deployment", "StatefulSet")
SEALING_NAMESPACE = "kube-system"
ACCOUNT = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "crossplane"}}
BROUGHT: Mapping[str, Callable[[], list[JSON]]] = {
    "crossplane": lambda: [ACCOUNT],  # its CRDs are brought by a program in it, `crossplane core init`
    "sealed-secrets": lambda: upstream_definitions("sealed-secrets"),
    "external-secrets": lambda: upstream_definitions("external-secrets"),
}
"""What each chart brings."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """A change: what the diff said, the cluster before it, and what was rendered then."""

    said: Prediction
    cluster: Cluster
    rendered: list[RenderedObject]


@dataclass(slots=True)
class Platform:
    """Everything that the story is about."""

    folder: Path
    processes: Processes
    plane: ControlPlane
    repository: Repository
    argocd: ArgoCD
    cloud: Cloud
    sealed_secrets: SealedSecrets | None = None
    """Once its chart is synced."""
    crossplane: Crossplane | None = None
    """Once its chart is synced."""
    foretold: list[Foretold] = field(default_factory=list)
    """What was said of each change of this step, and the cluster as it was then."""

    @property
    def api(self) -> KubernetesAPI:
        """The API server, with all rights."""
        return self.plane.api

    def publish(self, message: str) -> str:
        """Compile, commit, push, and let Argo CD know; the commit. What the diff says of it is kept."""
        before = self.repository.rendered
        said = predict(self.repository.root, "HEAD") if self.repository.is_published else None
        seen = look(self.api, before) if said is not None else None
        revision = self.repository.publish(message)
        if said is not None and seen is not None:
            self.foretold.append(Foretold(said, seen, before))
        refresh(self.api)
        return revision

    def publish_and_settle(self, message: str) -> str:
        """The same, and wait until all Applications are there and well."""
        revision = self.publish(message)
        wait_until_settled(self.api, revision)
        return revision

    def mistakes(self) -> list[str]:
        """What was said of the changes of this step and is not so, or was not said; empty without changes.

        Of several changes, the first cluster counts, and all that was said.
        """
        if not self.foretold:
            return []
        objects = {each.path: each for one in self.foretold for each in one.rendered}
        objects |= {each.path: each for each in self.repository.rendered}
        said = Prediction.together([one.said for one in self.foretold])
        return mistakes(said, self.foretold[0].cluster, look(self.api, list(objects.values())), list(objects.values()))

    def live(self, thing: JSON) -> JSON | None:
        """What the API server has of a rendered object."""
        metadata = thing["metadata"]
        return self.api.get(thing["apiVersion"], thing["kind"], metadata["name"], metadata.get("namespace", ""))

    def workloads(self) -> dict[str, int]:
        """Deployments and StatefulSets, and how often each one's specification has changed."""
        return {
            each["metadata"]["name"]: each["metadata"]["generation"]
            for kind in WORKLOADS
            for each in self.api.list("apps/v1", kind)
        }


@pytest.fixture(scope="package")
def platform(workspace: Path, request: pytest.FixtureRequest) -> Iterator[Platform]:
    """Argo CD on an empty cluster, and a repository that nothing was pushed to. No pod runs and AWS is silent."""
    folder = workspace / "story"
    with ExitStack() as stack:
        programs = stack.enter_context(processes(folder))
        request.config.stash[RUNS].append(programs)
        plane = start_control_plane(folder / "control-plane", programs)
        stack.enter_context(closing(plane.api.client))
        # Disks are played by the cloud; the real binder would say about each that there is no storage class.
        start_controller_manager(plane, programs, without=("persistentvolume-binder-controller",))
        # What Crossplane and its AWS provider bring once they run. They are here before Argo CD is, which reads the
        # schema of the whole cluster again with each CRD, for minutes where it has no processor to itself.
        install(plane.api, [*crossplane_definitions(), *upstream_definitions("provider-upjet-aws")])
        pair = sealing_pair(folder / "sealing")
        _bring_sealing_key(plane.api, pair)
        versions = {each["spec"]["chart"]: each["spec"]["version"] for each in addons(ROOT)}
        charts = stack.enter_context(
            helm_repository(
                folder / "charts",
                [Chart(name, version, BROUGHT[name]()) for name, version in versions.items()],
            )
        )
        repository = make_repository(folder / "repository", charts, pair.certificate)
        argocd = start_argocd(plane, repository.root, folder / "argocd", programs)
        cloud = Cloud(plane.api, held={"pods", "aws"})
        cloud.start()
        stack.callback(cloud.stop)
        yield Platform(folder, programs, plane, repository, argocd, cloud)


def _bring_sealing_key(api: KubernetesAPI, pair: Pair) -> None:
    """As docs/operating.md says: on a new cluster, before the controller makes one of its own."""
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SEALING_NAMESPACE}})
    files = {"tls.crt": pair.certificate, "tls.key": pair.key}
    api.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/tls",
            "metadata": {
                "name": "sealing-key",
                "namespace": SEALING_NAMESPACE,
                "labels": {"sealedsecrets.bitnami.com/sealed-secrets-key": "active"},
            },
            "data": {name: base64.b64encode(path.read_bytes()).decode() for name, path in files.items()},
        }
    )


@pytest.fixture
def what_was_said_is_what_happened(platform: Platform) -> Iterator[None]:
    """After a step: the report of each change against the cluster before and after it."""
    platform.foretold.clear()
    yield
    assert platform.mistakes() == []


FAILED = pytest.StashKey[str]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember which step went wrong first."""
    report = yield
    if report.failed and FAILED not in item.config.stash:
        item.config.stash[FAILED] = f"{item.name} ({call.when})"
    return report


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A step stands on all those before; after one that failed there is nothing to learn, and much to wait for."""
    if FAILED in item.config.stash:
        pytest.skip(f"{item.config.stash[FAILED]} went wrong before")
