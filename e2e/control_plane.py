"""control_plane: etcd, kube-apiserver and kube-controller-manager, real and on loopback ports.

In      a folder for all that they write.
Out     ControlPlane: an API connection, a kubeconfig, what other programs need to join.
Never   runs a kubelet: no pod starts, and Deployments stay as their statuses are patched.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from e2e.binaries import build
from e2e.certificates import Authority, Pair, authority, signed, signing_keys
from e2e.kubernetes_api import KubernetesAPI, connect, eventually
from e2e.processes import LOOPBACK, Processes, Service, ServiceError, free_ports, listening


@dataclass(slots=True)
class ControlPlane:
    """An API server that answers, and how to reach it."""

    api: KubernetesAPI
    authority: Authority
    certificate: Path
    """The API server's own: self-signed, so it is also what clients trust."""
    client: Pair
    port: int
    url: str
    kubeconfig: Path
    keys: Pair
    server: Service

    def answers(self) -> bool:
        """Whether the API server says that it is ready, all of its hooks included."""
        try:
            return self.certificate.is_file() and self.api.client.get("/readyz").is_success
        except httpx.TransportError:
            return False


def start_control_plane(folder: Path, processes: Processes) -> ControlPlane:
    """Start etcd and the API server, and wait until it is ready."""
    folder.mkdir()
    etcd = _start_etcd(folder / "etcd", processes)
    trusted = authority(folder / "authority")
    client = signed(trusted, folder / "admin", "admin", groups=["system:masters"])
    keys = signing_keys(folder / "service-accounts")
    certificates = folder / "apiserver"
    certificates.mkdir()
    (port,) = free_ports(1)
    url = f"https://{LOOPBACK}:{port}"
    certificate = certificates / "apiserver.crt"
    command = (
        build("kube-apiserver"),
        f"--etcd-servers={etcd}",
        f"--cert-dir={certificates}",
        f"--secure-port={port}",
        f"--bind-address={LOOPBACK}",
        "--authorization-mode=RBAC",
        f"--client-ca-file={trusted.path}",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",  # pods never run, so nobody mounts a token
        "--allow-privileged=true",
        # Debian's etcd does not tell how fresh a watch is, so this estimate only fills the log with its time-outs.
        "--feature-gates=SizeBasedListCostEstimate=false",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={keys.certificate}",
        f"--service-account-signing-key-file={keys.key}",
    )

    def answers() -> bool:
        if not certificate.is_file() or not listening(port):
            return False
        with connect(url, certificate, client).client as asked:
            try:
                return asked.get("/readyz").is_success
            except httpx.TransportError:
                return False

    server = processes.start("kube-apiserver", command, ready=answers)
    kubeconfig = folder / "kubeconfig"
    _write_kubeconfig(kubeconfig, url, certificate, client)
    api = connect(url, certificate, client)
    plane = ControlPlane(api, trusted, certificate, client, port, url, kubeconfig, keys, server)
    eventually("the namespace `default` is there", lambda: api.get("v1", "Namespace", "default"))
    return plane


def start_controller_manager(plane: ControlPlane, processes: Processes, *, without: Sequence[str] = ()) -> Service:
    """Start what collects garbage, ends namespaces and makes ReplicaSets of Deployments; all but some controllers."""
    (port,) = free_ports(1)
    command = (
        build("kube-controller-manager"),
        f"--kubeconfig={plane.kubeconfig}",
        f"--controllers={','.join(['*', *(f'-{name}' for name in without)])}",
        "--leader-elect=false",
        f"--service-account-private-key-file={plane.keys.key}",
        f"--root-ca-file={plane.certificate}",
        f"--secure-port={port}",
        f"--bind-address={LOOPBACK}",
        f"--cert-dir={plane.kubeconfig.parent / 'controller-manager'}",
    )
    return processes.start("kube-controller-manager", command, ready=lambda: listening(port))


def from_debian(program: str, package: str) -> str:
    """A program that only Debian has here. Raises ServiceError that says what to install."""
    found = shutil.which(program)
    if found is None:
        raise ServiceError(f"there is no `{program}`; on Debian: apt-get install {package}")
    return found


def _start_etcd(folder: Path, processes: Processes) -> str:
    ports = free_ports(2)
    clients, peers = (f"http://{LOOPBACK}:{port}" for port in ports)
    command = (
        from_debian("etcd", "etcd-server"),
        f"--data-dir={folder}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=default={peers}",
        "--unsafe-no-fsync",  # nobody needs the data after a power cut
    )

    def healthy() -> bool:
        try:
            return bool(httpx.get(f"{clients}/health", trust_env=False).json() == {"health": "true"})
        except httpx.TransportError:
            return False

    processes.start("etcd", command, ready=healthy)
    return clients


def _write_kubeconfig(path: Path, url: str, certificate: Path, client: Pair) -> None:
    """JSON, which is YAML. The namespace is Argo CD's: its programs look for their settings there."""
    path.touch(mode=0o600)
    user = {"client-certificate": str(client.certificate), "client-key": str(client.key)}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "e2e",
        "clusters": [{"name": "e2e", "cluster": {"server": url, "certificate-authority": str(certificate)}}],
        "users": [{"name": "admin", "user": user}],
        "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "admin", "namespace": "argocd"}}],
    }
    path.write_text(json.dumps(content), encoding="utf-8")
