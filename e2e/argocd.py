"""argocd: the real Argo CD, of the programs that its installation runs, with our settings.

In      a control plane, the folder `argocd/` of a repository.
Out     ArgoCD: its programs, and how to reach them.
Never   asks anybody to log in; has a page to look at: the Go module carries none.

Its repo-server finds `git` and `helm` on PATH, and nothing else that renders.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from e2e.binaries import build, module_folder
from e2e.control_plane import ControlPlane, from_debian
from e2e.definitions import ARGOCD_MODULE, argocd_definitions, documents, install
from e2e.processes import LOOPBACK, Processes, Service, free_ports, listening

NAMESPACE = "argocd"
ANSWER_SECONDS = 120
"""What one answer of its command line may take."""
WAVE_DELAY = 1
"""Seconds between two waves. Argo CD's own 2 are only longer; creation times tell seconds apart."""

RECONCILIATION = "20s"
"""How long an Application is left alone that nothing seems to have happened to; Argo CD's own 120 s are only longer."""

TOOLS = "tools"
SCRATCH = {
    "TMPDIR": "tmp",
    "ARGOCD_TLS_DATA_PATH": "tls",
    "ARGOCD_SSH_DATA_PATH": "ssh",
    "ARGOCD_GPG_DATA_PATH": "gpg",
    "ARGOCD_GNUPGHOME": "gnupg",
}
"""Variables that name a folder, and the folder's name below our own."""

PARAMETERS = "argocd-cmd-params-cm"
WORKLOADS = {
    "argocd-repo-server": "repo-server/argocd-repo-server-deployment.yaml",
    "argocd-application-controller": "application-controller/argocd-application-controller-statefulset.yaml",
    "argocd-server": "server/argocd-server-deployment.yaml",
}
"""What runs each program in a cluster, below manifests/base of the module."""


@dataclass(slots=True)
class Program:
    """One of Argo CD's programs, and the port that it listens on once it is ready."""

    service: Service
    port: int


@dataclass(slots=True)
class ArgoCD:
    """A running Argo CD; `server` is the address of its API."""

    processes: Processes
    folder: Path
    redis: Program
    repo_server: Program
    controller: Program
    api_server: Program

    @property
    def server(self) -> str:
        """The address of its API."""
        return f"{LOOPBACK}:{self.api_server.port}"

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run its command line against its API."""
        return subprocess.run(  # noqa: S603 - an argument list
            [str(build("argocd")), *words, "--server", self.server, "--plaintext"],
            env={"HOME": str(self.folder / "home"), "PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER_SECONDS,
        )

    def restart(self, program: Program) -> None:
        """Kill one of its programs, and start it again as it was."""
        service = program.service
        program.service = self.processes.restart(service, ready=lambda: listening(program.port), how=signal.SIGKILL)

    def forget(self) -> None:
        """Empty the cache that its programs share."""
        with socket.create_connection((LOOPBACK, self.redis.port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(b"FLUSHALL\r\n")
            answer = connection.recv(64)
        assert answer == b"+OK\r\n", answer


def start_argocd(plane: ControlPlane, repository: Path, folder: Path, processes: Processes) -> ArgoCD:
    """Install what an installation has beside its workloads, our settings with it, and start its programs."""
    for name in ("home", *SCRATCH.values()):
        (folder / name).mkdir(parents=True, mode=0o700)
    (folder / SCRATCH["ARGOCD_SSH_DATA_PATH"] / "ssh_known_hosts").touch()
    (folder / TOOLS).mkdir()
    (folder / TOOLS / "helm").symlink_to(build("helm"))
    install(plane.api, argocd_definitions())
    plane.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    parameters = _install_settings(plane, repository)
    environment = _environment(plane, folder)
    redis_port, repo_port, repo_metrics, controller_metrics, server_port, server_metrics = free_ports(6)
    redis = ("--redis", f"{LOOPBACK}:{redis_port}")
    of_repo_server = ("--repo-server", f"{LOOPBACK}:{repo_port}", "--repo-server-plaintext", *redis)

    def start(name: str, port: int, *words: str) -> Program:
        given = {**environment, **_variables(name, parameters), "ARGOCD_BINARY_NAME": name}
        return Program(
            processes.start(name, (build("argocd"), *words), environment=given, ready=lambda: listening(port)), port
        )

    return ArgoCD(
        processes,
        folder,
        redis=_start_redis(redis_port, processes),
        repo_server=start(
            "argocd-repo-server",
            repo_port,
            *("--address", LOOPBACK, "--port", str(repo_port)),
            *("--metrics-address", LOOPBACK, "--metrics-port", str(repo_metrics)),
            *redis,
            "--disable-tls",
        ),
        controller=start(
            "argocd-application-controller",
            controller_metrics,
            *("--namespace", NAMESPACE, "--metrics-port", str(controller_metrics)),
            *of_repo_server,
        ),
        api_server=start(
            "argocd-server",
            server_port,
            *("--namespace", NAMESPACE, "--address", LOOPBACK, "--port", str(server_port)),
            *("--metrics-port", str(server_metrics)),
            *of_repo_server,
            "--insecure",
            "--disable-auth",
        ),
    )


def _start_redis(port: int, processes: Processes) -> Program:
    command = (from_debian("redis-server", "redis-server"), "--port", str(port), "--bind", LOOPBACK, "--save", "")
    return Program(processes.start("redis", command, ready=lambda: listening(port)), port)


def _environment(plane: ControlPlane, folder: Path) -> Mapping[str, str]:
    """What each program gets: the cluster that it takes for its own, and folders that are nobody else's."""
    return {
        "KUBECONFIG": str(plane.kubeconfig),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_SYNC_WAVE_DELAY": str(WAVE_DELAY),
        "ARGOCD_RECONCILIATION_TIMEOUT": RECONCILIATION,
        "ARGOCD_RECONCILIATION_JITTER": "0s",
        "ARGOCD_K8S_CLIENT_QPS": "300",  # as Crossplane's docs advise
        "HOME": str(folder / "home"),
        "PATH": f"{folder / TOOLS}{os.pathsep}{os.environ['PATH']}",
        **{variable: str(folder / name) for variable, name in SCRATCH.items()},
    }


def _variables(program: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The environment variables by which a program gets its parameters, as its release's manifest has them."""
    found = {}
    for workload in documents([manifests() / "base" / WORKLOADS[program]]):
        for container in workload["spec"]["template"]["spec"]["containers"]:
            for variable in container.get("env", ()):
                source = variable.get("valueFrom", {}).get("configMapKeyRef", {})
                if source.get("name") == PARAMETERS and source["key"] in parameters:
                    found[variable["name"]] = parameters[source["key"]]
    return found


def _install_settings(plane: ControlPlane, repository: Path) -> Mapping[str, str]:
    """What `kubectl apply -k argocd/install` brings of settings: the release's, and ours over them; the parameters."""
    base = manifests() / "base" / "config"
    ours = repository / "argocd" / "install" / "settings.yaml"
    for each in documents([*sorted(base.glob("argocd-*.yaml")), ours]):
        plane.api.apply({**each, "metadata": {**each["metadata"], "namespace": NAMESPACE}})
    found = plane.api.get("v1", "ConfigMap", PARAMETERS, NAMESPACE)
    assert found is not None
    return dict(found["data"])


def manifests() -> Path:
    """The manifests of the release, in the module that the programs are built from."""
    return module_folder("argocd", ARGOCD_MODULE) / "manifests"
