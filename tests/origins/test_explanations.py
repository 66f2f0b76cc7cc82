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
