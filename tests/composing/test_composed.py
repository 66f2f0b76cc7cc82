"""What claims make: the right Composition, the whole composite, and reasons in words where it is not known."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from platformc.composing import ClaimId, ClaimSide, Composed, Live, Why, affected, claimed_kinds, composed
from platformc.composing.composites import composite, definition_for, definitions

from composing.claim_composition import managed_resources
from composing.platform_claims import FORMS, SOURCES, claim_api, claims_of, kinds

GROUP = "things.example.org"


def definition(*, legacy: bool = False, **spec: Any) -> dict[str, Any]:
    """Of things, which have a size that is 1 where nobody says one."""
    fields = {"size": {"type": "integer", "default": 1}, "name": {"type": "string"}}
    schema = {"type": "object", "properties": {"spec": {"type": "object", "properties": fields}}}
    names = {"names": {"kind": "XThing"}, "claimNames": {"kind": "Thing"}} if legacy else {"names": {"kind": "Thing"}}
    versions = [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}]
    return {
        "apiVersion": "apiextensions.crossplane.io/v1" if legacy else "apiextensions.crossplane.io/v2",
        "kind": "CompositeResourceDefinition",
        "metadata": {"name": f"things.{GROUP}"},
        "spec": {"group": GROUP, **names, "versions": versions, **spec},
    }


def patch(source: str, target: str, **fields: Any) -> dict[str, Any]:
    """A patch towards the managed resource."""
    return {"fromFieldPath": source, "toFieldPath": target, **fields}


def composition(
    *patches: Any, name: str = "things", kind: str = "Thing", labels: Any = None, **spec: Any
) -> dict[str, Any]:
    """It makes one resource, `it`, with the name that the claim has and these patches."""
    template = {
        "name": "it",
        "base": {"apiVersion": "toys.aws.m.upbound.io/v1beta1", "kind": "Toy", "spec": {"forProvider": {}}},
        "patches": list(patches) or [patch("spec.size", "spec.forProvider.size")],
    }
    given = {"apiVersion": "pt.fn.crossplane.io/v1beta1", "kind": "Resources", "resources": [template]}
    step = {"step": "compose", "functionRef": {"name": "function-patch-and-transform"}, "input": given}
    return {
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": name, "labels": labels or {}},
        "spec": {
            "compositeTypeRef": {"apiVersion": f"{GROUP}/v1", "kind": kind},
            "mode": "Pipeline",
            "pipeline": [step],
            **spec,
        },
    }


def thing(spec: Any = None, *, version: str = "v1", kind: str = "Thing", **metadata: Any) -> dict[str, Any]:
    """A claim."""
    return {
        "apiVersion": f"{GROUP}/{version}",
        "kind": kind,
        "metadata": {"name": "one", "namespace": "post", **metadata},
        "spec": {} if spec is None else spec,
    }


def of(claim: Any, *claim_api: Any) -> Composed:
    """What one claim makes."""
    (made,) = composed(claim_api, [claim])
    return made


def size_of(made: Composed) -> Any:
    """The size of the one thing."""
    assert made.unknown is None, made.unknown
    (one,) = made.resources
    return one.object["spec"]["forProvider"].get("size")


def why_of(made: Composed) -> tuple[Why, str]:
    """Why nothing is known."""
    assert made.unknown is not None
    assert (made.resources, made.waiting) == ((), ())
    return made.unknown.why, made.unknown.reason


class TestThisPlatform:
    """Every claim of ours is composed, in both forms, as the tests' strict way of composing does it."""

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("source", SOURCES)
    def test_all_is_known(self, form: str, source: str) -> None:
        """Resource by resource."""
        claims = claims_of(source)
        found = composed(claim_api(form), claims)
        assert claims
        assert [one.unknown for one in found] == [None] * len(claims)
        strict = [
            (one.claim["metadata"]["name"], one.resource, one.object) for one in managed_resources(kinds(form), claims)
        ]
        made = [(made.claim.name, one.resource, one.object) for made in found for one in made.resources]
        assert [one for one in made if one[1] != "connection-secret"] == strict

    def test_what_only_a_cluster_knows_is_listed(self) -> None:
        """Access keys, and in the older form the uid that the provider's Secret is called after; nothing else."""
        found = {
            (form, one.resource, path, live.source)
            for form in FORMS
            for made in composed(claim_api(form), claims_of("production"))
            for one in made.resources
            for path, live in one.live
        }
        assert found == {
            ("legacy", "access-key", "spec.writeConnectionSecretToRef.name", "metadata.uid"),
            ("namespaced", "connection-secret", "data.AWS_ACCESS_KEY_ID", "username of access-key"),
            ("namespaced", "connection-secret", "data.AWS_SECRET_ACCESS_KEY", "password of access-key"),
        }

    def test_a_secret_of_connection_details_is_one_of_the_resources(self) -> None:
        """In the namespaced form, under the name that the claim asks for."""
        (made,) = composed(claim_api(), [one for one in claims_of("production") if one["kind"] == "Identity"][:1])
        (secret,) = (one for one in made.resources if one.resource == "connection-secret")
        asked = made.inputs[0]["spec"]["writeConnectionSecretToRef"]["name"]
        assert (secret.kind, secret.object["metadata"]) == (("", "Secret"), {"name": asked})

    @pytest.mark.parametrize(
        ("key", "known"), [("0", True), ("tls.key", True), ("a[b", False), ("..", False), ("*", False)]
    )
    def test_its_keys_are_those_that_a_secret_can_have(self, key: str, known: bool) -> None:  # noqa: FBT001 - expected
        """A key is never a path."""
        made = composition()
        detail = {"name": key, "type": "FromConnectionSecretKey", "fromConnectionSecretKey": "x"}
        made["spec"]["pipeline"][0]["input"]["resources"][0]["connectionDetails"] = [detail]
        found = of(thing(), definition(), made)
        assert (found.unknown is None) is known
        secrets = [one.with_live["data"] for one in found.resources if one.resource == "connection-secret"]
        assert secrets == [{key: Live("x of it", ())}] * known

    def test_claims_are_told_from_other_objects(self) -> None:
        """By group and kind; of the older form, a composite can be written as well."""
        ours = {("aws.platformc.dev", name) for name in kinds("namespaced")}
        assert claimed_kinds(claim_api("namespaced")) == ours
        assert claimed_kinds(claim_api("legacy")) == ours | {(group, f"X{name}") for group, name in ours}


