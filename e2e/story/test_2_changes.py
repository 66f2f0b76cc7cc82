"""The life of a platform that runs: each change of the specs, and what it does on the cluster and what it does not."""

from __future__ import annotations

import base64
import signal
from typing import Any

import pytest

from e2e.kubernetes_api import eventually
from e2e.platform_copy import platformc
from e2e.rendered import of_kind
from e2e.story.applications import PATIENCE, application, health_of_object, operation_of, wait_until_settled
from e2e.story.conftest import Platform
from e2e.story.repository import ENVIRONMENT, NotCompiledError

JSON = Any

NAMESPACE = "discord-bot"

pytestmark = pytest.mark.usefixtures("what_was_said_is_what_happened")


def changed(before: dict[str, int], after: dict[str, int]) -> set[str]:
    """The names of workloads that are not as they were, or no longer there."""
    return {name for name in before | after if before.get(name) != after.get(name)}


def images(deployment: JSON) -> list[str]:
    """What its pods run."""
    return [each["image"] for each in deployment["spec"]["template"]["spec"]["containers"]]


def test_a_new_image_rolls_only_its_workload(platform: Platform) -> None:
    """One digit in the spec: one Deployment with a new ReplicaSet, and all others untouched."""
    before = platform.workloads()
    platform.repository.change("specs/discord-bot/bot.yaml", "discord-bot.url}:1.4.2", "discord-bot.url}:1.4.3")
    platform.publish_and_settle("discord-bot 1.4.3")
    assert changed(before, platform.workloads()) == {"discord-bot"}
    found = platform.api.get("apps/v1", "Deployment", "discord-bot", NAMESPACE)
    assert found is not None
    assert [image.rpartition(":")[2] for image in images(found)] == ["1.4.3"]
    sets = platform.api.list("apps/v1", "ReplicaSet", NAMESPACE, labels="app=discord-bot")
    assert sorted(each["spec"]["replicas"] for each in sets) == [0, 1]


def test_a_removed_workload_is_pruned(platform: Platform) -> None:
    """With its ServiceAccount and its NetworkPolicy; nothing else goes or rolls."""
    before = platform.workloads()
    rendered = {each.path: each.object for each in platform.repository.rendered}
    platform.repository.remove("specs/stoat/services.yaml", "Workload", "stoat-crond")
    platform.publish_and_settle("No crond any more")
    gone = rendered.keys() - {each.path for each in platform.repository.rendered}
    assert {rendered[path]["kind"] for path in gone} == {"Deployment", "ServiceAccount", "NetworkPolicy"}
    assert [str(path) for path in sorted(gone) if platform.live(rendered[path])] == []
    assert changed(before, platform.workloads()) == {"stoat-crond"}


def test_a_removed_table_waits_for_confirmation(platform: Platform) -> None:
    """It stays, whoever pushes what, until a person says that it may go; then it goes, and AWS' table stays."""
    (table,) = [each for each in of_kind(platform.repository.rendered, "Table") if "chat" in each["metadata"]["name"]]
    platform.repository.remove("specs/discord-bot/tables.yaml", "Table", "chat-history")
    bot = "specs/discord-bot/bot.yaml"
    platform.repository.change(bot, "    DYNAMODB_CHAT_HISTORY_TABLE: ${table.chat-history.name}\n", "")
    platform.repository.change(bot, "    - {table: chat-history, access: [read, write]}\n", "")
    platform.repository.change("specs/platform.yaml", "    chat_history_table_name: ${table.chat-history.name}\n", "")
    managed = managed_by(platform, table)
    assert "Delete" not in managed["spec"]["managementPolicies"]
    revision = platform.publish("No chat history any more")
    name = "discord-bot-aws"

    def waits() -> bool:
        return "aiting for pruning confirmation" in operation_of(application(platform.api, name)).get("message", "")

    eventually("Argo CD asks", waits, seen=lambda: operation_of(application(platform.api, name)))
    found = platform.live(table)
    assert found is not None
    assert "deletionTimestamp" not in found["metadata"]
    said = platform.argocd.command("app", "confirm-deletion", name)
    assert said.returncode == 0, said.stderr
    eventually("the claim is gone", lambda: platform.live(table) is None, seen=lambda: platform.live(table))
    wait_until_settled(platform.api, revision)
    assert platform.live(managed) is None


