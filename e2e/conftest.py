"""Fixtures of the end-to-end tests: each starts what it names, when a test first asks for it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from xdist.remote import Producer

from composing.platform_claims import FORMS
from e2e.binaries import build
from e2e.composing_cluster import ComposingCluster, cluster_of_its_own, serve_claims
from e2e.control_plane import ControlPlane, start_control_plane, start_controller_manager
from e2e.crossplane import Crossplane, start_crossplane
from e2e.definitions import CRDS, argocd_definitions, install, upstream_definitions
from e2e.function import register_function, start_function
from e2e.kubernetes_api import KubernetesAPI
from e2e.processes import Processes, Service, processes
from e2e.schedule import StoryBesideTheRest

RUNS = pytest.StashKey[list[Processes]]()
"""All that runs, in groups that end together."""


def pytest_configure(config: pytest.Config) -> None:
    """Nothing runs yet."""
    config.stash[RUNS] = []


@pytest.hookimpl(optionalhook=True)  # unknown where xdist is off, as for one test in a debugger
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> StoryBesideTheRest:
    """The story runs beside everything else."""
    return StoryBesideTheRest(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without upstream's CRDs there is nothing to test against: that is an error, not a skip."""
    if items and not CRDS.is_dir():
        raise pytest.UsageError(f"{CRDS} is no folder; CRDS names the one with upstream's CRDs")


@pytest.fixture(scope="session")
def workspace(request: pytest.FixtureRequest) -> Iterator[Path]:
    """One folder for everything that is written; kept where a test failed."""
    folder = Path(tempfile.mkdtemp(prefix="platformc-e2e-"))
    yield folder
    if request.session.testsfailed:
        print(f"\nkept, with all logs: {folder}")  # noqa: T201 - for whoever looks for the reason
    else:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def programs(workspace: Path, request: pytest.FixtureRequest) -> Iterator[Processes]:
    """Whatever runs; all of it stops at the end."""
    with processes(workspace) as running:
        request.config.stash[RUNS].append(running)
        yield running


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure stands how all logs end."""
    report = yield
    if report.failed:
        report.sections += [("logs", running.tails()) for running in item.config.stash[RUNS]]
    return report


@pytest.fixture(scope="session")
def control_plane(workspace: Path, programs: Processes) -> Iterator[ControlPlane]:
    """The API server, with etcd below it."""
    plane = start_control_plane(workspace / "control-plane", programs)
    with closing(plane.api.client):
        yield plane


@pytest.fixture(scope="session")
def api(control_plane: ControlPlane) -> KubernetesAPI:
    """The API server, with all rights."""
    return control_plane.api


@pytest.fixture(scope="session")
def controller_manager(control_plane: ControlPlane, programs: Processes) -> Service:
    """Kubernetes' own controllers."""
    return start_controller_manager(control_plane, programs)


@pytest.fixture(scope="session")
def definitions(api: KubernetesAPI) -> list[str]:
    """The CRDs of providers, sealed-secrets, External Secrets and Argo CD are established; their names."""
    return install(
        api,
        [
            *upstream_definitions("provider-upjet-aws"),
            *upstream_definitions("sealed-secrets"),
            *upstream_definitions("external-secrets"),
            *argocd_definitions(),
        ],
    )


@pytest.fixture(scope="session")
def crossplane(workspace: Path, control_plane: ControlPlane, programs: Processes) -> Crossplane:
    """Crossplane's core with its CRDs."""
    return start_crossplane(control_plane, workspace / "crossplane", programs)


@pytest.fixture(scope="session")
def function(workspace: Path, control_plane: ControlPlane, crossplane: Crossplane, programs: Processes) -> Service:
    """The composition function, which the core knows: claims make managed resources."""
    service = start_function(control_plane, crossplane, workspace / "function", programs)
    register_function(control_plane.api, service)
    return service


@pytest.fixture(scope="session")
def legacy_cluster(workspace: Path) -> Iterator[ComposingCluster]:
    """A cluster of its own with the older form of the claim API, which cannot stand beside the newer."""
    with cluster_of_its_own(workspace / "legacy", "legacy") as made:
        yield made


@pytest.fixture(scope="module", params=FORMS)
def cluster(request: pytest.FixtureRequest) -> ComposingCluster:
    """Claims are composed: in the newer form on the cluster that all tests share, in the older form on its own."""
    if request.param == "legacy":
        legacy: ComposingCluster = request.getfixturevalue("legacy_cluster")
        return legacy
    for name in ("definitions", "function"):
        request.getfixturevalue(name)
    made = serve_claims(request.getfixturevalue("api"), request.param)
    request.getfixturevalue("controller_manager")  # last: what is collected, it looks for at its start
    return made


@pytest.fixture(scope="session")
def kubeseal() -> Path:
    """The real kubeseal."""
    return build("kubeseal")
