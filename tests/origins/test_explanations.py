"""Explanations of the platform of this repository that took a second look to be complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.origins.explain import Explainer
from compiler.pipeline import Request, load_sources

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def production() -> Explainer:
    """The real production environment, with origins."""
    return Explainer(load_sources(Request(ROOT, ROOT / "specs", ROOT / "rendered")), "production")


def test_convention_behind_a_cause(production: Explainer) -> None:
    """An edge makes the container that waits; how little it asks for is a convention. Both are told."""
    file = "stoat/discord-bot/deployment-stoat-api.yaml"
    path = ("spec", "template", "spec", "initContainers", 2, "resources", "requests", "cpu")
    (found,) = production.explain(file, path)
    assert found.value == "10m"
    assert {origin.is_cause for origin in found.origins} == {True}
    assert found.convention is not None
    assert found.convention.id == "wait-containers"


def test_folder_of_an_application(production: Explainer) -> None:
    """The folder that Argo CD syncs has the environment's name in it."""
    (found,) = production.explain("argocd/argocd/application-stoat.yaml", ("spec", "source", "path"))
    assert [origin.document for origin in found.origins] == [
        "Platform discord",
        "Environment production",
        "Application stoat",
    ]


def test_the_words_behind_a_policy(production: Explainer) -> None:
    """Each access word with what it is said of, and the actions of its kind's record; no other value has any."""
    file = "discord-bot-aws/discord-bot/identity-discord-bot.yaml"
    tables = ("chat-history", "discord-executions", "discord-messages", "discord-sessions")
    (found,) = production.explain(file, ("spec", "policyDocument"))
    assert {(one.kind, one.word): one.targets for one in found.access} == {
        ("table", "read"): tables,
        ("table", "write"): tables,
        ("queue", "send"): ("agentic-events", "discord-messages"),
        ("queue", "receive"): ("agentic-events", "discord-messages"),
    }
    statements = {action for one in found.access for action in one.actions}
    assert {action for one in found.access if one.word == "send" for action in one.actions} == {
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    }
    in_aws = {action for one in json.loads(found.value)["Statement"] for action in one["Action"]}
    assert in_aws - statements == {"s3:GetObject", "s3:PutObject"}  # its own statement
    assert [
        one for path in (("spec", "userName"), ("metadata",)) for one in production.explain(file, path) if one.access
    ] == []


def test_a_profile_says_who_extends_it(production: Explainer) -> None:
    """A value of a Profile is told with its path, and with the place where the document takes the Profile."""
    file = "stoat/discord-bot/deployment-stoat-autumn.yaml"
    path = ("spec", "template", "spec", "containers", 0, "volumeMounts", 0, "subPath")
    (found,) = production.explain(file, path)
    (origin,) = found.origins
    assert (origin.document, origin.path) == ("Profile stoat-backend", ("spec", "mounts", "/Revolt.toml", "key"))
    assert origin.extended is not None
    assert production.sources.texts[origin.extended.path].split("\n")[origin.extended.line - 1].strip() == (
        "extends: [stoat-backend, stoat-credentials, stoat-http, stoat-after-api]"
    )


def test_a_value_without_origins_tells_its_item(production: Explainer) -> None:
    """An empty folder is there because of `scratch`, and a convention; what has origins of its own needs none."""
    file = "stoat/discord-bot/deployment-stoat-events.yaml"
    volume = ("spec", "template", "spec", "volumes", 1)
    (folder,) = production.explain(file, (*volume, "emptyDir"))
    assert [origin.path for origin in folder.part_of] == [("spec", "scratch", 0)]
    assert folder.convention is not None
    assert folder.convention.id == "scratch-folders"
    assert [one.part_of for one in production.explain(file, (*volume, "name"))] == [()]


def test_the_kinds_of_a_project(production: Explainer) -> None:
    """Each is allowed because of objects that are rendered, or that something makes of what is."""
    file = "argocd/argocd/appproject-platform.yaml"
    found = {
        kind.value: kind.allowed
        for kind in production.explain(file, ("spec", "namespaceResourceWhitelist"))
        if kind.path[-1] == "kind"
    }
    assert all(allowed and (allowed.rendered or allowed.made_of) for allowed in found.values())
    statefulset, pod, queue = found["StatefulSet"], found["Pod"], found["Queue"]
    assert statefulset is not None
    assert pod is not None
    assert queue is not None
    assert "StatefulSet/redis" in statefulset.rendered
    assert pod.rendered == ()
    assert "Deployment/stoat-api" in pod.made_of
    assert [one.allowed for one in production.explain(file, ("spec", "description"))] == [None]


def test_how_a_value_is_worked_out(production: Explainer) -> None:
    """A deadline has its origins in the probe, and a convention that says how it follows from them."""
    (found,) = production.explain("stoat/discord-bot/deployment-stoat-api.yaml", ("spec", "progressDeadlineSeconds"))
    assert [origin.path[-1] for origin in found.origins] == ["periodSeconds", "failureThreshold"]
    assert found.convention is not None
    assert found.convention.id == "rollout-deadline"


def test_a_kind_that_is_switched_on(production: Explainer) -> None:
    """Because a Composition makes it."""
    file = "crossplane-packages/_cluster/managedresourceactivationpolicy-platformc.yaml"
    found = production.explain(file, ("spec", "activate"))
    assert all({one.at.path.rpartition("/")[2] for one in each.origins} == {"composition.yaml"} for each in found)
