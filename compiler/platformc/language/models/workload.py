"""Workload: a process that runs all the time, as a Deployment or a StatefulSet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from platformc.language.models.base import Integer, SpecModel
from platformc.language.models.labels import Annotations
from platformc.language.models.pod import PodFields
from platformc.language.models.types import CIDR, Label, PortName, PortNumber


class RollingUpdate(SpecModel):
    """How many pods may be missing or extra during a rollout."""

    max_unavailable: int | str | None = None
    """Pods that may be missing, as a number or a percentage."""
    max_surge: int | str | None = None
    """Pods that may be extra, as a number or a percentage."""


class Strategy(SpecModel):
    """How a new version replaces the old one: `Recreate` or `RollingUpdate` for short."""

    type: Literal["Recreate", "RollingUpdate"]
    """Recreate stops the old pods first."""
    rolling_update: RollingUpdate | None = None
    """The numbers, for RollingUpdate."""


class Service(SpecModel):
    """The Service of the pods."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Who can reach it; LoadBalancer means everybody."""
    annotations: Annotations = {}
    """Annotations, such as a cloud's load balancer settings."""
    external_traffic_policy: Literal["Cluster", "Local"] | None = None
    """Local preserves the client's address."""
    load_balancer_source_ranges: tuple[CIDR, ...] = ()
    """The only addresses that may connect."""


class NamedService(SpecModel):
    """A Service with another name, in place of the one named like the workload."""

    name: Label
    """The Service's name."""
    ports: dict[PortName, PortNumber]
    """The container's port names and the Service's port numbers."""


class PodDisruptionBudget(SpecModel):
    """How many pods may be evicted at the same time."""

    min_available: int | str | None = None
    """Pods that must stay."""
    max_unavailable: int | str | None = None
    """Pods that may be evicted; defaults to 1 with two or more replicas."""


class WorkloadSpec(PodFields):
    """A process that runs all the time."""

    controller: Literal["Deployment", "StatefulSet"] = "Deployment"
    """StatefulSet gives each replica its own name and volumes."""
    replicas: Annotated[Integer, Field(ge=0, le=1000)] = 1
    """The number of pods."""
    strategy: Strategy | None = None
    """How a new version replaces the old one; defaults to Recreate with a volume, otherwise RollingUpdate."""
    service: Service = Service()
    """Settings of the Service."""
    services: tuple[NamedService, ...] = ()
    """Services with other names, in place of the one named like the workload."""
    restart_on: tuple[str, ...] = ()
    """Workloads whose changes restart this one (`workload.stoat-rabbitmq`)."""
    pod_disruption_budget: PodDisruptionBudget | None = None
    """How many pods may be evicted at the same time."""
