"""Fields that the provider refuses to change: they exist, and no claim can change one behind its definition's back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from platformc.check.claim_api import provider_facts
from platformc.check.schemas.structural_defaults import schema_of
from platformc.composing.field_paths import parse
from platformc.composing.function_input import Template
from platformc.kinds import KINDS

from composing.claim_composition import ClaimKind
from composing.platform_claims import FORMS, kinds
from e2e.definitions import CRDS, definition_of, upstream_definitions

FACTS = provider_facts(KINDS)
IDENTIFIES = {("metadata", "annotations", "crossplane.io/external-name"), ("spec", "forProvider", "region")}
"""What says which resource in AWS it is: another value is another resource."""


def immutable(template: Template) -> set[tuple[str, ...]]:
    """The places in a managed resource that the provider refuses to change."""
    service = template.base["apiVersion"].partition(".")[0]
    return {("spec", "forProvider", name) for name in FACTS[service, template.base["kind"]].immutable}


def arrivals(kind: ClaimKind) -> Iterator[tuple[str, bool]]:
    """Each field of a claim that reaches a managed resource, and whether it may never change there."""
    for template in kind.composes.templates:
        for patch in template.patches:
            if patch.direction == "FromCompositeFieldPath" and patch.source.startswith("spec."):
                yield patch.source, parse(patch.target)[:3] in immutable(template) | IDENTIFIES


def rules_about_changes(kind: ClaimKind, path: str) -> bool:
    """Whether the definition has a rule that compares a field, or all fields, with what they were."""
    (version,) = kind.definition["spec"]["versions"]
    schema: Any = schema_of(kind.definition, version["name"])
    found = []
    for step in parse(path):
        schema = schema["properties"][step]
        found += [one["rule"] for one in schema.get("x-kubernetes-validations", [])]
    return any("oldSelf" in rule and (rule.startswith("self ==") or path.rpartition(".")[2] in rule) for rule in found)


@pytest.mark.parametrize("name", kinds("namespaced"))
def test_what_is_refused_in_aws_is_refused_by_the_definition(name: str) -> None:
    """Before it is applied. What adopts a resource can be said later, and policies have a claim each (D20)."""
    kind = kinds("namespaced")[name]
    fixed = {path for path, is_fixed in arrivals(kind) if is_fixed} - {"spec.queueUrl"}
    assert fixed
    assert {path for path in fixed if not rules_about_changes(kind, path)} == set()


@pytest.mark.parametrize(
    "claim", [claim for kind in KINDS.values() if kind.aws for claim in kind.aws.claims], ids=lambda claim: claim.kind
)
def test_what_a_record_calls_immutable_is_so_in_aws(claim: Any) -> None:
    """Wherever it arrives, it may not change; the name of a Secret is no matter of AWS."""
    found = dict(sorted(arrivals(kinds("namespaced")[claim.kind])))
    fixed = {path for path, is_fixed in arrivals(kinds("namespaced")[claim.kind]) if is_fixed}
    for one in claim.immutable:
        path = ".".join(map(str, one.claim))
        assert path in found
        assert path in fixed or path == "spec.writeConnectionSecretToRef.name"


@pytest.mark.skipif(not CRDS.is_dir(), reason=f"upstream's CRDs are not at {CRDS}")
@pytest.mark.parametrize("form", FORMS)
def test_each_field_exists(form: str) -> None:
    """In the provider's own definition, in the version that is made."""
    definitions = upstream_definitions("provider-upjet-aws")
    seen = set()
    for kind in kinds(form).values():
        for template in kind.composes.templates:
            version, name = template.base["apiVersion"], template.base["kind"]
            schema = schema_of(definition_of(definitions, version, name), version.partition("/")[2])
            fields = schema["properties"]["spec"]["properties"]["forProvider"]["properties"]
            assert {path[-1] for path in immutable(template)} <= set(fields), name
            seen.add((version.partition(".")[0], name))
    assert seen == {key for key, facts in FACTS.items() if facts.kind != "Role"}
