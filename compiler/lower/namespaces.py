"""Pass: the Namespace objects, in an Application of their own."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.link.namespaces import NamespacePlan
from compiler.link.program import Program
from compiler.lower.manifest import Manifest
from compiler.lower.metadata import CONFIRMED_REMOVAL, SYNC_OPTIONS
from compiler.spec.origin import derive

APPLICATION = "namespaces"
PULL_SECRET_LABEL = "pull-secret.platformc.dev"  # noqa: S105 - a label, not a password
"""Prefix of the label by which a pull secret finds the namespaces that want it."""


def lower_namespaces(program: Program) -> Iterator[Manifest]:
    """One Namespace for each that an application creates."""
    for plan in program.namespaces.values():
        yield Manifest(_namespace(plan), plan.creator.id, APPLICATION)


def _namespace(plan: NamespacePlan) -> dict[str, object]:
    spec = plan.creator.spec.namespace
    labels = {
        "app.kubernetes.io/managed-by": "platformc",
        "app.kubernetes.io/part-of": plan.creator.name,
        "pod-security.kubernetes.io/enforce": spec.pod_security,
        "pod-security.kubernetes.io/warn": "restricted",
        **{derive(f"{PULL_SECRET_LABEL}/{name}", name): derive("true", name) for name in plan.image_pull_secrets},
        **spec.labels,
    }
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": spec.name, "labels": labels, "annotations": {SYNC_OPTIONS: CONFIRMED_REMOVAL}},
    }
