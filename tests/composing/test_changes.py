"""What becomes of managed resources: record by record, on this platform's claims with something changed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from platformc.check.claim_api import provider_facts
from platformc.composing import (
    ABSENT,
    Cause,
    Changed,
    ClaimSide,
    Created,
    Deleted,
    Fate,
    FieldEffect,
    Forgotten,
    FormSwitched,
    Managed,
    ManagedChange,
    NotKnown,
    Renamed,
    Why,
    affected,
    composed,
    managed_changes,
)
from platformc.composing.actions import fate
from platformc.kinds import KINDS

from composing.platform_claims import FORMS, SOURCES, claim_api, claims_of

FACTS = provider_facts(KINDS)
DELETES = ["Observe", "Create", "Update", "Delete"]
Change = Callable[[Any], None]


def claims(*kinds: str) -> list[Any]:
    """One claim of each kind: this platform's first."""
    return [copy.deepcopy(next(one for one in claims_of("production") if one["kind"] == kind)) for kind in kinds]


def api(form: str = "namespaced") -> list[Any]:
    """The claim API, to be changed."""
    return copy.deepcopy(list(claim_api(form)))


def template(objects: list[Any], kind: str, position: int = 0) -> Any:
    """One resource of the Composition for a kind."""
    (found,) = (
        one
        for one in objects
        if one["kind"] == "Composition" and one["spec"]["compositeTypeRef"]["kind"] in {kind, f"X{kind}"}
    )
    return found["spec"]["pipeline"][0]["input"]["resources"][position]


def definition(objects: list[Any], kind: str) -> Any:
    """The schema of `spec` of a kind."""
    (found,) = (
        one
        for one in objects
        if one["kind"] == "CompositeResourceDefinition" and one["spec"]["names"]["kind"] in {kind, f"X{kind}"}
    )
    return found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]


def changes(before: ClaimSide, after: ClaimSide) -> tuple[ManagedChange, ...]:
    """What changes; the same whether or not claims are left out that make what they made."""
    whole = managed_changes(*(composed(one.claim_api, one.claims) for one in (before, after)), FACTS)
    fast = managed_changes(*(composed(one.claim_api, one.claims) for one in affected(before, after)), FACTS)
    assert whole == fast
    return whole


def of_claim(kind: str, change: Change, form: str = "namespaced") -> tuple[ManagedChange, ...]:
    """What changes where one claim does."""
    before, after = claims(kind), claims(kind)
    change(after[0])
    return changes(ClaimSide(api(form), before), ClaimSide(api(form), after))


def of_api(kind: str, change: Change, form: str = "namespaced", **fields: Any) -> tuple[ManagedChange, ...]:
    """What changes where the claim API does, for one claim with these fields."""
    listed = claims(kind)
    listed[0]["spec"].update(fields)
    other = api(form)
    change(other)
    return changes(ClaimSide(api(form), listed), ClaimSide(other, listed))


def shown(change: ManagedChange) -> list[tuple[str, Any, Any, FieldEffect]]:
    """The fields of a change."""
    assert isinstance(change, Changed | Renamed)
    return [(".".join(map(str, one.path)), one.before, one.after, one.effect) for one in change.fields]


class TestNothing:
    """Equal sides have no difference."""

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("source", SOURCES)
    def test_between_a_platform_and_itself(self, form: str, source: str) -> None:
        """In any source, in both forms."""
        side = ClaimSide(api(form), claims_of(source))
        assert side.claims
        assert changes(side, ClaimSide(api(form), copy.deepcopy(side.claims))) == ()

    def test_where_a_claim_says_what_is_the_default(self) -> None:
        """The object differs, what it makes does not."""
        assert of_claim("Queue", lambda one: one["spec"].update(fifo=False)) == ()

    def test_where_the_same_is_not_known_on_both_sides(self) -> None:
        """A Composition that is not understood is no change."""
        other = api()
        template(other, "Queue")["surprise"] = 1
        side = ClaimSide(other, claims("Queue"))
        assert changes(side, ClaimSide(copy.deepcopy(other), claims("Queue"))) == ()


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


class TestCreated:
    """A managed resource more."""

    def test_of_a_new_claim(self) -> None:
        """All that it makes, by name."""
        found = changes(ClaimSide(api(), []), ClaimSide(api(), claims("Identity")))
        assert all(isinstance(one, Created) and one.creates for one in found)
        assert [one.after.resource for one in found if isinstance(one, Created)] == [
            "access-key",
            "attachment",
            "policy",
            "user",
        ]

    def test_of_a_composition(self) -> None:
        """One more resource; here one that only stands for what there is."""

        def change(objects: list[Any]) -> None:
            other = copy.deepcopy(template(objects, "Queue"))
            other.update(name="watched", base={**other["base"], "kind": "Other"}, patches=[])
            other["base"]["spec"]["managementPolicies"] = ["Observe"]
            pipeline = next(
                one for one in objects if one["metadata"]["name"].startswith("queues.") and one["kind"] == "Composition"
            )
            pipeline["spec"]["pipeline"][0]["input"]["resources"].append(other)

        (found,) = of_api("Queue", change)
        assert isinstance(found, Created)
        assert (found.after.resource, found.creates) == ("watched", False)


