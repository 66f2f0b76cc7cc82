"""What AWS would refuse, or silently misread, the claim API refuses first, and says why.

Each case of bad_claims/ is a claim that is taken, with one change (a JSON merge patch: null removes). Cases that
come later are applied, as Argo CD does, over the claim that is there: rules about old values see it. All are tried in
both forms of the claim API, but those that name one form.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aws_kinds import CLAIMS

from composing.platform_claims import FORMS
from e2e.composing_cluster import ComposingCluster
from e2e.definitions import documents
from e2e.kubernetes_api import RefusedError

JSON = Any

FILES = sorted((Path(__file__).parent / "bad_claims").glob("*.yaml"))
NAMESPACE = "bad-claims"


@dataclass(frozen=True, slots=True)
class Case:
    """A claim, and what is changed; `message` is empty where the change is taken."""

    claim: JSON
    change: JSON
    message: str
    form: str
    """The only form of the claim API that has the rule; empty where both do."""

    def __str__(self) -> str:
        return f"{self.claim['kind']}: {self.message or self.change['spec']}"


def cases(when: str, form: str = "") -> list[Case]:
    """The cases of one list, `refused`, `refused_later` or `taken_later`, of all files: those of both forms, or of one."""
    return [
        Case(content["claim"], each["change"], each.get("message", ""), each.get("form", ""))
        for content in documents(FILES)
        for each in content.get(when, [])
        if each.get("form", "") == form
    ]


@pytest.fixture(scope="module")
def claims(cluster: ComposingCluster) -> Iterator[list[JSON]]:
    """One claim of each kind, there to be changed."""
    applied = cluster.apply(in_namespace(content["claim"]) for content in documents(FILES))
    yield applied
    for one in applied:
        cluster.api.delete(one)


def test_cases_are_found() -> None:
    """Forty at least, of all kinds, each of its own."""
    found = [
        *cases("refused"),
        *cases("refused_later"),
        *(each for form in FORMS for each in cases("refused_later", form)),
    ]
    assert len(found) >= 40
    assert {each.claim["kind"] for each in found} == set(CLAIMS)
    assert all(each.message for each in found)


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize("case", cases("refused"), ids=str)
def test_a_new_one_is_refused(cluster: ComposingCluster, case: Case) -> None:
    """Under a name that is not there, so that no rule about old values hides another one."""
    thing = in_namespace(changed(case.claim, case.change))
    thing["metadata"]["name"] += "-new"
    assert_refused(cluster, case, thing)


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize("case", cases("refused_later"), ids=str)
def test_a_change_is_refused(cluster: ComposingCluster, case: Case) -> None:
    """What AWS would have to replace cannot be changed."""
    assert_refused(cluster, case, in_namespace(changed(case.claim, case.change)))


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize(
    ("cluster", "case"),
    [pytest.param(form, case, id=f"{form}-{case}") for form in FORMS for case in cases("refused_later", form)],
    indirect=["cluster"],
    scope="module",
)
def test_a_change_is_refused_where_the_rule_is(cluster: ComposingCluster, case: Case) -> None:
    """A rule that one form has alone: in the other, the field is Crossplane's own."""
    assert_refused(cluster, case, in_namespace(changed(case.claim, case.change)))


def assert_refused(cluster: ComposingCluster, case: Case, thing: JSON) -> None:
    """The API server says no, and why."""
    with pytest.raises(RefusedError) as refused:
        cluster.api.apply(thing, dry_run=True)
    assert case.message in refused.value.message


@pytest.mark.usefixtures("claims")
@pytest.mark.parametrize("case", cases("taken_later"), ids=str)
def test_a_change_is_taken(cluster: ComposingCluster, case: Case) -> None:
    """What AWS can change can be changed."""
    assert cluster.api.apply(in_namespace(changed(case.claim, case.change)), dry_run=True).warnings == ()


def in_namespace(claim: JSON) -> JSON:
    """The claim, in the namespace of these tests."""
    return {**claim, "metadata": {**claim["metadata"], "namespace": NAMESPACE}}


def changed(base: JSON, change: JSON) -> JSON:
    """RFC 7386: maps are merged, null removes, anything else replaces."""
    if not isinstance(change, Mapping) or not isinstance(base, Mapping):
        return copy.deepcopy(change)
    made = {key: copy.deepcopy(value) for key, value in base.items() if change.get(key, value) is not None}
    return {**made, **{key: changed(base.get(key), value) for key, value in change.items() if value is not None}}
