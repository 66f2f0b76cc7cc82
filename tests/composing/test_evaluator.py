"""One run of the function: what is made, what flows back, and what it must not guess at."""

from __future__ import annotations

import base64
import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from platformc.composing.evaluator import CannotComposeError, Desired, ObservedResource, compose
from platformc.composing.function_input import UnknownInputError, read_composition, read_input

CROSSPLANE = Path(__file__).parents[2] / "crossplane"
COMPOSITIONS = {
    path.parent.name: yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    for path in sorted(CROSSPLANE.glob("*/composition.yaml"))
}
READY = [{"type": "Ready", "status": "True"}, {"type": "Synced", "status": "True"}]


def run(
    *patches: Any,
    spec: Mapping[str, Any],
    there: Mapping[str, Any] | None = None,
    connection: Mapping[str, bytes] | None = None,
    **fields: Any,
) -> Desired:
    """Compose one resource `it`, which `there` is already."""
    template = {"name": "it", "base": {"kind": "It", "spec": {}}, "patches": list(patches), **fields}
    given = read_input({"apiVersion": "pt.fn.crossplane.io/v1beta1", "kind": "Resources", "resources": [template]})
    observed = {} if there is None else {"it": ObservedResource(there, connection or {})}
    return compose(given, {"kind": "Claim", "spec": spec}, observed)


def from_claim(source: str, target: str, **fields: Any) -> dict[str, Any]:
    """A patch towards the managed resource."""
    return {"type": "FromCompositeFieldPath", "fromFieldPath": source, "toFieldPath": target, **fields}


def to_claim(source: str, target: str, **fields: Any) -> dict[str, Any]:
    """A patch towards the claim."""
    return {"type": "ToCompositeFieldPath", "fromFieldPath": source, "toFieldPath": target, **fields}


class TestTowardsTheResource:
    """What a claim has is what its managed resource gets."""

    def test_values_are_copied(self) -> None:
        """Whole ones; of what is not in the claim there is nothing."""
        made = run(
            from_claim("spec.tags", "spec.forProvider.tags"),
            from_claim("spec.region", "spec.forProvider.region"),
            spec={"tags": {"a": "b"}},
        )
        assert made.resources["it"].object == {"kind": "It", "spec": {"forProvider": {"tags": {"a": "b"}}}}

    def test_the_input_stays_as_it_is(self) -> None:
        """Two runs share nothing."""
        spec = {"tags": {"a": "b"}}
        patches = [from_claim("spec.tags", "spec.tags"), from_claim("spec.more", "spec.tags.c")]
        made = run(*patches, spec={**spec, "more": "d"})
        assert made.resources["it"].object["spec"]["tags"] == {"a": "b", "c": "d"}
        assert spec == {"tags": {"a": "b"}}

    def test_the_path_is_the_same_where_there_is_one(self) -> None:
        """`toFieldPath` may be left out."""
        made = run({"type": "FromCompositeFieldPath", "fromFieldPath": "spec.a"}, spec={"a": 1})
        assert made.resources["it"].object["spec"] == {"a": 1}

    def test_what_is_required_is_waited_for(self) -> None:
        """Before the resource is there; later it is a patch like others."""
        patch = from_claim("spec.a", "spec.b", policy={"fromFieldPath": "Required"})
        assert run(patch, spec={}).resources == {}
        assert set(run(patch, spec={}, there={"metadata": {"name": "x"}}).resources) == {"it"}

    def test_it_stays_the_object_that_it_is(self) -> None:
        """Under its name, in its namespace, and with nothing else of it."""
        made = run(spec={}, there={"metadata": {"name": "x", "namespace": "n", "uid": "u"}, "spec": {"late": True}})
        assert made.resources["it"].object == {
            "kind": "It",
            "spec": {},
            "metadata": {"name": "x", "namespace": "n"},
        }


