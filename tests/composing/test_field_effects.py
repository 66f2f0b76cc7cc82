"""What the change of a field of a managed resource does in AWS."""

from __future__ import annotations

from typing import Any

import pytest
from platformc.composing import (
    ABSENT,
    Changed,
    ClaimSide,
    FieldEffect,
    Live,
)

from composing.changed_claims import DELETES, api, changes, claims, definition, of_api, of_claim, shown, template
from composing.platform_claims import FORMS


class TestChanged:
    """Fields of a managed resource, with what the provider does about each."""

    def test_in_place(self) -> None:
        """A field of a claim that AWS can change."""
        (change,) = of_claim(
            "Queue", lambda one: one["spec"].update(kmsMasterKeyId="k", tags={**one["spec"]["tags"], "a": "b"})
        )
        assert isinstance(change, Changed)
        assert (change.before.resource, change.refused) == ("queue", ())
        assert shown(change) == [
            ("spec.forProvider.kmsMasterKeyId", ABSENT, "k", FieldEffect.UPDATED),
            ("spec.forProvider.tags.a", ABSENT, "b", FieldEffect.UPDATED),
        ]

    def test_a_refused_field_is_named(self) -> None:
        """It holds back the others."""

        def change(one: Any) -> None:
            one["spec"].update(hashKey="other", tags={})

        (found,) = of_claim("Table", change)
        assert isinstance(found, Changed)
        (refused,) = found.refused
        assert (refused.path, refused.after) == (("spec", "forProvider", "hashKey"), "other")
        assert FieldEffect.UPDATED in {one.effect for one in found.fields}

    def test_an_immutable_field_that_one_side_lacks(self) -> None:
        """AWS may have just that: then there is nothing to refuse."""

        def change(objects: list[Any]) -> None:
            template(objects, "Table")["base"]["spec"]["forProvider"]["importTable"] = {}

        (found,) = of_api("Table", change)
        assert shown(found) == [("spec.forProvider.importTable", ABSENT, {}, FieldEffect.REFUSED_UNLESS_SO)]

    def test_a_kind_that_nobody_knows(self) -> None:
        """The provider may refuse."""

        def other(objects: list[Any]) -> list[Any]:
            template(objects, "Queue")["base"]["kind"] = "Topic"
            return objects

        before, after = claims("Queue"), claims("Queue")
        after[0]["spec"]["delaySeconds"] = 7
        (found,) = changes(ClaimSide(other(api()), before), ClaimSide(other(api()), after))
        assert [effect for _, _, _, effect in shown(found)] == [FieldEffect.UNKNOWN]

    @pytest.mark.parametrize(
        ("field", "effect"),
        [
            ("initProvider", FieldEffect.AT_CREATION),
            ("writeConnectionSecretToRef", FieldEffect.ON_CLUSTER),
            ("surprise", FieldEffect.UNKNOWN),
        ],
    )
    def test_fields_beside_the_providers(self, field: str, effect: FieldEffect) -> None:
        """What they do is known of each that there is."""
        (found,) = of_api("Queue", lambda one: template(one, "Queue")["base"]["spec"].update({field: {"name": "x"}}))
        assert shown(found) == [(f"spec.{field}", ABSENT, {"name": "x"}, effect)]

    def test_a_name_that_the_provider_has_found(self) -> None:
        """An adopted queue: its URL may be the one that the queue has anyway."""
        (found,) = of_claim("Queue", lambda one: one["spec"].update(queueUrl="https://sqs.x/1/one"))
        assert [effect for _, _, _, effect in shown(found)] == [FieldEffect.UNKNOWN]

    def test_a_value_that_only_a_cluster_knows(self) -> None:
        """That it is set is known, and where it comes from."""
        patch = {"fromFieldPath": "status.arn", "toFieldPath": "spec.forProvider.policy"}
        (found,) = of_api("Queue", lambda one: template(one, "Queue")["patches"].append(patch))
        assert shown(found) == [("spec.forProvider.policy", ABSENT, Live("status.arn", ()), FieldEffect.UPDATED)]
        (found,) = of_api("Table", lambda one: template(one, "Table")["patches"][0].update(fromFieldPath="status.arn"))
        assert [effect for _, _, _, effect in shown(found)] == [FieldEffect.UNKNOWN], "its name in AWS"

    def test_a_default_of_the_definition(self) -> None:
        """It reaches every claim that says nothing."""
        (change,) = of_api("Queue", lambda one: definition(one, "Queue")["kmsMasterKeyId"].update(default="k"))
        assert shown(change) == [("spec.forProvider.kmsMasterKeyId", ABSENT, "k", FieldEffect.UPDATED)]

    def test_a_base_of_the_composition(self) -> None:
        """And so does a field there."""
        (change,) = of_api(
            "Queue", lambda one: template(one, "Queue")["base"]["spec"]["forProvider"].update(policy="{}")
        )
        assert shown(change) == [("spec.forProvider.policy", ABSENT, "{}", FieldEffect.UPDATED)]

    def test_what_may_be_done(self) -> None:
        """Deletion gets its meaning without a change in AWS."""
        (change,) = of_claim("Table", lambda one: one["spec"].update(deletionPolicy="Delete"))
        assert shown(change) == [
            ("spec.managementPolicies", DELETES[:3], DELETES, FieldEffect.PERMITTED),
        ]

    def test_another_version_of_the_same_kind(self) -> None:
        """The same object."""
        (change,) = of_api(
            "Queue", lambda one: template(one, "Queue")["base"].update(apiVersion="sqs.aws.m.upbound.io/v1beta2")
        )
        assert [(path, effect) for path, _, _, effect in shown(change)] == [("apiVersion", FieldEffect.ON_CLUSTER)]

    @pytest.mark.parametrize("form", FORMS)
    def test_another_place_in_aws(self, form: str) -> None:
        """Region, name and credentials say which resource it is."""

        def change(one: Any) -> None:
            one["spec"].update(region="eu-west-9", tableName="other", providerConfigName="other")

        (found,) = of_claim("Table", change, form)
        assert {path: effect for path, _, _, effect in shown(found)} == {
            "metadata.annotations.crossplane.io/external-name": FieldEffect.ANOTHER,
            "spec.forProvider.region": FieldEffect.ANOTHER,
            "spec.providerConfigRef.name": FieldEffect.CREDENTIALS,
        }

    def test_what_may_not_be_updated_is_not(self) -> None:
        """A lifecycle policy is only made."""
        (change,) = of_claim("RepositoryLifecycle", lambda one: one["spec"].update(policy="{}"))
        assert [effect for _, _, _, effect in shown(change)] == [FieldEffect.HELD]

    def test_items_of_lists(self) -> None:
        """One by one where there are as many; else the list as a whole."""
        (change,) = of_claim("Table", lambda one: one["spec"]["attribute"][0].update(type="B"))
        assert [path for path, *_ in shown(change)] == ["spec.forProvider.attribute.0.type"]
        (change,) = of_claim("Table", lambda one: one["spec"]["attribute"].append({"name": "x", "type": "S"}))
        assert [path for path, *_ in shown(change)] == ["spec.forProvider.attribute"]
