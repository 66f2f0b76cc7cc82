"""Access: the service account of a pod and its rights in Kubernetes' API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from platformc.language import Resource
from platformc.language.models.pod import AccessRole, PodFields
from platformc.language.origin import derive
from platformc.link import Program
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import WAVE_OF_ACCESS, metadata, without_nothing

RBAC = "rbac.authorization.k8s.io"


def lower_access(
    program: Program, resource: Resource[PodFields], annotations: Mapping[str, str] | None = None
) -> Iterator[Manifest]:
    """The ServiceAccount, with `annotations`, and a role and binding for each entry of `rbac`."""
    account = resource.spec.service_account_name or resource.name
    yield Manifest(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata(program, resource, account, wave=WAVE_OF_ACCESS, annotations=annotations),
            "automountServiceAccountToken": False,  # a pod that needs the token enables it itself
        },
        resource.id,
        resource.id.application,
    )
    for role in resource.spec.rbac:
        yield from _role(program, resource, role, account)


def _role(program: Program, resource: Resource[PodFields], role: AccessRole, account: str) -> Iterator[Manifest]:
    namespaced = role.scope == "Namespace"
    kind = derive("Role" if namespaced else "ClusterRole", role.scope)
    name = role.role_name or resource.name
    yield Manifest(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": kind,
            "metadata": metadata(program, resource, name, wave=WAVE_OF_ACCESS, namespaced=namespaced),
            "rules": [_rule(rule) for rule in role.rules],
        },
        resource.id,
        resource.id.application,
    )
    yield Manifest(
        {
            "apiVersion": f"{RBAC}/v1",
            "kind": derive(f"{kind}Binding", kind),
            "metadata": metadata(
                program, resource, role.binding_name or name, wave=WAVE_OF_ACCESS, namespaced=namespaced
            ),
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
            "subjects": [{"kind": "ServiceAccount", "name": account, "namespace": resource.namespace}],
        },
        resource.id,
        resource.id.application,
    )


def _rule(rule: Any) -> dict[str, Any]:
    return without_nothing(
        {
            "apiGroups": list(rule.api_groups),
            "resources": list(rule.resources),
            "resourceNames": list(rule.resource_names),
            "nonResourceURLs": list(rule.non_resource_urls),
            "verbs": list(rule.verbs),
        }
    )
