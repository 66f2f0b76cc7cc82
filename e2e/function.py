"""function: the one composition function of our Compositions, served here and made known to Crossplane's core.

In      a control plane, a running core.
Out     a function that the core calls under the name of the real one.
Never   pulls a package: the revision that the core finds a function by is made by hand.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from e2e.certificates import signed
from e2e.control_plane import ControlPlane
from e2e.crossplane import Crossplane
from e2e.definitions import ROOT
from e2e.kubernetes_api import KubernetesAPI
from e2e.processes import LOOPBACK, Processes, Service, free_ports, listening

FUNCTION = "function-patch-and-transform"


def start_function(plane: ControlPlane, crossplane: Crossplane, folder: Path, processes: Processes) -> Service:
    """Serve the function to that core, with certificates of the authority that the core's own are of."""
    assert crossplane.core.process.poll() is None
    certificates = folder / "certificates"
    signed(plane.authority, certificates, FUNCTION)
    (port,) = free_ports(1)
    return processes.start(
        FUNCTION,
        (sys.executable, "-m", "e2e.function_server", f"{LOOPBACK}:{port}", certificates),
        environment={"PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "compiler")))},
        ready=lambda: listening(port),
    )


def register_function(api: KubernetesAPI, service: Service, name: str = FUNCTION) -> None:
    """Make the revision that the core finds a function by; the core must have its CRDs by now.

    `paused` keeps the package manager from pulling the image. The status is what it would have written: the core
    asks no function that does not say it can compose.
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
    api.set_status(revision, {"endpoint": f"dns:///localhost:{_port(service)}", "capabilities": ["composition"]})


def _port(service: Service) -> int:
    """Where the function listens: its last word but one."""
    return int(service.command[-2].rpartition(":")[2])
