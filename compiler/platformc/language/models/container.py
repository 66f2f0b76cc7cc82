"""Container fields: the fields of one container of a Workload or Job."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from platformc.language.models.base import Boolean, Integer, SpecModel, problem, problems
from platformc.language.models.types import (
    ContainerPath,
    CPUQuantity,
    Label,
    MemoryQuantity,
    PortName,
    PortNumber,
    PortReference,
    RelativePath,
    TemplateText,
    VariableName,
    memory_bytes,
    milli_cpu,
)
from platformc.rules.pods import INVALID_MOUNT, INVALID_PROBE, REQUEST_ABOVE_LIMIT


class Port(SpecModel):
    """A port that the container listens on."""

    container_port: PortNumber
    """The port that the process binds."""
    service_port: PortNumber | None = None
    """The port of the Service; defaults to the same port, null for none."""
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    """The transport protocol."""

    @property
    def exposed(self) -> int | None:
        """The Service's port, or None if the spec says that no Service exposes it."""
        if "service_port" in self.model_fields_set:
            return self.service_port
        return self.container_port


class HTTPGet(SpecModel):
    """A probe by HTTP request."""

    path: str
    """The path to request."""
    port: PortReference | None = None
    """The port's name or number; optional if the container has one port."""
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"
    """The scheme."""


class TCPSocket(SpecModel):
    """A probe by opening a connection."""

    port: PortReference
    """The port's name or number."""


class Exec(SpecModel):
    """A probe by running a command in the container."""

    command: tuple[TemplateText, ...]
    """The command and its arguments; no shell is involved."""


class Probe(SpecModel):
    """One probe: `/path`, one of httpGet, tcpSocket and exec, or `none`."""

    http_get: HTTPGet | None = None
    """Request a path; 200 to 399 is healthy."""
    tcp_socket: TCPSocket | None = None
    """Open a connection."""
    exec: Exec | None = None
    """Run a command; 0 is healthy."""
    none: Boolean = False
    """True if the container deliberately has no such probe (`none` for short)."""
    initial_delay_seconds: Integer | None = None
    """Seconds before the first attempt."""
    period_seconds: Integer | None = None
    """Seconds between attempts; Kubernetes' default is 10."""
    timeout_seconds: Integer | None = None
    """Seconds until an attempt counts as failed; Kubernetes' default is 1."""
    success_threshold: Integer | None = None
    """Consecutive successes that make it healthy."""
    failure_threshold: Integer | None = None
    """Consecutive failures that make it unhealthy; Kubernetes' default is 3."""

    @model_validator(mode="after")
    def _one_action(self) -> Self:
        actions = sum(bool(action) for action in (self.http_get, self.tcp_socket, self.exec, self.none))
        if actions != 1:
            hint = "" if actions else "write one such as {tcpSocket: 3000}, or `none` to go without a probe"
            raise problem(INVALID_PROBE, "a probe needs exactly one of httpGet, tcpSocket, exec and none", hint)
        return self


class Probes(SpecModel):
    """How Kubernetes finds out whether the container has started, is alive, and can serve."""

    startup: Probe | None = None
    """Delays the other probes until it succeeds once."""
    liveness: Probe | None = None
    """Restarts the container when it fails."""
    readiness: Probe | None = None
    """Removes the pod from its Services while it fails."""


class ResourceAmounts(SpecModel):
    """Amounts of CPU and memory."""

    cpu: CPUQuantity | None = None
    """CPU, such as `500m` or `2`."""
    memory: MemoryQuantity | None = None
    """Memory, such as `512Mi`."""
    ephemeral_storage: MemoryQuantity | None = None
    """Disk for scratch folders and logs."""

    model_config = {"alias_generator": lambda name: name.replace("_", "-")}


def _above(resource: str, asked: str, most: str) -> PydanticCustomError:
    message = f"the request of {asked} {resource} is above the limit of {most}"
    return problem(REQUEST_ABOVE_LIMIT, message, "raise the limit, or lower the request", at=("requests", resource))