class TestTransforms:
    """Texts become something else."""

    MAP = {"type": "map", "map": {"Orphan": ["Observe"], "Delete": ["Observe", "Delete"]}}  # noqa: RUF012 - never changed
    ALWAYS = {"type": "match", "match": {"patterns": [{"type": "regexp", "regexp": ".*", "result": True}]}}  # noqa: RUF012
    ONLY_A = {"type": "match", "match": {"patterns": [{"type": "regexp", "regexp": "^a", "result": 1}]}}  # noqa: RUF012
    RAW = {"type": "string", "string": {"type": "Format", "fmt": "%s-raw"}}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("transforms", "value", "made"),
        [
            ([MAP], "Delete", ["Observe", "Delete"]),
            ([ALWAYS], "", True),
            ([ALWAYS], "any\nthing", True),
            ([ONLY_A], "abc", 1),
            ([ONLY_A], "bca", None),
            ([RAW], "aws", "aws-raw"),
            ([RAW, RAW], "aws", "aws-raw-raw"),
        ],
    )
    def test_they_give(self, transforms: list[Any], value: str, made: Any) -> None:
        """In their order."""
        given = run(from_claim("spec.a", "spec.b", transforms=transforms), spec={"a": value})
        assert given.resources["it"].object["spec"]["b"] == made

    @pytest.mark.parametrize("transform", [MAP, ALWAYS, RAW])
    @pytest.mark.parametrize("value", [1, True, None, ["a"], {"a": "b"}])
    def test_they_take_texts_alone(self, transform: Any, value: Any) -> None:
        """Go would format a number in its own way."""
        with pytest.raises(CannotComposeError, match=r"`spec\.a` is no text"):
            run(from_claim("spec.a", "spec.b", transforms=[transform]), spec={"a": value})

    def test_a_map_has_a_value_for_all(self) -> None:
        """Or nothing is composed."""
        with pytest.raises(CannotComposeError, match="`Keep`, which the map"):
            run(from_claim("spec.a", "spec.b", transforms=[self.MAP]), spec={"a": "Keep"})


class TestTowardsTheClaim:
    """What AWS tells is told by the claim."""

    def test_outputs_come_when_they_are_there(self) -> None:
        """From the managed resource as it is, never from what it should be."""
        patch = to_claim("status.atProvider.arn", "status.arn")
        assert run(patch, spec={}).status == {}
        assert run(patch, spec={}, there={"metadata": {"name": "x"}}).status == {}
        there = {"metadata": {"name": "x"}, "status": {"atProvider": {"arn": "arn:aws:x"}}}
        assert run(patch, spec={}, there=there).status == {"arn": "arn:aws:x"}

    def test_nothing_but_the_status_can_be_written(self) -> None:
        """The core would drop it without a word."""
        with pytest.raises(CannotComposeError, match="keeps a function from changing"):
            run(to_claim("spec.a", "spec.b"), spec={}, there={"metadata": {"name": "x"}, "spec": {"a": 1}})

    @pytest.mark.parametrize(
        ("conditions", "ready"),
        [
            (READY, True),
            (READY[:1], False),
            (READY[1:], False),
            ([READY[0], {"type": "Synced", "status": "False"}], False),
            ([{"type": "Ready", "status": "Unknown"}, READY[1]], False),
            ([], False),
        ],
    )
    def test_ready_is_what_meets_all_checks(self, conditions: list[Any], ready: bool) -> None:  # noqa: FBT001 - expected
        """A condition that is missing is none that is met."""
        checks = [
            {"type": "MatchCondition", "matchCondition": {"type": kind, "status": "True"}}
            for kind in ("Ready", "Synced")
        ]
        there = {"metadata": {"name": "x"}, "status": {"conditions": conditions}}
        assert run(spec={}, there=there, readinessChecks=checks).resources["it"].ready is ready

    def test_ready_is_the_condition_of_that_name_where_nothing_is_said(self) -> None:
        """The default of the function's own input."""
        there = {"metadata": {"name": "x"}, "status": {"conditions": READY[:1]}}
        assert run(spec={}, there=there).resources["it"].ready
        assert not run(spec={}).resources["it"].ready


class TestConnectionDetails:
    """The provider's Secret has other keys than ours."""

    DETAILS = [{"name": "ID", "type": "FromConnectionSecretKey", "fromConnectionSecretKey": "username"}]  # noqa: RUF012
    THERE = {"metadata": {"name": "x"}}  # noqa: RUF012

    def run(self, spec: Mapping[str, Any], connection: Mapping[str, bytes]) -> Desired:
        """With a resource that is there."""
        return run(spec=spec, there=self.THERE, connection=connection, connectionDetails=self.DETAILS)

    def test_a_namespaced_claim_has_a_secret_among_its_resources(self) -> None:
        """Under the name that the claim asks for, with our keys alone."""
        spec = {"crossplane": {}, "writeConnectionSecretToRef": {"name": "aws"}}
        made = self.run(spec, {"username": b"AKIA", "password": b"secret"})
        secret = made.resources["connection-secret"]
        assert (secret.object["kind"], secret.object["metadata"]) == ("Secret", {"name": "aws"})
        assert secret.object["data"] == {"ID": base64.b64encode(b"AKIA").decode()}
        assert secret.ready
        assert made.connection == {}

    def test_for_a_legacy_claim_the_core_writes_it(self) -> None:
        """It gets the details."""
        made = self.run({}, {"username": b"AKIA"})
        assert (set(made.resources), made.connection) == ({"it"}, {"ID": b"AKIA"})

    def test_there_is_none_before_the_provider_wrote_its_own(self) -> None:
        """Not an empty one."""
        made = self.run({"crossplane": {}, "writeConnectionSecretToRef": {"name": "aws"}}, {})
        assert (set(made.resources), made.connection) == ({"it"}, {})

    def test_a_namespaced_claim_asks_for_it(self) -> None:
        """The function would make up a name."""
        with pytest.raises(CannotComposeError, match=r"no spec\.writeConnectionSecretToRef"):
            self.run({"crossplane": {}}, {"username": b"AKIA"})


