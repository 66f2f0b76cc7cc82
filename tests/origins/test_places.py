"""The way back to the spec: made when somebody asks, and once."""

from __future__ import annotations

from pathlib import Path

from platformc.kinds import KINDS
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api
from platformc.language.platform import Platform
from platformc.language.resolution import resolve
from platformc.language.sources import load
from platformc.link import link
from platformc.lower import lower
from platformc.origins import Places

BASE = Path(__file__).parents[1] / "cases" / "base"


def _platform() -> Platform:
    return resolve(
        load(DiskFolder(BASE / "specs"), "specs", KINDS, load_claim_api(DiskFolder(BASE / "crossplane"), "crossplane")),
        "production",
    )


def test_nothing_is_made_before_somebody_asks() -> None:
    """Most environments have nothing to point at."""

    def resolved() -> Platform:
        raise AssertionError

    Places(resolved)


def test_it_is_made_once() -> None:
    """However many places are asked for."""
    asked: list[Platform] = []

    def resolved() -> Platform:
        asked.append(_platform())
        return asked[-1]

    places = Places(resolved)
    manifests = lower(link(_platform()))[0]
    spans = {places.place(manifest, ("metadata", "name")).path for manifest in manifests}
    assert len(manifests) > 10
    assert spans
    assert all(path.startswith("specs/") for path in spans)
    assert len(asked) == 1


def test_an_object_leads_to_itself() -> None:
    """By its application and its identity, whoever has lowered it."""
    places = Places(_platform)
    for manifest in lower(link(_platform()))[0]:
        assert places.manifest(manifest.application, manifest.id).object == manifest.object
