"""Pass: the Namespace objects, in an Application of their own."""

from __future__ import annotations

from collections.abc import Iterator

from platformc.language.origin import derive
from platformc.link import NamespacePlan, Program, PullSecretPlan
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import CONFIRMED_REMOVAL, SYNC_OPTIONS

APPLICATION = "namespaces"
PULL_SECRET_LABEL = "pull-secret.platformc.dev"  # noqa: S105 - a label, not a password
"""Prefix of the label by which a pull secret finds its namespaces; the value is the namespace that it comes from."""


def lower_namespaces(program: Program) -> Iterator[Manifest]:
    """One Namespace for each that an application creates."""
    for plan in program.namespaces.values():
        yield Manifest(_namespace(program, plan), plan.creator.id, APPLICATION)


def pull_secret_label(plan: PullSecretPlan) -> dict[str, str]:
    """The label of a namespace that gets a pull secret.

    Its value is the source namespace, because two environments on one cluster can use the same name.
    """
    return {derive(f"{PULL_SECRET_LABEL}/{plan.name}", plan.name): plan.settings.source_namespace}


def _namespace(program: Program, plan: NamespacePlan) -> dict[str, object]:
    spec = plan.creator.spec.namespace
    wanted: dict[str, str] = {}
    for name in plan.image_pull_secrets:
        for known in program.pull_secrets:
            if known.name == name:
                wanted |= {
                    derive(key, key, name): derive(value, value, name)
                    for key, value in pull_secret_label(known).items()
                }
    labels = {
        "app.kubernetes.io/managed-by": "platformc",
        "app.kubernetes.io/part-of": plan.creator.name,
        "pod-security.kubernetes.io/enforce": spec.pod_security,
        "pod-security.kubernetes.io/warn": "restricted",
        **wanted,
        **spec.labels,
    }
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": spec.name, "labels": labels, "annotations": {SYNC_OPTIONS: CONFIRMED_REMOVAL}},
    }
