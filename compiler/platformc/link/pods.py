"""Pods: references by name from Workloads and Jobs to each other and to Secrets, Configs and Identities.

In      one Workload or Job, and the scope.
Out     edges for mounts, identities and restarts.
Finds   unknown-reference, unknown-volume, identity-missing, kubernetes-api-missing,
        unknown-variable, variable-cycle, port-clash, mount-clash, container-clash, probe-port.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from platformc.diagnostics import Finding, Span, meant_hint, nearest, suggestion
from platformc.language import Resource
from platformc.language.aws_facts import Credentials
from platformc.language.models.container import ContainerFields, Mount, Port, Probe
from platformc.language.models.pod import PodFields
from platformc.language.models.workload import WorkloadSpec
from platformc.language.nodes import KeyPath
from platformc.language.references import place
from platformc.link.attributes import connection_secret
from platformc.link.program import Edge, EdgeKind
from platformc.link.scope import Absent, Scope
from platformc.link.services import container_ports, containers, init_containers
from platformc.rules.fields import MISSING_FIELD
from platformc.rules.needs import IDENTITY_MISSING, KUBERNETES_API_MISSING
from platformc.rules.pods import (
    CONTAINER_CLASH,
    MOUNT_CLASH,
    PORT_CLASH,
    PROBE_PORT,
    UNKNOWN_VARIABLE,
    UNKNOWN_VOLUME,
    VARIABLE_CYCLE,
)
from platformc.rules.references import UNKNOWN_REFERENCE
from platformc.rules.secrets import SECRET_OTHER_NAMESPACE

VARIABLE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
"""Kubernetes' own references between variables; `$$` is a literal `$`."""


def edges_of_pod(scope: Scope, source: Resource[PodFields]) -> Iterator[Edge | Finding]:
    """The edges from names in a pod's fields, and what is wrong with them."""
    every = (*containers(source), *init_containers(source))
    for path, _, fields in every:
        yield from _mounts(scope, source, path, fields)
        yield from _variables(scope, source, path, fields)
        yield from _container(source, path, fields)
    yield from _clashes(source)
    yield from _identity(scope, source)
    yield from _restarts(scope, source)
    yield from _probes(source)
    has_api = any(need.kubernetes_api for need in source.spec.needs)
    if source.spec.rbac and not has_api:
        message = "`rbac` has no effect without a connection to the Kubernetes API"
        yield KUBERNETES_API_MISSING.at(source.key_at("rbac"), message, "add to needs: {kubernetesAPI: true}")


def _mounts(
    scope: Scope, source: Resource[PodFields], path: KeyPath, fields: ContainerFields
) -> Iterator[Edge | Finding]:
    volumes = {volume.name for volume in source.spec.volumes}
    for mount_path, mount in fields.mounts.items():
        where = (*path, "mounts", mount_path)
        if mount.volume is not None:
            if mount.volume not in volumes:
                message = f"there is no volume {mount.volume}"
                yield UNKNOWN_VOLUME.at(
                    source.at(*where, "volume"),
                    message,
                    suggestion(mount.volume, sorted(volumes)) or "add it to `volumes`",
                )
            continue
        yield from _mounted(scope, source, where, mount)


def _mounted(scope: Scope, source: Resource[PodFields], where: KeyPath, mount: Mount) -> Iterator[Edge | Finding]:
    word, name = ("config", mount.config) if mount.config is not None else ("secret", mount.secret or "")
    at = source.at(*where, word)
    target = scope.find(word, name or "", source.id.application)
    if isinstance(target, Absent):
        if not target.silent:
            yield UNKNOWN_REFERENCE.at(at, target.message, target.hint, related=target.related)
        return
    resource = target.resource
    if not scope.share_namespace(resource.id, resource.namespace, source):
        message = (
            f"the {word} {name} is in the namespace {resource.namespace}; a pod can only mount its own namespace's"
        )
        yield SECRET_OTHER_NAMESPACE.at(at, message, "add one to this namespace")
        return
    known = [*resource.spec.files, *(resource.spec.keys if word == "secret" else ())]
    if mount.key is not None and mount.key not in known:
        message = f"the {word} {name} has no key {mount.key}"
        yield UNKNOWN_REFERENCE.at(source.at(*where, "key"), message, suggestion(mount.key, known))
    kind = EdgeKind.CONFIG if word == "config" else EdgeKind.SECRET
    yield Edge(kind, source.id, resource.id, at, key=mount.key if mount.key is not None and mount.key in known else "")


def variables_of(text: str) -> tuple[str, ...]:
    """The variables that a value refers to with `$(NAME)`."""
    return tuple(match[1] for match in VARIABLE.finditer(text) if match[1])


