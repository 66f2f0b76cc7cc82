from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from platformc.kinds import KINDS
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.origin import MARKED, origins_of, unmarked
from platformc.language.resolution import resolve
from platformc.language.sources import Sources, load
from platformc.link import Program, link
from platformc.lower import lower
from platformc.lower.manifest import Manifest
from platformc.origins import Places, marked
from platformc.tree import build

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "cases"
ENVIRONMENTS = ("production", "staging")


@cache
def _sources(root: Path) -> Sources:
    return load(
        DiskFolder(root / "specs"), "specs", KINDS, load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane")
    )


@cache
def _program(root: Path, environment: str, *, with_marks: bool) -> Program:
    platform = resolve(_sources(root), environment)
    return link(marked(platform) if with_marks else platform)


@cache
def _manifests(root: Path, environment: str, *, with_marks: bool) -> tuple[Manifest, ...]:
    return lower(_program(root, environment, with_marks=with_marks))[0]


@cache
def _places(environment: str) -> Places:
    return Places.of(_sources(ROOT), environment)


@pytest.mark.parametrize("root", [ROOT, CASES / "base"], ids=["platform", "example"])
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_marks_change_no_byte(root: Path, environment: str) -> None:
    """The run that tells origins makes the very files that the run without makes."""
    plain = build(environment, _manifests(root, environment, with_marks=False))
    manifests = [replace(one, object=unmarked(one.object)) for one in _manifests(root, environment, with_marks=True)]
    with_marks = build(environment, manifests)
    assert list(with_marks.files) == list(plain.files)
    assert with_marks.files == plain.files
    assert len(plain.files) > 20


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_marks_change_no_graph(environment: str) -> None:
    """Edges, waves and findings are equal as well."""
    plain, with_marks = (_program(ROOT, environment, with_marks=marks) for marks in (False, True))
    assert with_marks.edges == plain.edges
    assert with_marks.waves == plain.waves
    assert with_marks.findings == plain.findings


def test_a_run_without_marks_has_none() -> None:
    """They cost time and memory, and most runs need no origins."""
    for manifest in _manifests(ROOT, "production", with_marks=False):
        assert not isinstance(manifest.owner.name, MARKED)
        assert origins_of(manifest.object) == ()


def test_most_leaves_have_an_origin() -> None:
    """Else explain would have little to say."""
    leaves = [leaf for one in _manifests(ROOT, "production", with_marks=True) for leaf in _leaves(one.object)]
    assert sum(bool(origins_of(leaf)) for leaf in leaves) > len(leaves) * 0.7


def _leaves(value: Any) -> list[Any]:
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return [value] if below is None else [leaf for one in below for leaf in _leaves(one)]


TEMPLATE = ("spec", "template", "spec")
FIRST = (*TEMPLATE, "containers", 0)

# Kind and name, path -> the file, and the text that stands at the place.
ANCHORS: list[tuple[str, tuple[str | int, ...], str, str]] = [
    ("Deployment/discord-bot", ("spec", "replicas"), "discord-bot/bot.yaml", "1"),
    ("Deployment/discord-bot", ("spec", "strategy", "type"), "discord-bot/bot.yaml", "Recreate"),
    ("Deployment/discord-bot", (*FIRST, "resources", "requests", "cpu"), "discord-bot/bot.yaml", "100m"),
    ("Deployment/discord-bot", (*FIRST, "resources", "limits", "cpu"), "discord-bot/bot.yaml", "500m"),
    ("Deployment/discord-bot", (*FIRST, "ports", 0, "containerPort"), "discord-bot/bot.yaml", "3000"),
    ("Deployment/discord-bot", (*FIRST, "livenessProbe", "httpGet", "path"), "discord-bot/bot.yaml", "/health"),
    ("Deployment/discord-bot", (*FIRST, "readinessProbe", "periodSeconds"), "discord-bot/bot.yaml", "10"),
    ("Deployment/discord-bot", (*FIRST, "image"), "discord-bot/bot.yaml", "${repository.discord-bot.url}:1.4.2"),
    ("Role/discord-bot-pod-exec", ("rules", 0, "verbs", 2), "discord-bot/bot.yaml", "create"),
    ("Role/discord-bot-pod-exec", ("metadata", "name"), "discord-bot/bot.yaml", "discord-bot-pod-exec"),
    ("ConfigMap/stoat-config", ("metadata", "name"), "stoat/config.yaml", "stoat-config"),
    ("Service/stoat-caddy", ("spec", "type"), "stoat/edge.yaml", "LoadBalancer"),
    ("Deployment/stoat-api", (*TEMPLATE, "hostAliases"), "stoat/services.yaml", "stoat-api"),
    ("Deployment/stoat-api", (*FIRST, "nothing", 7, "here"), "stoat/services.yaml", "stoat-api"),
    ("Deployment/stoat-api", (), "stoat/services.yaml", "stoat-api"),
]


@pytest.mark.parametrize(("name", "path", "file", "text"), ANCHORS, ids=lambda value: str(value)[:60])
def test_anchors(name: str, path: tuple[str | int, ...], file: str, text: str) -> None:
    """A place in the output leads to the smallest place in the spec; what is absent, to what is around it."""
    anchor = _places("production")
    (manifest,) = [
        one for one in _manifests(ROOT, "production", with_marks=False) if f"{one.id.kind}/{one.id.name}" == name
    ]
    span = anchor.place(manifest, path)
    assert span.path == f"specs/{file}"
    line = _sources(ROOT).texts[span.path].split("\n")[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == text


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_leaf_has_an_places(environment: str) -> None:
    """Any path of any object leads to a place that exists, in the specs or in the claim API."""
    program = _program(ROOT, environment, with_marks=False)
    anchor, texts = _places(environment), program.platform.texts
    for manifest in _manifests(ROOT, environment, with_marks=False):
        for path in _paths(manifest.object):
            span = anchor.place(manifest, path)
            lines = texts[span.path].split("\n")
            assert 1 <= span.line <= len(lines)
            assert 1 <= span.column <= len(lines[span.line - 1]) + 1
        assert unmarked(manifest.id.name) == manifest.id.name


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path, *(one for key, below in value.items() for one in _paths(below, (*path, key)))]
    if isinstance(value, list):
        return [path, *(one for position, below in enumerate(value) for one in _paths(below, (*path, position)))]
    return [path]