def managed_by(platform: Platform, claim: JSON) -> JSON:
    """The one managed resource of a claim."""
    labels = f"crossplane.io/composite={claim['metadata']['name']}"
    (found,) = platform.api.list("dynamodb.aws.m.upbound.io/v1beta1", "Table", NAMESPACE, labels=labels)
    return found


def test_a_removed_volume_stays_and_blocks_nothing(platform: Platform) -> None:
    """The rest of the change arrives; nobody deletes its claim, and Argo CD shows it until a person does."""
    name = "discord-bot"
    volume = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "dev-sandbox-workspaces", "namespace": NAMESPACE},
    }
    before = platform.live(volume)
    path = "specs/discord-bot/sandbox.yaml"
    platform.repository.change(path, "  volumes:\n    - {name: workspaces, persistentVolumeClaim: {size: 20Gi}}\n", "")
    platform.repository.change(path, "mounts: {/workspaces: {volume: workspaces}}", "scratch: [/workspaces]", times=2)
    revision = platform.publish("The workspace lives as long as its pod")

    def left() -> list[str]:
        status = application(platform.api, name)["status"]
        done = operation_of({"status": status}).get("phase") == "Succeeded" and status["sync"]["revision"] == revision
        return [each["name"] for each in status["resources"] if done and each.get("status") == "OutOfSync"]

    eventually("the claim alone is left", lambda: left() == ["dev-sandbox-workspaces"], seconds=PATIENCE, seen=left)
    deployment = platform.api.get("apps/v1", "Deployment", "dev-sandbox", NAMESPACE)
    assert deployment is not None
    assert "persistentVolumeClaim" not in str(deployment["spec"]["template"]["spec"]["volumes"])
    after = platform.live(volume)
    assert before is not None
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert "deletionTimestamp" not in after["metadata"]
    assert platform.mistakes() == []
    platform.foretold.clear()  # what a person deletes by hand, no diff can know
    platform.api.delete(volume)
    wait_until_settled(platform.api, revision)


def test_a_hand_edit_is_healed(platform: Platform) -> None:
    """A field that somebody changed is as rendered again; an object that somebody deleted is back."""
    (deployment,) = [
        each for each in of_kind(platform.repository.rendered, "Deployment") if is_named(each, "stoat-web")
    ]
    (service,) = [each for each in of_kind(platform.repository.rendered, "Service") if is_named(each, "stoat-web")]
    platform.api.merge(deployment, {"spec": {"replicas": 3}})
    platform.api.delete(service)

    def healed() -> bool:
        found = platform.live(deployment)
        return found is not None and found["spec"]["replicas"] == 1 and platform.live(service) is not None

    eventually("both are as rendered", healed, seen=lambda: operation_of(application(platform.api, "stoat")))
    wait_until_settled(platform.api, platform.repository.head)


def is_named(thing: JSON, name: str) -> bool:
    """Whether that is its name."""
    return bool(thing["metadata"]["name"] == name)


