"""The verb `explain`, asked about rights in AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from platformc.cli import main

ROOT = Path(__file__).parents[2]


def test_rights_in_aws(capsys: pytest.CaptureFixture[str]) -> None:
    """A policy is told with the words of `needs` that it comes from, and what each allows."""
    place = ["explain", "-e", "production", "identity/ecr-pull.spec.policyDocument"]
    assert main(["--specs", str(ROOT / "specs"), *place]) == 0
    assert capsys.readouterr().out.endswith(
        "  the access words in `needs`, their targets, and the actions that they allow:\n"
        "       repository pull: dev-sandbox, discord-bot\n"
        "         ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetAuthorizationToken,\n"
        "         ecr:GetDownloadUrlForLayer\n"
    )
    assert main(["--specs", str(ROOT / "specs"), "--format", "json", *place]) == 0
    (found,) = json.loads(capsys.readouterr().out)["explanations"]
    assert [(one["kind"], one["word"], one["targets"]) for one in found["access"]] == [
        ("repository", "pull", ["dev-sandbox", "discord-bot"])
    ]
    assert found["access"][0]["actions"][0] == "ecr:BatchCheckLayerAvailability"
