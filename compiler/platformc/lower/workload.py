"""Workload -> Deployment or StatefulSet, Services, service account, volumes, disruption budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from platformc.language import Resource
from platformc.language.models.workload import RollingUpdate, Strategy, WorkloadSpec
from platformc.language.origin import because_of, derive, derive_below
from platformc.link import Program
from platformc.link.services import ServicePlan, container_ports, containers, services
from platformc.lower.access import lower_access
from platformc.lower.manifest import Manifest
from platformc.lower.metadata import SYNC_OPTIONS, metadata, selector, wave_of, without_nothing
from platformc.lower.pod import claim_name, claim_spec, pod_template, topology_spread

SEVERAL = 2
PERIOD, FAILURES = 10, 3
"""A probe's defaults (Kubernetes API reference, Probe)."""
PROGRESS_DEADLINE = 600
"""Seconds after which Kubernetes considers a rollout failed (API reference, DeploymentSpec)."""
DEFAULT_ROLLING_UPDATE = "25%"
"""What the API server sets for both numbers (API reference, RollingUpdateDeployment). It is rendered, because Argo CD
removes only what it applied: numbers that nobody owns would stay beside `type: Recreate`, which is refused (D75)."""
KEPT_VOLUME = "Prune=false,Delete=confirm"
"""A confirmation for pruning a volume would block the whole application, so it is never pruned."""


def lower(program: Program, resource: Resource[WorkloadSpec]) -> Iterator[Manifest]:
    """All objects of a workload except its NetworkPolicy, which is made from the graph."""
    yield from lower_access(program, resource)
    if resource.spec.controller == "StatefulSet":
        yield _stateful_set(program, resource)
    else:
        yield _deployment(program, resource)
        yield from _claims(program, resource)
    yield from _services(program, resource)
    if resource.spec.replicas >= SEVERAL or resource.spec.pod_disruption_budget:
        yield _disruption_budget(program, resource)


def _manifest(resource: Resource[WorkloadSpec], made: dict[str, Any]) -> Manifest:
    return Manifest(made, resource.id, resource.id.application)


def wave(program: Program, resource: Resource[Any]) -> int:
    """The wave of a workload and of everything that must be in the same wave."""
    return wave_of(program, resource.id)


def _template(program: Program, resource: Resource[WorkloadSpec], *, claim_templates: bool) -> dict[str, Any]:
    template = pod_template(program, resource, claim_templates=claim_templates)
    if resource.spec.replicas >= SEVERAL:
        spread = derive_below(topology_spread(resource), because_of(resource.spec.replicas))
        template["spec"]["topologySpreadConstraints"] = spread
    return template


def _deployment(program: Program, resource: Resource[WorkloadSpec]) -> Manifest:
    spec = resource.spec
    return _manifest(
        resource,
        {
            "apiVersion": "apps/v1",
            "kind": derive("Deployment", spec.controller),
            "metadata": metadata(program, resource, resource.name, wave=wave(program, resource)),
            "spec": {
                "replicas": spec.replicas,
                "revisionHistoryLimit": program.platform.settings.defaults.revision_history_limit,
                **_progress_deadline(resource),
                "strategy": strategy(spec),
                "selector": {"matchLabels": selector(resource)},
                "template": _template(program, resource, claim_templates=False),
            },
        },
    )


def _progress_deadline(resource: Resource[WorkloadSpec]) -> dict[str, int]:
    """More time than the startup probe allows, if that is as long as Kubernetes' own deadline."""
    budgets = [
        derive(period * failures, period, failures)
        for _, _, fields in containers(resource)
        if (probe := fields.probes.startup) is not None
        for period, failures in ((probe.period_seconds or PERIOD, probe.failure_threshold or FAILURES),)
    ]
    longest = max(budgets, default=0)
    if longest < PROGRESS_DEADLINE:
        return {}
    return {"progressDeadlineSeconds": derive(longest + PROGRESS_DEADLINE, longest)}


def strategy(spec: WorkloadSpec) -> dict[str, Any]:
    """How a new version replaces the old: a volume with one writer cannot be handed over while both run."""
    chosen = spec.strategy or Strategy(type="Recreate" if spec.volumes else "RollingUpdate")
    if chosen.type == "Recreate":
        return {"type": chosen.type}
    numbers = chosen.rolling_update or RollingUpdate()
    written = {
        "maxUnavailable": DEFAULT_ROLLING_UPDATE if numbers.max_unavailable is None else numbers.max_unavailable,
        "maxSurge": DEFAULT_ROLLING_UPDATE if numbers.max_surge is None else numbers.max_surge,
    }
    return {"type": chosen.type, "rollingUpdate": derive_below(written, because_of(chosen.type))}