def test_a_rotated_secret_rolls_its_users_only(platform: Platform) -> None:
    """And not before the Secret has changed: while the controller is busy, all pods run on with the old value."""
    before = platform.workloads()
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "redis", "namespace": NAMESPACE}}
    old = platform.live(secret)
    templates = templates_of(platform)
    platformc(platform.repository.root, "seal", "-e", ENVIRONMENT, "redis", "--rotate", "password")
    assert platform.sealed_secrets is not None
    controller = platform.sealed_secrets.service.process
    controller.send_signal(signal.SIGSTOP)
    try:
        revision = platform.publish("A new password for redis")
        users = {name for name, template in templates_of(platform).items() if template != templates[name]}
        assert {"redis", "discord-bot"} < users
        assert "stoat-web" not in users

        def waits() -> bool:
            found = application(platform.api, "discord-bot")
            return health_of_object(found, "SealedSecret", "redis")[0] == "Progressing"

        eventually("the SealedSecret has arrived", waits, seen=lambda: application(platform.api, "discord-bot"))
        assert changed(before, platform.workloads()) == set()
    finally:
        controller.send_signal(signal.SIGCONT)
    wait_until_settled(platform.api, revision)
    assert changed(before, platform.workloads()) == users
    new = platform.live(secret)
    assert old is not None
    assert new is not None
    assert base64.b64decode(new["data"]["password"]) != base64.b64decode(old["data"]["password"])


def templates_of(platform: Platform) -> dict[str, JSON]:
    """The pods of each workload as they are rendered now."""
    found = of_kind(platform.repository.rendered, "Deployment", "StatefulSet")
    return {each["metadata"]["name"]: each["spec"]["template"] for each in found}


def test_a_changed_job_runs_again(platform: Platform) -> None:
    """The old one is deleted, and a new one comes to its end."""
    (job,) = of_kind(platform.repository.rendered, "Job")
    before = platform.live(job)
    platform.repository.change("specs/stoat/stores.yaml", "activeDeadlineSeconds: 900", "activeDeadlineSeconds: 901")
    platform.publish_and_settle("A little more time for the bucket")
    after = platform.live(job)
    assert before is not None
    assert after is not None
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    assert after["spec"]["activeDeadlineSeconds"] == 901
    assert after["status"]["succeeded"] == 1


def test_a_broken_spec_never_reaches_the_repository(platform: Platform) -> None:
    """The compiler says where it is wrong; nothing is rendered, committed or pushed."""
    head, rendered = platform.repository.head, platform.repository.rendered
    platform.repository.change("specs/discord-bot/bot.yaml", "${table.discord-messages.name}", "${table.messages.name}")
    with pytest.raises(NotCompiledError, match=r"specs/discord-bot/bot\.yaml"):
        platform.publish("Does not compile")
    assert platform.repository.head == head
    assert platform.repository.rendered == rendered
    assert platform.repository.git("status", "--porcelain").split() == ["M", "specs/discord-bot/bot.yaml"]
    platform.repository.discard()
    wait_until_settled(platform.api, head)


def test_a_sick_wave_is_overtaken_by_its_own_fix(platform: Platform) -> None:
    """A pod that never gets ready ends its sync; the next try takes the commit that heals it."""
    path, sound = "specs/stoat/stores.yaml", "docker/library/mongo:7.0"
    # Kubernetes would take ten minutes until it says so.
    soon = "  patches:\n    - {target: {kind: Deployment}, merge: {spec: {progressDeadlineSeconds: 5}}}\n"
    name = "metadata: {name: stoat-mongodb}\nspec:\n"
    platform.repository.change(path, name, f"{name}{soon}")
    platform.repository.change(path, sound, f"{sound}.99")
    platform.cloud.hold("pods")
    platform.publish("A version that does not exist")

    def operation() -> JSON:
        return operation_of(application(platform.api, "stoat"))

    eventually(
        "the sync fails, and is to be tried again",
        lambda: "Retrying attempt" in operation().get("message", ""),
        seen=operation,
    )
    platform.repository.change(path, f"{sound}.99", sound)
    revision = platform.publish("The version that exists")
    platform.cloud.release("pods")  # not before, or the version that does not exist would be well in the meantime
    wait_until_settled(platform.api, revision)
    assert operation()["retryCount"] >= 1
    assert operation()["syncResult"]["revision"] == platform.repository.head
