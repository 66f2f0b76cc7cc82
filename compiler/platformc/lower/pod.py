"""Pod templates: what Workloads and Jobs share, with the secure baseline by default.

docs/conventions.md lists what every pod gets.
"""

from __future__ import annotations

import re
from typing import Any

from platformc.language import Resource
from platformc.language.models.container import Container, ContainerFields, SecurityContext
from platformc.language.models.pod import PersistentVolumeClaim, PodFields, Toleration, Volume
from platformc.language.nodes import KeyPath
from platformc.language.origin import derive
from platformc.link import EdgeKind, Program
from platformc.link.services import containers, init_containers
from platformc.lower.checksums import annotations_of
from platformc.lower.container import container, seccomp_profile, waiting
from platformc.lower.metadata import labels, selector, without_nothing

READABLE_BY_GROUP = 0o440
LONGEST_VOLUME_NAME = 63


def pod_template(program: Program, resource: Resource[PodFields], *, claim_templates: bool) -> dict[str, Any]:
    """The pod template. With `claim_templates`, volumes come from the StatefulSet's own templates."""
    notes = {**resource.spec.annotations, **annotations_of(program, resource)}
    return {
        "metadata": without_nothing(
            {"labels": {**labels(program, resource), **resource.spec.labels}, "annotations": notes}
        ),
        "spec": pod_spec(program, resource, claim_templates=claim_templates),
    }


def pod_spec(program: Program, resource: Resource[PodFields], *, claim_templates: bool) -> dict[str, Any]:
    """The pod's spec."""
    spec, defaults = resource.spec, program.platform.settings.defaults
    volumes = _Volumes(program, resource)
    main = [
        container(
            program,
            resource,
            name,
            fields,
            mounts=volumes.mounts(path, name, fields),
            security=_security(spec, fields),
        )
        for path, name, fields in containers(resource)
    ]
    first = waiting(
        program, resource, [edge for edge in program.edges_from(resource.id, EdgeKind.TRAFFIC) if edge.wait]
    )
    first += [
        container(
            program,
            resource,
            name,
            fields,
            mounts=volumes.mounts(path, name, fields),
            security=_security(spec, fields),
        )
        for path, name, fields in init_containers(resource)
    ]
    selected = spec.node_selector if spec.node_selector is not None else defaults.node_selector
    tolerations = spec.tolerations if spec.tolerations is not None else defaults.tolerations
    rights = program.because_at(resource.key_at("rbac")) if spec.rbac else ()
    return without_nothing(
        {
            "serviceAccountName": spec.service_account_name or resource.name,
            "automountServiceAccountToken": derive(bool(spec.rbac), *rights),
            "enableServiceLinks": False,  # a Service `redis` would set REDIS_PORT=tcp://… in every pod of its namespace
            "hostname": spec.hostname,
            "nodeSelector": dict(selected),
            "tolerations": [toleration(one) for one in tolerations],
            "priorityClassName": spec.priority_class_name,
            "terminationGracePeriodSeconds": spec.termination_grace_period_seconds,
            "imagePullSecrets": [{"name": name} for name in pull_secrets(program, resource)],
            "securityContext": pod_security(program, resource),
            "initContainers": first,
            "containers": main,
            "volumes": volumes.all(claim_templates=claim_templates),
        }
    )


def pull_secrets(program: Program, resource: Resource[PodFields]) -> list[str]:
    """The pull secrets that the pod's private images need: ECR is the only supported private registry."""
    images = program.edges_from(resource.id, EdgeKind.IMAGE)
    if not images:
        return []
    because = program.because(*images)
    return [derive(name, *because) for name in sorted(program.platform.settings.image_pull_secrets)]


def _security(spec: PodFields, fields: ContainerFields) -> SecurityContext:
    own = fields.security_context if isinstance(fields, Container) else None
    return own or spec.security_context


def pod_security(program: Program, resource: Resource[PodFields]) -> dict[str, Any]:
    """The pod's part of the security context."""
    context = resource.spec.security_context
    group = context.run_as_group if context.run_as_group is not None else context.run_as_user
    owner = context.fs_group if context.fs_group is not None else group
    return without_nothing(
        {
            "runAsNonRoot": context.run_as_non_root,
            "runAsUser": context.run_as_user,
            "runAsGroup": group,
            "fsGroup": owner,
            "fsGroupChangePolicy": context.fs_group_change_policy
            or (
                derive("OnRootMismatch", *program.because_at(resource.key_at("volumes")))
                if resource.spec.volumes
                else None
            ),
            "supplementalGroups": list(context.supplemental_groups),
            "seccompProfile": seccomp_profile(context),
        }
    )


