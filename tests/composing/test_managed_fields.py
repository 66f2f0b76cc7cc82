"""docs/managed-fields.md tells the truth about the Compositions and the provider's CRDs."""

from __future__ import annotations

import pytest

from composing.field_reach import leaves, managed_kinds, used_fields
from composing.managed_fields import PAGE, page
from composing.platform_claims import ENVIRONMENTS, kinds, resources_of
from e2e.definitions import CRDS

pytestmark = pytest.mark.skipif(not CRDS.is_dir(), reason=f"upstream's CRDs are not at {CRDS}")


def test_the_page_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_managed_resource_is_listed() -> None:
    """Each Composition's, once."""
    listed = [(one.claim, one.resource) for one in managed_kinds()]
    assert sorted(listed) == sorted(
        (kind, template.name) for kind, one in kinds("namespaced").items() for template in one.composes.templates
    )


def test_a_field_is_reached_or_not_reached() -> None:
    """None is both, and what is used is reached."""
    used = used_fields()
    made = {one.object["kind"] for each in ENVIRONMENTS for one in resources_of("namespaced", each)}
    assert made
    for one in managed_kinds():
        for field in one.unreached:
            assert not any(each == field or each.startswith((f"{field}.", f"{field}[")) for each in one.reached), field
        assert {field for field in used[one.kind] if not field.startswith("tags.")} & set(one.unreached) == set()
        assert bool(used[one.kind] & set(one.reached)) is (one.kind in made)


def test_fields_are_those_without_fields() -> None:
    """References go with the field that they are for, and only then."""
    schema = {
        "properties": {
            "user": {"type": "string"},
            "userRef": {"properties": {"name": {}}},
            "nodeSelector": {"type": "object"},
            "list": {"items": {"properties": {"a": {}, "b": {"items": {"type": "string"}}}}},
        }
    }
    assert list(leaves(schema)) == ["user", "nodeSelector", "list[].a", "list[].b[]"]