def mappings(value: Any) -> Iterator[dict[str, Any]]:
    """Every mapping in a template, but those whose keys are data."""
    if isinstance(value, list):
        for one in value:
            yield from mappings(one)
    elif isinstance(value, dict):
        yield value
        for key, one in value.items():
            if key not in {"base", "map", "result"}:
                yield from mappings(one)


class TestUnknown:
    """What the evaluator does not know is refused."""

    def test_compositions_are_found(self) -> None:
        """A moved folder must not turn the suite green."""
        assert {"identity", "queue", "repository", "repositorylifecycle", "table"} <= set(COMPOSITIONS)

    @pytest.mark.parametrize("name", COMPOSITIONS)
    def test_no_key_is_ignored(self, name: str) -> None:
        """One more key in any place of any Composition of ours."""
        composition = copy.deepcopy(COMPOSITIONS[name])
        read_composition(composition)
        places = [composition["spec"], *mappings(composition["spec"]["pipeline"])]
        assert len(places) > 10
        for place in places:
            place["surprise"] = 1
            with pytest.raises(UnknownInputError):
                read_composition(composition)
            del place["surprise"]
        assert composition == COMPOSITIONS[name]

    @pytest.mark.parametrize("name", COMPOSITIONS)
    def test_no_key_is_guessed(self, name: str) -> None:
        """One key less in any place: it has a default that is the function's own, or nothing is composed."""
        composition = copy.deepcopy(COMPOSITIONS[name])
        refused = 0
        for place in [composition["spec"], *mappings(composition["spec"]["pipeline"])]:
            for key in list(place):
                value = place.pop(key)
                try:
                    read_composition(composition)
                except UnknownInputError:
                    refused += 1
                place[key] = value
        assert refused > 15

    @pytest.mark.parametrize(
        "patch",
        [
            {"type": "CombineFromComposite"},
            {"type": "PatchSet", "patchSetName": "x"},
            from_claim("a", "b", policy={"toFieldPath": "MergeObjects"}),
            from_claim("a", "b", transforms=[{"type": "math", "math": {"multiply": 2}}]),
            from_claim("a", "b", transforms=[{"type": "convert", "convert": {"toType": "int"}}]),
            from_claim("a", "b", transforms=[{"type": "string", "string": {"type": "Convert", "convert": "ToUpper"}}]),
            from_claim("a", "b", transforms=[{"type": "string", "string": {"fmt": "%d"}}]),
            from_claim("a", "b", transforms=[{"type": "string", "string": {"fmt": "%s %s"}}]),
            from_claim("a", "b", transforms=[{"type": "string", "string": {"fmt": "nothing"}}]),
            from_claim("a", "b", transforms=[{"type": "match", "match": {"patterns": [], "fallbackTo": "Input"}}]),
            from_claim(
                "a",
                "b",
                transforms=[
                    {"type": "match", "match": {"patterns": [{"type": "regexp", "regexp": r"\d$", "result": 1}]}}
                ],
            ),
        ],
        ids=str,
    )
    def test_of_patches(self, patch: Any) -> None:
        """Each is something that the real function would do."""
        with pytest.raises(UnknownInputError):
            run(patch, spec={})

    @pytest.mark.parametrize(
        "fields",
        [
            {"readinessChecks": [{"type": "NonEmpty", "fieldPath": "status.id"}]},
            {"connectionDetails": [{"type": "FromValue", "name": "a", "value": "b"}]},
        ],
        ids=str,
    )
    def test_of_templates(self, fields: Any) -> None:
        """Other checks, other sources."""
        with pytest.raises(UnknownInputError):
            run(spec={}, **fields)

    def test_two_of_one_name(self) -> None:
        """The later one would win."""
        template = {"name": "it", "base": {}}
        with pytest.raises(UnknownInputError, match="twice"):
            read_input(
                {"apiVersion": "pt.fn.crossplane.io/v1beta1", "kind": "Resources", "resources": [template, template]}
            )

    def test_another_function(self) -> None:
        """Its input means something else."""
        composition = copy.deepcopy(COMPOSITIONS["table"])
        composition["spec"]["pipeline"][0]["functionRef"]["name"] = "function-auto-ready"
        with pytest.raises(UnknownInputError):
            read_composition(composition)
