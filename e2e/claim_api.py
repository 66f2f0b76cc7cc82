"""claim_api: our XRDs and Compositions on a running Crossplane.

In      objects as rendered.
Out     kinds that the API server serves, with the rules of their XRDs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from e2e.kubernetes_api import KubernetesAPI, conditions, eventually

JSON = Any

XRD = "CompositeResourceDefinition"


def install_claim_api(api: KubernetesAPI, objects: Iterable[JSON]) -> list[JSON]:
    """Apply XRDs and Compositions, wait until each XRD is established; the XRDs as they then are.

    One of claims is waited for until it is offered, too. An XRD whose rules cost too much never gets there:
    the core cannot create its CRD and says so in its log alone.
    """
    applied = [api.apply(each).object for each in objects]
    return [_established(api, each) for each in applied if each["kind"] == XRD]


def _established(api: KubernetesAPI, definition: JSON) -> JSON:
    name = definition["metadata"]["name"]

    def current() -> JSON:
        return api.get(definition["apiVersion"], XRD, name)

    def ready() -> JSON | None:
        found = current()
        wanted = {"Established", "Offered"} if "claimNames" in found["spec"] else {"Established"}
        true = {kind for kind, status in conditions(found).items() if status == "True"}
        return found if wanted <= true else None

    return eventually(f"{name} is established", ready, seen=lambda: current().get("status"))