def ordered_variables(fields: ContainerFields) -> tuple[str, ...]:
    """The variables in an order in which each comes after those that it refers to; otherwise as written.

    Kubernetes expands `$(NAME)` only if NAME is earlier in the list.
    """
    done: dict[str, None] = {}
    for name in fields.env:
        path = {} if name in done else {name: _used(fields, name)}
        while path:  # without recursion, because a chain can have any length
            last = next(reversed(path))
            other = next(path[last], None)
            if other is None:
                del path[last]
                done[last] = None
            elif other not in done and other not in path:
                path[other] = _used(fields, other)
    return tuple(done)


def _used(fields: ContainerFields, name: str) -> Iterator[str]:
    """The variables of the same container that a variable refers to."""
    return (other for other in variables_of(str(fields.env[name].text)) if other in fields.env)


def _variables(scope: Scope, source: Resource[PodFields], path: KeyPath, fields: ContainerFields) -> Iterator[Finding]:
    order = {name: position for position, name in enumerate(ordered_variables(fields))}
    for name, template in fields.env.items():
        for other in variables_of(str(template.text)):
            value = source.at(*path, "env", name)
            at = place(f"$({other})", scope.platform.texts.get(value.path, ""), value)
            if other not in fields.env:
                message = f"there is no variable {other}, so Kubernetes would not replace $({other})"
                hint = f"add {other} to env, or write $$({other}) for a literal $({other})"
                yield UNKNOWN_VARIABLE.at(at, message, meant_hint(nearest(other, fields.env)) or hint)
            elif order[other] >= order[name]:
                message = f"{name} and {other} refer to each other" if name != other else f"{name} refers to itself"
                yield VARIABLE_CYCLE.at(at, message, "give one of them a literal value")


def _container(source: Resource[PodFields], path: KeyPath, fields: ContainerFields) -> Iterator[Finding]:
    if fields.image is None:
        at = source.at(*path) if path else source.name_span
        yield MISSING_FIELD.at(at, "`image` is missing", "add image: registry/name:tag@sha256:…")
    taken: dict[str, Span] = {}
    for mount_path, at in _mount_places(source, path, fields):
        if mount_path in taken:
            message = f"two mounts have the path {mount_path}"
            related = ((taken[mount_path], "the first one"),)
            yield MOUNT_CLASH.at(at, message, "give one of them another path", related=related)
        taken.setdefault(mount_path, at)


def _mount_places(source: Resource[PodFields], path: KeyPath, fields: ContainerFields) -> Iterator[tuple[str, Span]]:
    """Everything that is mounted at a path in a container, with its place in the spec."""
    for mount_path in fields.mounts:
        yield mount_path, source.key_at(*path, "mounts", mount_path)
    for position, scratch in enumerate(fields.scratch):
        yield scratch.mount_path, source.at(*path, "scratch", position, "mountPath")
    if path:
        return  # volumes are mounted by `mountPath` only if there is one container
    for position, volume in enumerate(source.spec.volumes):
        if volume.mount_path is not None:
            yield volume.mount_path, source.at("volumes", position, "mountPath")


def _clashes(source: Resource[PodFields]) -> Iterator[Finding]:
    names: dict[str, Span] = {}
    for path, name, _ in (*containers(source), *init_containers(source)):
        at = source.at(*path, "name") if path else source.name_span
        if name in names:
            yield CONTAINER_CLASH.at(
                at,
                f"two containers are named {name}",
                "give one of them another name",
                related=((names[name], "the first one"),),
            )
        names.setdefault(name, at)
    numbers: dict[tuple[int, str], tuple[str, Span]] = {}
    port_names: dict[str, Span] = {}
    for path, _, fields in containers(source):
        for name, port in fields.ports.items():
            at = source.at(*path, "ports", name, "containerPort")
            if name in port_names:
                related = ((port_names[name], "the first one"),)
                yield PORT_CLASH.at(
                    source.key_at(*path, "ports", name),
                    f"two ports of the pod are named {name}",
                    "rename one",
                    related=related,
                )
            port_names.setdefault(name, source.key_at(*path, "ports", name))
            key = (port.container_port, port.protocol)
            if key in numbers:
                other, first = numbers[key]
                message = f"{name} and {other} both listen on port {port.container_port}"
                yield PORT_CLASH.at(
                    at,
                    message,
                    "use another port: the containers of a pod share their ports",
                    related=((first, f"{other} is here"),),
                )
            numbers.setdefault(key, (name, at))
    if isinstance(source.spec, WorkloadSpec):
        yield from _service_ports(source, source.spec)