class TestWhichComposition:
    """Crossplane's own order."""

    BIG = composition(patch("metadata.name", "spec.forProvider.size"), name="big", labels={"size": "big"})
    SMALL = composition(name="small", labels={"size": "small"})

    def chosen(self, claim: Any, **spec: Any) -> Composed:
        """What is made where there are two Compositions."""
        return of(claim, definition(**spec), self.BIG, self.SMALL)

    @pytest.mark.parametrize(
        ("machinery", "spec", "size"),
        [
            ({}, {"defaultCompositionRef": {"name": "small"}}, 1),
            ({"compositionRef": {"name": "big"}}, {"defaultCompositionRef": {"name": "small"}}, "one"),
            (
                {"compositionSelector": {"matchLabels": {"size": "big"}}},
                {"defaultCompositionRef": {"name": "small"}},
                "one",
            ),
            ({"compositionRef": {"name": "big"}}, {"enforcedCompositionRef": {"name": "small"}}, 1),
        ],
    )
    def test_one_is_taken(self, machinery: Any, spec: Any, size: Any) -> None:
        """Enforced, asked for by name, by labels, the default."""
        assert size_of(self.chosen(thing({"crossplane": machinery}), **spec)) == size

    @pytest.mark.parametrize(
        ("machinery", "spec", "why"),
        [
            ({}, {}, Why.LIVE),
            ({"compositionRef": {"name": "other"}}, {}, Why.MISSING),
            ({"compositionSelector": {"matchLabels": {"size": "huge"}}}, {}, Why.MISSING),
            ({"compositionUpdatePolicy": "Manual"}, {"defaultCompositionRef": {"name": "big"}}, Why.LIVE),
            ({"compositionRevisionRef": {"name": "big-1"}}, {"defaultCompositionRef": {"name": "big"}}, Why.LIVE),
            ({}, {"defaultCompositionRef": {"name": "big"}, "defaultCompositionUpdatePolicy": "Manual"}, Why.LIVE),
        ],
    )
    def test_none_is(self, machinery: Any, spec: Any, why: Why) -> None:
        """It is not among the files, or only a cluster knows it."""
        assert why_of(self.chosen(thing({"crossplane": machinery}), **spec))[0] is why

    def test_the_older_form_asks_beside_the_other_fields(self) -> None:
        """There is no `crossplane` in its spec."""
        xrd = definition(legacy=True)
        both = (
            composition(kind="XThing", name="a"),
            composition(patch("spec.name", "spec.forProvider.size"), kind="XThing", name="b"),
        )
        assert size_of(of(thing({"compositionRef": {"name": "b"}, "name": "x"}), xrd, *both)) == "x"
        assert why_of(of(thing({}), xrd, *both))[0] is Why.LIVE


