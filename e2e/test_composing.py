"""The real Crossplane core makes of our claims what the evaluator says, and the API server takes all of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from composing.claim_composition import ClaimKind, claim_kinds
from composing.claim_composition import managed_resources as composed
from composing.structural_defaults import definition_of, schema_of, with_defaults
from e2e.claim_api import XRD, install_claim_api
from e2e.definitions import upstream_definitions
from e2e.kubernetes_api import KubernetesAPI, eventually
from e2e.processes import Service
from e2e.provider import EXTERNAL_NAME, managed_resources
from e2e.rendered import claims, environments, of_kind, rendered_objects

JSON = Any

pytestmark = pytest.mark.usefixtures("definitions")


@dataclass(frozen=True, slots=True)
class Composed:
    """A claim, and what the core made of it."""

    claim: JSON
    managed: Mapping[str, JSON]
    """By its name in the Composition."""


@pytest.fixture(scope="module")
def kinds(api: KubernetesAPI, function: Service) -> dict[str, ClaimKind]:
    """The claim API, served by the real core; all environments have the same."""
    assert function.process.poll() is None
    objects = of_kind(rendered_objects("production"), XRD, "Composition")
    install_claim_api(api, objects)
    return claim_kinds(objects)


@pytest.fixture(scope="module")
def made(api: KubernetesAPI, kinds: dict[str, ClaimKind]) -> list[Composed]:
    """Every claim of all environments, composed."""
    applied = []
    for environment in environments():
        for claim in claims(rendered_objects(environment)):
            moved = in_namespace_of(environment, claim)
            api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": moved["metadata"]["namespace"]}})
            applied.append(api.apply(moved).object)
    return [wait_until_composed(api, kinds, claim) for claim in applied]


def in_namespace_of(environment: str, claim: JSON) -> JSON:
    """The claim in a namespace that is its environment's alone: here, all are in one cluster."""
    metadata = claim["metadata"]
    return {**claim, "metadata": {**metadata, "namespace": f"{environment}-{metadata['namespace']}"}}


def wait_until_composed(api: KubernetesAPI, kinds: dict[str, ClaimKind], claim: JSON) -> Composed:
    """Wait until a claim has all the managed resources that it should have, and no other."""
    wanted = {one.resource for one in composed(kinds, [claim])}
    metadata = claim["metadata"]

    eventually(
        f"{claim['kind']} {metadata['name']} is composed",
        lambda: set(managed_resources(api, claim)) == wanted,
        seen=lambda: api.get(claim["apiVersion"], claim["kind"], metadata["name"], metadata["namespace"]),
    )
    return Composed(claim, managed_resources(api, claim))


def test_the_core_makes_what_the_evaluator_says(kinds: dict[str, ClaimKind], made: list[Composed]) -> None:
    """Field by field, defaults of the provider's CRDs included; all of it was taken by the API server."""
    definitions = upstream_definitions("provider-upjet-aws")
    assert len(made) > 20
    for one in made:
        for wanted in composed(kinds, [one.claim]):
            found = one.managed[wanted.resource]
            kind, version = wanted.object["kind"], wanted.object["apiVersion"]
            schema = schema_of(definition_of(definitions, version, kind), version.partition("/")[2])
            assert (found["kind"], found["apiVersion"]) == (kind, version)
            assert found["spec"] == with_defaults(schema, wanted.object)["spec"]
            assert found["metadata"]["annotations"].get(EXTERNAL_NAME) == (
                wanted.object.get("metadata", {}).get("annotations", {}).get(EXTERNAL_NAME)
            )
            assert found["metadata"]["namespace"] == one.claim["metadata"]["namespace"]
            assert [owner["uid"] for owner in found["metadata"]["ownerReferences"]] == [one.claim["metadata"]["uid"]]
