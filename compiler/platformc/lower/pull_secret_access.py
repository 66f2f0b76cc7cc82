"""pull_secret_access: the service account for a pull secret, and its rights on that one Secret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from platformc.link import Program, PullSecretPlan
from platformc.lower.access import RBAC
from platformc.lower.metadata import WAVE_OF_ACCESS
from platformc.lower.pull_secret_metadata import SOURCE, pull_secret_metadata


def account(program: Program, plan: PullSecretPlan, name: str) -> dict[str, Any]:
    """The ServiceAccount, in the source namespace."""
    described = pull_secret_metadata(program, plan, name, wave=WAVE_OF_ACCESS)
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": described, "automountServiceAccountToken": False}


def rights(
    program: Program, plan: PullSecretPlan, name: str, verbs: Sequence[str], namespace: str = SOURCE
) -> Iterator[dict[str, Any]]:
    """A Role of that name for only the pull secret, and its binding to the account of that name."""
    described = pull_secret_metadata(program, plan, name, namespace=namespace, wave=WAVE_OF_ACCESS)
    rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": [plan.name], "verbs": list(verbs)}
    yield {"apiVersion": f"{RBAC}/v1", "kind": "Role", "metadata": described, "rules": [rule]}
    described = pull_secret_metadata(program, plan, name, namespace=namespace, wave=WAVE_OF_ACCESS)
    yield {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": described,
        "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": name},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": plan.settings.source_namespace}],
    }