class TestNotKnown:
    """A result in words, never an exception."""

    @pytest.mark.parametrize(
        ("claim_api", "claim", "why", "reason"),
        [
            ((), thing(), Why.MISSING, f"there is no definition of Thing of {GROUP}"),
            ((definition(),), thing(), Why.MISSING, "there is no Composition for Thing"),
            (
                (definition(), definition(), composition()),
                thing(),
                Why.LIVE,
                f"Thing of {GROUP} is defined more than once",
            ),
            ((definition(), composition()), thing(version="v2"), Why.MISSING, f"things.{GROUP} has no version v2"),
            ((definition(), composition()), thing([]), Why.REFUSED, "the claim has no spec"),
            (
                (definition(), composition()),
                thing(annotations={"crossplane.io/paused": "true"}),
                Why.PAUSED,
                "the claim is paused by its annotation crossplane.io/paused",
            ),
            (
                (definition(), composition(mode="Resources")),
                thing(),
                Why.UNSUPPORTED,
                "its Composition has what is not evaluated here: spec: a mode other than Pipeline, or more than one step",
            ),
            (
                (definition(), composition(patch("spec.tags[*]", "spec.forProvider.tags"))),
                thing(),
                Why.UNSUPPORTED,
                (
                    "its Composition has what is not evaluated here: resources[0].patches[0].fromFieldPath: "
                    "'spec.tags[*]' has a wildcard, whose targets depend on each object"
                ),
            ),
            (
                (definition(), composition(patch("spec.size.unit", "spec.forProvider.unit"))),
                thing(),
                Why.REFUSED,
                "it: `spec.size.unit` goes through int at `unit`",
            ),
            (
                (
                    definition(),
                    composition(patch("spec.size", "spec.a", transforms=[{"type": "map", "map": {"1": "small"}}])),
                ),
                thing(),
                Why.REFUSED,
                "it: `spec.size` is no text, and is transformed to `spec.a`",
            ),
            (
                (
                    definition(),
                    composition(patch("spec.size", "spec.a", transforms=[{"type": "string", "string": {"fmt": "%s"}}])),
                ),
                thing(),
                Why.UNSUPPORTED,
                "it: `spec.size` is no text, and is transformed to `spec.a`",
            ),
        ],
    )
    def test_reasons(self, claim_api: Any, claim: Any, why: Why, reason: str) -> None:
        """Why, for programs and for people."""
        assert why_of(of(claim, *claim_api)) == (why, reason)

    def test_one_claim_does_not_spoil_another(self) -> None:
        """Each has its own result, in their order."""
        other = thing(name="two", annotations={"crossplane.io/paused": "true"})
        first, second = composed([definition(), composition()], [other, thing()])
        assert (first.claim.name, first.unknown is None) == ("two", False)
        assert size_of(second) == 1


class TestDefaults:
    """The API server fills in what the definition has a default for."""

    def test_before_it_is_composed(self) -> None:
        """So the managed resource has it."""
        assert size_of(of(thing(), definition(), composition())) == 1
        assert size_of(of(thing({"size": 3}), definition(), composition())) == 3

    def test_the_input_stays_as_it_is(self) -> None:
        """Neither claims nor Compositions change."""
        given = (definition(), composition(), thing())
        kept = copy.deepcopy(given)
        of(given[2], *given[:2])
        assert given == kept


class TestWaiting:
    """A patch can be required."""

    REQUIRED = patch("spec.name", "spec.forProvider.name", policy={"fromFieldPath": "Required"})

    def test_what_is_required_is_waited_for(self) -> None:
        """The resource is not made, but one that exists stays: so it is known as well."""
        made = of(thing(), definition(), composition(self.REQUIRED))
        assert (made.unknown, made.resources) == (None, ())
        assert [(one.resource, one.object["spec"]["forProvider"]) for one in made.waiting] == [("it", {})]

    def test_what_a_cluster_will_have_is_not_waited_for(self) -> None:
        """A status comes, sooner or later; its value is not known here."""
        required = patch("status.arn", "spec.forProvider.arn", policy={"fromFieldPath": "Required"})
        (one,) = of(thing(), definition(), composition(required)).resources
        assert (one.object["spec"]["forProvider"], one.live) == (
            {},
            (("spec.forProvider.arn", Live("status.arn", ())),),
        )

    def test_what_is_put_into_what_a_cluster_will_have(self) -> None:
        """There is no object for it here."""
        within = composition(
            patch("status.all", "spec.forProvider.all"), patch("status.one", "spec.forProvider.all.one")
        )
        assert why_of(of(thing(), definition(), within)) == (
            Why.UNSUPPORTED,
            "it: `spec.forProvider.all.one` goes through Live at `one`, which only a cluster knows",
        )


