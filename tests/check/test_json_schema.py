from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from platformc.check.schemas.conversion import schema_path, schemas_of


def custom(schema: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A CRD with one served version whose `spec` has the given schema."""
    root = {"type": "object", "properties": {"spec": schema, "metadata": {"type": "object"}}, **changes}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.org"},
        "spec": {
            "group": "example.org",
            "names": {"kind": "Thing", "plural": "things"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": root}}],
        },
    }


def composite(version: str, **spec: Any) -> dict[str, Any]:
    """An XRD of kind XQueue or Queue with `region` in its spec."""
    schema = {
        "type": "object",
        "properties": {
            "spec": {"type": "object", "properties": {"region": {"type": "string"}}, "required": ["region"]},
            "status": {"type": "object", "properties": {"url": {"type": "string"}}},
        },
    }
    return {
        "apiVersion": f"apiextensions.crossplane.io/{version}",
        "kind": "CompositeResourceDefinition",
        "metadata": {"name": "queues.example.org"},
        "spec": {
            "group": "example.org",
            "names": {"kind": "Queue", "plural": "queues"},
            "versions": [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": schema}}],
            **spec,
        },
    }


def accepts(schema: Any, kind: str, **rest: Any) -> bool:
    """Whether an independent JSON Schema library accepts an object of `example.org/v1`."""
    value = {"apiVersion": "example.org/v1", "kind": kind, "metadata": {"name": "a"}, **rest}
    return jsonschema_rs.validator_for(schema).is_valid(value)


def thing(spec_schema: dict[str, Any], spec: Any) -> bool:
    """Whether a Thing with this spec is accepted."""
    (made,) = schemas_of(custom({"type": "object", **spec_schema}))
    return accepts(made.schema, "Thing", spec=spec)


class TestCustomResourceDefinition:
    """A CRD becomes one closed schema per served version."""

    def test_every_served_version_and_no_other(self) -> None:
        """A version that is not served has no schema."""
        definition = custom({"type": "object"})
        (first,) = definition["spec"]["versions"]
        definition["spec"]["versions"] = [first, {**first, "name": "v2"}, {**first, "name": "v0", "served": False}]
        made = [(entry.api_version, entry.kind) for entry in schemas_of(definition)]
        assert made == [("example.org/v1", "Thing"), ("example.org/v2", "Thing")]

    @pytest.mark.parametrize(
        ("rest", "accepted"),
        [
            ({}, True),
            ({"metadata": {"name": "a", "annotations": {"a": "b"}, "finalizers": ["x"]}}, True),
            ({"metadata": {"name": "a", "annotations": {"a": 1}}}, False),
            ({"kind": "Other"}, False),
            ({"apiVersion": "example.org/v2"}, False),
            ({"spek": {}}, False),
        ],
    )
    def test_the_head_is_fixed_and_the_root_is_closed(self, rest: dict[str, Any], accepted: bool) -> None:  # noqa: FBT001
        """Both apiVersion and kind are exact; metadata is open, but its texts are texts."""
        (made,) = schemas_of(custom({"type": "object"}))
        assert accepts(made.schema, **{"kind": "Thing", **rest}) is accepted

    def test_declared_fields_close_an_object_at_every_depth(self) -> None:
        """Nested objects, list items and map values are closed, too."""
        inner = {"type": "object", "properties": {"a": {"type": "string"}}}
        schema = {"properties": {"list": {"type": "array", "items": inner}, "map": {"additionalProperties": inner}}}
        assert thing(schema, {"list": [{"a": "x"}], "map": {"k": {"a": "x"}}})
        assert not thing(schema, {"list": [{"b": "x"}]})
        assert not thing(schema, {"map": {"k": {"b": "x"}}})
        assert not thing(schema, {"other": 1})

    def test_preserved_unknown_fields_are_open_where_they_are_declared_only(self) -> None:
        """The object is open, its declared parts are not."""
        schema = {
            "properties": {"a": {"type": "object", "properties": {"b": {"type": "string"}}}},
            "x-kubernetes-preserve-unknown-fields": True,
        }
        assert thing(schema, {"a": {"b": "x"}, "unknown": 1})
        assert not thing(schema, {"a": {"c": "x"}})

    def test_choices_do_not_close_what_they_speak_about(self) -> None:
        """A part of anyOf names only some fields; the others stay allowed."""
        schema = {
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
            "anyOf": [{"required": ["a"], "properties": {"a": {"minLength": 2}}}, {"required": ["b"]}],
        }
        assert thing(schema, {"a": "xx", "b": "y"})
        assert thing(schema, {"b": "y"})
        assert not thing(schema, {"a": "x"})

    @pytest.mark.parametrize("choice", [{}, {"anyOf": [{"type": "integer"}, {"type": "string"}]}])
    def test_int_or_string(self, choice: dict[str, Any]) -> None:
        """Whole numbers and texts, nothing else, whether or not the definition spells them out."""
        schema = {"properties": {"port": {"x-kubernetes-int-or-string": True, **choice}}}
        assert thing(schema, {"port": 80})
        assert thing(schema, {"port": "http"})
        assert not thing(schema, {"port": [80]})

    def test_nullable(self) -> None:
        """Null is accepted only where the definition says so, also beside an enum."""
        schema = {"properties": {"a": {"type": "string", "enum": ["x"], "nullable": True}, "b": {"type": "string"}}}
        assert thing(schema, {"a": None})
        assert not thing(schema, {"b": None})

    def test_an_embedded_resource_needs_its_head(self) -> None:
        """A whole object inside: apiVersion, kind and metadata need no declaration."""
        schema = {
            "properties": {
                "base": {
                    "type": "object",
                    "x-kubernetes-embedded-resource": True,
                    "properties": {"spec": {"type": "string"}},
                }
            }
        }
        assert thing(schema, {"base": {"apiVersion": "v1", "kind": "A", "metadata": {"name": "x"}, "spec": "y"}})
        assert not thing(schema, {"base": {"kind": "A"}})

    def test_boolean_exclusive_limits_mean_what_openapi_says(self) -> None:
        """`exclusiveMinimum: true` is a word of draft 4."""
        schema = {"properties": {"n": {"type": "number", "minimum": 1, "exclusiveMinimum": True}}}
        assert thing(schema, {"n": 1.5})
        assert not thing(schema, {"n": 1})

    def test_no_prose_is_left(self) -> None:
        """Nobody reads it here, and it is most of the bytes."""
        (made,) = schemas_of(custom({"type": "object", "description": "long", "example": {}}))
        assert made.schema["properties"]["spec"] == {"type": "object"}

    def test_rules_and_the_scope_are_kept(self) -> None:
        """Compositions are held against them; a validator passes over them."""
        given = custom(
            {"type": "object", "x-kubernetes-validations": [{"rule": "has(self.a)", "message": "a is needed"}]}
        )
        given["spec"]["scope"] = "Cluster"
        (made,) = schemas_of(given)
        assert made.schema["properties"]["spec"]["x-kubernetes-validations"] == [{"rule": "has(self.a)"}]
        assert made.schema["x-scope"] == "Cluster"
        assert accepts(made.schema, "Thing", spec={})

    def test_a_field_named_like_a_word_of_the_schema_stays(self) -> None:
        """`properties` holds names of fields, not words."""
        schema = {"properties": {"description": {"type": "string"}, "default": {"type": "string"}}}
        assert thing(schema, {"description": "a", "default": "b"})


class TestCompositeResourceDefinition:
    """An XRD becomes the schemas of what users write."""

    def test_version_two_is_one_namespaced_kind(self) -> None:
        """No claim, no status, and nothing of Crossplane's own machinery."""
        (made,) = schemas_of(composite("v2", scope="Namespaced"))
        assert made.kind == "Queue"
        assert accepts(made.schema, "Queue", spec={"region": "ca-central-1"})
        assert not accepts(made.schema, "Queue", spec={"region": "ca-central-1", "crossplane": {}})
        assert not accepts(made.schema, "Queue", spec={"region": "ca-central-1"}, status={"url": "x"})
        assert not accepts(made.schema, "Queue", spec={"region": "r", "writeConnectionSecretToRef": {"name": "x"}})

    def test_spec_is_required(self) -> None:
        """Crossplane requires it even where the definition does not."""
        (made,) = schemas_of(composite("v2"))
        assert not accepts(made.schema, "Queue")

    def test_names_have_at_most_63_characters(self) -> None:
        """63 characters are accepted, 64 are not."""
        (made,) = schemas_of(composite("v2"))
        assert accepts(made.schema, "Queue", spec={"region": "r"}, metadata={"name": "a" * 63})
        assert not accepts(made.schema, "Queue", spec={"region": "r"}, metadata={"name": "a" * 64})

    def test_version_one_has_a_composite_and_a_claim(self) -> None:
        """Both take the built-in connection secret, the claim in its own namespace only."""
        names = {"names": {"kind": "XQueue", "plural": "xqueues"}, "claimNames": {"kind": "Queue", "plural": "queues"}}
        whole, claim = schemas_of(composite("v1", **names))
        assert (whole.kind, claim.kind) == ("XQueue", "Queue")
        secret = {"region": "r", "writeConnectionSecretToRef": {"name": "x"}}
        placed = {"region": "r", "writeConnectionSecretToRef": {"name": "x", "namespace": "y"}}
        assert accepts(claim.schema, "Queue", spec=secret)
        assert not accepts(claim.schema, "Queue", spec=placed)
        assert accepts(whole.schema, "XQueue", spec=placed)
        assert not accepts(claim.schema, "Queue", spec={"region": "r", "compositionRef": {"name": "x"}})


class TestRefusals:
    """Definitions that cannot be used."""

    @pytest.mark.parametrize(
        ("document", "reason"),
        [
            ({"apiVersion": "v1", "kind": "ConfigMap"}, "neither"),
            (["a"], "neither"),
            ({**custom({}), "spec": 1}, "spec is not a map"),
            ({**custom({}), "spec": {"group": "example.org", "names": {"kind": "A"}}}, "versions is not a list"),
            ({**custom({}), "spec": {**custom({})["spec"], "group": "../../etc"}}, "not an apiVersion"),
            ({**custom({}), "spec": {**custom({})["spec"], "names": {"kind": "../A"}}}, "not a kind"),
            (custom({"anyOf": [1], "x-kubernetes-int-or-string": True}), "not a structural schema"),
            (custom({"type": "object"}, required=7), "not a structural schema"),
        ],
    )
    def test_a_bad_definition_is_a_reason_not_a_crash(self, document: Any, reason: str) -> None:
        """ValueError carries the bare reason."""
        with pytest.raises(ValueError, match=reason):
            schemas_of(document)


def test_schema_path_refuses_what_would_be_a_way_out() -> None:
    """Names become file names."""
    assert schema_path("networking.k8s.io/v1", "NetworkPolicy") == "networking.k8s.io/networkpolicy_v1.json"
    for api_version, kind in (("..", "A"), ("../x/v1", "A"), ("a/b/v1", "A"), ("v1", "../A"), ("", "A"), ("v1", "")):
        with pytest.raises(ValueError, match="not a"):
            schema_path(api_version, kind)