def _service_ports(source: Resource[PodFields], spec: WorkloadSpec) -> Iterator[Finding]:
    ports = container_ports(source)
    for position, service in enumerate(spec.services):
        for name in service.ports:
            if name not in ports:
                at = source.key_at("services", position, "ports", name)
                yield UNKNOWN_REFERENCE.at(at, f"no container has a port {name}", suggestion(name, list(ports)))
    taken: dict[int, tuple[str, Port, Span]] = {}
    in_named = {name for service in spec.services for name in service.ports}
    for path, _, fields in containers(source):
        for name, port in fields.ports.items():
            if port.exposed is None or name in in_named:
                continue
            at = source.at(*path, "ports", name, "servicePort")
            other, first, place_of_first = taken.setdefault(port.exposed, (name, port, at))
            same = (port.container_port, port.protocol) == (first.container_port, first.protocol)
            if other != name and not same:  # ports that clash in the pod are reported there
                message = f"{name} and {other} both use the Service port {port.exposed}"
                related = ((place_of_first, f"{other} is here"),)
                yield PORT_CLASH.at(at, message, "give one of them another servicePort", related=related)


def _identity(scope: Scope, source: Resource[PodFields]) -> Iterator[Edge | Finding]:
    name = source.spec.identity
    if name is None:
        with_identity = {
            kind.word
            for kind in scope.platform.kinds.values()
            if kind.aws is not None and kind.aws.credentials is Credentials.IDENTITY
        }
        for position, need in enumerate(source.spec.needs):
            used = need.target
            if used is not None and used.word in with_identity:
                message = f"the {used.word} {used.name} is used without an identity"
                at = source.at("needs", position, used.word)
                yield IDENTITY_MISSING.at(at, message, "add `identity:` with the name of an Identity")
                return
        return
    target = scope.find("identity", name, source.id.application)
    if isinstance(target, Absent):
        if not target.silent:
            yield UNKNOWN_REFERENCE.at(source.at("identity"), target.message, target.hint, related=target.related)
        return
    if not scope.share_namespace(target.resource.id, target.resource.namespace, source):
        secret = connection_secret(target.resource)
        message = f"the identity {name} writes its Secret {secret} to the namespace {target.resource.namespace}"
        yield SECRET_OTHER_NAMESPACE.at(source.at("identity"), message, "move the Identity to this namespace")
        return
    yield Edge(EdgeKind.IDENTITY, source.id, target.resource.id, source.at("identity"))


def _restarts(scope: Scope, source: Resource[Any]) -> Iterator[Edge | Finding]:
    if not isinstance(source.spec, WorkloadSpec):
        return
    for position, text in enumerate(source.spec.restart_on):
        at = source.at("restartOn", position)
        word, _, name = text.partition(".")
        if word != "workload" or not name:
            yield UNKNOWN_REFERENCE.at(at, f"`{text}` is not a workload", "write workload.<name>")
            continue
        target = scope.find("workload", name, source.id.application)
        if isinstance(target, Absent):
            if not target.silent:
                yield UNKNOWN_REFERENCE.at(at, target.message, target.hint, related=target.related)
            continue
        yield Edge(EdgeKind.RESTART, source.id, target.resource.id, at)


def _probes(source: Resource[PodFields]) -> Iterator[Finding]:
    for path, _, fields in containers(source):
        for name, probe in (
            ("startup", fields.probes.startup),
            ("liveness", fields.probes.liveness),
            ("readiness", fields.probes.readiness),
        ):
            if probe is not None:
                yield from _probe(source, (*path, "probes", name), fields, probe)


def _probe(source: Resource[PodFields], path: KeyPath, fields: ContainerFields, probe: Probe) -> Iterator[Finding]:
    numbers = {port.container_port for port in fields.ports.values()}
    known = sorted(fields.ports)
    port = probe.http_get.port if probe.http_get else probe.tcp_socket.port if probe.tcp_socket else None
    where = "httpGet" if probe.http_get else "tcpSocket"
    if port is None:
        if probe.http_get and len(known) != 1:
            at = source.at(*path, "httpGet", "path")
            if known:
                yield PROBE_PORT.at(
                    at,
                    "it is not clear which port to probe",
                    "write " + " or ".join(f"{{path: {probe.http_get.path}, port: {name}}}" for name in known),
                )
            else:
                yield PROBE_PORT.at(at, "the container declares no port to probe", "add it to `ports`")
        return
    if port not in fields.ports and port not in numbers:
        message = f"the container has no port {port}"
        yield PROBE_PORT.at(source.at(*path, where, "port"), message, suggestion(str(port), known))
