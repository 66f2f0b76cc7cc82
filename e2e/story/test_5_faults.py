"""What breaks while Argo CD works: it converges on the newest commit, and nothing that holds data is deleted."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping

import pytest

from e2e.cloud import MANAGED
from e2e.kubernetes_api import eventually
from e2e.rendered import claims
from e2e.story.applications import application, operation_of, wait_until_settled
from e2e.story.conftest import Platform

PATH = "specs/discord-bot/bot.yaml"
IMAGE = "discord-bot.url}:1.4."


def kill_the_repo_server(platform: Platform) -> None:
    """What renders is gone in the middle of a request."""
    platform.argocd.restart(platform.argocd.repo_server)


def kill_the_controller(platform: Platform) -> None:
    """What syncs is gone in the middle of a sync."""
    platform.argocd.restart(platform.argocd.controller)


def kill_the_api_server(platform: Platform) -> None:
    """Everybody's watches break, and for a while nobody can write."""
    plane = platform.plane
    plane.server = platform.processes.restart(plane.server, ready=plane.answers, how=signal.SIGKILL)


def empty_redis(platform: Platform) -> None:
    """All that was rendered and compared is forgotten."""
    platform.argocd.forget()


def push_again(platform: Platform) -> None:
    """The sync that runs is for a commit that is no longer the newest."""
    raise_version(platform)
    platform.publish("Another one, at once")


FAULTS = (kill_the_repo_server, kill_the_controller, kill_the_api_server, empty_redis, push_again)


def raise_version(platform: Platform) -> None:
    """A new image for the bot, in the specs."""
    text = (platform.repository.root / PATH).read_text(encoding="utf-8")
    version = int(text.partition(IMAGE)[2].partition("\n")[0])
    platform.repository.change(PATH, f"{IMAGE}{version}\n", f"{IMAGE}{version + 1}\n")


def what_holds_data(platform: Platform) -> Mapping[str, str]:
    """Volumes, claims, managed resources, Secrets, namespaces: each object's identity on the API server."""
    api = platform.api
    kinds = {(each["apiVersion"], each["kind"]) for each in claims(platform.repository.rendered)}
    kinds |= {("v1", kind) for kind in ("PersistentVolumeClaim", "Secret", "Namespace")}
    kinds |= set(api.kinds(MANAGED))
    return {
        f"{kind} {each['metadata'].get('namespace', '')}/{each['metadata']['name']}": each["metadata"]["uid"]
        for api_version, kind in kinds
        for each in api.list(api_version, kind)
        if "deletionTimestamp" not in each["metadata"]
    }


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_it_converges(platform: Platform, fault: Callable[[Platform], None]) -> None:
    """In the middle of a sync: something breaks, and the newest commit is what runs in the end."""
    before = what_holds_data(platform)
    assert len(before) > 20
    platform.cloud.hold("pods")
    raise_version(platform)
    revision = platform.publish(f"A version, and then {fault.__name__}")

    def syncing() -> bool:
        operation = operation_of(application(platform.api, "discord-bot"))
        return bool(operation.get("syncResult", {}).get("revision") == revision)

    eventually("the sync has begun", syncing, seen=lambda: application(platform.api, "discord-bot"))
    fault(platform)
    platform.cloud.release("pods")
    wait_until_settled(platform.api, platform.repository.head)
    (deployment,) = [
        each.object
        for each in platform.repository.rendered
        if (each.kind, each.object["metadata"]["name"]) == ("Deployment", "discord-bot")
    ]
    found = platform.live(deployment)
    assert found is not None
    wanted = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    assert found["spec"]["template"]["spec"]["containers"][0]["image"] == wanted
    assert what_holds_data(platform) == before
