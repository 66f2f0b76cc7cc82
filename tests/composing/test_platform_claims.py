"""What this platform's claims make, in both forms of the claim API: exactly what is meant, under the names in AWS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aws_kinds import CLAIMS, MANAGED
from platformc.check.claim_api import FUNCTION
from platformc.composing.evaluator import compose
from platformc.composing.field_paths import read
from platformc.composing.function_input import VERSION, FunctionInput, MapTransform

from composing.claim_composition import ManagedResource, composite
from composing.platform_claims import (
    ENVIRONMENTS,
    FORMS,
    SOURCES,
    WANT,
    as_text,
    claim_api,
    claims_of,
    kinds,
    resources_of,
    wanted_file,
)

EXTERNAL_NAME = "crossplane.io/external-name"
POLICIES = {"Orphan": ["Observe", "Create", "Update"], "Delete": ["Observe", "Create", "Update", "Delete"]}
EACH = [(form, source) for form in FORMS for source in SOURCES]


@pytest.fixture(params=EACH, ids="-".join)
def resources(request: pytest.FixtureRequest) -> tuple[ManagedResource, ...]:
    """Of each source, in each form."""
    form, source = request.param
    return resources_of(form, source)


@pytest.mark.parametrize(("form", "source"), EACH)
def test_what_is_made_is_what_is_written(form: str, source: str) -> None:
    """`make cases` writes the files; their diff is what a change does to AWS."""
    assert as_text(resources_of(form, source)) == wanted_file(form, source).read_text(encoding="utf-8")


def test_no_file_is_left_over() -> None:
    """Of a form or an environment that is no more."""
    assert sorted(WANT.rglob("*.yaml")) == sorted(wanted_file(*one) for one in EACH)


def test_claims_are_found() -> None:
    """A moved folder must not turn the suite green."""
    assert {"production", "staging"} <= set(ENVIRONMENTS)
    kinds = Counter(one["kind"] for one in claims_of("production"))
    assert kinds == {"Identity": 2, "Queue": 4, "Repository": 2, "RepositoryLifecycle": 2, "Table": 4}
    made = {one.object["kind"] for one in resources_of("namespaced", "production")}
    assert made == {one.kind for kind in kinds for one in CLAIMS[kind].managed.values()}
    assert {one["kind"] for source in SOURCES for one in claims_of(source)} == set(CLAIMS)


@pytest.mark.parametrize("source", SOURCES)
def test_both_forms_ask_for_the_same(source: str) -> None:
    """What AWS is asked for does not depend on how Crossplane is asked."""
    namespaced, legacy = (resources_of(form, source) for form in FORMS)
    assert [(one.resource, one.object["kind"]) for one in namespaced] == [
        (one.resource, one.object["kind"]) for one in legacy
    ]
    assert [one.object["spec"]["forProvider"] for one in namespaced] == [
        one.object["spec"]["forProvider"] for one in legacy
    ]


def test_each_has_the_name_that_aws_sees(resources: tuple[ManagedResource, ...]) -> None:
    """Never the generated name of the managed resource."""
    for one in resources:
        known, spec = MANAGED[one.object["kind"]], one.claim["spec"]
        external = one.object.get("metadata", {}).get("annotations", {}).get(EXTERNAL_NAME)
        assert external == (spec.get(known.external_name) if known.external_name else None)
        assert known.external_name in spec or known.named_by
        for field, said in known.named_by.items():
            assert one.object["spec"]["forProvider"][field] == spec[said]


def test_what_may_be_done_follows_from_the_deletion_policy(resources: tuple[ManagedResource, ...]) -> None:
    """Spelled out on every resource; a key always goes, a lifecycle policy is never changed."""
    for one in resources:
        policies = one.object["spec"]["managementPolicies"]
        fixed = MANAGED[one.object["kind"]].policies
        assert policies == (list(fixed) if fixed else POLICIES[one.claim["spec"]["deletionPolicy"]])
        assert "LateInitialize" not in policies


@pytest.mark.parametrize(("form", "source"), EACH)
def test_each_uses_the_claims_provider_config(form: str, source: str) -> None:
    """By kind and name where there are two kinds, by name else."""
    for one in resources_of(form, source):
        reference = {"name": one.claim["spec"]["providerConfigName"]}
        if form == "namespaced":
            reference["kind"] = "ClusterProviderConfig"
        assert one.object["spec"]["providerConfigRef"] == reference


def test_what_composes_in_the_cluster_is_what_the_evaluator_was_held_against() -> None:
    """Another version of the function may compose something else: then record anew what it composes."""
    packages = {one["metadata"]["name"]: one["spec"]["package"] for one in claim_api() if one["kind"] == "Function"}
    assert packages == {FUNCTION: f"xpkg.crossplane.io/crossplane-contrib/{FUNCTION}:{VERSION}"}


def composites(name: str) -> list[Any]:
    """The composites of all claims of a kind, from all sources."""
    kind = kinds("namespaced")[name]
    return [composite(kind, one) for source in SOURCES for one in claims_of(source) if one["kind"] == name]


@pytest.mark.parametrize("name", kinds("namespaced"))
def test_each_patch_makes_a_difference(name: str) -> None:
    """Without any one of them, some claim would make something else: the files show it."""
    whole, given = kinds("namespaced")[name].composes, composites(name)
    made = [compose(whole, one, {}) for one in given]
    patches = [
        (template, patch)
        for template in whole.templates
        for patch in template.patches
        if patch.direction == "FromCompositeFieldPath"
    ]
    assert patches
    for template, patch in patches:
        rest = replace(template, patches=tuple(one for one in template.patches if one != patch))
        without = FunctionInput(tuple(rest if one == template else one for one in whole.templates))
        assert [compose(without, one, {}) for one in given] != made, f"{template.name}: {patch.target}"


@pytest.mark.parametrize("name", kinds("namespaced"))
def test_each_value_of_a_map_is_chosen(name: str) -> None:
    """By some claim."""
    given = composites(name)
    for template in kinds("namespaced")[name].composes.templates:
        for patch in template.patches:
            for transform in patch.transforms:
                if isinstance(transform, MapTransform):
                    assert {read(one, patch.source) for one in given} == set(transform.values)


def leaves(value: Any) -> Iterator[Any]:
    """All scalars in a value."""
    if isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)
    else:
        yield value


def test_nothing_that_a_claim_says_is_lost(resources: tuple[ManagedResource, ...]) -> None:
    """Every field arrives in a managed resource."""
    arrived: dict[tuple[str, str], list[Any]] = {}
    for one in resources:
        key = (one.claim["kind"], one.claim["metadata"]["name"])
        arrived.setdefault(key, []).extend(leaves([one.object["spec"], one.object.get("metadata")]))
    for one in resources:
        claim = one.claim
        elsewhere = {"deletionPolicy", "writeConnectionSecretToRef"}  # become policies, and the name of a Secret
        said = leaves({field: value for field, value in claim["spec"].items() if field not in elsewhere})
        missing = Counter(said) - Counter(arrived[claim["kind"], claim["metadata"]["name"]])
        assert not missing, f"{claim['kind']} {claim['metadata']['name']}"
