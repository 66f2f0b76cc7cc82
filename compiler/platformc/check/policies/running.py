"""Running: what Kubernetes needs to schedule, monitor, update and move pods safely."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from platformc.check.policies.object_fields import (
    CONTROLLERS,
    below,
    container_name,
    containers,
    kind_of,
    mapping,
    number,
)
from platformc.check.policies.policy import Pod, Problem, pods, policy
from platformc.diagnostics import Severity
from platformc.language.models.container import Probes
from platformc.language.models.pod import PodFields
from platformc.link import Program
from platformc.link.services import containers as declared_containers
from platformc.lower import Manifest

WATCHED = ("livenessProbe", "readinessProbe")
SHORTEST_START = 20
"""Seconds that a container must have before liveness may kill it. Our choice: a slow node, a cold image
cache and a database that is not ready yet occasionally cost more than 20 seconds together."""
PERIOD, FAILURES = 10, 3
"""Kubernetes' defaults for a probe's periodSeconds and failureThreshold."""


@policy("memory-limit-missing", Severity.ERROR, "running")
def memory_limit_missing(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container that may use all the memory of its node.

    ## Why is this bad?
    A memory leak does not end the process that leaks: the kernel picks a victim among all pods of the node,
    and the node itself may stop responding.

    ## Example
    ```yaml
    resources: {cpu: 100m}
    ```

    ## Use instead
    ```yaml
    resources: {cpu: 100m, memory: 256Mi..512Mi}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: memory-limit-missing, reason: "the pod has the node to itself"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            if below(container, "resources", "limits", "memory") is None:
                message = f"the container {container_name(container)} has no memory limit"
                place = (*path, "resources", "limits", "memory")
                yield Problem(pod.manifest, place, message, "write resources: {memory: 256Mi..512Mi}")


@policy("resource-request-missing", Severity.WARNING, "running")
def resource_request_missing(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container without a CPU or memory request.

    ## Why is this bad?
    The scheduler counts only requests. Pods without requests all end up on one node, and they are the first
    to be evicted when it runs short.

    ## Example
    ```yaml
    resources: {memory: 256Mi..512Mi}
    ```

    ## Use instead
    ```yaml
    resources: {cpu: 100m, memory: 256Mi..512Mi}
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: resource-request-missing, reason: "it should use only spare capacity"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod):
            resources = mapping(container.get("resources"))
            # Kubernetes uses the limit as the request if there is no request.
            given = {**mapping(resources.get("limits")), **mapping(resources.get("requests"))}
            missing = [what for what in ("cpu", "memory") if given.get(what) is None]
            if missing:
                message = f"the container {container_name(container)} has no {' and no '.join(missing)} request"
                place = (*path, "resources", "requests")
                yield Problem(pod.manifest, place, message, "write resources: {cpu: 100m, memory: 256Mi..512Mi}")


def _renounced(program: Program, pod: Pod) -> dict[str, set[str]]:
    """Return container name -> the probes that the spec rules out with `none`."""
    resource = program.resources.get(pod.manifest.owner)
    if resource is None or not isinstance(resource.spec, PodFields):
        return {}
    return {name: _none(fields.probes) for _, name, fields in declared_containers(resource)}


def _none(probes: Probes) -> set[str]:
    given = (("livenessProbe", probes.liveness), ("readinessProbe", probes.readiness))
    return {name for name, probe in given if probe is not None and probe.none}


@policy("probe-missing", Severity.WARNING, "running")
def probe_missing(program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container without a readiness or liveness probe.

    ## Why is this bad?
    Without readiness, a pod receives requests before it can answer them, at every rollout; without liveness,
    a process that hangs stays that way until somebody notices.

    ## Example
    ```yaml
    ports: {http: 3000}
    ```

    ## Use instead
    ```yaml
    ports: {http: 3000}
    probes: {liveness: /health, readiness: /ready}
    ```

    ## How to allow it
    State that the container has none, which is a fact and not an exception:
    ```yaml
    probes: none                        # or {readiness: /ready, liveness: none}
    ```
    In a RawManifest:
    ```yaml
    allow: [{rule: probe-missing, reason: "the process exits when something fails"}]
    ```
    """
    for pod in pods(manifests):
        if kind_of(pod.manifest) not in CONTROLLERS:
            continue
        renounced = _renounced(program, pod)
        for path, container in containers(pod, ["containers"]):
            known = renounced.get(container_name(container), set())
            missing = [probe for probe in WATCHED if probe not in container and probe not in known]
            if missing:
                words = " and no ".join(probe.removesuffix("Probe") for probe in missing)
                message = f"the container {container_name(container)} has no {words} probe"
                yield Problem(pod.manifest, (*path, missing[0]), message, "add it to `probes`, or write `none` there")


@policy("liveness-kills-slow-start", Severity.WARNING, "running")
def liveness_kills_slow_start(_program: Program, manifests: Sequence[Manifest]) -> Iterator[Problem]:
    """Container that its liveness probe may kill before it has started.

    ## Why is this bad?
    A process that takes longer to start than the probe waits is killed, starts again, and is killed again:
    a slow node becomes an outage, and a database that is killed while it recovers may lose data.

    ## Example
    ```yaml
    probes: {liveness: {httpGet: /health, periodSeconds: 3}, readiness: /ready}
    ```

    ## Use instead
    ```yaml
    probes:
      startup: {httpGet: /health, periodSeconds: 5, failureThreshold: 24}     # two minutes to start
      liveness: {httpGet: /health, periodSeconds: 3}
      readiness: /ready
    ```

    ## How to allow it
    ```yaml
    allow: [{rule: liveness-kills-slow-start, reason: "it starts in a second or never"}]
    ```
    """
    for pod in pods(manifests):
        for path, container in containers(pod, ["containers"]):
            probe = container.get("livenessProbe")
            if not isinstance(probe, dict) or "startupProbe" in container:
                continue
            period, failures = (
                _given(probe, field, default)
                for field, default in (("periodSeconds", PERIOD), ("failureThreshold", FAILURES))
            )
            patience = _given(probe, "initialDelaySeconds", 0) + period * failures
            if patience < SHORTEST_START:
                message = f"liveness kills {container_name(container)} if it takes longer than {patience} s to start"
                yield Problem(pod.manifest, (*path, "livenessProbe"), message, "add a startup probe")


def _given(probe: dict[str, Any], field: str, default: int) -> int:
    found = number(probe.get(field))
    return default if found is None else found
