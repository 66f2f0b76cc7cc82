"""Argo CD's own command line against its own API: what people look at, and what it says of differences."""

from __future__ import annotations

from e2e.story.applications import applications, folder_of
from e2e.story.conftest import Platform
from e2e.story.repository import Repository


def tracked(repository: Repository, folder: str) -> set[tuple[str, str]]:
    """Kind and name of what a folder holds, but for hooks, which come and go."""
    return {
        (each.kind, each.object["metadata"]["name"])
        for each in repository.rendered
        if each.application == folder
        and "argocd.argoproj.io/hook" not in each.object["metadata"].get("annotations", {})
    }


def test_it_shows_the_tree_of_each_application(platform: Platform) -> None:
    """Every object that is rendered, and what became of it: a Deployment's pods, a claim's managed resources."""
    for name, each in applications(platform.api).items():
        shown = platform.argocd.command("app", "get", name, "--output", "tree")
        assert shown.returncode == 0, shown.stderr
        for kind, thing in tracked(platform.repository, folder_of(each)):
            assert f"{kind}/{thing}" in shown.stdout, f"{name}: {kind} {thing}\n{shown.stdout}"
    assert "Pod/discord-bot-" in platform.argocd.command("app", "get", "discord-bot", "--output", "tree").stdout


def test_nothing_differs_after_the_sync(platform: Platform) -> None:
    """`argocd app diff` of each Application is empty, field by field: nothing defaulted, no quantity written anew.

    As the Applications say it, with the API server's help, it takes the program most of a second for each object. So
    that is asked for claims alone; the controller has compared everything in that way, and called it Synced.
    """
    for name in applications(platform.api):
        assert_no_difference(platform, name, "--server-side-diff=false")
    assert_no_difference(platform, "discord-bot-aws")


def assert_no_difference(platform: Platform, name: str, *words: str) -> None:
    """The command finds nothing to tell: it leaves with 1 where something differs, with 2 where it cannot say."""
    said = platform.argocd.command("app", "diff", name, *words)
    assert (said.returncode, said.stdout) == (0, ""), f"{name}: {said.stdout}{said.stderr}"