class TestDeleted:
    """What it means in AWS follows from what was allowed before."""

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize(("policy", "wanted"), [("Orphan", Fate.KEPT), ("Delete", Fate.DELETED)])
    def test_with_its_claim(self, form: str, policy: str, wanted: Fate) -> None:
        """In both forms; an access key always goes."""
        listed = claims("Table", "Identity")
        for one in listed:
            one["spec"]["deletionPolicy"] = policy
        found = changes(ClaimSide(api(form), listed), ClaimSide(api(form), []))
        told = {one.before.resource: (one.cause, one.fate) for one in found if isinstance(one, Deleted)}
        assert told == {
            name: (Cause.CLAIM_REMOVED, Fate.DELETED if name == "access-key" else wanted)
            for name in ("access-key", "attachment", "policy", "table", "user")
        }

    def test_left_out_of_the_composition(self) -> None:
        """The core collects it, whatever the claim is."""

        def change(objects: list[Any]) -> None:
            for one in objects:
                if one["kind"] == "Composition" and one["metadata"]["name"].startswith("identities."):
                    del one["spec"]["pipeline"][0]["input"]["resources"][3]

        (found,) = of_api("Identity", change)
        assert isinstance(found, Deleted)
        assert (found.before.resource, found.cause, found.fate) == ("access-key", Cause.LEFT_OUT, Fate.DELETED)

    def test_by_what_was_allowed_before(self) -> None:
        """A claim that goes takes its last words with it."""
        (before,) = claims("Table")
        before["spec"]["deletionPolicy"] = "Delete"
        (found,) = changes(ClaimSide(api(), [before]), ClaimSide(api(), []))
        assert isinstance(found, Deleted)
        assert found.fate is Fate.DELETED

    def test_what_lacks_something_that_it_requires_stays(self) -> None:
        """The function only keeps new resources waiting: one that exists loses the field alone."""

        def require(objects: list[Any]) -> None:
            (one,) = (
                each for each in template(objects, "Queue")["patches"] if each["fromFieldPath"] == "spec.kmsMasterKeyId"
            )
            one["policy"] = {"fromFieldPath": "Required"}

        before, after = claims("Queue"), claims("Queue")
        before[0]["spec"]["kmsMasterKeyId"] = "k"
        objects = api()
        require(objects)
        (found,) = changes(ClaimSide(objects, before), ClaimSide(objects, after))
        assert shown(found) == [("spec.forProvider.kmsMasterKeyId", "k", ABSENT, FieldEffect.RELEASED)]
        assert changes(ClaimSide(objects, []), ClaimSide(objects, after)) == ()
        (made,) = changes(ClaimSide(objects, after), ClaimSide(objects, before))
        assert isinstance(made, Created)


class TestFate:
    """Who may delete in AWS. The table is crossplane-runtime's, pkg/reconciler/managed/policies_test.go, `ShouldDelete`."""

    @pytest.mark.parametrize(
        ("group", "spec", "wanted"),
        [
            ("sqs.aws.m.upbound.io", {}, Fate.DELETED),
            ("sqs.aws.m.upbound.io", {"managementPolicies": ["*"]}, Fate.DELETED),
            ("sqs.aws.m.upbound.io", {"managementPolicies": ["Observe", "Delete"]}, Fate.DELETED),
            ("sqs.aws.m.upbound.io", {"managementPolicies": ["Observe", "Create", "Update"]}, Fate.KEPT),
            ("sqs.aws.m.upbound.io", {"managementPolicies": []}, Fate.PAUSED),
            ("sqs.aws.upbound.io", {}, Fate.DELETED),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Orphan"}, Fate.KEPT),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Orphan", "managementPolicies": ["*"]}, Fate.KEPT),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Orphan", "managementPolicies": DELETES}, Fate.DELETED),
            ("sqs.aws.upbound.io", {"deletionPolicy": "Delete", "managementPolicies": ["Observe"]}, Fate.KEPT),
        ],
    )
    def test_of_a_managed_resource(self, group: str, spec: Any, wanted: Fate) -> None:
        """By its two fields."""
        made = {"apiVersion": f"{group}/v1beta1", "kind": "Queue", "spec": {"forProvider": {}, **spec}}
        assert fate(Managed("queue", made, ())) is wanted
        paused = {**made, "metadata": {"annotations": {"crossplane.io/paused": "true"}}}
        assert fate(Managed("queue", paused, ())) is Fate.PAUSED

    def test_of_another_object(self) -> None:
        """It just goes."""
        made = Managed("note", {"apiVersion": "v1", "kind": "ConfigMap", "data": {}}, ())
        assert fate(made) is Fate.NOTHING_IN_AWS


