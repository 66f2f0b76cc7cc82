"""pull_secret_metadata: the names and labels of the objects that renew a pull secret, with either provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platformc.language.origin import derive
from platformc.link import Program, PullSecretPlan
from platformc.link.attributes import connection_secret
from platformc.lower.metadata import NAME_LABEL, WAVE

APPLICATION = "pull-secrets"
COMPONENT_LABEL = "app.kubernetes.io/component"
SOURCE = ""
"""Stands for the plan's source namespace."""


def pull_secret_metadata(
    program: Program,
    plan: PullSecretPlan,
    name: str,
    *,
    namespace: str | None = SOURCE,
    wave: int = 0,
    annotations: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Metadata of one object; `namespace` is by default that of the key, and None for cluster-scoped objects."""
    described: dict[str, Any] = {"name": name}
    if namespace is not None:
        described["namespace"] = namespace or plan.settings.source_namespace
    described["labels"] = pull_secret_labels(program, plan)
    notes = {**(annotations or {}), **({WAVE: str(wave)} if wave else {})}
    return {**described, **({"annotations": notes} if notes else {})}


def pull_secret_labels(program: Program, plan: PullSecretPlan) -> dict[str, str]:
    """The labels of every object of a pull secret; its pods are found by name and component."""
    return {
        NAME_LABEL: plan.name,
        "app.kubernetes.io/part-of": program.platform.platform.name,
        COMPONENT_LABEL: "pull-secret",
        "app.kubernetes.io/managed-by": "platformc",
        **program.platform.settings.defaults.labels,
    }


def key_secret(plan: PullSecretPlan) -> str:
    """The name of the Secret with the key that the pull secret is renewed with."""
    return derive(connection_secret(plan.identity), plan.settings.identity.text)
