"""Everything in rendered/ is what a real API server takes, unknown fields, CEL rules and all."""

from __future__ import annotations

import pytest

from e2e.claim_api import XRD, install_claim_api
from e2e.crossplane import Crossplane
from e2e.kubernetes_api import KubernetesAPI
from e2e.rendered import claims, environments, of_kind, rendered_objects
from e2e.strict import problems

pytestmark = pytest.mark.usefixtures("definitions", "crossplane", "claim_api")

KINDS_OF_CLAIMS = {"Identity", "Queue", "Repository", "RepositoryLifecycle", "Table"}


@pytest.fixture(scope="module")
def claim_api(api: KubernetesAPI, crossplane: Crossplane) -> list[dict[str, object]]:
    """The claim API as production has it; all environments have the same."""
    assert crossplane.core.process.poll() is None
    return install_claim_api(api, of_kind(rendered_objects("production"), XRD, "Composition"))


def test_environments_are_found() -> None:
    """A moved folder must not turn the suite green."""
    assert {"production", "staging"} <= set(environments())
    assert len(rendered_objects("production")) > 100
    assert {each["kind"] for each in claims(rendered_objects("production"))} == KINDS_OF_CLAIMS


def test_claim_api_is_established(claim_api: list[dict[str, object]]) -> None:
    """The real Crossplane makes a CRD of each XRD, so all rules are within the API server's cost budget."""
    assert len(claim_api) == len(KINDS_OF_CLAIMS)


@pytest.mark.parametrize("environment", environments())
def test_every_object_is_accepted(api: KubernetesAPI, environment: str) -> None:
    """A strict server-side dry run: no error, and no warning that is ours."""
    found = problems(api, environment, rendered_objects(environment))
    assert not found, "\n".join(found)