def toleration(one: Toleration) -> dict[str, Any]:
    """A toleration in Kubernetes' form."""
    return without_nothing(
        {
            "key": one.key,
            "operator": one.operator,
            "value": one.value,
            "effect": one.effect,
            "tolerationSeconds": one.toleration_seconds,
        }
    )


class _Volumes:
    """The volumes of one pod, collected while its containers are lowered."""

    def __init__(self, program: Program, resource: Resource[PodFields]) -> None:
        self.program = program
        self.resource = resource
        self.extra: dict[str, dict[str, Any]] = {}

    def mounts(self, path: KeyPath, name: str, fields: ContainerFields) -> list[dict[str, Any]]:
        """The volume mounts of one container, sorted by their path."""
        mounts = [self._mount(mount_path, fields) for mount_path in fields.mounts]
        if not path:
            mounts += [_volume_mount(volume) for volume in self.resource.spec.volumes if volume.mount_path]
        for scratch in fields.scratch:
            subject = derive(f"{name}{scratch.mount_path}", name, scratch.mount_path) if path else scratch.mount_path
            volume = self._name("scratch", subject)
            self.extra[volume] = {
                "name": volume,
                "emptyDir": without_nothing({"medium": scratch.medium, "sizeLimit": scratch.size_limit}),
            }
            mounts.append({"name": volume, "mountPath": scratch.mount_path})
        return sorted(mounts, key=lambda mount: str(mount["mountPath"]))

    def _mount(self, mount_path: str, fields: ContainerFields) -> dict[str, Any]:
        mount = fields.mounts[mount_path]
        if mount.volume is not None:
            return without_nothing(
                {"name": mount.volume, "mountPath": mount_path, "subPath": mount.sub_path, "readOnly": mount.read_only}
            )
        if mount.config is not None:
            short = _short_name(mount.config)
            volume = self._name("config", short)
            source = {"configMap": {"name": short, "defaultMode": READABLE_BY_GROUP}}
        else:
            short = _short_name(mount.secret or "")
            volume = self._name("secret", short)
            source = {"secret": {"secretName": short, "defaultMode": READABLE_BY_GROUP}}
        self.extra[volume] = {"name": volume, **source}
        return without_nothing({"name": volume, "mountPath": mount_path, "subPath": mount.key, "readOnly": True})

    @staticmethod
    def _name(purpose: str, subject: str) -> str:
        slug = re.sub(r"[^a-z0-9]+", "-", f"{purpose}-{subject}".lower()).strip("-")
        return derive(slug[:LONGEST_VOLUME_NAME].rstrip("-"), subject)

    def all(self, *, claim_templates: bool) -> list[dict[str, Any]]:
        """Every volume of the pod: claims first, then the rest by name."""
        claims = [] if claim_templates else [
            {"name": volume.name, "persistentVolumeClaim": {"claimName": claim_name(self.resource, volume)}}
            for volume in self.resource.spec.volumes
        ]  # fmt: skip
        return [*claims, *(self.extra[name] for name in sorted(self.extra))]


def _short_name(name: str) -> str:
    """The name of a document without the application that can precede it."""
    return derive(name.rpartition("/")[2], name)


def _volume_mount(volume: Volume) -> dict[str, Any]:
    return without_nothing({"name": volume.name, "mountPath": volume.mount_path, "subPath": volume.sub_path})


def claim_name(resource: Resource[PodFields], volume: Volume) -> str:
    """The name of the PersistentVolumeClaim of a volume."""
    return derive(f"{resource.name}-{volume.name}", resource.name, volume.name)


def claim_spec(program: Program, claim: PersistentVolumeClaim) -> dict[str, Any]:
    """The spec of a PersistentVolumeClaim."""
    return without_nothing(
        {
            "accessModes": list(claim.access_modes),
            "storageClassName": claim.storage_class_name or program.platform.settings.defaults.storage_class_name,
            "resources": {"requests": {"storage": claim.size}},
        }
    )


def topology_spread(resource: Resource[Any]) -> list[dict[str, Any]]:
    """Spread replicas over nodes, as far as there are any."""
    return [
        {
            "maxSkew": 1,
            "topologyKey": "kubernetes.io/hostname",
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(resource)},
        }
    ]
