"""Attributes: what `${workload.x.host}` and the like stand for, kind by kind.

Each function takes the platform, the target, the document that refers to it, and the names after
the attribute. UnboundError says what is wrong with those names; link adds the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from platformc.diagnostics import suggestion
from platformc.language import DocumentId, Platform, Resource
from platformc.language.kind import Attribute
from platformc.language.models.config import ConfigSpec
from platformc.language.models.external_service import ExternalServiceSpec
from platformc.language.models.secret import SecretSpec
from platformc.language.origin import derive
from platformc.link.scope import Target, UnboundError
from platformc.link.services import ServicePlan, container_ports, service_of, services

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretValue:
    """A key of a Secret: known by name only, never by value."""

    document: DocumentId
    namespace: str
    secret: str
    key: str


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A file of a Config."""

    document: DocumentId
    namespace: str
    config: str
    key: str


def host_name(name: str, namespace: str, user: Resource[Any]) -> str:
    """A Service's host name for the namespace of its user."""
    return name if user.namespace == namespace else derive(f"{name}.{namespace}.svc", name, namespace)


def _one_service(target: Target, names: Names) -> ServicePlan:
    plans = services(target.resource)
    if names:
        return service_of(target.resource, _port(target, names))[0]
    if not plans:
        raise UnboundError(f"the workload {target.name} has no Service, because none of its ports is exposed")
    if len(plans) > 1:
        ports = ", ".join(f"host.{port.name}" for plan in plans for port in plan.ports)
        raise UnboundError(f"the workload {target.name} has several Services", f"write one of {ports}")
    return plans[0]


def _port(target: Target, names: Names) -> str:
    ports = container_ports(target.resource)
    if len(names) != 1 or names[0] not in ports:
        wanted = ".".join(names)
        message = f"the workload {target.name} has no port {wanted}".rstrip()
        raise UnboundError(message, suggestion(wanted, ports))
    return names[0]


def _workload_host(_platform: Platform, target: Target, user: Resource[Any], names: Names) -> str:
    return host_name(_one_service(target, names).name, target.resource.namespace, user)


def _workload_url(_platform: Platform, target: Target, user: Resource[Any], names: Names) -> str:
    plan = _one_service(target, names)
    if not names and len(plan.ports) > 1:
        ports = ", ".join(f"url.{port.name}" for port in plan.ports)
        raise UnboundError(f"the workload {target.name} has several ports", f"write one of {ports}")
    port = service_of(target.resource, names[0])[1] if names else plan.ports[0]
    host = host_name(plan.name, target.resource.namespace, user)
    return derive(f"http://{host}:{port.port}", host, port.port)


def _workload_port(_platform: Platform, target: Target, _user: Resource[Any], names: Names) -> int:
    return container_ports(target.resource)[_port(target, names)].container_port


def _workload_service_port(_platform: Platform, target: Target, _user: Resource[Any], names: Names) -> int:
    return service_of(target.resource, _port(target, names))[1].port


WORKLOAD = {
    "host": Attribute(_workload_host, "the host name of its Service", "the port's name, if it has several Services"),
    "url": Attribute(_workload_url, "http://host:port of its Service", "the port's name, if it has several"),
    "ports": Attribute(_workload_port, "the port that the container listens on", "the port's name"),
    "servicePorts": Attribute(_workload_service_port, "the port of the Service in front", "the port's name"),
}


def _service_host(_platform: Platform, target: Target, user: Resource[Any], _names: Names) -> str:
    spec: ExternalServiceSpec = target.resource.spec
    return spec.host or host_name(target.name, spec.namespace or "", user)


def _service_url(platform: Platform, target: Target, user: Resource[Any], names: Names) -> str:
    host, port = _service_host(platform, target, user, names), target.resource.spec.port
    return derive(f"http://{host}:{port}", host, port)


EXTERNAL_SERVICE = {
    "host": Attribute(_service_host, "its host name", takes=""),
    "url": Attribute(_service_url, "http://host:port", takes=""),
    "port": Attribute(lambda _platform, target, _user, _names: target.resource.spec.port, "its port", takes=""),
}


def connection_secret(resource: Resource[Any]) -> str:
    """The name of the Secret to which Crossplane writes the access key of a resource; LookupError if it has none."""
    if resource.kind.aws is None or resource.kind.aws.connection_secret is None:
        raise LookupError(f"{resource.name} has no key")
    return resource.kind.aws.connection_secret(resource)


def _secret_key(_platform: Platform, target: Target, _user: Resource[Any], names: Names) -> SecretValue:
    spec: SecretSpec = target.resource.spec
    known = [*spec.keys, *spec.files]
    if len(names) != 1 or names[0] not in known:
        wanted = ".".join(names)
        raise UnboundError(f"the secret {target.name} has no key {wanted}", suggestion(wanted, known))
    return SecretValue(target.resource.id, target.resource.namespace, target.name, names[0])


SECRET_KEY = Attribute(_secret_key, "a key, or a file made from its keys", "KEY")


def _config_file(_platform: Platform, target: Target, _user: Resource[Any], names: Names) -> ConfigValue:
    spec: ConfigSpec = target.resource.spec
    if len(names) != 1 or names[0] not in spec.files:
        wanted = ".".join(names)
        raise UnboundError(f"the config {target.name} has no file {wanted}", suggestion(wanted, spec.files))
    return ConfigValue(target.resource.id, target.resource.namespace, target.name, names[0])


CONFIG_FILE = Attribute(_config_file, "one of its files", "FILE")
