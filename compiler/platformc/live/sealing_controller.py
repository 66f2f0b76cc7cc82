"""sealing_controller: the sealed-secrets controller of a cluster, through the API server's proxy.

In      access to a cluster; the controller's Service.
Out     its certificate as PEM; values sealed anew for its newest key.
Never   changes anything in the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from platformc.diagnostics import ToolError
from platformc.live.cluster import Access, Cluster, run

DEFAULT = "kube-system/sealed-secrets-controller"
"""Where kubeseal looks for it, too."""


@dataclass(frozen=True, slots=True)
class SealingController:
    """A controller, by its Service as NAMESPACE/NAME."""

    access: Access
    service: str = DEFAULT

    def certificate(self) -> bytes:
        """The PEM of the controller's newest certificate. Raises ToolError."""

        async def work(cluster: Cluster) -> bytes:
            return await cluster.through_service("GET", await _service(cluster, self.service), "v1/cert.pem")

        return run(self.access, work)

    def rotate(self, requests: Sequence[bytes]) -> tuple[bytes, ...]:
        """The controller's answers to SealedSecrets that it shall seal anew, in their order. Raises ToolError."""

        async def work(cluster: Cluster) -> tuple[bytes, ...]:
            service = await _service(cluster, self.service)
            found = [
                await cluster.through_service(
                    "POST", service, "v1/rotate", content=content, headers={"Content-Type": "application/json"}
                )
                for content in requests
            ]
            return tuple(found)

        return run(self.access, work)


async def _service(cluster: Cluster, controller: str) -> str:
    """The path of the controller's Service, with its first port (bitnami/sealed-secrets, pkg/kubeseal)."""
    namespace, _, name = controller.rpartition("/")
    found = await cluster.get("v1", "Service", namespace, name)
    if found is None:
        hint = "choose it with --controller NAMESPACE/NAME"
        raise ToolError(f"there is no Service {name} in the namespace {namespace}", hint=hint)
    ports = found.get("spec", {}).get("ports") or [{}]
    return f"/api/v1/namespaces/{namespace}/services/http:{name}:{ports[0].get('name', '')}/proxy"