class TestTheOlderForm:
    """A claim stands for a composite."""

    def composite(self, claim: Any) -> Any:
        """Of one claim."""
        api = (definition(legacy=True), composition(kind="XThing"))
        found = definition_for(definitions(api), claim)
        return composite(found, api[1], claim)

    def test_its_composite_gets_what_is_not_the_claims_own(self) -> None:
        """Fields, labels and annotations, but those about the claim itself."""
        made = self.composite(
            thing(
                {"name": "x", "writeConnectionSecretToRef": {"name": "s"}, "compositeDeletePolicy": "Foreground"},
                labels={"team": "post", "app.kubernetes.io/name": "one"},
                annotations={"note": "x", "kubectl.kubernetes.io/last-applied-configuration": "{}"},
            )
        )
        assert made == {
            "apiVersion": f"{GROUP}/v1",
            "kind": "XThing",
            "metadata": {
                "name": "one-xxxxx",
                "labels": {"team": "post", "crossplane.io/claim-name": "one", "crossplane.io/claim-namespace": "post"},
                "annotations": {"note": "x"},
            },
            "spec": {
                "name": "x",
                "size": 1,
                "claimRef": {"apiVersion": f"{GROUP}/v1", "kind": "Thing", "name": "one", "namespace": "post"},
                "compositionRef": {"name": "things"},
            },
        }

    def test_its_name_is_made_up(self) -> None:
        """So it is no value of a managed resource, but one that only a cluster knows."""
        named = composition(patch("metadata.name", "spec.forProvider.name"), kind="XThing")
        (one,) = of(thing(), definition(legacy=True), named).resources
        assert (one.object["spec"]["forProvider"], one.live) == (
            {},
            (("spec.forProvider.name", Live("metadata.name", ())),),
        )

    def test_a_composite_that_somebody_wrote_has_its_own_name(self) -> None:
        """No claim stands before it."""
        named = composition(patch("metadata.name", "spec.forProvider.name"), kind="XThing")
        (one,) = of(thing(kind="XThing"), definition(legacy=True), named).resources
        assert (one.object["spec"]["forProvider"], one.live) == ({"name": "one"}, ())


class TestAffected:
    """Claims that make what they made are left out."""

    API = (definition(), composition())

    def names(self, before: ClaimSide, after: ClaimSide) -> list[list[str]]:
        """The claims that are left, on each side."""
        return [[one["metadata"]["name"] for one in side.claims] for side in affected(before, after)]

    def test_nothing_is_between_equal_sides(self) -> None:
        """And so nothing is composed."""
        sides = [ClaimSide(copy.deepcopy(self.API), [thing(), thing(name="two")]) for _ in range(2)]
        assert self.names(*sides) == [[], []]

    def test_of_claims_those_that_differ(self) -> None:
        """Changed, removed, added; true is not 1."""
        before = ClaimSide(self.API, [thing(), thing({"size": 1}, name="two"), thing(name="three")])
        after = ClaimSide(self.API, [thing(), thing({"size": True}, name="two"), thing(name="four")])
        assert self.names(before, after) == [["two", "three"], ["two", "four"]]

    def test_all_claims_of_a_definition_or_composition_that_differs(self) -> None:
        """And no others."""
        other = {**thing(name="two"), "kind": "Other"}
        claims = [thing(), other]
        bigger = (definition(), composition(patch("spec.name", "spec.forProvider.size")))
        served = (definition(defaultCompositionRef={"name": "things"}), composition())
        for api in (bigger, served, (definition(),), ()):
            assert self.names(ClaimSide(self.API, claims), ClaimSide(api, claims)) == [["one"], ["one"]]

    def test_a_claim_is_known_by_kind_namespace_and_name(self) -> None:
        """Not by its version."""
        (made,) = composed(self.API, [thing(version="v2")])
        assert made.claim == ClaimId(GROUP, "Thing", "post", "one")
