"""crossplane: the real Crossplane core.

In      a control plane.
Out     a core that establishes XRDs, after which the API server judges claims.
Never   pulls a package: there are neither providers nor the composition function, so nothing is composed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from e2e.binaries import build
from e2e.certificates import signed
from e2e.control_plane import ControlPlane
from e2e.definitions import crossplane_definitions, install
from e2e.processes import Processes, Service, free_ports, listening

NAMESPACE = "crossplane-system"


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
