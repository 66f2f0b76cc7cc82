"""Everything in rendered/ is what a real API server takes, unknown fields, CEL rules and all."""

from __future__ import annotations

import pytest
from aws_kinds import CLAIMS, MANAGED

from e2e.claim_api import XRD, install_claim_api
from e2e.crossplane import Crossplane
from e2e.definitions import crossplane_definitions, upstream_definitions
from e2e.kubernetes_api import KubernetesAPI
from e2e.rendered import claims, environments, of_kind, rendered_objects
from e2e.strict import problems

pytestmark = pytest.mark.usefixtures("definitions", "crossplane", "claim_api")


@pytest.fixture(scope="module")
def claim_api(api: KubernetesAPI, crossplane: Crossplane) -> list[dict[str, object]]:
    """The claim API as production has it; all environments have the same."""
    assert crossplane.core.process.poll() is None
    return install_claim_api(api, of_kind(rendered_objects("production"), XRD, "Composition"))


def test_environments_are_found() -> None:
    """A moved folder must not turn the suite green."""
    assert {"production", "staging"} <= set(environments())
    assert len(rendered_objects("production")) > 100
    found = {each["kind"] for each in claims(rendered_objects("production"))}
    assert {"Identity", "Queue", "Repository", "RepositoryLifecycle", "Table"} <= found <= set(CLAIMS)


def test_claim_api_is_established(claim_api: list[dict[str, object]]) -> None:
    """The real Crossplane makes a CRD of each XRD, so all rules are within the API server's cost budget."""
    assert len(claim_api) == len(CLAIMS)


@pytest.mark.parametrize("environment", environments())
def test_every_object_is_accepted(api: KubernetesAPI, environment: str) -> None:
    """A strict server-side dry run: no error, and no warning that is ours."""
    found = problems(api, environment, rendered_objects(environment))
    assert not found, "\n".join(found)


def test_what_is_switched_on_is_what_the_provider_defines() -> None:
    """By name: a plural that upstream writes otherwise would leave a kind switched off for ever."""
    defined = {each["metadata"]["name"] for each in upstream_definitions("provider-upjet-aws")}
    for environment in environments():
        (policy,) = of_kind(rendered_objects(environment), "ManagedResourceActivationPolicy")
        assert len(policy["spec"]["activate"]) == len(MANAGED)
        assert set(policy["spec"]["activate"]) <= defined


def test_short_names_are_nobody_elses() -> None:
    """`kubectl get pctable` means a claim; and each kind has one, with a column for its name in AWS."""
    taken = {
        name
        for each in (*upstream_definitions("provider-upjet-aws"), *crossplane_definitions())
        for name in (*each["spec"]["names"].get("shortNames", ()), each["spec"]["names"]["singular"])
    }
    definitions = of_kind(rendered_objects("production"), XRD)
    ours = [name for each in definitions for name in each["spec"]["names"]["shortNames"]]
    assert len(set(ours)) == len(ours) == len(CLAIMS)
    assert not taken & set(ours)
    for each in definitions:
        columns = each["spec"]["versions"][0]["additionalPrinterColumns"]
        assert {"AWS-NAME"} <= {column["name"] for column in columns}
        # Crossplane's own, which it adds to every definition (internal/xcrd).
        assert not {"SYNCED", "READY", "AGE", "COMPOSITION"} & {column["name"] for column in columns}
