"""What becomes of managed resources: record by record, on this platform's claims with something changed."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from platformc.composing import (
    ABSENT,
    Cause,
    ClaimSide,
    Created,
    Deleted,
    Fate,
    FieldEffect,
    Forgotten,
    FormSwitched,
    NotKnown,
    Renamed,
    Why,
)

from composing.changed_claims import api, changes, claims, of_api, of_claim, shown, template
from composing.platform_claims import FORMS, SOURCES, claims_of


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


class TestCreated:
    """A managed resource more."""

    def test_of_a_new_claim(self) -> None:
        """All that it makes, by name."""
        found = changes(ClaimSide(api(), []), ClaimSide(api(), claims("Identity")))
        assert all(isinstance(one, Created) and one.creates for one in found)
        assert [one.after.resource for one in found if isinstance(one, Created)] == [
            "access-key",
            "attachment",
            "connection-secret",
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
        if form == "namespaced":
            assert told.pop("connection-secret") == (Cause.CLAIM_REMOVED, Fate.NOTHING_IN_AWS)
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

        found = of_api("Identity", change)
        assert [(one.before.resource, one.cause, one.fate) for one in found if isinstance(one, Deleted)] == [
            ("access-key", Cause.LEFT_OUT, Fate.DELETED),
            ("connection-secret", Cause.LEFT_OUT, Fate.NOTHING_IN_AWS),
        ]
        assert len(found) == 2

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
