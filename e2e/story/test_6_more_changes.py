"""Changes whose effects are less plain: each does what the diff said of it, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from e2e.kubernetes_api import eventually
from e2e.story.applications import PATIENCE, application, wait_until_settled
from e2e.story.conftest import Platform
from e2e.story.prediction import Name

JSON = Any

NAMESPACE = "discord-bot"
SERVICES = "specs/stoat/services.yaml"

pytestmark = pytest.mark.usefixtures("what_was_said_is_what_happened")


def deployments(*names: str) -> frozenset[Name]:
    """Deployments of the platform, as a report names them."""
    return frozenset(Name("apps", f"Deployment {NAMESPACE}/{name}") for name in names)


def test_more_replicas_restart_what_was_alone(platform: Platform) -> None:
    """Pods of several replicas are spread, which is a change of their template, and may not all be evicted at once."""
    platform.repository.change(
        "specs/stoat/edge.yaml",
        "  replicas: 1\n  resources: {cpu: 50m, memory: 64Mi..256Mi}\n  ports: {http: 5000}",
        "  replicas: 2\n  resources: {cpu: 50m, memory: 64Mi..256Mi}\n  ports: {http: 5000}",
    )
    platform.publish_and_settle("Two web servers")
    (one,) = platform.foretold
    assert one.said.restarted == deployments("stoat-web")
    assert Name("policy", f"PodDisruptionBudget {NAMESPACE}/stoat-web") in one.said.created


def test_a_value_of_a_config_restarts_whoever_reads_it(platform: Platform) -> None:
    """All seven services, and not what stands in front of them."""
    platform.repository.change("specs/stoat/config.yaml", "trust_cloudflare: true ", "trust_cloudflare: false ")
    platform.publish_and_settle("The address of the caller is the caller's")
    (one,) = platform.foretold
    assert deployments("stoat-api", "stoat-events", "stoat-january") < one.said.restarted
    assert not deployments("stoat-web", "stoat-caddy") & one.said.restarted


def test_a_need_restarts_nothing(platform: Platform) -> None:
    """Both ends' policies change in place."""
    january = "    - {internet: {ports: [80, 443], except: private}}\n"
    platform.repository.change(SERVICES, january, f"{january}    - {{workload: redis, port: redis}}\n")
    platform.publish_and_settle("january remembers in Redis")
    (one,) = platform.foretold
    assert one.said.restarted == frozenset()
    assert {Name("networking.k8s.io", f"NetworkPolicy {NAMESPACE}/{name}") for name in ("stoat-january", "redis")} <= (
        one.said.named
    )


def test_recreate_is_taken_in_the_place_of_a_rolling_update(platform: Platform) -> None:
    """Its numbers are Argo CD's own, so they go with it; nothing restarts."""
    restarts = "  restartOn: [workload.stoat-rabbitmq]  # this release never reconnects to RabbitMQ\n"
    platform.repository.change(SERVICES, restarts, f"  strategy: Recreate\n{restarts}")
    platform.publish_and_settle("One api at a time")
    (one,) = platform.foretold
    assert (one.said.refused, one.said.restarted) == (frozenset(), frozenset())
    found = platform.api.get("apps/v1", "Deployment", "stoat-api", NAMESPACE)
    assert found is not None
    assert found["spec"]["strategy"] == {"type": "Recreate"}


def test_a_volume_that_grows_in_a_stateful_set_is_refused(platform: Platform) -> None:
    """Nothing arrives, as it was said; the recipe of docs/operating.md heals it. No disk is grown, as none is real.

    Argo CD compares by a server-side dry run, which the API server refuses, so that not even a sync begins.
    """
    allowed = '  allow: [{rule: immutable-field, reason: "the StatefulSet was deleted with --cascade=orphan"}]\n'
    path = "specs/discord-bot/redis.yaml"
    platform.repository.change(path, "persistentVolumeClaim: {size: 1Gi}", "persistentVolumeClaim: {size: 2Gi}")
    platform.repository.change(path, "  controller: StatefulSet\n", f"  controller: StatefulSet\n{allowed}")
    thing = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "redis", "namespace": NAMESPACE}}
    before = platform.live(thing)
    revision = platform.publish("A larger volume")
    (one,) = platform.foretold
    assert one.said.refused == {Name("apps", f"StatefulSet {NAMESPACE}/redis")}

    def conditions() -> list[JSON]:
        return list(application(platform.api, "discord-bot")["status"].get("conditions") or ())

    eventually(
        "the API server refuses it",
        lambda: "updates to statefulset spec" in str(conditions()),
        seconds=PATIENCE,
        seen=conditions,
    )
    assert before is not None
    assert platform.mistakes() == []
    assert _size(platform.live(thing)) == _size(before) == "1Gi"
    platform.foretold.clear()  # what a person does by hand, no diff can know
    platform.api.delete(thing, propagation="Orphan")
    wait_until_settled(platform.api, revision)
    after = platform.live(thing)
    assert after is not None
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert _size(after) == "2Gi"


def _size(stateful_set: JSON) -> str:
    """What its volume claims ask for."""
    (template,) = stateful_set["spec"]["volumeClaimTemplates"]
    return str(template["spec"]["resources"]["requests"]["storage"])