def headless_name(resource: Resource[WorkloadSpec]) -> str:
    """The name of the headless Service that gives each replica its own DNS name."""
    return derive(f"{resource.name}-headless", resource.name)


def _stateful_set(program: Program, resource: Resource[WorkloadSpec]) -> Manifest:
    spec = resource.spec
    templates = [
        {"metadata": {"name": volume.name}, "spec": claim_spec(program, volume.persistent_volume_claim)}
        for volume in spec.volumes
    ]
    return _manifest(
        resource,
        {
            "apiVersion": "apps/v1",
            "kind": derive("StatefulSet", spec.controller),
            "metadata": metadata(program, resource, resource.name, wave=wave(program, resource)),
            "spec": without_nothing(
                {
                    "replicas": spec.replicas,
                    "revisionHistoryLimit": program.platform.settings.defaults.revision_history_limit,
                    "serviceName": headless_name(resource),
                    "selector": {"matchLabels": selector(resource)},
                    "updateStrategy": {"type": "RollingUpdate"},
                    "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
                    "template": _template(program, resource, claim_templates=True),
                    "volumeClaimTemplates": templates,
                }
            ),
        },
    )


def _claims(program: Program, resource: Resource[WorkloadSpec]) -> Iterator[Manifest]:
    for volume in resource.spec.volumes:
        # The same wave as its consumer: a WaitForFirstConsumer class binds it only when the pod exists.
        described = metadata(
            program,
            resource,
            claim_name(resource, volume),
            wave=wave(program, resource),
            annotations={SYNC_OPTIONS: KEPT_VOLUME},
        )
        yield _manifest(
            resource,
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": described,
                "spec": claim_spec(program, volume.persistent_volume_claim),
            },
        )


def _services(program: Program, resource: Resource[WorkloadSpec]) -> Iterator[Manifest]:
    for plan in services(resource):
        yield _service(program, resource, plan)
    if resource.spec.controller == "StatefulSet":
        yield _headless(program, resource)


def _service(program: Program, resource: Resource[WorkloadSpec], plan: ServicePlan) -> Manifest:
    spec = resource.spec.service
    inside = spec.type == "ClusterIP"
    return _manifest(
        resource,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(
                program, resource, plan.name, wave=wave(program, resource), annotations=spec.annotations
            ),
            "spec": without_nothing(
                {
                    "type": spec.type,
                    "externalTrafficPolicy": None
                    if inside
                    else derive(spec.external_traffic_policy, because_of(spec.type)),
                    "loadBalancerSourceRanges": derive_below(
                        list(spec.load_balancer_source_ranges), because_of(spec.type)
                    )
                    if spec.type == "LoadBalancer"
                    else None,
                    "selector": selector(resource),
                    "ports": [
                        {"name": port.name, "port": port.port, "targetPort": port.name, "protocol": port.protocol}
                        for port in plan.ports
                    ],
                }
            ),
        },
    )


def _headless(program: Program, resource: Resource[WorkloadSpec]) -> Manifest:
    ports = container_ports(resource)
    return _manifest(
        resource,
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": metadata(program, resource, headless_name(resource), wave=wave(program, resource)),
            "spec": without_nothing(
                {
                    "type": "ClusterIP",
                    "clusterIP": derive("None", because_of(resource.spec.controller)),
                    "publishNotReadyAddresses": True,  # replicas find each other before they are ready
                    "selector": selector(resource),
                    "ports": [
                        {"name": name, "port": port.container_port, "targetPort": name, "protocol": port.protocol}
                        for name, port in ports.items()
                    ],
                }
            ),
        },
    )


def _disruption_budget(program: Program, resource: Resource[WorkloadSpec]) -> Manifest:
    budget = resource.spec.pod_disruption_budget
    limits = (
        without_nothing({"minAvailable": budget.min_available, "maxUnavailable": budget.max_unavailable})
        if budget
        else {}
    )
    return _manifest(
        resource,
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(program, resource, resource.name, wave=wave(program, resource)),
            "spec": {
                **(limits or {"maxUnavailable": derive(1, because_of(resource.spec.replicas))}),
                "selector": {"matchLabels": selector(resource)},
            },
        },
    )
