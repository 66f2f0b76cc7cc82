"""Recorded statuses, and what health each means; read by every test of health, also by those with the real Argo CD."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from aws_kinds import CLAIMS

STATUSES = Path(__file__).parent / "statuses"
KINDS = {
    "application": [("argoproj.io/v1alpha1", "Application")],
    "claim": [("aws.platformc.dev/v1alpha1", kind) for kind in CLAIMS],
    "crossplane": [
        ("apiextensions.crossplane.io/v2", "CompositeResourceDefinition"),
        ("pkg.crossplane.io/v1", "Function"),
        ("pkg.crossplane.io/v1", "Provider"),
    ],
    "sealed-secret": [("bitnami.com/v1alpha1", "SealedSecret")],
}
"""Health check -> the kinds that its statuses are tried for."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One status of one kind of object."""

    check: str
    name: str
    object: dict[str, Any]
    health: str
    message: str

    @property
    def key(self) -> str:
        """The kind as argocd-cm names it."""
        return f"{self.object['apiVersion'].partition('/')[0]}_{self.object['kind']}"

    def __str__(self) -> str:
        return f"{self.object['kind']}: {self.name}"


def recorded() -> list[Recorded]:
    """Every recorded status, for every kind that it is for."""
    found = []
    for check, kinds in KINDS.items():
        for entry in yaml.load((STATUSES / f"{check}.yaml").read_bytes(), Loader=yaml.CSafeLoader):
            for api_version, kind in kinds:
                if kind not in entry.get("kinds", [kind]):
                    continue
                made = copy.deepcopy(entry["object"])
                metadata = {"name": "one", "namespace": "discord-bot", **made.pop("metadata", {})}
                made = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **made}
                found.append(Recorded(check, entry["name"], made, entry["health"], entry["message"]))
    return found
