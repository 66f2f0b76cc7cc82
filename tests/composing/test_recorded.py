"""What the real function composed was recorded beside the files that it composed from; the evaluator gives the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from platformc.check.schemas.structural_defaults import schema_of, with_defaults

from composing.claim_composition import claim_kinds, managed_resources
from e2e.definitions import CRDS, ROOT, definition_of, documents, upstream_definitions

TRIAL = ROOT.parent / "shared" / "trial-claims"
EXTERNAL_NAME = "crossplane.io/external-name"
UID = "c6218571-f3f3-4108-8dca-f45ac4ca17fe"
"""What the composite of the recorded Identity was known by; its Secret is called after it."""

pytestmark = [
    pytest.mark.skipif(not TRIAL.is_dir(), reason=f"the recordings are not at {TRIAL}"),
    pytest.mark.skipif(not CRDS.is_dir(), reason=f"upstream's CRDs are not at {CRDS}"),
]


def as_recorded(made: Any, definitions: list[Any]) -> Any:
    """A managed resource as the API server had it, without what the core and the API server keep for themselves."""
    api_version, kind = made["apiVersion"], made["kind"]
    schema = schema_of(definition_of(definitions, api_version, kind), api_version.partition("/")[2])
    annotations = made.get("metadata", {}).get("annotations", {})
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"annotations": {key: value for key, value in annotations.items() if key == EXTERNAL_NAME}},
        "spec": with_defaults(schema, made)["spec"],
    }


@pytest.mark.parametrize("form", ["namespaced", "legacy"])
def test_the_evaluator_composes_what_the_function_composed(form: str) -> None:
    """Sixteen managed resources, byte for byte."""
    kinds = claim_kinds(documents(sorted((TRIAL / form).glob("*.yaml"))))
    claims = list(documents([TRIAL / "claims" / "claims.yaml"]))
    for claim in claims:
        claim["metadata"]["uid"] = UID
    definitions = upstream_definitions("provider-upjet-aws")
    made = [
        {
            "claim": {"kind": one.claim["kind"], "name": one.claim["metadata"]["name"]},
            "resource": one.resource,
            "object": as_recorded(one.object, definitions),
        }
        for one in managed_resources(kinds, claims)
    ]
    made.sort(key=lambda one: (one["claim"]["kind"], one["claim"]["name"], one["resource"]))
    recorded = (TRIAL / "recorded" / f"{form}.json").read_text(encoding="utf-8")
    assert len(made) == 16
    assert json.dumps(made, indent=1, sort_keys=True) == recorded.rstrip("\n")
