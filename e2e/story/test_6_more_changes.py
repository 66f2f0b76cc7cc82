"""Changes whose effects are less plain: each does what the diff said of it, and nothing else."""

from __future__ import annotations

import pytest

from e2e.story.conftest import Platform
from e2e.story.prediction import Name

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
