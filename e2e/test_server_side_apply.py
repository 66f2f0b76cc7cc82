"""What the effects of a diff rely on: how an API server takes a second apply by the same manager, as Argo CD sends it.

The generation counts changes of the stored spec: pods are replaced only if it counts up.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from e2e.kubernetes_api import KubernetesAPI, RefusedError

JSON = Any

NAMESPACE = "server-side-apply"
LABELS = {"app.kubernetes.io/name": "web"}
BOTH = ("Deployment", "StatefulSet")
WRITTEN_OUT = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}}
CONTAINER = {
    "name": "web",
    "image": "example.com/web:1",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
    "readinessProbe": {"httpGet": {"path": "/", "port": 8080}},
}


@pytest.fixture(autouse=True)
def namespace(api: KubernetesAPI) -> Iterator[None]:
    """A place for workloads, which are gone after each test."""
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    yield
    for kind in BOTH:
        api.delete(workload(kind))


def workload(kind: str, container: JSON = CONTAINER, **spec: JSON) -> JSON:
    """One with a pod."""
    template = {
        "metadata": {"labels": LABELS},
        "spec": {"containers": [copy.deepcopy(container)], "volumes": spec.pop("volumes", [])},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {"selector": {"matchLabels": LABELS}, "template": template, **spec},
    }


def generations(api: KubernetesAPI, before: JSON, after: JSON) -> tuple[int, int]:
    """The generation before and after a change."""
    first = api.apply(before).object["metadata"]["generation"]
    return first, api.apply(after).object["metadata"]["generation"]


def test_recreate_is_refused_beside_numbers_that_nobody_owns(api: KubernetesAPI) -> None:
    """The API server added them itself, so no apply removes them."""
    api.apply(workload("Deployment", strategy={"type": "RollingUpdate"}))
    with pytest.raises(RefusedError, match=r"strategy\.rollingUpdate: Forbidden: may not be specified when strategy"):
        api.apply(workload("Deployment", strategy={"type": "Recreate"}))


def test_numbers_that_are_written_out_change_nothing_and_go_with_recreate(api: KubernetesAPI) -> None:
    """So one sync with them is the step between."""
    first, second = generations(
        api,
        workload("Deployment", strategy={"type": "RollingUpdate"}),
        workload("Deployment", strategy=WRITTEN_OUT),
    )
    assert first == second
    made = api.apply(workload("Deployment", strategy={"type": "Recreate"})).object
    assert made["spec"]["strategy"] == {"type": "Recreate"}


def test_one_number_that_is_written_out_is_enough(api: KubernetesAPI) -> None:
    """What is above an owned field goes with it, and with that the other number."""
    api.apply(workload("Deployment", strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}))
    made = api.apply(workload("Deployment", strategy={"type": "Recreate"})).object
    assert made["spec"]["strategy"] == {"type": "Recreate"}


def test_the_way_out_of_the_operating_guide(api: KubernetesAPI) -> None:
    """Somebody else replaces the strategy; then the same apply is taken."""
    api.apply(workload("Deployment", strategy={"type": "RollingUpdate"}))
    change = [{"op": "replace", "path": "/spec/strategy", "value": {"type": "Recreate"}}]
    answer = api.client.patch(
        api.path_of(workload("Deployment")), json=change, headers={"Content-Type": "application/json-patch+json"}
    )
    assert answer.is_success, answer.text
    made = api.apply(workload("Deployment", strategy={"type": "Recreate"})).object
    assert made["spec"]["strategy"] == {"type": "Recreate"}


def test_a_stateful_set_with_a_type_gets_no_numbers(api: KubernetesAPI) -> None:
    """Only one without any strategy does."""
    api.apply(workload("StatefulSet", serviceName="web", updateStrategy={"type": "RollingUpdate"}))
    made = api.apply(workload("StatefulSet", serviceName="web", updateStrategy={"type": "OnDelete"})).object
    assert made["spec"]["updateStrategy"] == {"type": "OnDelete"}
    api.delete(made)
    api.apply(workload("StatefulSet", serviceName="web"))
    with pytest.raises(RefusedError, match="only allowed for updateStrategy 'RollingUpdate'"):
        api.apply(workload("StatefulSet", serviceName="web", updateStrategy={"type": "OnDelete"}))


def test_a_volume_without_a_source_keeps_the_one_it_was_given(api: KubernetesAPI) -> None:
    """Nobody owns that empty folder either."""
    api.apply(workload("Deployment", volumes=[{"name": "files"}]))
    with pytest.raises(RefusedError, match="may not specify more than 1 volume type"):
        api.apply(workload("Deployment", volumes=[{"name": "files", "configMap": {"name": "files"}}]))


def test_a_probe_can_change_its_kind(api: KubernetesAPI) -> None:
    """What the API server added to the old one goes with it."""
    other = {**CONTAINER, "readinessProbe": {"tcpSocket": {"port": 8080}}}
    first, second = generations(api, workload("Deployment"), workload("Deployment", other))
    assert second == first + 1


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    "change",
    [
        {"env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]},
        {"image": "example.com/web:2"},
    ],
    ids=["order", "image"],
)
def test_the_order_of_a_list_is_a_change(api: KubernetesAPI, kind: str, change: JSON) -> None:
    """Also of one whose items have keys."""
    first, second = generations(api, workload(kind), workload(kind, {**CONTAINER, **change}))
    assert second == first + 1


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    "change",
    [
        {"resources": {"requests": {"cpu": "0.5", "memory": "1024Mi"}}},
        {"imagePullPolicy": "IfNotPresent"},
        {"readinessProbe": {"httpGet": {"path": "/", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10}},
    ],
    ids=["quantity", "default", "defaults-inside"],
)
def test_an_equal_form_is_none(api: KubernetesAPI, kind: str, change: JSON) -> None:
    """Quantities are stored in one form, and defaults are stored."""
    first, second = generations(api, workload(kind), workload(kind, {**CONTAINER, **change}))
    assert second == first
