"""Containers: the fields of one container of a pod."""

from __future__ import annotations

from typing import Any

from platformc.language import DocumentId, Resource
from platformc.language.models.container import Container, ContainerFields, Probe, ResourceAmounts, SecurityContext
from platformc.language.models.pod import PodFields
from platformc.language.models.secret import SecretKey
from platformc.language.models.types import Template
from platformc.language.origin import because_of, derive, derive_below
from platformc.link import ConfigValue, Edge, Program, SecretValue, ordered_variables
from platformc.link.attributes import host_name
from platformc.link.services import service_of
from platformc.lower.metadata import without_nothing
from platformc.lower.values import as_text, text, value

WAIT_SCRIPT = 'until nc -z -w 2 "$0" "$1"; do echo "waiting for $0:$1"; sleep 2; done'
WAIT_RESOURCES = {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "32Mi"}}


def container(
    program: Program,
    resource: Resource[PodFields],
    name: str,
    fields: ContainerFields,
    *,
    mounts: list[dict[str, Any]],
    security: SecurityContext,
) -> dict[str, Any]:
    """One container; `mounts` are its volume mounts."""
    platform_policy = program.platform.settings.defaults.image_pull_policy
    return without_nothing(
        {
            "name": name,
            "image": text(program, resource, fields.image or Template("")),
            "imagePullPolicy": fields.image_pull_policy or platform_policy,
            "command": [text(program, resource, part) for part in fields.command],
            "args": [text(program, resource, part) for part in fields.args],
            "workingDir": fields.working_dir,
            "ports": [
                {"name": port_name, "containerPort": port.container_port, "protocol": port.protocol}
                for port_name, port in fields.ports.items()
            ],
            "env": variables(program, resource, fields),
            "resources": without_nothing(
                {"requests": _amounts(fields.resources.requests), "limits": _amounts(fields.resources.limits)}
            ),
            "volumeMounts": mounts,
            "startupProbe": probe(program, resource, fields, fields.probes.startup),
            "livenessProbe": probe(program, resource, fields, fields.probes.liveness),
            "readinessProbe": probe(program, resource, fields, fields.probes.readiness),
            "securityContext": container_security(
                security, whole=isinstance(fields, Container) and security is fields.security_context
            ),
        }
    )


def variables(program: Program, resource: Resource[PodFields], fields: ContainerFields) -> list[dict[str, Any]]:
    """The environment, each variable after those that it refers to with `$(NAME)`."""
    made = []
    for name in ordered_variables(fields):
        found = value(program, resource, fields.env[name])
        if isinstance(found, SecretValue):
            given = fields.env[name].text
            reference: dict[str, Any] = {"name": derive(found.secret, given), "key": derive(found.key, given)}
            optional = _optional(program, found)
            if optional:
                reference["optional"] = optional
            made.append({"name": name, "valueFrom": {"secretKeyRef": reference}})
        elif isinstance(found, ConfigValue):
            given = fields.env[name].text
            reference = {"name": derive(found.config, given), "key": derive(found.key, given)}
            made.append({"name": name, "valueFrom": {"configMapKeyRef": reference}})
        else:
            made.append({"name": name, "value": derive(as_text(found), found)})
    return made


def _optional(program: Program, found: SecretValue) -> bool:
    """Whether a pod can start without the key, by the Secret's document."""
    document = program.resources.get(found.document)
    if document is None or found.document.kind != "Secret":
        return False
    key: SecretKey | None = document.spec.keys.get(found.key)
    return key.optional if key else False


def _amounts(amounts: ResourceAmounts) -> dict[str, str]:
    return without_nothing(
        {"cpu": amounts.cpu, "memory": amounts.memory, "ephemeral-storage": amounts.ephemeral_storage}
    )


def probe(
    program: Program, resource: Resource[PodFields], fields: ContainerFields, spec: Probe | None
) -> dict[str, Any] | None:
    """One probe in Kubernetes' form; None if there is none."""
    if spec is None or spec.none:
        return None
    action: dict[str, Any] = {}
    if spec.http_get:
        port = spec.http_get.port or next(iter(fields.ports), "")
        action["httpGet"] = {"path": spec.http_get.path, "port": port, "scheme": spec.http_get.scheme}
    elif spec.tcp_socket:
        action["tcpSocket"] = {"port": spec.tcp_socket.port}
    elif spec.exec:
        action["exec"] = {"command": [text(program, resource, part) for part in spec.exec.command]}
    return without_nothing(
        {
            **action,
            "initialDelaySeconds": spec.initial_delay_seconds,
            "periodSeconds": spec.period_seconds,
            "timeoutSeconds": spec.timeout_seconds,
            "successThreshold": spec.success_threshold,
            "failureThreshold": spec.failure_threshold,
        }
    )


def seccomp_profile(spec: SecurityContext) -> dict[str, Any]:
    """The seccomp profile."""
    profile = spec.seccomp_profile
    return without_nothing({"type": profile.type, "localhostProfile": profile.localhost_profile})


def container_security(spec: SecurityContext, *, whole: bool = False) -> dict[str, Any]:
    """The container's part of the security context: the restricted baseline unless the spec says otherwise.

    With `whole`, for a container with a context of its own, also its settings for users and system calls.
    """
    given = spec.model_fields_set if whole else frozenset()
    capabilities = {"drop": list(spec.capabilities.drop)}
    if spec.capabilities.add:
        capabilities["add"] = list(spec.capabilities.add)
    return without_nothing(
        {
            "allowPrivilegeEscalation": spec.allow_privilege_escalation,
            "privileged": spec.privileged or None,
            "runAsNonRoot": spec.run_as_non_root if "run_as_non_root" in given else None,
            "runAsUser": spec.run_as_user if whole else None,
            "runAsGroup": spec.run_as_group if whole else None,
            "seccompProfile": seccomp_profile(spec) if "seccomp_profile" in given else None,
            "readOnlyRootFilesystem": spec.read_only_root_filesystem,
            "capabilities": capabilities,
        }
    )


def waiting(program: Program, resource: Resource[PodFields], edges: list[Edge]) -> list[dict[str, Any]]:
    """Init containers that hold the pod back until each port answers."""
    made = []
    for edge in edges:
        if not isinstance(edge.target, DocumentId):
            continue
        host, port = _address(program, resource, edge, edge.target)
        suffix = edge.target.name if edge.target.kind == "ExternalService" else f"{edge.target.name}-{edge.port}"
        waits = {
            "name": derive(f"wait-{suffix}"[:63].rstrip("-"), edge.target.name, edge.port),
            "image": program.platform.settings.defaults.wait_image,
            "command": ["sh", "-c", WAIT_SCRIPT, host, derive(str(port), port)],
            "resources": {part: dict(amounts) for part, amounts in WAIT_RESOURCES.items()},
            "securityContext": container_security(SecurityContext()),
        }
        made.append(derive_below(waits, because_of(edge.wait), *program.because(edge)))
    return made


def _address(program: Program, resource: Resource[PodFields], edge: Edge, target: DocumentId) -> tuple[str, int]:
    other = program.resources[target]
    if target.kind == "ExternalService":
        host = other.spec.host or host_name(target.name, other.spec.namespace or "", resource)
        return host, other.spec.port
    plan, port = service_of(other, edge.port)
    return derive(host_name(plan.name, other.namespace, resource), plan.name), port.port
