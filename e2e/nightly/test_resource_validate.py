"""Crossplane's own validator agrees: with every claim, with what each is composed into, and about the bad ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from aws_kinds import CLAIMS
from platformc.check.claim_api import source_objects
from platformc.language import DiskFolder
from platformc.language.crossplane import load_claim_api

from e2e.claim_api import XRD
from e2e.definitions import ROOT, documents, upstream_definitions
from e2e.rendered import claims, environments, rendered_objects
from e2e.resource_validate import Judgement, judge
from e2e.test_bad_claims import cases, changed

JSON = Any

FORMS = {"Namespaced": "namespaced", "LegacyCluster": "legacy"}
"""Value of `crossplane.scope` -> folder of what is composed."""
UNSEEN = {"duplicate entries for key [": "it does not look at x-kubernetes-list-map-keys"}
"""How a message begins of what an API server and platformc reject, but not this validator, with the reason."""

COMPOSED = ROOT / "tests" / "composing" / "want"


def claim_api(scope: str) -> list[JSON]:
    """XRDs and Compositions in one form."""
    return [each.data for each in source_objects(load_claim_api(DiskFolder(ROOT / "crossplane"), "crossplane"), scope)]


def definitions(scope: str) -> list[JSON]:
    """The XRDs in one form."""
    return [each for each in claim_api(scope) if each["kind"] == XRD]


def bad(when: str, folder: Path, scope: str) -> list[tuple[str, Judgement]]:
    """The cases of one list: what the API server's message holds, and what the validator says."""
    found = cases(when)
    judged = judge(folder, definitions(scope), [changed(case.claim, case.change) for case in found])
    return [(case.message, one) for case, one in zip(found, judged, strict=True)]


@pytest.mark.parametrize("scope", FORMS)
@pytest.mark.parametrize("environment", environments())
def test_every_claim_is_valid(tmp_path: Path, environment: str, scope: str) -> None:
    """As rendered, against the definitions of either form."""
    objects = claims(rendered_objects(environment))
    assert len(objects) > 5
    assert [one for one in judge(tmp_path, definitions(scope), objects) if not one.valid] == []


@pytest.mark.parametrize("scope", FORMS)
def test_every_composition_is_valid(tmp_path: Path, scope: str) -> None:
    """And the XRDs themselves, against Crossplane's own definitions; inputs against the function's."""
    extensions = [*upstream_definitions("crossplane-v"), *upstream_definitions("function-patch-and-transform")]
    objects = [each for each in claim_api(scope) if each["kind"] in (XRD, "Composition")]
    inputs = [each["spec"]["pipeline"][0]["input"] for each in objects if each["kind"] == "Composition"]
    judged = judge(tmp_path, extensions, [*objects, *inputs])
    assert len(judged) == 3 * len(CLAIMS)  # definition, Composition, input
    assert [one for one in judged if not one.valid] == []


@pytest.mark.parametrize(("scope", "folder"), FORMS.items())
def test_everything_that_is_composed_is_valid(tmp_path: Path, scope: str, folder: str) -> None:
    """The provider's CRDs, their CEL rules too, take each managed resource; also where a claim says every field."""
    assert scope in FORMS
    objects = list(documents(sorted((COMPOSED / folder).glob("*.yaml"))))
    assert len(objects) > 30
    judged = judge(tmp_path, upstream_definitions("provider-upjet-aws"), objects)
    assert [(each["kind"], one.errors) for each, one in zip(objects, judged, strict=True) if not one.valid] == []


@pytest.mark.parametrize("scope", FORMS)
class TestOfBadClaims:
    """Those that the API server refused."""

    def test_each_is_refused_for_the_same_reason(self, tmp_path: Path, scope: str) -> None:
        """The messages of rules are the definition's; for fields, the field is named."""
        told = bad("refused", tmp_path, scope)
        assert len(told) > 25
        assert {start for start in UNSEEN for message, one in told if message.startswith(start) and one.valid} == set(
            UNSEEN
        )
        seen = [(message, one) for message, one in told if not message.startswith(tuple(UNSEEN))]
        assert [message for message, one in seen if one.valid] == []
        assert [(message, one.errors) for message, one in seen if not _says(one, message)] == []

    def test_what_it_cannot_see_is_a_change(self, tmp_path: Path, scope: str) -> None:
        """Rules with `oldSelf` need the claim that is there: only an API server refuses these."""
        told = bad("refused_later", tmp_path, scope)
        assert len(told) > 10
        assert [message for message, one in told if not one.valid] == []

    def test_what_can_change_is_valid(self, tmp_path: Path, scope: str) -> None:
        """As on the API server."""
        assert [one.errors for _, one in bad("taken_later", tmp_path, scope) if not one.valid] == []


def _says(judgement: Judgement, message: str) -> bool:
    """Whether an error is the API server's, or is about the field that the API server named."""
    field = message.removeprefix(".").partition(":")[0]
    return any(message in error or error.startswith(f"{field}:") for error in judgement.errors)