class TestRenamed:
    """Another name in the Composition deletes and makes."""

    @pytest.mark.parametrize(("policy", "wanted"), [("Orphan", Fate.KEPT), ("Delete", Fate.DELETED)])
    @pytest.mark.parametrize("kind", ["Table", "Queue", "Repository"])
    def test_of_the_same_thing(self, kind: str, policy: str, wanted: Fate) -> None:
        """Told as one change: with what happens to the data."""
        (found,) = of_api(kind, lambda one: template(one, kind).update(name="other"), deletionPolicy=policy)
        assert isinstance(found, Renamed)
        assert (found.before.resource, found.after.resource, found.fate) == (kind.lower(), "other", wanted)
        assert found.fields == ()

    def test_with_another_field(self) -> None:
        """It stays the same thing in AWS."""

        def change(objects: list[Any]) -> None:
            template(objects, "Queue").update(name="other")
            template(objects, "Queue")["base"]["spec"]["forProvider"]["policy"] = "{}"

        (found,) = of_api("Queue", change)
        assert isinstance(found, Renamed)
        assert shown(found) == [("spec.forProvider.policy", ABSENT, "{}", FieldEffect.UPDATED)]

    def test_two_things_are_no_renamed_one(self) -> None:
        """Another name in AWS."""

        def change(objects: list[Any]) -> None:
            one = template(objects, "Table")
            one.update(name="other")
            for patch in one["patches"]:
                if "external-name" in patch.get("toFieldPath", ""):
                    patch["transforms"] = [{"type": "string", "string": {"fmt": "%s-2"}}]

        found = of_api("Table", change)
        assert [type(one) for one in found] == [Created, Deleted]


class TestForgotten:
    """Another kind under the same name in the Composition."""

    def test_the_former_object_stays(self) -> None:
        """The core only looks at names."""
        (found,) = of_api("Queue", lambda one: template(one, "Queue")["base"].update(kind="Topic"))
        assert isinstance(found, Forgotten)
        assert (found.before.kind[1], found.after.kind[1]) == ("Queue", "Topic")


class TestNotKnown:
    """Said, with what is known of either side."""

    def test_a_composition_that_goes(self) -> None:
        """What it made stands."""

        def change(objects: list[Any]) -> None:
            objects[:] = [one for one in objects if one["kind"] != "Composition"]

        (found,) = of_api("Table", change)
        assert isinstance(found, NotKnown)
        assert found.before is None
        assert found.after is not None
        assert found.after.why is Why.MISSING
        assert ([one.resource for one in found.standing], found.wanted) == (["table"], ())

    def test_a_composition_that_becomes_known(self) -> None:
        """Then it is known what there shall be."""
        other = api()
        template(other, "Table")["surprise"] = 1
        (found,) = changes(ClaimSide(other, claims("Table")), ClaimSide(api(), claims("Table")))
        assert isinstance(found, NotKnown)
        assert (found.standing, [one.resource for one in found.wanted]) == ((), ["table"])

    def test_a_claim_of_it_that_goes(self) -> None:
        """Nobody can tell what goes with it."""
        other = api()
        template(other, "Table")["surprise"] = 1
        (found,) = changes(ClaimSide(other, claims("Table")), ClaimSide(other, []))
        assert isinstance(found, NotKnown)
        assert found.before is not None
        assert found.after is None

    @pytest.mark.parametrize("forms", [FORMS, FORMS[::-1]])
    def test_the_other_form(self, forms: tuple[str, str]) -> None:
        """Neither deletion nor creation can be told from files."""
        before, after = (ClaimSide(api(form), claims("Table")) for form in forms)
        (found,) = changes(before, after)
        assert isinstance(found, FormSwitched)
        assert found.legacy is (forms[1] == "legacy")
        assert [[one.resource for one in side] for side in (found.standing, found.wanted)] == [["table"], ["table"]]


def test_changes_are_in_order() -> None:
    """By claim and by resource, whatever the order of the input."""
    listed = list(claims_of("production"))
    found = changes(ClaimSide(api(), []), ClaimSide(api(), listed))
    assert found == changes(ClaimSide(api()[::-1], []), ClaimSide(api()[::-1], listed[::-1]))
    places = [(one.claim, one.after.resource) for one in found if isinstance(one, Created)]
    assert len(places) == len(found) > 10
    assert places == sorted(places)
