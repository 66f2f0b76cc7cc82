"""pods: the pod templates of objects, how many pods they make, and how new ones replace old ones.

In      objects of any shape.
Out     PodTemplate, Rollout.
Never   knows a kind of documents: raw manifests and patched objects are judged alike.

Sources: Kubernetes v1.34, pkg/controller/deployment (rolling.go, recreate.go, util/deployment_util.go),
pkg/controller/statefulset, pkg/controller/daemon, pkg/apis/apps/v1/defaults.go.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from platformc.check.policies.object_fields import below, mapping, number, sequence, text
from platformc.language.nodes import KeyPath

TEMPLATES: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("apps", "DaemonSet"): ("spec", "template"),
    ("apps", "Deployment"): ("spec", "template"),
    ("apps", "ReplicaSet"): ("spec", "template"),
    ("apps", "StatefulSet"): ("spec", "template"),
    ("batch", "CronJob"): ("spec", "jobTemplate", "spec", "template"),
    ("batch", "Job"): ("spec", "template"),
    ("", "Pod"): (),
    ("", "ReplicationController"): ("spec", "template"),
}
"""API group and kind -> where its pod template is."""

WHOLE = 100
DEFAULT = "25%"
"""Both numbers of a Deployment's rolling update (SetDefaults_Deployment)."""


def group_of(instance: Mapping[str, Any]) -> str:
    """The API group of an object; empty for the core group."""
    return text(instance.get("apiVersion")).rpartition("/")[0]


def template_path(instance: Mapping[str, Any]) -> KeyPath | None:
    """Where the pod template of an object is; None if it has none."""
    kind = instance.get("kind")
    return TEMPLATES.get((group_of(instance), kind)) if isinstance(kind, str) else None


def template_of(instance: Mapping[str, Any]) -> dict[str, Any]:
    """The pod template of an object; empty if it has none."""
    path = template_path(instance)
    return {} if path is None else mapping(below(dict(instance), *map(str, path)))


def replicas(instance: Mapping[str, Any]) -> int:
    """How many pods it has: one, if it does not say it."""
    found = number(below(dict(instance), "spec", "replicas"))
    return 1 if found is None else found


def pods(count: int | None) -> str:
    """A number of pods in words; None if nobody knows it."""
    if count is None:
        return "its pods"
    return "its only pod" if count == 1 else f"its {count} pods"


ALL_STOP = "which may all stop before the new ones are ready"
STOPS_FIRST = "which stops before the new one starts"


@dataclass(frozen=True, slots=True)
class Rollout:
    """How new pods replace old ones."""

    how: str
    """`one by one`, for a sentence that says that pods restart."""
    stops: bool
    """Whether none runs in between."""
    count: int | None
    """How many pods are replaced; None if nobody knows."""


def rollout_of(before: Mapping[str, Any], after: Mapping[str, Any], *, scaled_by_others: bool) -> Rollout | None:
    """How the pods of the old state are replaced by those of the new one; None if none are."""
    kind = text(after.get("kind"))
    count = None if scaled_by_others else replicas(before)
    if kind == "Deployment":
        return _deployment(after, count)
    if kind == "StatefulSet":
        return _stateful_set(after, count)
    if kind == "DaemonSet":
        return _daemon_set(after)
    return None


def _deployment(after: Mapping[str, Any], count: int | None) -> Rollout | None:
    spec = mapping(after.get("spec"))
    if count == 0 or spec.get("paused") is True:
        return None
    if below(spec, "strategy", "type") == "Recreate":
        how = STOPS_FIRST if count == 1 else "which all stop before the new ones start"
        return Rollout(how, stops=True, count=count)
    numbers = mapping(below(spec, "strategy", "rollingUpdate"))
    surge, missing = numbers.get("maxSurge", DEFAULT), numbers.get("maxUnavailable", DEFAULT)
    if count is None:
        stops = missing == "100%"
        return Rollout(ALL_STOP if stops else "a few at a time", stops=stops, count=None)
    wanted = replicas(after)
    return _rolling(_share(surge, wanted, up=True), _share(missing, wanted, up=False), wanted, count)


def _rolling(surge: int | None, missing: int | None, wanted: int, count: int) -> Rollout:
    """How many old pods may stop before new ones are ready; what is no number is refused by the API server."""
    surge, missing = surge or 0, missing or 0
    if surge == 0 and missing == 0:
        missing = 1  # ResolveFenceposts
    if missing >= wanted > 0:
        return Rollout("which stops before the new one is ready" if wanted == 1 else ALL_STOP, stops=True, count=count)
    if 1 in {wanted, count}:
        return Rollout("which stops when the new one is ready", stops=False, count=count)
    return Rollout("one by one" if surge + missing == 1 else "a few at a time", stops=False, count=count)


def _share(value: Any, of: int | None, *, up: bool) -> int | None:
    """A number, or a percentage of the pods, as GetScaledValueFromIntOrPercent; None if it is neither."""
    whole = number(value)
    if whole is not None:
        return whole
    percent = text(value)
    if of is None or not percent.endswith("%") or not percent[:-1].isdecimal():
        return None
    share = int(percent[:-1]) * of / WHOLE
    return math.ceil(share) if up else math.floor(share)


def _stateful_set(after: Mapping[str, Any], count: int | None) -> Rollout | None:
    strategy = mapping(below(mapping(after.get("spec")), "updateStrategy"))
    partition = number(below(strategy, "rollingUpdate", "partition")) or 0
    if count == 0 or strategy.get("type") == "OnDelete" or (count is not None and partition >= count):
        return None
    if count == 1:
        # Its name can only be given to a new pod when the old one is gone (defaultStatefulSetControl).
        return Rollout(STOPS_FIRST, stops=True, count=count)
    changed = count - partition if count is not None else None
    return Rollout("one by one, from the last to the first", stops=False, count=changed)


def _daemon_set(after: Mapping[str, Any]) -> Rollout | None:
    strategy = mapping(below(mapping(after.get("spec")), "updateStrategy"))
    if strategy.get("type") == "OnDelete":
        return None
    numbers = mapping(strategy.get("rollingUpdate"))
    if numbers.get("maxUnavailable") == "100%":
        return Rollout("all nodes at once", stops=True, count=None)
    if numbers.get("maxSurge") not in (None, 0, "0%"):
        return Rollout("node by node, each when the new one is ready", stops=False, count=None)
    return Rollout("node by node, each of which is without one in between", stops=False, count=None)


def answers_before_it_is_ready(template: Mapping[str, Any], services: list[Mapping[str, Any]]) -> bool:
    """Whether a Service sends requests to new pods before they say that they answer.

    A container without a readiness probe is ready as soon as it runs, or as its startup probe has succeeded
    (pkg/kubelet/prober/prober_manager.go, UpdatePodStatus).
    """
    spec = mapping(template.get("spec"))
    containers = [mapping(each) for each in (*sequence(spec.get("initContainers")), *sequence(spec.get("containers")))]
    for service in services:
        for port in sequence(below(dict(service), "spec", "ports")):
            target = mapping(port).get("targetPort", mapping(port).get("port"))
            serving = [each for each in containers if _has_port(each, target)] or containers
            if not any(_probed(each) for each in serving):
                return True
    return False


def _has_port(container: Mapping[str, Any], target: Any) -> bool:
    return any(
        target in (mapping(port).get("name"), mapping(port).get("containerPort"))
        for port in sequence(container.get("ports"))
    )


def _probed(container: Mapping[str, Any]) -> bool:
    return bool(mapping(container.get("readinessProbe")) or mapping(container.get("startupProbe")))
