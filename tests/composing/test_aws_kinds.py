"""What the tests state about kinds of claims is about those of crossplane/, and leaves none out."""

from __future__ import annotations

from aws_kinds import ALL, CLAIMS, MANAGED, RIGHTS

from composing.platform_claims import kinds


def test_kinds_are_found() -> None:
    """A moved folder must not turn the suite green."""
    assert {"Identity", "Queue", "Repository", "RepositoryLifecycle", "Table"} <= set(CLAIMS)
    assert {"queue", "repository", "table"} <= set(RIGHTS)
    assert len(CLAIMS) == sum(len(kind.claims) for kind in ALL)
    assert len(MANAGED) == sum(len(claim.managed) for claim in CLAIMS.values()), "two managed kinds have one name"


def test_each_kind_of_claims_is_known() -> None:
    """With the managed resources of its Composition, by their names there, in both forms."""
    assert list(kinds("namespaced")) == sorted(kinds("namespaced"))
    for form, version in (("namespaced", 0), ("legacy", 1)):
        made = {
            name: {one.name: (one.base["apiVersion"], one.base["kind"]) for one in kind.composes.templates}
            for name, kind in kinds(form).items()
        }
        assert made == {
            claim.kind: {name: (one.api_versions[version], one.kind) for name, one in claim.managed.items()}
            for claim in CLAIMS.values()
        }


def test_each_status_is_told() -> None:
    """Of a claim: what its Composition takes from the managed resources, field by field."""
    for name, kind in kinds("namespaced").items():
        told = {
            patch.target.removeprefix("status."): (template.name, patch.source.removeprefix("status.atProvider."))
            for template in kind.composes.templates
            for patch in template.patches
            if patch.source.startswith("status.atProvider.")
        }
        assert told == CLAIMS[name].outputs