class Resources(SpecModel):
    """The container's requests and limits: `{cpu: 100m..500m, memory: 256Mi..512Mi}` for short."""

    requests: ResourceAmounts = ResourceAmounts()
    """What the scheduler reserves."""
    limits: ResourceAmounts = ResourceAmounts()
    """What the container may use at most."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        asked, most = self.requests, self.limits
        found = []
        if asked.cpu and most.cpu and milli_cpu(asked.cpu) > milli_cpu(most.cpu):
            found.append(_above("cpu", asked.cpu, most.cpu))
        if asked.memory and most.memory and memory_bytes(asked.memory) > memory_bytes(most.memory):
            found.append(_above("memory", asked.memory, most.memory))
        if found:
            raise problems(found)
        return self


class Mount(SpecModel):
    """What is mounted at a path: a Config, a Secret, or a volume."""

    config: str | None = None
    """The Config's name."""
    secret: str | None = None
    """The Secret's name."""
    volume: str | None = None
    """The name of one of `volumes`."""
    key: str | None = None
    """One file of the Config or Secret; without it the path becomes a folder with all of them."""
    sub_path: RelativePath | None = None
    """A folder inside the volume."""
    read_only: Boolean | None = None
    """Mount the volume read-only; Configs and Secrets always are."""

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.config, self.secret, self.volume)) != 1:
            raise problem(INVALID_MOUNT, "a mount needs exactly one of config, secret and volume")
        if self.volume is not None and self.key is not None:
            raise problem(INVALID_MOUNT, "`key` works only with config and secret; a volume has `subPath`", at=("key",))
        if self.volume is None and self.sub_path is not None:
            raise problem(
                INVALID_MOUNT, "`subPath` works only with volume; a Config or Secret has `key`", at=("subPath",)
            )
        return self


class Scratch(SpecModel):
    """An empty folder that lives as long as the pod; a path for short."""

    mount_path: ContainerPath
    """Where it is mounted."""
    size_limit: MemoryQuantity | None = None
    """How large it may grow."""
    medium: Literal["Memory"] | None = None
    """`Memory` for a folder in RAM."""


class Capabilities(SpecModel):
    """Linux capabilities."""

    add: tuple[str, ...] = ()
    """Capabilities to keep; all others are dropped."""
    drop: tuple[str, ...] = ("ALL",)
    """Capabilities to drop."""


class SeccompProfile(SpecModel):
    """The system calls that are allowed."""

    type: Literal["RuntimeDefault", "Localhost", "Unconfined"] = "RuntimeDefault"
    """Which profile."""
    localhost_profile: str | None = None
    """The profile's file on the node, for Localhost."""


class SecurityContext(SpecModel):
    """The user that processes run as, and what they may do; Kubernetes' own fields."""

    run_as_user: Integer | None = None
    """The numeric user ID; for a name in the image, Kubernetes cannot tell whether it is root."""
    run_as_group: Integer | None = None
    """The numeric group ID; defaults to the user ID."""
    run_as_non_root: Boolean = True
    """Refuse to start as root."""
    fs_group: Integer | None = None
    """The group that owns volumes and mounted files; defaults to the run-as group."""
    fs_group_change_policy: Literal["OnRootMismatch", "Always"] | None = None
    """Whether every start walks through the whole volume; defaults to OnRootMismatch with a volume."""
    supplemental_groups: tuple[Integer, ...] = ()
    """Additional groups."""
    seccomp_profile: SeccompProfile = SeccompProfile()
    """The system calls that are allowed."""
    read_only_root_filesystem: Boolean = True
    """Make everything but volumes and scratch folders read-only."""
    allow_privilege_escalation: Boolean = False
    """Let a process gain more privileges than its parent."""
    privileged: Boolean = False
    """Give the container all privileges on the node."""
    capabilities: Capabilities = Capabilities()
    """Linux capabilities."""


class ContainerFields(SpecModel):
    """The fields of a container. Inherited, because YAML has them in one map with a Workload's own."""

    image: TemplateText | None = None
    """The image with a tag or a digest."""
    image_pull_policy: Literal["IfNotPresent", "Always", "Never"] | None = None
    """When to pull; defaults to the platform's."""
    command: tuple[TemplateText, ...] = ()
    """The command, in place of the image's entry point."""
    args: tuple[TemplateText, ...] = ()
    """Its arguments."""
    working_dir: ContainerPath | None = None
    """The working directory."""
    env: dict[VariableName, TemplateText] = {}
    """Environment variables. A Secret's key as the whole value becomes a reference to it;
    inside a longer value use `$(OTHER)`."""
    ports: dict[PortName, Port] = {}
    """The ports it listens on: `{http: 3000}` for short."""
    probes: Probes = Probes()
    """How its health is checked; `none` if it deliberately has no probes."""
    resources: Resources = Resources()
    """CPU and memory: request..limit."""
    mounts: dict[ContainerPath, Mount] = {}
    """Files and folders from Configs, Secrets and volumes, by path."""
    scratch: tuple[Scratch, ...] = ()
    """Empty writable folders."""


class Container(ContainerFields):
    """One of several containers of a pod."""

    name: Label
    """The container's name."""
    security_context: SecurityContext | None = None
    """Replaces the pod's."""
