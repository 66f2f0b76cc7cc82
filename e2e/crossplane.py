"""crossplane: the real Crossplane core, and the one composition function it calls.

In      a control plane.
Out     a core that establishes XRDs, composes, and keeps claims and managed resources in step.
Never   pulls a package: the function's revision is made by hand, and providers do not exist. What a
        provider would do to managed resources, tests do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from e2e.binaries import build
from e2e.certificates import signed
from e2e.control_plane import ControlPlane
from e2e.definitions import crossplane_definitions, install
from e2e.kubernetes_api import KubernetesAPI
from e2e.processes import LOOPBACK, Processes, Service, free_ports, listening

NAMESPACE = "crossplane-system"
FUNCTION = "function-patch-and-transform"


@dataclass(frozen=True, slots=True)
class Crossplane:
    """A running core, and the folder of certificates that it shows to functions."""

    core: Service
    certificates: Path


def start_crossplane(plane: ControlPlane, folder: Path, processes: Processes) -> Crossplane:
    """Install Crossplane's CRDs and start its core."""
    folder.mkdir()
    install(plane.api, crossplane_definitions())
    plane.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    certificates = folder / "certificates"
    signed(plane.authority, certificates, "crossplane")
    metrics, health = free_ports(2)
    core = processes.start(
        "crossplane",
        (
            build("crossplane"),
            "core",
            "start",
            "--enable-webhooks=false",
            f"--metrics-port={metrics}",
            f"--health-probe-port={health}",
            f"--xpkg-cache-dir={folder}",
            "--poll-interval=5s",  # claims are also watched; this bounds what a lost watch costs
        ),
        environment={
            "KUBECONFIG": str(plane.kubeconfig),
            "POD_NAMESPACE": NAMESPACE,
            "TLS_CLIENT_CERTS_DIR": str(certificates),
        },
        ready=lambda: listening(health),
    )
    return Crossplane(core, certificates)


def start_function(
    plane: ControlPlane, crossplane: Crossplane, composer: str, processes: Processes, *, name: str = FUNCTION
) -> Service:
    """Serve a composition function that asks `composer` (a URL) what to compose, and make it known to the core."""
    (port,) = free_ports(1)
    service = processes.start(
        name,
        (
            build("composition-function"),
            f"--address={LOOPBACK}:{port}",
            f"--composer={composer}",
            f"--certificates={crossplane.certificates}",
        ),
        ready=lambda: listening(port),
    )
    register_function(plane.api, f"localhost:{port}", name)
    return service


def register_function(api: KubernetesAPI, address: str, name: str = FUNCTION) -> None:
    """Make the revision that Crossplane finds a function by.

    `paused` keeps its package manager from pulling the image; the status is what that would have written.
    """
    revision = api.apply(
        {
            "apiVersion": "pkg.crossplane.io/v1",
            "kind": "FunctionRevision",
            "metadata": {
                "name": f"{name}-e2e",
                "labels": {"pkg.crossplane.io/package": name},
                "annotations": {"crossplane.io/paused": "true"},
            },
            "spec": {"desiredState": "Active", "image": f"e2e.invalid/{name}:none", "revision": 1},
        }
    ).object
    api.set_status(revision, {"endpoint": f"dns:///{address}", "capabilities": ["composition"]})
