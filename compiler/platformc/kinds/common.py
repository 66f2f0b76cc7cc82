"""Shapes that the records of several kinds share: how lists merge, attributes and ARNs in AWS, what protects data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from platformc.language import Platform, Resource
from platformc.language.aws_facts import Protection
from platformc.language.kind import Attribute
from platformc.language.models.base import FLATTENED
from platformc.link import Target

ALLOW = {"allow": ("rule",), "accept": ("effect", "object")}
"""The lists that the spec of every kind can have."""
NEEDS = {"needs": ("workload", "job", FLATTENED, "service", "internet", "cidr", "kubernetesAPI", "port")}
"""FLATTENED stands for the words of all kinds in AWS."""
POD_KEYS = {
    **ALLOW,
    **NEEDS,
    "containers": ("name",),
    "initContainers": ("name",),
    "volumes": ("name",),
    "services": ("name",),
}
POD_ONE_OF = {"probes": ("httpGet", "tcpSocket", "exec", "none"), "mounts": ("config", "secret", "volume")}

DELETION_POLICY = Protection(
    claim=("spec", "deletionPolicy"),
    strongest_first=("Orphan", "Delete"),
    absent="Orphan",
    consequence="AWS deletes it, and all data in it, together with its claim",
)
"""What every claim for data in AWS has."""


def attribute(evaluate: Callable[[Platform, Target], Any], description: str) -> Attribute:
    """Return an attribute that is the same for every user and has no further names."""
    return Attribute(lambda platform, target, _user, _names: evaluate(platform, target), description, takes="")


def itself(arn: str, _target: Target) -> tuple[str, ...]:
    """For actions that are allowed on the resource as a whole."""
    return (arn,)


def anything(_arn: str, _target: Target) -> tuple[str, ...]:
    """For actions that AWS allows only with `Resource: "*"`."""
    return ("*",)


def is_observed(resource: Resource[Any]) -> bool:
    """Whether another environment owns the resource, so that it has no object here and cannot be changed (D15)."""
    return bool(resource.spec.management_policy == "Observe")
