"""sealed_secrets: the real sealed-secrets controller.

In      a control plane whose API server has the CRD of SealedSecrets.
Out     a controller that opens SealedSecrets, and the address of its own small API.
Never   leaves its credentials where other programs look: it knows only the path that pods have them at, so it
        gets a view of the file system in which they lie there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from e2e.binaries import build
from e2e.control_plane import ControlPlane
from e2e.processes import LOOPBACK, Processes, Service, free_ports, listening

NAMESPACE = "kube-system"
NAME = "sealed-secrets-controller"
IN_A_POD = "/var/run/secrets/kubernetes.io/serviceaccount"
ENTER = f'mount -t tmpfs tmpfs /var/run && mkdir -p {IN_A_POD} && cp "$1"/* {IN_A_POD}/ && shift && exec "$@"'
"""What a shell does in the new view before it becomes the controller."""


@dataclass(frozen=True, slots=True)
class SealedSecrets:
    """A running controller."""

    service: Service
    port: int
    """Of its API: /v1/cert.pem, /v1/rotate."""

    @property
    def url(self) -> str:
        """Of its API."""
        return f"http://{LOOPBACK}:{self.port}"


def start_sealed_secrets(plane: ControlPlane, folder: Path, processes: Processes) -> SealedSecrets:
    """Give the controller an account, and start it; it makes a key of its own."""
    account = {"name": NAME, "namespace": NAMESPACE}
    plane.api.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    plane.api.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": NAME},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", **account}],
        }
    )
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}
    path = plane.api.path("v1", "ServiceAccount", NAME, NAMESPACE)
    token = plane.api.create(f"{path}/token", asked)["status"]["token"]
    credentials = folder / "account"
    credentials.mkdir(parents=True, mode=0o700)
    (credentials / "token").write_text(token, encoding="utf-8")
    (credentials / "ca.crt").write_bytes(plane.certificate.read_bytes())
    (credentials / "namespace").write_text(NAMESPACE, encoding="utf-8")
    port, metrics = free_ports(2)
    service = processes.start(
        "sealed-secrets",
        (
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-ec",
            ENTER,
            "sh",
            credentials,
            build("sealed-secrets-controller"),
            f"--listen-addr={LOOPBACK}:{port}",
            f"--listen-metrics-addr={LOOPBACK}:{metrics}",
        ),
        environment={
            "KUBERNETES_SERVICE_HOST": LOOPBACK,
            "KUBERNETES_SERVICE_PORT": str(plane.port),
            "POD_NAMESPACE": NAMESPACE,
        },
        ready=lambda: listening(port),
    )
    return SealedSecrets(service, port)
