"""With `crossplane.scope: LegacyCluster`, everything that is rendered is what a real API server takes, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from aws_kinds import CLAIMS

from e2e.changed_platform import render_changed
from e2e.claim_api import XRD, install_claim_api
from e2e.composing_cluster import ComposingCluster
from e2e.definitions import argocd_definitions, install, upstream_definitions
from e2e.kubernetes_api import KubernetesAPI, conditions
from e2e.provider import composite_of
from e2e.rendered import RENDERED, environments, of_kind, rendered_objects
from e2e.strict import problems


@pytest.fixture(scope="module")
def rendered(workspace: Path) -> Path:
    """The platform, rendered for LegacyCluster."""
    return render_changed(workspace / "scope", {"scope: Namespaced": "scope: LegacyCluster"})


@pytest.fixture(scope="module")
def api(legacy_cluster: ComposingCluster) -> KubernetesAPI:
    """The cluster of the older form, with the kinds of everything else that is rendered."""
    configuration = [
        one for one in upstream_definitions("provider-upjet-aws") if one["spec"]["group"] == "aws.upbound.io"
    ]
    install(
        legacy_cluster.api,
        [
            *configuration,
            *upstream_definitions("sealed-secrets"),
            *upstream_definitions("external-secrets"),
            *argocd_definitions(),
        ],
    )
    return legacy_cluster.api


def test_definitions_are_offered(api: KubernetesAPI, rendered: Path) -> None:
    """The real Crossplane serves a composite and a claim of each kind."""
    made = install_claim_api(api, of_kind(rendered_objects("production", rendered), XRD, "Composition"))
    assert {one["spec"]["claimNames"]["kind"] for one in made} == set(CLAIMS)
    assert {conditions(one)["Offered"] for one in made} == {"True"}


@pytest.mark.parametrize("environment", environments())
def test_every_object_is_accepted(api: KubernetesAPI, rendered: Path, environment: str) -> None:
    """A strict server-side dry run: no error, and no warning that is ours."""
    objects = rendered_objects(environment, rendered)
    assert {each.kind for each in objects} > {"Identity", "Queue", "Table"}
    found = problems(api, environment, objects)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("environment", environments())
def test_claims_are_the_same_files(rendered: Path, environment: str) -> None:
    """Byte for byte those of rendered/, so the form of the claim API can change without a claim."""
    claims = [path.relative_to(rendered) for path in sorted((rendered / environment).glob("*-aws/*/*.yaml"))]
    assert len(claims) > 8
    assert [path for path in claims if (rendered / path).read_bytes() != (RENDERED / path).read_bytes()] == []


def test_a_claim_owns_nothing_cluster_wide(legacy_cluster: ComposingCluster, rendered: Path) -> None:
    """So Argo CD shows neither composite nor managed resources below it, and no project has to allow them for that."""
    (claim, *_) = of_kind(rendered_objects("production", rendered), "Queue")
    legacy_cluster.apply([claim])
    legacy_cluster.wait_until_composed([claim])
    composite = composite_of(legacy_cluster.api, claim)
    assert composite is not None
    assert "ownerReferences" not in composite["metadata"]
    made = legacy_cluster.managed(claim)
    assert made
    for one in made.values():
        assert {owner["kind"] for owner in one["metadata"]["ownerReferences"]} == {"XQueue"}
    legacy_cluster.api.delete(claim)
