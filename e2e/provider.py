"""provider: what the AWS provider does to managed resources, as far as Crossplane and we can see it; there is no AWS.

In      claims that the core has composed.
Out     managed resources by their names in the Composition; their statuses, as the provider would write them.
Never   changes a spec.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, TypeAlias

from aws_kinds import MANAGED

from e2e.kubernetes_api import KubernetesAPI

JSON: TypeAlias = Any

EXTERNAL_NAME = "crossplane.io/external-name"
RESOURCE_NAME = "crossplane.io/composition-resource-name"
TIME = "2026-08-01T00:00:00Z"


def composite_of(api: KubernetesAPI, claim: JSON) -> JSON | None:
    """The composite of a claim: the claim itself, or for one of the legacy form what it stands for; None before that."""
    metadata = claim["metadata"]
    found = api.get(claim["apiVersion"], claim["kind"], metadata["name"], metadata["namespace"])
    reference = (found or {"spec": {}})["spec"].get("resourceRef")
    if reference is None:
        return found
    return api.get(reference["apiVersion"], reference["kind"], reference["name"])


def managed_resources(api: KubernetesAPI, claim: JSON) -> dict[str, JSON]:
    """What the core has made of a claim so far, by the names in its Composition: its Secret, too, where it has one."""
    composite = composite_of(api, claim)
    if composite is None:
        return {}
    spec, namespace = composite["spec"], composite["metadata"].get("namespace", "")
    references = spec.get("crossplane", spec).get("resourceRefs", [])
    named = [one for one in references if "name" in one]
    found = [api.get(one["apiVersion"], one["kind"], one["name"], namespace) for one in named]
    return {one["metadata"]["annotations"][RESOURCE_NAME]: one for one in found if one is not None}


def provide(api: KubernetesAPI, managed: JSON) -> JSON:
    """Say of a managed resource that it is there in AWS, with what AWS tells about it."""
    return _report(
        api, managed, _condition("Ready", "True", "Available"), _condition("Synced", "True", "ReconcileSuccess")
    )


def refuse(api: KubernetesAPI, managed: JSON, message: str) -> JSON:
    """Say of a managed resource that AWS refused its last change; it stays Ready, as the provider leaves it."""
    failed = _condition("Synced", "False", "ReconcileError", message)
    return _report(api, managed, _condition("Ready", "True", "Available"), failed)


def write_connection(api: KubernetesAPI, managed: JSON, content: Mapping[str, str]) -> None:
    """Write the Secret that a managed resource asks its provider for."""
    reference = managed["spec"]["writeConnectionSecretToRef"]
    namespace = reference.get("namespace") or managed["metadata"]["namespace"]
    api.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": reference["name"], "namespace": namespace},
            "type": "connection.crossplane.io/v1alpha1",
            "data": {key: base64.b64encode(value.encode()).decode() for key, value in content.items()},
        }
    )


def in_aws(managed: JSON) -> JSON:
    """What AWS would tell about a managed resource of any kind that we make: its `status.atProvider`."""
    wanted = managed["spec"]["forProvider"]
    name = wanted.get("name") or managed["metadata"].get("annotations", {}).get(EXTERNAL_NAME, "")
    return MANAGED[managed["kind"]].in_aws(name, wanted)


def _report(api: KubernetesAPI, managed: JSON, *conditions: JSON) -> JSON:
    return api.set_status(managed, {"atProvider": in_aws(managed), "conditions": list(conditions)})


def _condition(kind: str, status: str, reason: str, message: str = "") -> JSON:
    condition = {"type": kind, "status": status, "reason": reason, "lastTransitionTime": TIME}
    return condition | ({"message": message} if message else {})
