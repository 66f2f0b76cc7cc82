"""strict: what an API server says of rendered objects when it takes nothing on trust.

In      a connection, objects with their files.
Out     a line for each error, and for each warning that is ours.
Never   changes the cluster, but for namespaces: dry runs need them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from e2e.kubernetes_api import KubernetesAPI, RefusedError
from e2e.rendered import RenderedObject

NOT_OURS: tuple[tuple[str, str], ...] = (
    (
        r'^metadata\.finalizers: "resources-finalizer\.argocd\.argoproj\.io": prefer a domain-qualified',
        "the one name that Argo CD knows",
    ),
    (
        r"CompositeResourceDefinition v1 is deprecated",
        "the one version that knows claims",
    ),
)
"""Warnings (pattern, reason) that nothing in the specs could avoid."""


def problems(api: KubernetesAPI, environment: str, objects: Sequence[RenderedObject]) -> list[str]:
    """A strict server-side dry run of each object, in its namespace."""
    for namespace in sorted({each.object["metadata"].get("namespace", "default") for each in objects}):
        api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    found = []
    for each in objects:
        try:
            warnings = api.apply(each.object, dry_run=True).warnings
        except RefusedError as error:
            found.append(f"{environment}/{each.path}: {error.message}")
        else:
            found += [f"{environment}/{each.path}: warning: {warning}" for warning in warnings if _ours(warning)]
    return found


def _ours(warning: str) -> bool:
    return not any(re.search(pattern, warning) for pattern, _ in NOT_OURS)
