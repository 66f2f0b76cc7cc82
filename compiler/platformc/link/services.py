"""Services: the Services in front of a workload, and their ports.

The graph (host names, ports to connect to) and lowering (Service objects) must agree on them, so
they are computed in one place.
"""

from __future__ import annotations

from dataclasses import dataclass

from platformc.language import Resource
from platformc.language.models.container import Container, ContainerFields, Port
from platformc.language.models.pod import PodFields
from platformc.language.models.workload import WorkloadSpec
from platformc.language.nodes import KeyPath
from platformc.link.scope import UnboundError


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service."""

    name: str
    port: int
    container_port: int
    protocol: str


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """One Service in front of a workload."""

    name: str
    ports: tuple[ServicePort, ...]


def containers(resource: Resource[PodFields]) -> tuple[tuple[KeyPath, str, ContainerFields], ...]:
    """The containers of a pod: the path in `spec`, the name and the fields of each."""
    spec = resource.spec
    if not spec.containers:
        return (((), resource.name, spec),)
    return tuple((("containers", position), one.name, one) for position, one in enumerate(spec.containers))


def init_containers(resource: Resource[PodFields]) -> tuple[tuple[KeyPath, str, Container], ...]:
    """The init containers of a pod: the path in `spec`, the name and the fields of each."""
    return tuple(
        (("initContainers", position), one.name, one) for position, one in enumerate(resource.spec.init_containers)
    )


def container_ports(resource: Resource[PodFields]) -> dict[str, Port]:
    """All ports of a pod by name."""
    return {name: port for _, _, fields in containers(resource) for name, port in fields.ports.items()}


def services(resource: Resource[WorkloadSpec]) -> tuple[ServicePlan, ...]:
    """The Services of a workload: those of `services`, and one of its own name for the other ports."""
    ports = container_ports(resource)
    plans = []
    taken: set[str] = set()
    for named in resource.spec.services:
        taken |= named.ports.keys()
        plan = tuple(
            ServicePort(name, number, ports[name].container_port, ports[name].protocol)
            for name, number in named.ports.items()
            if name in ports
        )
        plans.append(ServicePlan(named.name, plan))
    own = tuple(
        ServicePort(name, port.exposed, port.container_port, port.protocol)
        for name, port in ports.items()
        if name not in taken and port.exposed is not None
    )
    return (ServicePlan(resource.name, own), *plans) if own else tuple(plans)


def service_of(resource: Resource[WorkloadSpec], port: str) -> tuple[ServicePlan, ServicePort]:
    """The Service in front of a container port, and its port.

    Raises UnboundError if no Service has it.
    """
    for plan in services(resource):
        for candidate in plan.ports:
            if candidate.name == port:
                return plan, candidate
    raise UnboundError(f"no Service of {resource.name} has the port {port}")
