"""Explanations of the platform of this repository that took a second look to be complete."""

from __future__ import annotations

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
